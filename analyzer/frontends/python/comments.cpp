// The grammar's scanner looks, at every line of a comment, for the first line after all of it: that is where
// the indentation shows. So a comment takes time that grows with the square of its lines, minutes for 20 000
// of them (generated files have such). Nothing is read from comments here, so the parser need not see those
// of many lines.
#include "analyzer/frontends/python/comments.h"

#include <algorithm>

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

/// The end of the comment whose lines begin at `begin`; `lines` counts them.
std::size_t comment_end(std::string_view text, std::size_t begin, std::size_t& lines) {
  std::size_t at = begin;
  for (lines = 0; at < text.size() && is_comment_line(text, at); ++lines) at = line_end(text, at);
  return at;
}

bool has_long_comment(std::string_view text) {
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); at = line_end(text, at)) {
    lines = is_comment_line(text, at) ? lines + 1 : 0;
    if (lines >= many_lines) return true;
  }
  return false;
}

/// Past the string literal whose first quote is at `at`, or past what there is of it.
std::size_t string_end(std::string_view text, std::size_t at) {
  const bool triple = text.substr(at, 3) == std::string(3, text[at]);
  const std::string_view quotes = text.substr(at, triple ? 3 : 1);
  for (at += quotes.size(); at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (!triple && text[at] == '\n') {
      return at;
    } else if (text.substr(at, quotes.size()) == quotes) {
      return at + quotes.size();
    }
  }
  return text.size();
}

}  // namespace

std::string without_long_comments(std::string_view text) {
  if (!has_long_comment(text)) return {};
  std::string result(text);
  bool begins_line = true;
  for (std::size_t at = 0; at < text.size();) {
    if (begins_line && is_comment_line(text, at)) {
      std::size_t lines = 0;
      const std::size_t end = comment_end(text, at, lines);
      if (lines >= many_lines) {
        std::replace_if(
            result.begin() + static_cast<std::ptrdiff_t>(at),
            result.begin() + static_cast<std::ptrdiff_t>(end),
            [](char each) { return each != '\n' && each != '\r'; }, ' ');
      }
      at = end;
    } else if (text[at] == '"' || text[at] == '\'') {
      at = string_end(text, at);
      begins_line = false;
    } else if (text[at] == '#') {
      at = line_end(text, at);
      begins_line = true;
    } else {
      begins_line = text[at] == '\n';
      ++at;
    }
  }
  return result;
}

}  // namespace lockwright::frontends::python
