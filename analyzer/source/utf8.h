// Stepping through text that should be UTF-8 and need not be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lockwright::source {

/// The byte order mark that some editors put at the start of a UTF-8 file.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// One character of a text. A byte that is not part of well-formed UTF-8 is a character of its own.
struct Utf8Character {
  std::uint8_t bytes = 1;        ///< 1 to 4
  std::uint8_t utf16_units = 1;  ///< 1 or 2
  bool valid = true;
};

/// The character that starts at `offset`. Overlong forms, surrogates and what lies beyond U+10FFFF are not
/// well-formed. REQUIRES: offset < text.size().
[[nodiscard]] Utf8Character utf8_character(std::string_view text, std::size_t offset);

struct Utf8Faults {
  std::size_t bytes = 0;  ///< how many bytes are not part of well-formed UTF-8
  std::size_t first = 0;  ///< offset of the first of them, when there are any
};

[[nodiscard]] Utf8Faults find_utf8_faults(std::string_view text);

}  // namespace lockwright::source
