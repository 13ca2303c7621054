// Only where lines start is kept; columns are counted from there when somebody asks, because few of the bytes
// of a text are ever asked about. Files are far below 4 GB, so an offset fits 32 bits.
#include "analyzer/source/line_map.h"

#include <algorithm>

#include "analyzer/source/utf8.h"

namespace lockwright::source {

LineMap::LineMap(std::string_view text) : text_(text) {
  const bool plain = text.find('\r') == std::string_view::npos;
  const auto next = [&](std::size_t from) {
    return plain ? text.find('\n', from) : text.find_first_of("\r\n", from);
  };
  starts_.push_back(0);
  for (std::size_t at = next(0); at != std::string_view::npos; at = next(at)) {
    at += newline_length(text, at);
    starts_.push_back(static_cast<std::uint32_t>(at));
  }
}

std::size_t LineMap::line_begin(std::uint32_t line) const {
  const std::size_t begin = starts_[line - 1];
  return line == 1 && text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : begin;
}

std::uint32_t LineMap::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::uint32_t>(after - starts_.begin());
}

Position LineMap::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  Position position;
  position.line = line_of(offset);
  for (std::size_t at = line_begin(position.line); at < offset;) {
    const Utf8Character character = utf8_character(text_, at);
    at += character.bytes;
    if (at > offset) break;
    position.column += 1;
    position.utf8_column += character.bytes;
    position.utf16_column += character.utf16_units;
  }
  return position;
}

std::uint32_t LineMap::column(std::size_t offset, ColumnUnit unit) const {
  const Position at = position(offset);
  return unit == ColumnUnit::utf8 ? at.utf8_column : unit == ColumnUnit::utf16 ? at.utf16_column : at.column;
}

std::size_t LineMap::offset_of(std::uint32_t line, std::uint32_t column, ColumnUnit unit) const {
  line = std::max(line, 1U);
  if (line > line_count()) return text_.size();
  const std::string_view content = line_text(line);
  std::size_t offset = 0;
  std::uint32_t at = 1;
  while (offset < content.size()) {
    const Utf8Character character = utf8_character(content, offset);
    at += unit == ColumnUnit::utf8 ? character.bytes : unit == ColumnUnit::utf16 ? character.utf16_units : 1U;
    if (at > column) break;
    offset += character.bytes;
  }
  return line_begin(line) + offset;
}

std::string_view LineMap::line_text(std::uint32_t line) const {
  if (line == 0 || line > line_count()) return {};
  const std::size_t begin = line_begin(line);
  std::size_t end = line < line_count() ? starts_[line] : text_.size();
  if (line < line_count()) {
    --end;
    if (text_[end] == '\n' && end > begin && text_[end - 1] == '\r') --end;
  }
  return text_.substr(begin, end - begin);
}

}  // namespace lockwright::source
