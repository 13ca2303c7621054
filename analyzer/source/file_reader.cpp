// Source files are small and read once, so each is read(2) into a buffer that stays hot in the cache: for
// files of this size that is cheaper than mapping them, whose page faults and unmapping cost more than the
// copy. The size is asked for first, so that a huge file costs nothing and one read fetches all of the rest.
#include "analyzer/source/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

namespace lockwright::source {
namespace {

/// Closes the descriptor when it goes out of scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Error cannot_read(int error_number) {
  return {"cannot be read: " + describe_errno(error_number)};
}

}  // namespace

std::string describe_errno(int error_number) {
  std::string text = std::error_code(error_number, std::generic_category()).message();
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

std::string too_large(std::size_t bytes, std::size_t max_bytes) {
  return fmt::format("is {}, larger than the limit of {}: skipped", describe_size(bytes),
                     describe_size(max_bytes));
}

std::string describe_size(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void FileReader::reserve(std::size_t bytes) {
  if (bytes <= capacity_) return;
  capacity_ = std::max(bytes, capacity_ * 2);
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
}

Result<std::string_view> FileReader::read(const std::string& path) {
  // O_NONBLOCK: a pipe that took a file's place since it was listed must not hang the run.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.number() < 0) return cannot_read(errno);
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return cannot_read(errno);
  if (!S_ISREG(status.st_mode)) return Error{"is not a regular file: skipped"};
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > max_bytes_) return Error{too_large(size, max_bytes_)};
  reserve(size);
  std::size_t length = 0;
  while (length < size) {
    const ssize_t count = ::read(file.number(), buffer_.get() + length, size - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(errno);
    if (count == 0) break;  // the file shrank since its size was asked for
    length += static_cast<std::size_t>(count);
  }
  return std::string_view(buffer_.get(), length);
}

}  // namespace lockwright::source
