// The vocabulary of Python's syntax tree: which of the grammar's symbols this frontend keeps, by name.
#pragma once

#include <cstdint>

namespace lockwright::frontends::python {

/// The grammar's named nodes, one to one: LOCKWRIGHT_PYTHON_NODE(enumerator), where the enumerator is the
/// grammar's name with a trailing underscore (most names are C++ keywords or common words).
// clang-format off: it has no good way to break these lists
#define LOCKWRIGHT_PYTHON_NODES(NODE)                                                                       \
  NODE(aliased_import) NODE(argument_list) NODE(as_pattern) NODE(as_pattern_target)                         \
  NODE(assert_statement) NODE(assignment) NODE(attribute) NODE(augmented_assignment) NODE(await)            \
  NODE(binary_operator) NODE(block) NODE(boolean_operator) NODE(break_statement) NODE(call)                 \
  NODE(case_clause) NODE(case_pattern) NODE(chevron) NODE(class_definition) NODE(class_pattern)             \
  NODE(comparison_operator) NODE(complex_pattern) NODE(concatenated_string) NODE(conditional_expression)    \
  NODE(continue_statement) NODE(decorated_definition) NODE(decorator) NODE(default_parameter)               \
  NODE(delete_statement) NODE(dict_pattern) NODE(dictionary) NODE(dictionary_comprehension)                 \
  NODE(dictionary_splat) NODE(dictionary_splat_pattern) NODE(dotted_name) NODE(elif_clause)                 \
  NODE(ellipsis) NODE(else_clause) NODE(except_clause) NODE(exec_statement) NODE(expression_list)           \
  NODE(expression_statement) NODE(false) NODE(finally_clause) NODE(float) NODE(for_in_clause)               \
  NODE(for_statement) NODE(format_specifier) NODE(function_definition) NODE(future_import_statement)        \
  NODE(generator_expression) NODE(global_statement) NODE(identifier) NODE(if_clause) NODE(if_statement)     \
  NODE(import_from_statement) NODE(import_prefix) NODE(import_statement) NODE(integer)                      \
  NODE(interpolation) NODE(keyword_argument) NODE(keyword_pattern) NODE(keyword_separator) NODE(lambda)     \
  NODE(lambda_parameters) NODE(list) NODE(list_comprehension) NODE(list_pattern) NODE(list_splat)           \
  NODE(list_splat_pattern) NODE(match_statement) NODE(module) NODE(named_expression) NODE(none)             \
  NODE(nonlocal_statement) NODE(not_operator) NODE(pair) NODE(parameters) NODE(parenthesized_expression)    \
  NODE(pass_statement) NODE(pattern_list) NODE(positional_separator) NODE(print_statement)                  \
  NODE(raise_statement) NODE(relative_import) NODE(return_statement) NODE(set) NODE(set_comprehension)      \
  NODE(slice) NODE(splat_pattern) NODE(string) NODE(string_content) NODE(string_end) NODE(string_start)     \
  NODE(subscript) NODE(true) NODE(try_statement) NODE(tuple) NODE(tuple_pattern) NODE(type)                 \
  NODE(type_alias_statement) NODE(type_conversion) NODE(type_parameter) NODE(typed_default_parameter)       \
  NODE(typed_parameter) NODE(unary_operator) NODE(union_pattern) NODE(while_statement)                      \
  NODE(wildcard_import) NODE(with_clause) NODE(with_item) NODE(with_statement) NODE(yield)

/// The tokens that are kept: operators (and the colons of slices), as TOKEN(enumerator, text).
#define LOCKWRIGHT_PYTHON_TOKENS(TOKEN)                                                                     \
  TOKEN(op_add, "+") TOKEN(op_sub, "-") TOKEN(op_mul, "*") TOKEN(op_matmul, "@") TOKEN(op_div, "/")         \
  TOKEN(op_mod, "%") TOKEN(op_floordiv, "//") TOKEN(op_pow, "**") TOKEN(op_or, "|") TOKEN(op_and, "&")      \
  TOKEN(op_xor, "^") TOKEN(op_lshift, "<<") TOKEN(op_rshift, ">>") TOKEN(op_invert, "~")                    \
  TOKEN(op_lt, "<") TOKEN(op_le, "<=") TOKEN(op_eq, "==") TOKEN(op_ne, "!=") TOKEN(op_ne_old, "<>")         \
  TOKEN(op_ge, ">=") TOKEN(op_gt, ">") TOKEN(op_in, "in") TOKEN(op_not_in, "not in") TOKEN(op_is, "is")     \
  TOKEN(op_is_not, "is not") TOKEN(op_both, "and") TOKEN(op_either, "or") TOKEN(assign_add, "+=")           \
  TOKEN(assign_sub, "-=") TOKEN(assign_mul, "*=") TOKEN(assign_div, "/=") TOKEN(assign_matmul, "@=")        \
  TOKEN(assign_floordiv, "//=") TOKEN(assign_mod, "%=") TOKEN(assign_pow, "**=")                            \
  TOKEN(assign_rshift, ">>=") TOKEN(assign_lshift, "<<=") TOKEN(assign_and, "&=") TOKEN(assign_xor, "^=")   \
  TOKEN(assign_or, "|=") TOKEN(colon, ":")

/// The roles of children, by the grammar's field names.
#define LOCKWRIGHT_PYTHON_FIELDS(FIELD)                                                                     \
  FIELD(alias) FIELD(alternative) FIELD(argument) FIELD(arguments) FIELD(attribute) FIELD(body)             \
  FIELD(cause) FIELD(code) FIELD(condition) FIELD(consequence) FIELD(definition) FIELD(expression)          \
  FIELD(format_specifier) FIELD(function) FIELD(guard) FIELD(key) FIELD(left) FIELD(module_name)            \
  FIELD(name) FIELD(object) FIELD(operator) FIELD(operators) FIELD(parameters) FIELD(return_type)           \
  FIELD(right) FIELD(subject) FIELD(subscript) FIELD(superclasses) FIELD(type) FIELD(type_conversion)       \
  FIELD(type_parameters) FIELD(value)
// clang-format on

enum class Kind : std::uint8_t {
  other,    ///< a token or node that is not kept
  error,    ///< text that did not parse
  missing,  ///< text that would have had to be there
#define NODE(name) name##_,
  LOCKWRIGHT_PYTHON_NODES(NODE)
#undef NODE
#define TOKEN(name, text) name,
      LOCKWRIGHT_PYTHON_TOKENS(TOKEN)
#undef TOKEN
};

enum class Field : std::uint8_t {
  none,
#define FIELD(name) name##_,
  LOCKWRIGHT_PYTHON_FIELDS(FIELD)
#undef FIELD
};

}  // namespace lockwright::frontends::python
