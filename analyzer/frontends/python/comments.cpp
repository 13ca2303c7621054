// The grammar's scanner looks, at every line of a comment, for the first line after all of it: that is where
// the indentation shows. So a comment takes time that grows with the square of its lines, minutes for 20 000
// of them (generated files have such). Nothing is read from comments here, so the parser need not see those
// of many lines.
#include "analyzer/frontends/python/comments.h"

#include <vector>

#include "analyzer/source/skim.h"

namespace lockwright::frontends::python {
namespace {

constexpr std::size_t many_lines = 64;

/// The end of the line that begins at `at`, its newline included.
std::size_t line_end(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

bool is_comment_line(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\f", at);
  return at != std::string_view::npos && text[at] == '#';
}

bool has_long_comment(std::string_view text) {
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); at = line_end(text, at)) {
    lines = is_comment_line(text, at) ? lines + 1 : 0;
    if (lines >= many_lines) return true;
  }
  return false;
}

}  // namespace

std::string without_long_comments(std::string_view text) {
  if (!has_long_comment(text)) return {};
  std::string result(text);
  const std::vector<source::Comment> comments = source::skim(text, source::Language::python).comments;
  for (std::size_t first = 0, next = 0; first < comments.size(); first = next) {
    next = first + 1;
    if (comments[first].code_on_line) continue;
    while (next < comments.size() && comments[next].lines.first == comments[next - 1].lines.last + 1 &&
           !comments[next].code_on_line)
      ++next;
    if (next - first < many_lines) continue;
    for (std::size_t each = first; each < next; ++each) {
      const std::size_t length = comments[each].end - comments[each].begin;
      result.replace(comments[each].begin, length, length, ' ');
    }
  }
  return result;
}

}  // namespace lockwright::frontends::python
