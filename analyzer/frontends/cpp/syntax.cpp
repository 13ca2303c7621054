// From text to a flat tree; tree-sitter stays in this file.
#include "analyzer/frontends/cpp/syntax.h"

#include <array>
#include <memory>
#include <utility>

#include "analyzer/frontends/common/flattener.h"
#include "analyzer/frontends/common/parsing.h"

extern "C" const TSLanguage* tree_sitter_cpp();

namespace lockwright::frontends::cpp {
namespace {

const Vocabulary<Grammar>& vocabulary() {
  static constexpr auto nodes = std::to_array<std::pair<std::string_view, Kind>>({
#define NODE(name) {#name, Kind::name##_},
      LOCKWRIGHT_CPP_NODES(NODE)
#undef NODE
  });
  static constexpr auto tokens = std::to_array<std::pair<std::string_view, Kind>>({
#define TOKEN(name, text) {text, Kind::name},
      LOCKWRIGHT_CPP_TOKENS(TOKEN)
#undef TOKEN
  });
  static constexpr auto names = std::to_array<std::pair<std::string_view, Field>>({
#define FIELD(name) {#name, Field::name##_},
      LOCKWRIGHT_CPP_FIELDS(FIELD)
#undef FIELD
  });
  static const Vocabulary<Grammar> instance(tree_sitter_cpp(), nodes, tokens, names);
  return instance;
}

}  // namespace

bool Grammar::keeps_token(Kind token, Field field, Kind parent) {
  if (token == Kind::word_namespace) return parent == Kind::using_declaration_;
  if (parent == Kind::lambda_capture_specifier_) return token == Kind::op_and;
  return field == Field::operator_;
}

bool Grammar::is_opaque(Kind kind) {
  switch (kind) {
    case Kind::string_literal_:
    case Kind::raw_string_literal_:
    case Kind::char_literal_:
    case Kind::preproc_arg_:
    case Kind::user_defined_literal_:
    case Kind::operator_name_:
    case Kind::sizeof_expression_:
    case Kind::alignof_expression_: return true;
    default: return is_token(kind);
  }
}

bool Grammar::is_name(Kind kind) {
  switch (kind) {
    case Kind::identifier_:
    case Kind::field_identifier_:
    case Kind::type_identifier_:
    case Kind::namespace_identifier_:
    case Kind::statement_identifier_: return true;
    default: return false;
  }
}

std::uint32_t Grammar::own_flags(Kind kind) {
  switch (kind) {
    case Kind::call_expression_:
    case Kind::new_expression_:
    case Kind::delete_expression_:
    case Kind::co_await_expression_: return SyntaxFlags::effect;
    case Kind::assignment_expression_:
    case Kind::update_expression_: return SyntaxFlags::assignment | SyntaxFlags::effect;
    default: return 0;
  }
}

std::uint32_t Grammar::passed_on(Kind kind, std::uint32_t flags) {
  const bool apart = is_statement(kind) || is_class(kind) || kind == Kind::function_definition_ ||
                     kind == Kind::field_declaration_ || kind == Kind::namespace_definition_ ||
                     kind == Kind::lambda_expression_;
  return apart ? flags & ~SyntaxFlags::error : flags;
}

Syntax parse_syntax(std::string_view text, std::string_view shown) {
  thread_local Parser parser;
  const auto tree = parse_text(parser, tree_sitter_cpp(), shown);
  return Flattener<Grammar>(vocabulary()).run(tree.get(), text, [](Kind&, std::uint32_t, std::uint32_t&) {});
}

bool is_class(Kind kind) {
  return kind == Kind::class_specifier_ || kind == Kind::struct_specifier_ || kind == Kind::union_specifier_;
}

bool is_statement(Kind kind) {
  switch (kind) {
    case Kind::attributed_statement_:
    case Kind::break_statement_:
    case Kind::case_statement_:
    case Kind::co_return_statement_:
    case Kind::co_yield_statement_:
    case Kind::compound_statement_:
    case Kind::continue_statement_:
    case Kind::declaration_:
    case Kind::do_statement_:
    case Kind::expression_statement_:
    case Kind::for_range_loop_:
    case Kind::for_statement_:
    case Kind::goto_statement_:
    case Kind::if_statement_:
    case Kind::labeled_statement_:
    case Kind::return_statement_:
    case Kind::switch_statement_:
    case Kind::throw_statement_:
    case Kind::try_statement_:
    case Kind::while_statement_: return true;
    default: return false;
  }
}

Node stripped(Node node) {
  constexpr int max_depth = 100;
  for (int depth = 0; depth < max_depth && node; ++depth) {
    Node inner;
    if (node.kind() == Kind::parenthesized_expression_ || node.kind() == Kind::extension_expression_) {
      inner = node.first_child();
    } else if (node.kind() == Kind::cast_expression_) {
      inner = node.child(Field::value_);
    }
    if (!inner) return node;
    node = inner;
  }
  return node;
}

}  // namespace lockwright::frontends::cpp
