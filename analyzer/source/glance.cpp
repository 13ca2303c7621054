// From each place where the value stands, backwards to the bracket that it stands in. A bracket in a comment
// or in a string that goes over lines can mislead; then the file is parsed for nothing, or, at worst, a file
// that opens a lock under a mode is left out, as when the mode is put together from parts.
#include "analyzer/source/glance.h"

#include <algorithm>
#include <cctype>

#include "analyzer/source/identifiers.h"

namespace lockwright::source {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::size_t farthest = 4000;  ///< bytes that the arguments before it take at most

std::size_t last_before(std::string_view text, std::size_t at) {
  return at == 0 ? std::string_view::npos : text.find_last_not_of(space, at - 1);
}

/// The identifier that ends before `at`.
std::string_view word_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_identifier_byte(text[begin - 1])) --begin;
  return text.substr(begin, at - begin);
}

/// `mode = "x"`, `return "x"`, `flag: "wx"`, `a ? "wx" : "w"`.
bool is_put_by(std::string_view text, std::size_t before) {
  switch (text[before]) {
    case '=': return before == 0 || std::string_view("=!<>").find(text[before - 1]) == std::string_view::npos;
    case '?': return true;
    case ':': {
      const std::size_t name = last_before(text, before);
      return name == std::string_view::npos ||
             std::string_view("\"'`").find(text[name]) == std::string_view::npos;
    }
    default: {
      const std::string_view word = word_before(text, before + 1);
      return word == "return" || word == "else";
    }
  }
}

bool contains_one(std::string_view word, std::span<const std::string> callees) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(callees.begin(), callees.end(), [&](std::string callee) {
    std::transform(callee.begin(), callee.end(), callee.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    return lower.find(callee) != std::string::npos;
  });
}

/// Whether the value at `at` is an argument of a call that counts, or may be one.
bool is_argument(std::string_view text, std::size_t at, std::span<const std::string> callees) {
  int closed = 0;
  const std::size_t end = at > farthest ? at - farthest : 0;
  for (std::size_t i = at; i-- > end;) {
    const char each = text[i];
    if (each == '"' || each == '\'' || each == '`') {
      // Over the string that ends here, as long as it is on this line.
      std::size_t begin = i;
      while (begin > end && text[begin - 1] != each && text[begin - 1] != '\n') --begin;
      if (begin > end && text[begin - 1] == each) i = begin - 1;
    } else if (each == ')' || each == ']' || each == '}') {
      ++closed;
    } else if (each == '(' || each == '[' || each == '{') {
      if (closed-- > 0) continue;
      closed = 0;
      if (each == '(') {
        const std::size_t name = last_before(text, i);
        if (name == std::string_view::npos) return false;
        if (text[name] == '>') return true;  // f<T>("wx"): whose it is takes a parser
        return contains_one(word_before(text, name + 1), callees);
      }
    }
  }
  return end > 0;
}

}  // namespace

bool is_key(std::string_view text, std::size_t begin, std::size_t end) {
  const std::size_t before = last_before(text, begin);
  const std::size_t next = text.find_first_not_of(space, end);
  if (next == std::string_view::npos || before == std::string_view::npos) return false;
  if (text[next] == ':') return text[before] == '{' || text[before] == ',';
  return text[next] == ']' && text[before] == '[';
}

bool may_be_passed(std::string_view text, std::string_view value, std::span<const std::string> callees) {
  for (std::size_t at = text.find(value); at != std::string_view::npos; at = text.find(value, at + 1)) {
    const std::size_t before = last_before(text, at);
    if (before == std::string_view::npos || is_key(text, at, at + value.size())) continue;
    if (is_put_by(text, before) || is_argument(text, at, callees)) return true;
  }
  return false;
}

bool on_one_line(std::string_view text, std::string_view one, std::string_view other) {
  for (std::size_t at = text.find(one); at != std::string_view::npos; at = text.find(one, at + 1)) {
    const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
    const std::string_view line = text.substr(begin, text.find('\n', at) - begin);
    if (line.find(other) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace lockwright::source
