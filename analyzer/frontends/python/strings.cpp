// Strings and numbers as terms: literals as what they stand for, f-strings as the concatenation of their
// parts, and so what "%s.lock" % name and "{}.lock".format(name) put together.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/frontends/python/literals.h"
#include "analyzer/frontends/python/lowering.h"
#include "analyzer/ir/printf.h"

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

/// What a format puts together, as far as that is plain: `parts` with the text between them.
class Formatted {
 public:
  Formatted(ir::TermTable& terms, std::span<const ir::Term> values) : terms_(terms), values_(values) {}

  void add(std::string_view text) { text_ += text; }
  /// The next value; false: there is none.
  bool add_value() {
    if (used_ == values_.size()) return false;
    if (!text_.empty()) parts_.push_back(terms_.string(text_));
    text_.clear();
    parts_.push_back(values_[used_++]);
    return true;
  }
  /// none: not all values have been used.
  ir::Term finish() {
    if (used_ != values_.size()) return ir::Term::none;
    if (parts_.empty()) return terms_.string(text_);
    if (!text_.empty()) parts_.push_back(terms_.string(text_));
    return terms_.concat(parts_);
  }

 private:
  ir::TermTable& terms_;
  std::span<const ir::Term> values_;
  std::size_t used_ = 0;
  std::string text_;
  std::vector<ir::Term> parts_;
};

bool is_string(const ir::TermTable& terms, ir::Term term) {
  return term != ir::Term::none && terms.kind(term) == ir::TermKind::string;
}

}  // namespace

/// `format % operand`; none: not a literal, or with more in it than places for values in their order.
ir::Term Lowering::percent(ir::Term format, ir::Term operand) {
  if (!is_string(terms(), format)) return ir::Term::none;
  std::vector<ir::Term> values = {operand};
  if (terms().kind(operand) == ir::TermKind::make) {
    const auto made = terms().operands(operand);
    if (terms().text(made[0]) == "builtins.tuple") values.assign(made.begin() + 1, made.end());
  }
  const ir::PrintfFormat pieces = ir::printf_format(terms().text(format));
  if (!pieces.complete || pieces.conversions.find_first_not_of("sdiruxXoa") != std::string::npos)
    return ir::Term::none;
  Formatted result(terms(), values);
  for (std::size_t i = 0; i < pieces.texts.size(); ++i) {
    if (i > 0 && !result.add_value()) return ir::Term::none;
    result.add(pieces.texts[i]);
  }
  return result.finish();
}

/// `callee(arguments)` where that is the format method of a literal; none, as above.
ir::Term Lowering::format(ir::Term callee, std::span<const ir::Argument> arguments) {
  if (callee == ir::Term::none || terms().kind(callee) != ir::TermKind::field ||
      terms().text(callee) != "format" || !is_string(terms(), terms().operands(callee)[0])) {
    return ir::Term::none;
  }
  std::vector<ir::Term> values;
  for (const ir::Argument& each : arguments) {
    if (each.spread || !each.name.empty()) return ir::Term::none;
    values.push_back(each.value);
  }
  const std::string pattern(terms().text(terms().operands(callee)[0]));
  Formatted result(terms(), values);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool doubled = i + 1 < pattern.size() && pattern[i] == pattern[i + 1];
    if (pattern[i] != '{' && pattern[i] != '}') {
      result.add({&pattern[i], 1});
    } else if (doubled) {
      result.add({&pattern[i++], 1});
    } else if (pattern.compare(i++, 2, "{}") != 0 || !result.add_value()) {
      return ir::Term::none;
    }
  }
  return result.finish();
}

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
