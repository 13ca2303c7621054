// Two processes: this one has the client's streams and does nothing that could crash; its child has the
// analysis. Between them go two pipes:
//
//     client  -- input -->  supervisor  -- pipe -->  server (child)
//             <-- output --             <-- pipe --
//
// One thread waits for whichever has something to say. Nobody is read from while the one it would go to has
// not taken what there is, so that a slow reader slows the writer, and nothing piles up here. The child's end
// shows as the end of its pipe.
#include "analyzer/lsp/supervisor/supervise.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "analyzer/lsp/framing.h"
#include "analyzer/lsp/process.h"
#include "analyzer/lsp/server.h"
#include "analyzer/lsp/supervisor/child.h"
#include "analyzer/lsp/supervisor/outbox.h"
#include "analyzer/lsp/supervisor/supervisor.h"

namespace lockwright::lsp {
namespace {

using Clock = Supervisor::Clock;

constexpr std::chrono::milliseconds between_looks{1000};
/// How long the child may take to end when the client has: a little longer than the child itself gives its
/// analysis.
constexpr std::chrono::milliseconds patience{3500};

class Relay {
 public:
  Relay(const Analyzer& analyzer, std::string_view version, int input, int output)
      : analyzer_(analyzer),
        version_(version),
        input_(input),
        output_(output),
        to_client_(output, true),
        supervisor_({.to_client = [this](std::string_view bytes) { to_client_.add(bytes); },
                     .to_server =
                         [this](std::string_view bytes) {
                           if (to_server_) to_server_->add(bytes);
                         },
                     .log = log}) {}

  int run() {
    if (!start()) return serve(analyzer_, version_, input_, output_);  // unsupervised rather than not at all
    while (!is_done()) take_turn();
    return supervisor_.is_over() && supervisor_.was_shut_down() ? 0 : 1;
  }

 private:
  static void log(const std::string& line) {
    const std::string text = "lockwright: server: " + line + "\n";
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // there is nobody to tell
  }

  bool start() {
    const Handover handover = supervisor_.start_server();
    child_ =
        Child::start(input_, output_, [&] { return serve(analyzer_, version_, input_, output_, handover); });
    if (!child_) return false;
    from_server_ = {};
    to_server_.emplace(child_->to(), false);
    supervisor_.server_started();
    return true;
  }

  void take_turn() {
    const bool hears = !end_ && !to_client_.is_full() && !(to_server_ && to_server_->is_full());
    std::array<pollfd, 4> watched = {{{child_ && !to_client_.is_full() ? child_->from() : -1, POLLIN, 0},
                                      {to_server_ && !to_server_->is_empty() ? child_->to() : -1, POLLOUT, 0},
                                      {hears ? input_ : -1, POLLIN, 0},
                                      {to_client_.is_empty() ? -1 : output_, POLLOUT, 0}}};
    const auto wait = end_ ? std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now()),
                                        std::chrono::milliseconds(0), between_looks)
                           : between_looks;
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(wait.count()));
    if (ready < 0 && errno != EINTR) return hang_up();
    if (!end_ && supervisor_.client_process() != 0 && !is_alive(supervisor_.client_process())) hang_up();
    if (ready > 0) {
      if (watched[0].revents != 0) read_server();
      if (watched[1].revents != 0 && to_server_) to_server_->write();
      if (watched[2].revents != 0) read_client();
      if (watched[3].revents != 0) to_client_.write();
    }
    if (end_) return close_when_written();
    supervisor_.look_at_clock(Clock::now());
    start_if_wanted();
  }

  void start_if_wanted() {
    if (supervisor_.wants_server() && !start())
      supervisor_.server_not_started("there is no process to be had", Clock::now());
  }

  void read_server() {
    const ssize_t count = ::read(child_->from(), bytes_.data(), bytes_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) return end_server();
    from_server_.feed({bytes_.data(), static_cast<std::size_t>(count)});
    while (const std::optional<MessageReader::Item> item = from_server_.next()) {
      if (!item->broken) supervisor_.take_from_server(item->text);
    }
  }

  void end_server() {
    const std::string how = child_->end();
    child_.reset();
    to_server_.reset();
    // It ends by itself when the client does, and may have seen that first.
    if (!end_ && supervisor_.client_process() != 0 && !is_alive(supervisor_.client_process())) hang_up();
    if (end_) return;
    supervisor_.server_ended(how, Clock::now());
    start_if_wanted();
  }

  void read_client() {
    const ssize_t count = ::read(input_, bytes_.data(), bytes_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) return hang_up();
    from_client_.feed({bytes_.data(), static_cast<std::size_t>(count)});
    while (!supervisor_.is_over()) {
      const std::optional<MessageReader::Item> item = from_client_.next();
      if (!item) break;
      if (item->broken) {
        supervisor_.take_broken(item->text);
      } else {
        supervisor_.take_from_client(item->text, Clock::now());
        start_if_wanted();
      }
    }
    if (supervisor_.is_over()) hang_up();
  }

  /// Nothing more comes from the client. What has come is still answered, if that does not take long.
  void hang_up() {
    if (!end_) end_ = Clock::now() + patience;
  }

  void close_when_written() {
    if (child_ && to_server_ && to_server_->is_empty()) {
      to_server_.reset();
      child_->close_to();
    }
  }

  [[nodiscard]] bool is_done() const {
    return end_ && (Clock::now() >= *end_ || (!child_ && to_client_.is_empty()));
  }

  const Analyzer& analyzer_;
  std::string_view version_;
  int input_;
  int output_;
  Outbox to_client_;
  std::optional<Outbox> to_server_;  ///< while it listens
  MessageReader from_client_;
  MessageReader from_server_;
  Supervisor supervisor_;
  std::optional<Child> child_;
  std::optional<Clock::time_point> end_;  ///< the client has gone; when to stop waiting for the child
  std::array<char, std::size_t{1} << 16> bytes_{};
};

}  // namespace

int supervise(const Analyzer& analyzer, std::string_view version, int input, int output) {
  // A pipe to the child would get the number of a stream that is closed.
  for (const int stream : {input, output}) {
    if (::fcntl(stream, F_GETFD) < 0) return 1;
  }
  return Relay(analyzer, version, input, output).run();
}

}  // namespace lockwright::lsp
