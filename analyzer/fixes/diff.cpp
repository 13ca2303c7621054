// Lines are compared by Myers' algorithm ("An O(ND) Difference Algorithm", 1986): the shortest sequence of
// insertions and removals is a shortest way through a grid whose diagonals are equal lines. Repairs change
// few lines, so N is large and D small.
#include "analyzer/fixes/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace lockwright::fixes {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

enum class Side : char { both = ' ', before = '-', after = '+' };

struct Line {
  Side side;
  std::string_view text;
};

/// Each line of the two texts, once where they share it. Removals come before insertions.
std::vector<Line> script(const Lines& before, const Lines& after) {
  const auto rows = static_cast<std::ptrdiff_t>(before.size());
  const auto columns = static_cast<std::ptrdiff_t>(after.size());
  const std::ptrdiff_t limit = rows + columns;
  // reach[k]: how far down the furthest way of the current length is on diagonal k.
  std::vector<std::ptrdiff_t> reach(static_cast<std::size_t>(2 * limit + 3), 0);
  const auto at = [&](std::ptrdiff_t diagonal) -> std::ptrdiff_t& {
    return reach[static_cast<std::size_t>(diagonal + limit + 1)];
  };
  const auto inserts = [&](std::ptrdiff_t diagonal, std::ptrdiff_t length) {
    return diagonal == -length || (diagonal != length && at(diagonal - 1) < at(diagonal + 1));
  };
  std::vector<std::vector<std::ptrdiff_t>> trace;
  std::ptrdiff_t length = 0;
  for (bool arrived = false; !arrived; ++length) {
    trace.push_back(reach);
    for (std::ptrdiff_t diagonal = -length; diagonal <= length && !arrived; diagonal += 2) {
      std::ptrdiff_t row = inserts(diagonal, length) ? at(diagonal + 1) : at(diagonal - 1) + 1;
      while (row < rows && row - diagonal < columns &&
             before[static_cast<std::size_t>(row)] == after[static_cast<std::size_t>(row - diagonal)]) {
        ++row;
      }
      at(diagonal) = row;
      arrived = row >= rows && row - diagonal >= columns;
    }
  }
  std::vector<Line> lines;
  std::ptrdiff_t row = rows;
  std::ptrdiff_t column = columns;
  while (length-- > 0) {
    reach = trace[static_cast<std::size_t>(length)];
    const std::ptrdiff_t diagonal = row - column;
    const bool inserted = inserts(diagonal, length);
    const std::ptrdiff_t from = length == 0 ? 0 : at(inserted ? diagonal + 1 : diagonal - 1);
    const std::ptrdiff_t start = length == 0 ? 0 : (inserted ? from : from + 1);
    for (; row > start; --row, --column)
      lines.push_back({Side::both, before[static_cast<std::size_t>(row - 1)]});
    if (length == 0) break;
    if (inserted) {
      lines.push_back({Side::after, after[static_cast<std::size_t>(--column)]});
    } else {
      lines.push_back({Side::before, before[static_cast<std::size_t>(--row)]});
    }
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

/// "12,3" for the hunk's header; "12" for one line.
std::string stretch(std::size_t first, std::size_t count) {
  if (count == 1) return std::to_string(first);
  return fmt::format("{},{}", count == 0 ? first - 1 : first, count);
}

}  // namespace

std::string unified_diff(std::string_view path, std::string_view before, std::string_view after) {
  constexpr std::size_t context = 3;
  if (before == after) return "";
  const Lines left = lines_of(before);
  const Lines right = lines_of(after);
  const std::vector<Line> lines = script(left, right);
  std::string result = fmt::format("--- {}\n+++ {}\n", path, path);
  std::size_t row = 1;
  std::size_t column = 1;
  const auto pass = [&](const Line& line) {
    if (line.side != Side::after) ++row;
    if (line.side != Side::before) ++column;
  };
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t change = i;
    while (change < lines.size() && lines[change].side == Side::both) ++change;
    if (change == lines.size()) break;
    const std::size_t begin = std::max(i, change - std::min(change, context));
    for (; i < begin; ++i) pass(lines[i]);
    // The hunk goes on while the next change is near.
    std::size_t end = change;
    for (std::size_t same = 0; end < lines.size() && same <= 2 * context; ++end) {
      same = lines[end].side == Side::both ? same + 1 : 0;
    }
    std::size_t last = end;
    while (last > change && lines[last - 1].side == Side::both) --last;
    end = std::min(last + context, lines.size());
    const std::size_t first_row = row;
    const std::size_t first_column = column;
    std::string body;
    for (; i < end; ++i) {
      body += static_cast<char>(lines[i].side);
      body += lines[i].text;
      if (!lines[i].text.ends_with('\n')) body += "\n\\ No newline at end of file\n";
      pass(lines[i]);
    }
    result += fmt::format("@@ -{} +{} @@\n{}", stretch(first_row, row - first_row),
                          stretch(first_column, column - first_column), body);
  }
  return result;
}

}  // namespace lockwright::fixes
