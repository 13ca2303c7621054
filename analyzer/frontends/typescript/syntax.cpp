// From text to a flat tree; tree-sitter stays in this file.
#include "analyzer/frontends/typescript/syntax.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/frontends/common/flattener.h"
#include "analyzer/frontends/common/parsing.h"
#include "analyzer/frontends/typescript/repair.h"

extern "C" const TSLanguage* tree_sitter_typescript();
extern "C" const TSLanguage* tree_sitter_tsx();

namespace lockwright::frontends::typescript {
namespace {

Vocabulary<Grammar> vocabulary_of(const TSLanguage* language) {
  static constexpr auto nodes = std::to_array<std::pair<std::string_view, Kind>>({
#define NODE(name) {#name, Kind::name##_},
      LOCKWRIGHT_TYPESCRIPT_NODES(NODE)
#undef NODE
  });
  static constexpr auto tokens = std::to_array<std::pair<std::string_view, Kind>>({
#define TOKEN(name, text) {text, Kind::name},
      LOCKWRIGHT_TYPESCRIPT_TOKENS(TOKEN)
#undef TOKEN
  });
  static constexpr auto names = std::to_array<std::pair<std::string_view, Field>>({
#define FIELD(name) {#name, Field::name##_},
      LOCKWRIGHT_TYPESCRIPT_FIELDS(FIELD)
#undef FIELD
  });
  return {language, nodes, tokens, names};
}

const Vocabulary<Grammar>& vocabulary(bool is_tsx) {
  static const Vocabulary<Grammar> typescript = vocabulary_of(tree_sitter_typescript());
  static const Vocabulary<Grammar> tsx = vocabulary_of(tree_sitter_tsx());
  return is_tsx ? tsx : typescript;
}

bool is_effect(Kind kind) {
  switch (kind) {
    case Kind::call_expression_:
    case Kind::new_expression_:
    case Kind::await_expression_:
    case Kind::yield_expression_:
    case Kind::assignment_expression_:
    case Kind::augmented_assignment_expression_:
    case Kind::update_expression_:
    case Kind::op_in:
    case Kind::op_instanceof:
    case Kind::op_delete: return true;
    default: return false;
  }
}

bool is_postfix(Kind kind) {
  return kind == Kind::call_expression_ || kind == Kind::member_expression_ ||
         kind == Kind::subscript_expression_ || kind == Kind::non_null_expression_;
}

bool binds_less(Kind kind) {
  return kind == Kind::await_expression_ || kind == Kind::unary_expression_ ||
         kind == Kind::binary_expression_;
}

/// The grammar reads `await f<T>()` as a call of `await f`, and the same with `!f<T>()` and `a + f<T>()`: an
/// operator that is called without brackets around it stands too deep.
void mend_generic_calls(Syntax& syntax) {
  std::size_t moved = 0;
  constexpr std::size_t most_moved = std::size_t{1} << 25;  // a long line of sums of such calls
  for (std::uint32_t id = syntax.size(); id-- > 0;) {
    for (std::uint32_t at = id; is_postfix(syntax.node(at).kind()) && moved < most_moved;) {
      const Node base = syntax.node(at).first_child();
      if (!base || !binds_less(base.kind())) break;
      const std::uint32_t sunk = syntax.sink(at);
      if (sunk == at) break;
      moved += sunk - at;
      at = sunk;
    }
  }
}

}  // namespace

bool Grammar::keeps_token(Kind token, Field field, Kind parent) {
  switch (token) {
    case Kind::comma: return parent == Kind::array_pattern_;
    case Kind::op_optional: return parent == Kind::call_expression_;
    case Kind::op_assign: return parent == Kind::export_statement_;
    case Kind::op_mul:
      return field == Field::operator_ || is_function(parent) || parent == Kind::export_statement_ ||
             parent == Kind::yield_expression_;
    case Kind::word_default: return parent == Kind::export_statement_;
    case Kind::word_async: return is_function(parent);
    case Kind::word_await: return parent == Kind::for_in_statement_;
    case Kind::word_using: return parent == Kind::assignment_expression_;
    case Kind::word_const:
    case Kind::word_let:
    case Kind::word_var: return field == Field::kind_;
    case Kind::word_type:
    case Kind::op_typeof:
      return field == Field::operator_ || parent == Kind::import_specifier_ ||
             parent == Kind::import_statement_ || parent == Kind::export_statement_ ||
             parent == Kind::export_specifier_;
    case Kind::word_get:
    case Kind::word_set:
    case Kind::word_static:
    case Kind::word_declare:
    case Kind::word_abstract:
      return parent == Kind::method_definition_ || parent == Kind::public_field_definition_;
    case Kind::word_readonly:
      return parent == Kind::required_parameter_ || parent == Kind::optional_parameter_;
    default: return field == Field::operator_;
  }
}

bool Grammar::is_opaque(Kind kind) {
  switch (kind) {
    case Kind::string_:
    case Kind::regex_:
    case Kind::type_annotation_:
    case Kind::type_arguments_:
    case Kind::ambient_declaration_:
    case Kind::function_signature_:
    case Kind::accessibility_modifier_:
    case Kind::meta_property_: return true;
    default: return is_token(kind);
  }
}

bool Grammar::is_name(Kind kind) {
  switch (kind) {
    case Kind::identifier_:
    case Kind::type_identifier_:
    case Kind::shorthand_property_identifier_:
    case Kind::shorthand_property_identifier_pattern_: return true;
    default: return false;
  }
}

std::uint32_t Grammar::own_flags(Kind kind) {
  const bool assigns = kind == Kind::assignment_expression_ ||
                       kind == Kind::augmented_assignment_expression_ || kind == Kind::update_expression_;
  return (assigns ? SyntaxFlags::assignment : 0U) | (is_effect(kind) ? SyntaxFlags::effect : 0U);
}

std::uint32_t Grammar::passed_on(Kind kind, std::uint32_t flags) {
  if (is_statement(kind) || kind == Kind::class_body_) flags &= ~SyntaxFlags::error;
  return is_function(kind) ? flags & SyntaxFlags::error : flags;
}

bool is_statement(Kind kind) {
  switch (kind) {
    case Kind::break_statement_:
    case Kind::continue_statement_:
    case Kind::debugger_statement_:
    case Kind::expression_statement_:
    case Kind::interface_declaration_:
    case Kind::lexical_declaration_:
    case Kind::return_statement_:
    case Kind::throw_statement_:
    case Kind::type_alias_declaration_:
    case Kind::variable_declaration_: return true;
    default: return is_compound(kind);
  }
}

bool is_compound(Kind kind) {
  switch (kind) {
    case Kind::abstract_class_declaration_:
    case Kind::class_declaration_:
    case Kind::do_statement_:
    case Kind::enum_declaration_:
    case Kind::export_statement_:
    case Kind::for_in_statement_:
    case Kind::for_statement_:
    case Kind::function_declaration_:
    case Kind::generator_function_declaration_:
    case Kind::if_statement_:
    case Kind::internal_module_:
    case Kind::labeled_statement_:
    case Kind::module_:
    case Kind::statement_block_:
    case Kind::switch_statement_:
    case Kind::try_statement_:
    case Kind::while_statement_:
    case Kind::with_statement_: return true;
    default: return false;
  }
}

bool is_function(Kind kind) {
  switch (kind) {
    case Kind::arrow_function_:
    case Kind::function_declaration_:
    case Kind::function_expression_:
    case Kind::generator_function_:
    case Kind::generator_function_declaration_:
    case Kind::method_definition_: return true;
    default: return false;
  }
}

bool is_class(Kind kind) {
  return kind == Kind::class_ || kind == Kind::class_declaration_ ||
         kind == Kind::abstract_class_declaration_;
}

Node stripped(Node node) {
  for (;;) {
    switch (node.kind()) {
      case Kind::parenthesized_expression_:
      case Kind::as_expression_:
      case Kind::satisfies_expression_:
      case Kind::non_null_expression_:
      case Kind::instantiation_expression_: break;
      case Kind::type_assertion_: {
        Node last;
        for (const Node each : node.children()) last = each;
        if (!last || last.kind() == Kind::type_arguments_) return node;
        node = last;
        continue;
      }
      default: return node;
    }
    if (!node.first_child()) return node;
    node = node.first_child();
  }
}

Syntax parse_syntax(std::string_view text, bool is_tsx, KeptTree* kept) {
  thread_local Parser parsers[2];
  const TSLanguage* language = is_tsx ? tree_sitter_tsx() : tree_sitter_typescript();
  auto& parser = parsers[is_tsx ? 1 : 0];
  Tree tree = parse_text(parser, language, text, kept);
  if (ts_node_has_error(ts_tree_root_node(tree.get()))) {
    // Again, as the grammar understands it; what the nodes say is read from `text`.
    const std::string shown = with_types_repaired(text);
    if (shown != text) tree = parse_text(parser, language, shown);
  }
  Syntax syntax =
      Flattener<Grammar>(vocabulary(is_tsx)).run(tree.get(), text, [](Kind&, std::uint32_t, std::uint32_t&) {
      });
  mend_generic_calls(syntax);
  return syntax;
}

}  // namespace lockwright::frontends::typescript
