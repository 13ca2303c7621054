// The vocabulary of TypeScript's syntax tree: which of the grammar's symbols this frontend keeps, by name.
#pragma once

#include <cstdint>

namespace lockwright::frontends::typescript {

/// The grammar's named nodes, one to one: LOCKWRIGHT_TYPESCRIPT_NODES(NODE), where the enumerator is the
/// grammar's name with a trailing underscore (most names are C++ keywords or common words). Types are not
/// among them, but for those of which the text is read.
// clang-format off: it has no good way to break these lists
#define LOCKWRIGHT_TYPESCRIPT_NODES(NODE)                                                                   \
  NODE(abstract_class_declaration) NODE(ambient_declaration) NODE(arguments) NODE(array)                    \
  NODE(array_pattern) NODE(arrow_function) NODE(as_expression) NODE(assignment_expression)                  \
  NODE(assignment_pattern) NODE(augmented_assignment_expression) NODE(await_expression)                     \
  NODE(binary_expression) NODE(break_statement) NODE(call_expression) NODE(catch_clause) NODE(class)        \
  NODE(class_body) NODE(class_declaration) NODE(class_heritage) NODE(class_static_block)                    \
  NODE(computed_property_name) NODE(continue_statement) NODE(debugger_statement) NODE(do_statement)         \
  NODE(else_clause) NODE(empty_statement) NODE(enum_assignment) NODE(enum_body) NODE(enum_declaration)      \
  NODE(export_clause) NODE(export_specifier) NODE(export_statement) NODE(expression_statement)              \
  NODE(extends_clause) NODE(false) NODE(finally_clause) NODE(for_in_statement) NODE(for_statement)          \
  NODE(formal_parameters) NODE(function_declaration) NODE(function_expression) NODE(function_signature)     \
  NODE(generator_function) NODE(generator_function_declaration) NODE(identifier) NODE(if_statement)         \
  NODE(import) NODE(import_alias) NODE(import_clause) NODE(import_require_clause) NODE(import_specifier)    \
  NODE(import_statement) NODE(instantiation_expression) NODE(interface_declaration) NODE(internal_module)   \
  NODE(jsx_attribute) NODE(jsx_closing_element) NODE(jsx_element) NODE(jsx_expression)                      \
  NODE(jsx_opening_element) NODE(jsx_self_closing_element) NODE(labeled_statement)                          \
  NODE(lexical_declaration) NODE(member_expression) NODE(meta_property) NODE(method_definition)             \
  NODE(module) NODE(named_imports) NODE(namespace_export) NODE(namespace_import) NODE(nested_identifier)    \
  NODE(new_expression) NODE(non_null_expression) NODE(null) NODE(number) NODE(object)                       \
  NODE(object_assignment_pattern) NODE(object_pattern) NODE(optional_chain) NODE(optional_parameter)        \
  NODE(pair) NODE(pair_pattern) NODE(parenthesized_expression) NODE(private_property_identifier)            \
  NODE(program) NODE(property_identifier) NODE(public_field_definition) NODE(regex)                         \
  NODE(required_parameter) NODE(rest_pattern) NODE(return_statement) NODE(satisfies_expression)             \
  NODE(sequence_expression) NODE(shorthand_property_identifier)                                             \
  NODE(shorthand_property_identifier_pattern) NODE(spread_element) NODE(statement_block)                    \
  NODE(statement_identifier) NODE(string) NODE(subscript_expression) NODE(super) NODE(switch_body)          \
  NODE(switch_case) NODE(switch_default) NODE(switch_statement) NODE(template_string)                       \
  NODE(template_substitution) NODE(ternary_expression) NODE(this) NODE(throw_statement) NODE(true)          \
  NODE(try_statement) NODE(type_alias_declaration) NODE(type_annotation) NODE(type_arguments)               \
  NODE(type_assertion) NODE(type_identifier) NODE(unary_expression) NODE(undefined)                         \
  NODE(update_expression) NODE(variable_declaration) NODE(variable_declarator) NODE(while_statement)        \
  NODE(with_statement) NODE(yield_expression) NODE(accessibility_modifier)

/// The tokens that are kept: operators, and words that change what their node means, as
/// TOKEN(enumerator, text).
#define LOCKWRIGHT_TYPESCRIPT_TOKENS(TOKEN)                                                                 \
  TOKEN(op_add, "+") TOKEN(op_sub, "-") TOKEN(op_mul, "*") TOKEN(op_div, "/") TOKEN(op_mod, "%")            \
  TOKEN(op_pow, "**") TOKEN(op_or, "|") TOKEN(op_and, "&") TOKEN(op_xor, "^") TOKEN(op_lshift, "<<")        \
  TOKEN(op_rshift, ">>") TOKEN(op_urshift, ">>>") TOKEN(op_invert, "~") TOKEN(op_lt, "<")                   \
  TOKEN(op_le, "<=") TOKEN(op_eq, "==") TOKEN(op_identical, "===") TOKEN(op_ne, "!=")                       \
  TOKEN(op_different, "!==") TOKEN(op_ge, ">=") TOKEN(op_gt, ">") TOKEN(op_in, "in") TOKEN(op_of, "of")     \
  TOKEN(op_instanceof, "instanceof") TOKEN(op_both, "&&") TOKEN(op_either, "||") TOKEN(op_default, "??")    \
  TOKEN(op_not, "!") TOKEN(op_typeof, "typeof") TOKEN(op_void, "void") TOKEN(op_delete, "delete")           \
  TOKEN(op_increment, "++") TOKEN(op_decrement, "--") TOKEN(op_optional, "?.") TOKEN(op_assign, "=")        \
  TOKEN(assign_add, "+=") TOKEN(assign_sub, "-=") TOKEN(assign_mul, "*=") TOKEN(assign_div, "/=")           \
  TOKEN(assign_mod, "%=") TOKEN(assign_pow, "**=") TOKEN(assign_rshift, ">>=")                              \
  TOKEN(assign_urshift, ">>>=") TOKEN(assign_lshift, "<<=") TOKEN(assign_and, "&=")                         \
  TOKEN(assign_xor, "^=") TOKEN(assign_or, "|=") TOKEN(assign_both, "&&=") TOKEN(assign_either, "||=")      \
  TOKEN(assign_default, "?" "?=") TOKEN(comma, ",") TOKEN(word_async, "async") TOKEN(word_await, "await")      \
  TOKEN(word_const, "const") TOKEN(word_default, "default") TOKEN(word_get, "get") TOKEN(word_let, "let")   \
  TOKEN(word_readonly, "readonly") TOKEN(word_set, "set") TOKEN(word_static, "static")                      \
  TOKEN(word_declare, "declare") TOKEN(word_abstract, "abstract") TOKEN(word_type, "type")                  \
  TOKEN(word_using, "using") TOKEN(word_var, "var")

#define LOCKWRIGHT_TYPESCRIPT_FIELDS(FIELD)                                                                 \
  FIELD(alias) FIELD(alternative) FIELD(argument) FIELD(arguments) FIELD(attribute) FIELD(body)             \
  FIELD(condition) FIELD(consequence) FIELD(constructor) FIELD(declaration) FIELD(finalizer)                \
  FIELD(function) FIELD(handler) FIELD(increment) FIELD(index) FIELD(initializer) FIELD(key) FIELD(kind)    \
  FIELD(label) FIELD(left) FIELD(name) FIELD(object) FIELD(operator) FIELD(optional_chain)                  \
  FIELD(parameter) FIELD(parameters) FIELD(pattern) FIELD(property) FIELD(return_type) FIELD(right)         \
  FIELD(source) FIELD(type) FIELD(type_arguments) FIELD(value) FIELD(open_tag)
// clang-format on

enum class Kind : std::uint8_t {
  other,    ///< a token or node that is not kept
  error,    ///< text that did not parse
  missing,  ///< text that would have had to be there
#define NODE(name) name##_,
  LOCKWRIGHT_TYPESCRIPT_NODES(NODE)
#undef NODE
#define TOKEN(name, text) name,
      LOCKWRIGHT_TYPESCRIPT_TOKENS(TOKEN)
#undef TOKEN
};

enum class Field : std::uint8_t {
  none,
#define FIELD(name) name##_,
  LOCKWRIGHT_TYPESCRIPT_FIELDS(FIELD)
#undef FIELD
};

}  // namespace lockwright::frontends::typescript
