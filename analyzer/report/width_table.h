// The widths of characters on a terminal, as data.
#pragma once

#include <array>
#include <cstdint>

namespace lockwright::report {

/// Code points from `first` to `last`, both included.
struct CodePoints {
  std::uint32_t first;
  std::uint32_t last;
};

extern const std::array<CodePoints, 84> wide_characters;         ///< two columns
extern const std::array<CodePoints, 345> zero_width_characters;  ///< none

}  // namespace lockwright::report
