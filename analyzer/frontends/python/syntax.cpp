// From text to a flat tree; tree-sitter stays in this file.
#include "analyzer/frontends/python/syntax.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "analyzer/frontends/common/flattener.h"
#include "analyzer/frontends/common/parsing.h"
#include "analyzer/frontends/python/comments.h"

extern "C" const TSLanguage* tree_sitter_python();

namespace lockwright::frontends::python {
namespace {

const Vocabulary<Grammar>& vocabulary() {
  static constexpr auto nodes = std::to_array<std::pair<std::string_view, Kind>>({
#define NODE(name) {#name, Kind::name##_},
      LOCKWRIGHT_PYTHON_NODES(NODE)
#undef NODE
  });
  static constexpr auto tokens = std::to_array<std::pair<std::string_view, Kind>>({
#define TOKEN(name, text) {text, Kind::name},
      LOCKWRIGHT_PYTHON_TOKENS(TOKEN)
#undef TOKEN
  });
  static constexpr auto names = std::to_array<std::pair<std::string_view, Field>>({
#define FIELD(name) {#name, Field::name##_},
      LOCKWRIGHT_PYTHON_FIELDS(FIELD)
#undef FIELD
  });
  static const Vocabulary<Grammar> instance(tree_sitter_python(), nodes, tokens, names);
  return instance;
}

/// `type(x).field = value` and `type[x] = value` are no aliases: those have a name there.
bool is_misread(std::string_view text, std::uint32_t begin) {
  const std::size_t next = text.find_first_not_of(" \t\f\\\r\n", begin + 4);
  return next != std::string_view::npos && (text[next] == '(' || text[next] == '[');
}

bool is_effect(Kind kind) {
  switch (kind) {
    case Kind::call_:
    case Kind::await_:
    case Kind::yield_:
    case Kind::subscript_:
    case Kind::op_in:
    case Kind::op_not_in:
    case Kind::named_expression_:
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::dictionary_comprehension_:
    case Kind::generator_expression_: return true;
    default: return false;
  }
}

}  // namespace

/// Operators matter where they have a role, colons only in slices.
bool Grammar::keeps_token(Kind token, Field field, Kind parent) {
  if (token == Kind::colon) return parent == Kind::slice_;
  if (parent == Kind::case_pattern_ || parent == Kind::complex_pattern_) return token == Kind::op_sub;
  return field == Field::operator_ || field == Field::operators_;
}

/// Nodes whose inside is read as text, or not at all.
bool Grammar::is_opaque(Kind kind) {
  switch (kind) {
    case Kind::type_:
    case Kind::type_alias_statement_:
    case Kind::type_parameter_:
    case Kind::string_content_:
    case Kind::format_specifier_:
    case Kind::type_conversion_: return true;
    default: return is_token(kind);
  }
}

std::uint32_t Grammar::own_flags(Kind kind) {
  return (kind == Kind::named_expression_ ? SyntaxFlags::assignment : 0U) |
         (is_effect(kind) ? SyntaxFlags::effect : 0U);
}

Syntax parse_syntax(std::string_view text, const std::vector<Blank>& blanks, KeptTree* kept) {
  thread_local Parser parser;
  std::string shown = without_long_comments(text);  // if it differs from `text`
  const bool is_whole = blanks.empty();
  if (!is_whole && shown.empty()) shown = text;
  for (const Blank& each : blanks) {
    for (std::size_t at = each.begin; at < each.end; ++at) {
      if (shown[at] != '\n' && shown[at] != '\r') shown[at] = ' ';
    }
    shown.replace(each.begin, 4, "pass");
  }
  // Where the grammar takes the function `type` for the keyword.
  std::vector<std::uint32_t> misread;
  const auto adjust = [&](Kind& kind, std::uint32_t begin, std::uint32_t& end) {
    if (kind == Kind::type_alias_statement_ && is_misread(text, begin)) misread.push_back(begin);
    if (kind != Kind::pass_statement_) return;
    for (const Blank& each : blanks) {
      if (each.begin != begin) continue;
      end = each.end;
      kind = Kind::error;
    }
  };
  const auto flatten = [&](std::string_view parsed, KeptTree* before) {
    return Flattener<Grammar>(vocabulary())
        .run(parse_text(parser, tree_sitter_python(), parsed, before).get(), text, adjust);
  };
  Syntax syntax = flatten(shown.empty() ? text : shown, is_whole ? kept : nullptr);
  if (misread.empty()) return syntax;
  // Again, with a name of the same length that is no keyword; what the nodes say is read from `text`.
  if (shown.empty()) shown = text;
  for (const std::uint32_t begin : misread) shown[begin] = 'T';
  return flatten(shown, nullptr);
}

bool is_grouping(Node node) {
  const Node element = node.first_child();
  if (!element || element.past() != node.past() || node.kind() != Kind::tuple_pattern_ || is_spread(element))
    return false;
  return node.text().substr(element.end() - node.begin()).find(',') == std::string_view::npos;
}

}  // namespace lockwright::frontends::python
