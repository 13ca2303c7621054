// Edits are kept in the order of the text; several insertions at one place keep the order in which they came.
#include "analyzer/fixes/common/edits.h"

#include <algorithm>
#include <utility>

namespace lockwright::fixes {

using findings::Edit;

void Edits::replace(std::size_t begin, std::size_t end, std::string text) {
  edits_.push_back(
      {{file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, std::move(text)});
}

void Edits::add_lines_after(std::size_t offset, std::string_view indent, std::span<const std::string> lines) {
  const std::string newline = text_.newline(offset);
  const std::size_t at = text_.next_line(offset);
  // The last line may have no terminator; then the new last one has none either.
  const bool unterminated = at == text_.line_end(offset);
  std::string added;
  for (const std::string& line : lines) {
    const std::string content = line.empty() ? "" : std::string(indent) + line;
    added += unterminated ? newline + content : content + newline;
  }
  insert(at, std::move(added));
}

void Edits::add_lines_before(std::size_t offset, std::string_view indent,
                             std::span<const std::string> lines) {
  const std::string newline = text_.newline(offset);
  std::string added;
  for (const std::string& line : lines) {
    if (!line.empty()) added.append(indent).append(line);
    added += newline;
  }
  insert(text_.line_begin(offset), std::move(added));
}

void Edits::remove_lines(std::size_t begin, std::size_t end) {
  replace(text_.line_begin(begin), text_.next_line(end), "");
}

void Edits::indent_lines(std::size_t begin, std::size_t end, std::string_view unit,
                         std::span<const Span> fixed) {
  for (std::size_t line = text_.line_begin(begin); line < end; line = text_.next_line(line)) {
    const bool blank = text_.indent(line).size() == text_.line_end(line) - line;
    const bool inside = std::any_of(fixed.begin(), fixed.end(),
                                    [&](const Span& span) { return span.begin < line && line < span.end; });
    if (!blank && !inside) insert(line, std::string(unit));
    if (text_.next_line(line) == line) break;
  }
}

std::optional<std::vector<Edit>> Edits::take() {
  // What is inserted stands before what is replaced at the same place.
  std::stable_sort(edits_.begin(), edits_.end(), [](const Edit& left, const Edit& right) {
    const auto place = [](const Edit& edit) {
      return std::pair(edit.range.begin, edit.range.end > edit.range.begin);
    };
    return place(left) < place(right);
  });
  for (std::size_t i = 1; i < edits_.size(); ++i) {
    if (edits_[i - 1].range.end > edits_[i].range.begin) return std::nullopt;
  }
  if (edits_.empty()) return std::nullopt;
  return std::move(edits_);
}

std::vector<findings::Fix> library_move(Edits& edits, std::string title) {
  auto taken = edits.take();
  if (!taken) return {};
  return {{.title = std::move(title),
           .applicability = findings::Applicability::unsafe,
           .library = true,
           .edits = std::move(*taken)}};
}

std::string edited(std::string_view text, std::span<const Edit> edits) {
  std::string result;
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    result += text.substr(done, edit.range.begin - done);
    result += edit.text;
    done = edit.range.end;
  }
  result += text.substr(done);
  return result;
}

bool overlap(std::span<const Edit> left, std::span<const Edit> right) {
  return std::any_of(left.begin(), left.end(), [&](const Edit& one) {
    return std::any_of(right.begin(), right.end(), [&](const Edit& other) {
      return one.range.file == other.range.file && one.range.begin <= other.range.end &&
             other.range.begin <= one.range.end;
    });
  });
}

}  // namespace lockwright::fixes
