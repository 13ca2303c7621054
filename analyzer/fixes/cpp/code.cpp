// What repairs ask of a file of C or C++.
#include "analyzer/fixes/cpp/code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace lockwright::fixes::cpp {

Node Code::function_at(const source::Range& range) const {
  Node found;
  for (const Node node : way(range.begin, range.end)) {
    if (node.kind() == Kind::function_definition_ || node.kind() == Kind::lambda_expression_) found = node;
  }
  return found;
}

std::vector<Node> Code::names(Node scope, std::string_view variable) const {
  std::vector<Node> result;
  each_node(syntax, scope, [&](Node node) {
    if (node.kind() == Kind::identifier_ && node.text() == variable) result.push_back(node);
  });
  return result;
}

std::vector<Node> Code::calls(Node scope) const {
  std::vector<Node> result;
  each_node(syntax, scope, [&](Node node) {
    if (node.kind() == Kind::call_expression_) result.push_back(node);
  });
  return result;
}

Node Code::statement_of(Node node) const {
  const Path all = way(node.begin(), node.end());
  Node found;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i - 1].kind() == Kind::compound_statement_) found = all[i];
  }
  return found;
}

bool Code::owns_lines(Node statement) const {
  if (!text.begins_line(statement.begin())) return false;
  if (text.ends_line(statement.end())) return true;
  std::string_view rest = text.part(statement.end(), text.line_end(statement.end()));
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return rest.starts_with("/*") && rest.find("*/") == rest.find_last_not_of(" \t") - 1;
}

std::string Code::fresh_name(std::string_view wanted) const {
  std::string name(wanted);
  for (int number = 2; syntax.symbol(name) != frontends::Symbol::none; ++number)
    name = fmt::format("{}{}", wanted, number);
  return name;
}

std::string Code::fresh_name(Node function, std::string_view wanted) const {
  std::string name(wanted);
  for (int number = 2; !names(function, name).empty(); ++number) name = fmt::format("{}{}", wanted, number);
  return name;
}

bool Code::is_cpp() const {
  const std::string_view path = files.path(file);
  if (path.ends_with(".c")) return false;
  if (!path.ends_with(".h")) return true;
  constexpr std::array words = {"std::", "namespace ", "class ", "template <", "template<"};
  return std::ranges::any_of(words, [&](std::string_view word) { return has(text.all(), word); });
}

std::string_view last_name(std::string_view callee) {
  const std::size_t at = callee.find_last_of(".:>");
  return at == std::string_view::npos ? callee : callee.substr(at + 1);
}

std::string_view without_c_str(std::string_view path) {
  std::string_view text = path;
  for (const std::string_view ending : {std::string_view(".c_str()"), std::string_view(".data()"),
                                        std::string_view(".string()"), std::string_view(".native()")}) {
    if (text.ends_with(ending)) text.remove_suffix(ending.size());
  }
  // `(a + b).c_str()`
  if (text.starts_with('(') && text.find(')') == text.size() - 1) text = text.substr(1, text.size() - 2);
  return text;
}

Node call_of(Node statement) {
  Node inner =
      statement && statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
  while (inner && (inner.kind() == Kind::cast_expression_ || inner.kind() == Kind::parenthesized_expression_))
    inner = inner.kind() == Kind::cast_expression_ ? inner.child(Field::value_) : inner.first_child();
  return inner && inner.kind() == Kind::call_expression_ ? inner : Node{};
}

std::string_view function_name(Node function) {
  Node name = function.child(Field::declarator_);
  while (name && name.kind() != Kind::function_declarator_) name = name.child(Field::declarator_);
  name = name ? name.child(Field::declarator_) : Node{};
  return name ? name.text() : std::string_view();
}

std::vector<std::string_view> declared_names(Node declaration) {
  std::vector<std::string_view> result;
  if (declaration.kind() != Kind::declaration_) return result;
  for (Node declarator : declaration.children()) {
    if (declarator.field() != Field::declarator_) continue;
    if (declarator.kind() == Kind::init_declarator_) declarator = declarator.child(Field::declarator_);
    while (declarator && declarator.child(Field::declarator_))
      declarator = declarator.child(Field::declarator_);
    // `const auto& [key, value]`, `int& count`: without a field of its own.
    while (declarator && declarator.kind() == Kind::reference_declarator_)
      declarator = declarator.first_child();
    if (!declarator) continue;
    if (declarator.kind() == Kind::identifier_) result.push_back(declarator.text());
    if (declarator.kind() != Kind::structured_binding_declarator_) continue;
    for (const Node each : declarator.children()) result.push_back(each.text());
  }
  return result;
}

bool leaves(Node statement) {
  switch (statement.kind()) {
    case Kind::return_statement_:
    case Kind::co_return_statement_:
    case Kind::throw_statement_:
    case Kind::goto_statement_:
    case Kind::break_statement_:
    case Kind::continue_statement_: return true;
    case Kind::expression_statement_: {
      if (statement.first_child() && statement.first_child().kind() == Kind::throw_statement_) return true;
      const Node call = call_of(statement);
      const std::string_view name = call ? last_name(callee(call)) : std::string_view();
      constexpr std::array ends = {"exit",  "_exit",     "_Exit", "quick_exit",
                                   "abort", "terminate", "err",   "errx"};
      return std::ranges::find(ends, name) != ends.end();
    }
    default: return false;
  }
}

bool ends_by_leaving(Node body) {
  if (!body) return false;
  if (body.kind() != Kind::compound_statement_) return leaves(body);
  const std::vector<Node> all = statements(body);
  return !all.empty() && leaves(all.back());
}

}  // namespace lockwright::fixes::cpp
