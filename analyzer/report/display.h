// Text as a terminal shows it: how wide it is, and nothing in it that would drive the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lockwright::report {

/// One character of a line, ready to be shown.
struct Cell {
  std::string text;  ///< what to print: spaces for a tab, a visible stand-in for what must not be printed
  std::size_t width = 0;   ///< columns it takes
  std::size_t offset = 0;  ///< where its bytes start in the line
};

/// The characters of one line. Tabs reach to the next multiple of 4; control characters become their symbols
/// (U+2400 and on), bytes that are not UTF-8 and characters that turn the writing direction become U+FFFD, so
/// that analysed text can neither move the cursor nor pretend to be other text.
[[nodiscard]] std::vector<Cell> cells_of(std::string_view line);

/// The cells' text in a row.
[[nodiscard]] std::string printable(std::string_view text);

/// Columns that `text` takes when printed.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `text` with spaces after it up to `width` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

/// `text`, or, if it is wider than `width`, its end (or beginning) with `…` for what is left out.
[[nodiscard]] std::string clipped_left(std::string_view text, std::size_t width);
[[nodiscard]] std::string clipped_right(std::string_view text, std::size_t width);

/// `text` in lines of at most `width` columns, broken between words where it can be. At least one line.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace lockwright::report
