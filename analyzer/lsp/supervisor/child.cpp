// fork() without exec(): the child is the program that the supervisor is, even if another one has been
// installed meanwhile, and what it is to take over lies in its memory already.
#include "analyzer/lsp/supervisor/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace lockwright::lsp {
namespace {

struct Pipe {
  int reading = -1;
  int writing = -1;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return std::nullopt;
  // Whatever is started from either process is not to hold it open.
  for (const int end : ends) static_cast<void>(::fcntl(end, F_SETFD, FD_CLOEXEC));
  return Pipe{ends[0], ends[1]};
}

void close_both(const Pipe& pipe) {
  ::close(pipe.reading);
  ::close(pipe.writing);
}

void end_with_parent([[maybe_unused]] pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) std::_Exit(1);  // it has ended before that
#endif
  // Elsewhere its pipe comes to an end, and the server takes that for the client's.
}

std::string name_of(int signal) {
  switch (signal) {
    case SIGSEGV: return "SIGSEGV, a bad access to memory";
    case SIGBUS: return "SIGBUS, a bad access to memory";
    case SIGABRT: return "SIGABRT, it found itself in a state that cannot be";
    case SIGFPE: return "SIGFPE, an arithmetic error";
    case SIGILL: return "SIGILL, an illegal instruction";
    case SIGKILL: return "SIGKILL, somebody ended it, perhaps for want of memory";
    case SIGTERM: return "SIGTERM, somebody ended it";
    default: return fmt::format("signal {}", signal);
  }
}

}  // namespace

std::optional<Child> Child::start(int input, int output, const std::function<int()>& body) {
  const std::optional<Pipe> to = make_pipe();
  if (!to) return std::nullopt;
  const std::optional<Pipe> from = make_pipe();
  if (!from) {
    close_both(*to);
    return std::nullopt;
  }
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) {
    close_both(*to);
    close_both(*from);
    return std::nullopt;
  }
  if (process == 0) {
    end_with_parent(parent);
    ::dup2(to->reading, input);
    ::dup2(from->writing, output);
    close_both(*to);
    close_both(*from);
    std::exit(body());
  }
  ::close(to->reading);
  ::close(from->writing);
  for (const int end : {to->writing, from->reading})
    static_cast<void>(::fcntl(end, F_SETFL, ::fcntl(end, F_GETFL) | O_NONBLOCK));
  return Child(process, to->writing, from->reading);
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, 0)),
      to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(to_, other.to_);
  std::swap(from_, other.from_);
  return *this;
}

Child::~Child() {
  static_cast<void>(end());
}

void Child::close_to() {
  if (to_ >= 0) ::close(std::exchange(to_, -1));
}

std::string Child::end() {
  close_to();
  if (from_ >= 0) ::close(std::exchange(from_, -1));
  if (process_ == 0) return "ended before";
  // One that is ending already ends as it would have: it is past the point where a signal counts.
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
  if (WIFSIGNALED(status)) return name_of(WTERMSIG(status));
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace lockwright::lsp
