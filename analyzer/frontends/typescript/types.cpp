// Annotations: the class that a type annotation names. Types are read as text; one that is put together of
// others (but for `| null` and `| undefined`) names none.
#include <algorithm>
#include <array>

#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr auto no_classes = std::to_array<std::string_view>(
    {"any", "unknown", "never", "void", "string", "number", "boolean", "bigint", "symbol", "object", "this",
     "null", "undefined", "asserts", "typeof", "keyof", "readonly", "infer", "unique"});

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

bool is_name_character(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
         each == '_' || each == '$' || each == '.' || (static_cast<unsigned char>(each) & 0x80U) != 0;
}

/// Splits at the | outside of brackets.
std::vector<std::string_view> alternatives(std::string_view text) {
  std::vector<std::string_view> result;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char each = at < text.size() ? text[at] : '|';
    const bool is_arrow = each == '>' && at > 0 && text[at - 1] == '=';
    if (each == '<' || each == '(' || each == '[' || each == '{') ++depth;
    if ((each == '>' && !is_arrow) || each == ')' || each == ']' || each == '}') --depth;
    if (each != '|' || (depth > 0 && at < text.size())) continue;
    const std::string_view part = trimmed(text.substr(begin, at - begin));
    if (!part.empty() && part != "null" && part != "undefined") result.push_back(part);
    begin = at + 1;
  }
  return result;
}

/// "X" in X and X<Y>; "" when it is anything else. `inner` is the Y.
std::string_view single_name(std::string_view text, std::string_view& inner) {
  const auto* end = std::find_if_not(text.begin(), text.end(), is_name_character);
  const std::string_view name = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  const std::string_view rest = trimmed(text.substr(name.size()));
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return {};
  if (rest.empty()) return name;
  if (rest.front() != '<' || rest.back() != '>') return {};
  inner = trimmed(rest.substr(1, rest.size() - 2));
  return name;
}

}  // namespace

ir::Term declared_type(Names& names, Unit& unit, ScopeId scope, Node annotation, bool is_result) {
  constexpr std::size_t longest = 500;
  if (annotation.kind() != Kind::type_annotation_ || annotation.text().size() > longest)
    return ir::Term::none;
  std::string_view text = trimmed(annotation.text());
  if (text.starts_with(':')) text = trimmed(text.substr(1));
  std::string_view inner;
  std::vector<std::string_view> parts = alternatives(text);
  if (parts.size() != 1) return ir::Term::none;
  std::string_view name = single_name(parts.front(), inner);
  if (is_result && name == "Promise") {
    parts = alternatives(inner);
    if (parts.size() != 1) return ir::Term::none;
    name = single_name(parts.front(), inner);
  }
  const std::string_view first = name.substr(0, name.find('.'));
  const bool is_class = !name.empty() && name != "Promise" &&
                        std::find(no_classes.begin(), no_classes.end(), name) == no_classes.end();
  if (!is_class) return ir::Term::none;
  const Symbol symbol = unit.syntax.symbol(first);
  const Lookup found = symbol == Symbol::none ? Lookup{} : unit.scopes.look_up(scope, symbol);
  if (found.binding != nullptr && !is_only_type(*found.binding) && !is_only_import(*found.binding)) {
    return ir::Term::none;
  }
  // Type parameters are not kept: they are written with one letter, or as TLock.
  const bool is_parameter = first.size() < 3 || (first[0] == 'T' && first[1] >= 'A' && first[1] <= 'Z');
  if (found.binding == nullptr && is_parameter) return ir::Term::none;
  Meaning meaning = names.read(scope, first);
  for (std::size_t dot = first.size(); dot < name.size();) {
    const std::size_t next = std::min(name.find('.', dot + 1), name.size());
    meaning = names.member(meaning, name.substr(dot + 1, next - dot - 1));
    dot = next;
  }
  return unit.module.terms.kind(meaning.term) == ir::TermKind::global ? meaning.term : ir::Term::none;
}

}  // namespace lockwright::frontends::typescript
