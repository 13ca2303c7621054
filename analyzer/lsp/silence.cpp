// Whether a place is one for a comment (and not within a string, or behind a backslash) is not worked out
// here: the comment is tried, and read back by the very code that will have to understand it.
#include "analyzer/lsp/silence.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/source/suppression.h"

namespace lockwright::lsp {
namespace {

/// Whether the text with the insertion has a suppression there that covers the line.
bool works(const source::SourceFile& file, const Insertion& insertion, std::string_view rule_id,
           std::uint32_t line) {
  std::string text(file.text());
  text.insert(insertion.offset, insertion.text);
  const source::Suppressions found = source::find_suppressions(text, file.language());
  return std::any_of(found.items.begin(), found.items.end(), [&](const source::Suppression& each) {
    return each.range.begin >= insertion.offset &&
           each.range.begin < insertion.offset + insertion.text.size() && each.covers(line) &&
           each.names(rule_id, "");
  });
}

}  // namespace

std::optional<Insertion> suppression_at(const source::SourceFile& file, std::size_t offset,
                                        std::string_view rule_id) {
  const std::string_view mark = file.language() == source::Language::python ? "#" : "//";
  const std::string comment = fmt::format("{} lockwright: ignore[{}]", mark, rule_id);
  const source::LineMap& lines = file.lines();
  const std::uint32_t line = lines.line_of(offset);
  const std::string_view code = lines.line_text(line);
  const std::size_t begin = lines.offset_of(line, 1, source::ColumnUnit::utf8);
  const std::size_t end = begin + code.size();
  const std::string_view newline = file.text().substr(end, source::newline_length(file.text(), end));
  const std::string_view indent = code.substr(0, std::min(code.size(), code.find_first_not_of(" \t")));

  Insertion above{begin, fmt::format("{}{}{}", indent, comment, newline.empty() ? "\n" : newline)};
  if (works(file, above, rule_id, line + 1)) return above;
  Insertion behind{end, "  " + comment};
  if (works(file, behind, rule_id, line)) return behind;
  return std::nullopt;
}

}  // namespace lockwright::lsp
