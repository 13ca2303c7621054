// Strings and numbers as terms: literals as what they stand for, f-strings as the concatenation of their
// parts.
#include <string>

#include "analyzer/frontends/python/literals.h"
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

/// f"{path=}" prints the expression's text as well.
bool shows_expression(Node interpolation, Node expression, std::string_view& text) {
  const std::uint32_t start = interpolation.begin() + 1;
  const std::uint32_t behind = expression.end() - interpolation.begin();
  const std::string_view whole = interpolation.text();
  const std::size_t equals = whole.find_first_not_of(" \t\r\n", behind);
  if (equals == std::string_view::npos || whole[equals] != '=') return false;
  text = whole.substr(start - interpolation.begin(), equals + 1 - (start - interpolation.begin()));
  return true;
}

}  // namespace

ir::Term Lowering::string(Node node, Code& code) {
  std::vector<ir::Term> parts;
  std::string text;
  if (node.kind() == Kind::concatenated_string_) {
    for (const Node each : node.children()) {
      if (each.kind() == Kind::string_) string_parts(each, parts, text, code);
    }
  } else {
    string_parts(node, parts, text, code);
  }
  if (parts.empty()) return terms().string(text);
  if (!text.empty()) parts.push_back(terms().string(text));
  return terms().concat(parts);
}

/// Adds one literal: text to `text`, and where that ends because of an expression, both to `parts`.
void Lowering::string_parts(Node node, std::vector<ir::Term>& parts, std::string& text, Code& code) {
  StringPrefix prefix;
  for (const Node each : node.children()) {
    switch (each.kind()) {
      case Kind::string_start_: prefix = string_prefix(each.text()); break;
      case Kind::string_content_: decode_string(each.text(), prefix, text); break;
      case Kind::interpolation_: {
        const Node value = each.child(Field::expression_);
        if (!value) break;
        std::string_view shown;
        if (shows_expression(each, value, shown)) text += shown;
        if (!text.empty()) parts.push_back(terms().string(text));
        text.clear();
        parts.push_back(expression(value, code));
        break;
      }
      default: break;
    }
  }
}

ir::Term Lowering::number(Node node) {
  const std::string_view text = node.text();
  const auto value = node.kind() == Kind::integer_ ? integer_value(text) : whole_float_value(text);
  if (value) return terms().integer(*value);
  // The IR has no fractions: a name for the value, equal to itself and to nothing else.
  const ir::Term digits[] = {terms().string(text)};
  return terms().apply(global(node.kind() == Kind::integer_ ? "builtins.int" : "builtins.float"), digits);
}

}  // namespace lockwright::frontends::python
