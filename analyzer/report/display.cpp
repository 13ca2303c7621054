// Measuring text in terminal columns. A character's width is looked up by binary search in the tables of
// width_table.cpp; sequences of characters that a terminal may draw as one (emoji joined by U+200D) are
// measured character by character, as terminals disagree about them.
#include "analyzer/report/display.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "analyzer/report/width_table.h"
#include "analyzer/source/utf8.h"

namespace lockwright::report {
namespace {

constexpr std::size_t tab_stop = 4;
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // U+2026

bool contains(std::span<const CodePoints> table, std::uint32_t point) {
  const auto after = std::ranges::upper_bound(table, point, {}, &CodePoints::first);
  return after != table.begin() && point <= std::prev(after)->last;
}

std::uint32_t code_point(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (bytes.size() == 1) return first;
  std::uint32_t point = first & (0xFFU >> (bytes.size() + 1));
  for (const char byte : bytes.substr(1)) point = point << 6 | (static_cast<unsigned char>(byte) & 0x3FU);
  return point;
}

bool turns_direction(std::uint32_t point) {
  return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) || point == 0x200E ||
         point == 0x200F || point == 0x061C;
}

bool is_control(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

bool breaks_lines(std::uint32_t point) {
  return point == 0x2028 || point == 0x2029;
}

/// The picture of a control character: U+2400 to U+241F, U+2421 for DEL.
std::string control_picture(std::uint32_t point) {
  if (point > 0x7F) return std::string(replacement);
  const std::uint32_t low = point == 0x7F ? 0x21 : point;
  return {'\xE2', '\x90', static_cast<char>(0x80 | low)};
}

Cell cell_of(std::string_view bytes, bool valid) {
  if (!valid) return {std::string(replacement), 1};
  const std::uint32_t point = code_point(bytes);
  if (is_control(point)) return {control_picture(point), 1};
  if (turns_direction(point) || breaks_lines(point)) return {std::string(replacement), 1};
  if (point < 0x300) return {std::string(bytes), 1};
  if (contains(zero_width_characters, point)) return {std::string(bytes), 0};
  return {std::string(bytes), contains(wide_characters, point) ? std::size_t{2} : std::size_t{1}};
}

std::string joined(std::span<const Cell> cells) {
  std::string text;
  for (const Cell& cell : cells) text += cell.text;
  return text;
}

std::size_t width_of(std::span<const Cell> cells) {
  std::size_t width = 0;
  for (const Cell& cell : cells) width += cell.width;
  return width;
}

}  // namespace

std::vector<Cell> cells_of(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t column = 0;
  for (std::size_t offset = 0; offset < line.size();) {
    const source::Utf8Character character = source::utf8_character(line, offset);
    Cell cell = cell_of(line.substr(offset, character.bytes), character.valid);
    if (line[offset] == '\t') {
      const std::size_t spaces = tab_stop - column % tab_stop;
      cell = {std::string(spaces, ' '), spaces};
    }
    cell.offset = offset;
    column += cell.width;
    offset += character.bytes;
    cells.push_back(std::move(cell));
  }
  return cells;
}

std::string printable(std::string_view text) {
  return joined(cells_of(text));
}

std::size_t display_width(std::string_view text) {
  return width_of(cells_of(text));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t own = display_width(text);
  return std::string(text) + std::string(width > own ? width - own : 0, ' ');
}

std::string clipped_left(std::string_view text, std::size_t width) {
  const std::vector<Cell> cells = cells_of(text);
  if (width_of(cells) <= width) return joined(cells);
  std::size_t begin = cells.size();
  for (std::size_t used = 1; begin > 0 && used + cells[begin - 1].width <= width;)
    used += cells[--begin].width;
  return std::string(ellipsis) + joined(std::span(cells).subspan(begin));
}

std::string clipped_right(std::string_view text, std::size_t width) {
  const std::vector<Cell> cells = cells_of(text);
  if (width_of(cells) <= width) return joined(cells);
  std::size_t end = 0;
  for (std::size_t used = 1; end < cells.size() && used + cells[end].width <= width;)
    used += cells[end++].width;
  return joined(std::span(cells).first(end)) + std::string(ellipsis);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  const auto add_piece = [&](std::span<const Cell> piece) {
    lines.back() += joined(piece);
    used += width_of(piece);
  };
  const std::vector<Cell> cells = cells_of(text);
  for (std::size_t begin = 0; begin < cells.size();) {
    if (cells[begin].text == " ") {
      ++begin;
      continue;
    }
    std::size_t end = begin;
    while (end < cells.size() && cells[end].text != " ") ++end;
    std::span<const Cell> word = std::span(cells).subspan(begin, end - begin);
    begin = end;
    if (used > 0 && used + 1 + width_of(word) <= width) {
      lines.back() += ' ';
      ++used;
    } else if (used > 0) {
      lines.emplace_back();
      used = 0;
    }
    while (width_of(word) > width && word.size() > 1) {  // longer than a line: broken where the line ends
      std::size_t fitting = 1;
      while (width_of(word.first(fitting + 1)) <= width) ++fitting;
      add_piece(word.first(fitting));
      lines.emplace_back();
      used = 0;
      word = word.subspan(fitting);
    }
    add_piece(word);
  }
  return lines;
}

}  // namespace lockwright::report
