// Reading a whole file into memory.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "analyzer/source/result.h"

namespace lockwright::source {

/// The largest file that is analysed unless the caller says otherwise, in bytes. What is larger was
/// generated.
inline constexpr std::size_t kDefaultMaxFileBytes = 5'000'000;

/// What `errno` says, as the end of a sentence: "permission denied".
[[nodiscard]] std::string describe_errno(int error_number);

/// Why a file of that size is not read, as a note says it.
[[nodiscard]] std::string too_large(std::size_t bytes, std::size_t max_bytes);

/// "5.0 MB".
[[nodiscard]] std::string describe_size(std::size_t bytes);

/// Reads files one after the other into one buffer that grows to the largest and is reused. Not thread-safe:
/// each thread has its own.
class FileReader {
 public:
  explicit FileReader(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// The bytes of the regular file at `path` (relative to the process's working directory), valid until the
  /// next read. The error continues the path in a note: "cannot be read: permission denied". A file over the
  /// limit is not read at all; a pipe or a device is refused without blocking.
  Result<std::string_view> read(const std::string& path);

 private:
  void reserve(std::size_t bytes);

  std::size_t max_bytes_;
  std::size_t capacity_ = 0;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace lockwright::source
