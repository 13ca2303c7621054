// Files of the command line: configuration, baselines and reports, a few kilobytes to a few megabytes.
#include "analyzer/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "analyzer/source/file_reader.h"

namespace lockwright::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t new_file_mode = 0666;
constexpr mode_t permission_bits = 07777;

/// An open file that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int get() const { return number_; }

  /// Closes now, and tells whether the system kept what was written (some say only here that they did not).
  [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

source::Error failure(std::string_view what, int error_number) {
  return {std::string(what) + " (" + source::describe_errno(error_number) + ")"};
}

source::Error not_written() {
  return failure("cannot be written", errno);
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<source::Error> write_directly(const fs::path& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0 || !write_all(file.get(), content) || !file.close()) return not_written();
  return std::nullopt;
}

/// The permissions that a newly created file would have.
mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return new_file_mode & ~mask;
}

}  // namespace

source::Result<std::string> read_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return failure("cannot be read", errno);
  std::string content;
  std::array<char, 65536> piece;
  for (;;) {
    const ssize_t length = ::read(file.get(), piece.data(), piece.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return failure("cannot be read", errno);
    if (length == 0) return content;
    content.append(piece.data(), static_cast<std::size_t>(length));
  }
}

std::optional<source::Error> write_file(const fs::path& path, std::string_view content) {
  struct stat existing{};
  const bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) return failure("cannot be written", EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) return write_directly(path, content);
  if (exists && ::access(path.c_str(), W_OK) != 0) return not_written();

  std::error_code ignored;
  const fs::path target = exists ? fs::canonical(path, ignored) : path;
  std::string temporary = target.string() + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return not_written();
  const mode_t mode = exists ? existing.st_mode & permission_bits : default_mode();
  const bool complete = write_all(file.get(), content) && ::fchmod(file.get(), mode) == 0 && file.close();
  if (complete && ::rename(temporary.c_str(), target.c_str()) == 0) return std::nullopt;
  const int reason = errno;
  ::unlink(temporary.c_str());
  return failure("cannot be written", reason);
}

}  // namespace lockwright::cli
