// For a value in quotes: from each place where it stands, backwards to the bracket that it stands in. A
// bracket in a comment or in a string that goes over lines can mislead; then the file is parsed for nothing,
// or, at worst, a file that opens a lock under a mode is left out, as when the mode is put together from
// parts.
#include "analyzer/source/glance.h"

#include <algorithm>
#include <array>
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

std::string in_small_letters(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// `id="x"`: an argument by name, which is no mode of anything.
bool is_other_keyword(std::string_view text, std::size_t equals, std::size_t at) {
  if (at != equals + 1) return false;
  const std::string name = in_small_letters(word_before(text, equals));
  return !name.empty() && name.find("mode") == std::string::npos && name.find("flag") == std::string::npos;
}

/// `mode = "x"`, `return "x"`, `flag: "wx"`, `a ? "wx" : "w"`.
bool is_put_by(std::string_view text, std::size_t before, std::size_t at) {
  switch (text[before]) {
    case '=':
      return before == 0 || (std::string_view("=!<>").find(text[before - 1]) == std::string_view::npos &&
                             !is_other_keyword(text, before, at));
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
  const std::string lower = in_small_letters(word);
  return std::ranges::any_of(callees, [&](const std::string& callee) {
    return lower.find(in_small_letters(callee)) != std::string::npos;
  });
}

bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  const auto before = static_cast<unsigned char>(text[at - 1]);
  return std::isalpha(before) == 0 ||
         (std::islower(before) != 0 && std::isupper(static_cast<unsigned char>(text[at])) != 0);
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
    if (is_put_by(text, before, at) || is_argument(text, at, callees)) return true;
  }
  return false;
}

bool mentions_one(std::string_view text, std::span<const std::string> words) {
  return contains_one(text, words);
}

bool has_word(std::string_view text, std::span<const std::string> words) {
  const std::string lower = in_small_letters(text);
  return std::ranges::any_of(words, [&](const std::string& each) {
    const std::string word = in_small_letters(each);
    for (std::size_t at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
      if (begins_word(text, at)) return true;
    }
    return false;
  });
}

bool has_word_near(std::string_view text, std::string_view literal, std::size_t lines,
                   std::span<const std::string> words) {
  for (std::size_t at = text.find(literal); at != std::string_view::npos; at = text.find(literal, at + 1)) {
    std::size_t begin = at;
    for (std::size_t line = 0; line <= lines && begin > 0; ++line) {
      const std::size_t before = text.rfind('\n', begin - 1);
      begin = before == std::string_view::npos ? 0 : before;
    }
    std::size_t end = at;
    for (std::size_t line = 0; line <= lines && end < text.size(); ++line)
      end = std::min(text.find('\n', end + 1), text.size());
    if (has_word(text.substr(begin, end - begin), words)) return true;
  }
  return false;
}

bool stands_as_name(std::string_view text, std::string_view name) {
  static constexpr std::array<std::string_view, 15> determiners = {
      "the", "a",   "an",   "this",  "that",    "its",   "their", "your",
      "our", "any", "each", "every", "another", "which", "whose"};
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t past = at + name.size();
    const bool whole = (at == 0 || !is_identifier_byte(text[at - 1])) &&
                       (past == text.size() || !is_identifier_byte(text[past]));
    if (!whole) continue;
    if (at < 2 || text[at - 1] != ' ') return true;
    const std::string before = in_small_letters(word_before(text, at - 1));
    if (std::ranges::find(determiners, before) == determiners.end()) return true;
  }
  return false;
}

bool ends_name(std::string_view text, std::string_view end, char quote,
               bool (*counts)(std::string_view name)) {
  for (std::size_t at = text.find(end); at != std::string_view::npos; at = text.find(end, at + 1)) {
    const std::size_t past = at + end.size();
    if (past == text.size() || text[past] != quote) continue;
    const std::size_t before = at == 0 ? std::string_view::npos : text.find_last_of("\"'`/\\{} \t\n", at - 1);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (counts(text.substr(begin, past - begin))) return true;
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
