// Between byte offsets and lines and columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lockwright::source {

/// What a column counts. A tab counts 1 in each; so does a byte that is not valid UTF-8.
enum class ColumnUnit : std::uint8_t {
  code_points,  ///< what a person counts; SARIF's unicodeCodePoints
  utf8,         ///< bytes
  utf16,        ///< what LSP and JavaScript count: characters beyond U+FFFF are 2
};

/// A place in a text, as people and tools name it. All numbers are 1-based (LSP's are one less).
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;  ///< in code points
  std::uint32_t utf8_column = 1;
  std::uint32_t utf16_column = 1;

  friend bool operator==(const Position&, const Position&) = default;
};

/// The length of the line terminator at `offset`: 1 for "\n" and for a "\r" that stands alone, 2 for "\r\n",
/// 0 if there is none.
[[nodiscard]] constexpr std::size_t newline_length(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return 0;
  if (text[offset] == '\n') return 1;
  if (text[offset] != '\r') return 0;
  return offset + 1 < text.size() && text[offset + 1] == '\n' ? 2 : 1;
}

/// The lines of one text. Lines end with "\n", "\r\n" or a lone "\r"; a terminator belongs to the line that
/// it ends, and after the last one there is one more line, perhaps empty, as editors show it. A byte order
/// mark takes no column: what follows it stands in column 1. Offsets beyond the end of the text mean its end;
/// an offset within a character means the start of that character.
///
/// Borrows the text, which must outlive the map. Immutable: threads may share one.
class LineMap {
 public:
  explicit LineMap(std::string_view text);

  /// At least 1, even for an empty text.
  [[nodiscard]] std::uint32_t line_count() const { return static_cast<std::uint32_t>(starts_.size()); }

  [[nodiscard]] std::uint32_t line_of(std::size_t offset) const;

  [[nodiscard]] Position position(std::size_t offset) const;

  [[nodiscard]] std::uint32_t column(std::size_t offset, ColumnUnit unit) const;

  /// The offset of a position; the inverse of position(). A column beyond the line's end means the line's end
  /// (before its terminator), one within a character that character's start, a line beyond the last the end
  /// of the text. 0 is taken for 1.
  [[nodiscard]] std::size_t offset_of(std::uint32_t line, std::uint32_t column, ColumnUnit unit) const;

  /// The bytes of a line, without its terminator and without a byte order mark. A line that does not exist is
  /// empty.
  [[nodiscard]] std::string_view line_text(std::uint32_t line) const;

 private:
  [[nodiscard]] std::size_t line_begin(std::uint32_t line) const;

  std::string_view text_;
  std::vector<std::uint32_t> starts_;  ///< the offset at which each line starts
};

}  // namespace lockwright::source
