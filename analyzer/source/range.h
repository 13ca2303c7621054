// Where something stands in a source file.
#pragma once

#include <compare>
#include <cstdint>

namespace lockwright::source {

/// Index of a file in the run's FileTable. Files are numbered in the sorted order of their paths.
enum class FileId : std::uint32_t {};

/// A half-open span of bytes, [begin, end), in one file. Offsets count bytes of the file as it is on disk
/// (a byte order mark counts); lines and columns are computed from them on demand by LineMap.
struct Range {
  FileId file{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend auto operator<=>(const Range&, const Range&) = default;
};

}  // namespace lockwright::source
