// Code frames. A line is taken apart into cells (display.h); the carets are then a matter of counting the
// columns of the cells before and within the range. A line that is too wide is shown through a window that
// begins where it must for the first caret to be in it.
#include "analyzer/report/code_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analyzer/report/display.h"

namespace lockwright::report {
namespace {

constexpr std::uint32_t most_lines = 4;  ///< of a longer range: the first lines and the last
constexpr std::size_t least_window = 20;
constexpr std::size_t widest_window = 240;
constexpr std::size_t looked_at = 4096;  ///< bytes of a line; more than fills the widest window
constexpr std::string_view white_space = " \t\f\v";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

/// The part of a line that is marked, in bytes.
struct Marked {
  std::size_t begin;
  std::size_t end;
};

/// A line cut to fit, and the columns of its carets.
struct View {
  std::string text;
  std::size_t caret = 0;
  std::size_t length = 1;
};

/// A line's cells, and the column at which each begins; one column more for the end.
struct Ruler {
  explicit Ruler(std::string_view line) : cells(cells_of(line)), columns{0} {
    for (const Cell& cell : cells) columns.push_back(columns.back() + cell.width);
  }

  [[nodiscard]] std::size_t index_at(std::size_t offset) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(cells, offset, {}, &Cell::offset) -
                                    cells.begin());
  }

  [[nodiscard]] std::string text(std::size_t begin, std::size_t end) const {
    std::string joined;
    for (std::size_t i = begin; i < end; ++i) joined += cells[i].text;
    return joined;
  }

  std::vector<Cell> cells;
  std::vector<std::size_t> columns;
};

/// Leaves only the surroundings of what is marked of a line of megabytes, as generated files have them.
std::string_view near_mark(std::string_view line, Marked& marked) {
  if (line.size() <= looked_at) return line;
  std::size_t begin = marked.begin > looked_at / 2 ? marked.begin - looked_at / 2 : 0;
  while (begin < marked.begin && (static_cast<unsigned char>(line[begin]) & 0xC0U) == 0x80U) ++begin;
  line = line.substr(begin, looked_at);
  marked = {marked.begin - begin, std::min(marked.end - begin, line.size())};
  return line;
}

View view_of(std::string_view line, Marked marked, std::size_t width) {
  line = near_mark(line, marked);
  const Ruler ruler(line.substr(0, line.find_last_not_of(white_space) + 1));
  const std::vector<std::size_t>& columns = ruler.columns;
  const std::size_t count = ruler.cells.size();
  const std::size_t first = ruler.index_at(marked.begin);
  const std::size_t after = std::max(first, ruler.index_at(marked.end));
  const std::size_t caret = columns[first];
  const std::size_t length = std::max<std::size_t>(1, columns[after] - caret);
  if (columns[count] <= width) return {ruler.text(0, count), caret, length};

  std::size_t begin = 0;  // so that what is marked is in sight, with some of what stands before it
  if (columns[after] + 1 > width) {
    while (begin < first && caret - columns[begin] > width / 3 &&
           columns[count] - columns[begin] + 1 > width) {
      ++begin;
    }
  }
  const std::size_t lead = begin > 0 ? 1 : 0;  // columns of the ellipsis in front
  std::size_t end = count;
  if (lead + columns[count] - columns[begin] > width) {
    while (end > begin + 1 && lead + columns[end] - columns[begin] + 1 > width) --end;
  }
  const std::size_t in_sight = columns[std::clamp(end, first, after)] - caret;
  return {
      fmt::format("{}{}{}", begin > 0 ? ellipsis : "", ruler.text(begin, end), end < count ? ellipsis : ""),
      lead + caret - columns[begin], std::max<std::size_t>(1, in_sight)};
}

/// What of line `number` the range covers: from its first character that is not white space.
Marked marked_part(const source::LineMap& lines, std::string_view text, std::uint32_t number,
                   const source::Range& range) {
  const std::string_view line = lines.line_text(number);
  const auto line_begin = static_cast<std::size_t>(line.data() - text.data());
  const std::size_t content = std::min(line.find_first_not_of(white_space), line.size());
  const std::size_t content_end = line.find_last_not_of(white_space) + 1;
  const std::size_t begin = range.begin > line_begin ? range.begin - line_begin : content;
  const std::size_t end = range.end > line_begin ? range.end - line_begin : 0;
  return {std::min(begin, line.size()), std::min(end, content_end)};
}

}  // namespace

std::string code_frame(const source::Range& range, const source::FileTable& files, const FrameStyle& look) {
  const source::SourceFile* const file = files.get(range.file);
  if (file == nullptr) return "";
  const source::LineMap& lines = file->lines();
  const std::uint32_t first = lines.line_of(range.begin);
  const std::uint32_t last = range.end > range.begin ? lines.line_of(range.end - 1) : first;
  const std::size_t digits = std::to_string(last).size();
  const std::size_t gutter = digits + 4;  // " 14 | "
  const std::size_t width =
      std::clamp(look.width > gutter ? look.width - gutter : 0, least_window, widest_window);

  const std::string empty_gutter = fmt::format(" {:>{}} {}", "", digits, look.style.paint(Ink::gutter, "|"));
  std::string text = empty_gutter + "\n";
  for (std::uint32_t number = first; number <= last; ++number) {
    if (last - first >= most_lines && number == first + most_lines - 1) {
      text += fmt::format(" {:>{}} {}\n", "", digits, look.style.paint(Ink::gutter, "..."));
      number = last;
    }
    const std::string_view line = lines.line_text(number);
    const View view = view_of(line, marked_part(lines, file->text(), number, range), width);
    text += fmt::format(" {} {}{}{}\n", look.style.paint(Ink::gutter, fmt::format("{:>{}}", number, digits)),
                        look.style.paint(Ink::gutter, "|"), view.text.empty() ? "" : " ", view.text);
    if (line.empty() && number != first) continue;
    text += fmt::format("{} {}{}\n", empty_gutter, std::string(view.caret, ' '),
                        look.style.paint(look.caret, std::string(view.length, '^')));
  }
  return text;
}

}  // namespace lockwright::report
