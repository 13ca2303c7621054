// The grammar (0.23.2) has no rule for two kinds of types that real code uses, and takes the statement around
// them for an error: `import("m")` as a type in most places, as in f<typeof import("m")>(), and the type in
// `using x: T = value`. Types say nothing here that code needs, so each is replaced by a name or by blanks.
#include "analyzer/frontends/typescript/repair.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t npos = std::string_view::npos;

bool is_name_character(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
         each == '_' || each == '$' || (static_cast<unsigned char>(each) & 0x80U) != 0;
}

/// Behind the closing bracket of `import("m")`, which begins at `at`; npos when it is anything else.
std::size_t end_of_import(std::string_view text, std::size_t at) {
  const std::size_t quote = text.find_first_not_of(blanks, at + 7);
  if (quote == npos || (text[quote] != '"' && text[quote] != '\'')) return npos;
  const std::size_t end = text.find_first_of(text[quote] == '"' ? "\"\n" : "'\n", quote + 1);
  const std::size_t close = end == npos ? npos : text.find_first_not_of(blanks, end + 1);
  return close == npos || text[close] != ')' ? npos : close + 1;
}

/// It is a type after `typeof`, and where a name with a capital is taken from it: the promise that the
/// expression makes has none.
bool is_type(std::string_view text, std::size_t begin, std::size_t end) {
  const std::size_t before = begin == 0 ? npos : text.find_last_not_of(blanks, begin - 1);
  if (before != npos && text.substr(0, before + 1).ends_with("typeof")) return true;
  const std::size_t dot = text.find_first_not_of(blanks, end);
  return dot != npos && dot + 1 < text.size() && text[dot] == '.' && text[dot + 1] >= 'A' &&
         text[dot + 1] <= 'Z';
}

/// The type in `using x: T = value`, with its colon; `begin` is behind `using`. Its length; 0: there is none.
std::size_t type_of_using(std::string_view text, std::size_t& begin) {
  constexpr std::size_t longest = 300;
  std::size_t at = text.find_first_not_of(" \t", begin);
  if (at == npos || at == begin) return 0;
  const std::size_t name = at;
  while (at < text.size() && is_name_character(text[at])) ++at;
  if (at == name) return 0;
  at = text.find_first_not_of(" \t", at);
  if (at == npos || text[at] != ':') return 0;
  begin = at;
  for (; at < text.size() && at - begin < longest; ++at) {
    if (text[at] == ';') return 0;
    if (text[at] != '=') continue;
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (next != '>' && next != '=') return at - begin;
    ++at;
  }
  return 0;
}

}  // namespace

std::string with_types_repaired(std::string_view text) {
  std::string result(text);
  for (std::size_t at = text.find("import("); at != npos; at = text.find("import(", at + 1)) {
    const std::size_t end = end_of_import(text, at);
    if (end != npos && is_type(text, at, end)) result.replace(at, end - at, end - at, 'T');
  }
  for (std::size_t at = text.find("using"); at != npos; at = text.find("using", at + 1)) {
    if (at > 0 && is_name_character(text[at - 1])) continue;
    std::size_t begin = at + 5;
    const std::size_t length = type_of_using(text, begin);
    for (std::size_t each = begin; each < begin + length; ++each) {
      if (result[each] != '\n' && result[each] != '\r') result[each] = ' ';
    }
  }
  return result;
}

}  // namespace lockwright::frontends::typescript
