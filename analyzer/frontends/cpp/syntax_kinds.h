// The vocabulary of C and C++'s syntax tree: which of the grammar's symbols this frontend keeps, by name.
#pragma once

#include <cstdint>

namespace lockwright::frontends::cpp {

/// The grammar's named nodes, one to one: LOCKWRIGHT_CPP_NODE(enumerator), where the enumerator is the
/// grammar's name with a trailing underscore (most names are C++ keywords or common words).
// clang-format off: it has no good way to break these lists
#define LOCKWRIGHT_CPP_NODES(NODE)                                                                          \
  NODE(abstract_array_declarator) NODE(abstract_function_declarator) NODE(abstract_pointer_declarator)      \
  NODE(abstract_reference_declarator) NODE(access_specifier) NODE(alias_declaration)                        \
  NODE(alignof_expression) NODE(argument_list) NODE(array_declarator) NODE(assignment_expression)           \
  NODE(attributed_declarator) NODE(attributed_statement) NODE(auto) NODE(base_class_clause)                 \
  NODE(binary_expression) NODE(break_statement) NODE(call_expression) NODE(case_statement)                  \
  NODE(cast_expression) NODE(catch_clause) NODE(char_literal) NODE(class_specifier)                         \
  NODE(co_await_expression) NODE(co_return_statement) NODE(co_yield_statement) NODE(comma_expression)       \
  NODE(compound_literal_expression) NODE(compound_statement) NODE(concatenated_string)                      \
  NODE(condition_clause) NODE(conditional_expression) NODE(continue_statement) NODE(declaration)            \
  NODE(declaration_list) NODE(decltype) NODE(default_method_clause) NODE(delete_expression)                 \
  NODE(delete_method_clause) NODE(dependent_name) NODE(destructor_name) NODE(do_statement)                  \
  NODE(else_clause) NODE(enum_specifier) NODE(enumerator) NODE(enumerator_list)                             \
  NODE(expression_statement) NODE(extension_expression) NODE(false) NODE(field_declaration)                 \
  NODE(field_declaration_list) NODE(field_designator) NODE(field_expression) NODE(field_identifier)         \
  NODE(field_initializer) NODE(field_initializer_list) NODE(fold_expression) NODE(for_range_loop)           \
  NODE(for_statement) NODE(friend_declaration) NODE(function_declarator) NODE(function_definition)          \
  NODE(generic_expression) NODE(goto_statement) NODE(identifier) NODE(if_statement) NODE(init_declarator)   \
  NODE(init_statement) NODE(initializer_list) NODE(initializer_pair) NODE(labeled_statement)                \
  NODE(lambda_capture_initializer) NODE(lambda_capture_specifier) NODE(lambda_expression)                   \
  NODE(linkage_specification) NODE(namespace_alias_definition) NODE(namespace_definition)                   \
  NODE(namespace_identifier) NODE(nested_namespace_specifier) NODE(new_declarator) NODE(new_expression)     \
  NODE(noexcept) NODE(null) NODE(number_literal) NODE(offsetof_expression) NODE(operator_cast)              \
  NODE(operator_name) NODE(optional_parameter_declaration) NODE(parameter_declaration)                      \
  NODE(parameter_list) NODE(parameter_pack_expansion) NODE(parenthesized_declarator)                        \
  NODE(parenthesized_expression) NODE(placeholder_type_specifier) NODE(pointer_declarator)                  \
  NODE(pointer_expression) NODE(pointer_type_declarator) NODE(preproc_arg) NODE(preproc_def)                \
  NODE(preproc_elif) NODE(preproc_elifdef) NODE(preproc_else) NODE(preproc_function_def) NODE(preproc_if)   \
  NODE(preproc_ifdef) NODE(preproc_include) NODE(preproc_params) NODE(primitive_type)                       \
  NODE(qualified_identifier) NODE(raw_string_literal) NODE(reference_declarator) NODE(return_statement)     \
  NODE(sized_type_specifier) NODE(sizeof_expression) NODE(statement_identifier)                             \
  NODE(storage_class_specifier) NODE(string_literal) NODE(struct_specifier)                                 \
  NODE(structured_binding_declarator) NODE(subscript_argument_list) NODE(subscript_expression)              \
  NODE(switch_statement) NODE(system_lib_string) NODE(template_argument_list) NODE(template_declaration)    \
  NODE(template_function) NODE(template_method) NODE(template_type) NODE(this) NODE(throw_statement)        \
  NODE(translation_unit) NODE(true) NODE(try_statement) NODE(type_definition) NODE(type_descriptor)         \
  NODE(type_identifier) NODE(type_qualifier) NODE(unary_expression) NODE(union_specifier)                   \
  NODE(update_expression) NODE(user_defined_literal) NODE(using_declaration) NODE(variadic_declarator)      \
  NODE(variadic_parameter_declaration) NODE(virtual_specifier) NODE(while_statement)

/// The tokens that are kept: operators and telling words, as TOKEN(enumerator, text).
#define LOCKWRIGHT_CPP_TOKENS(TOKEN)                                                                        \
  TOKEN(op_add, "+") TOKEN(op_sub, "-") TOKEN(op_mul, "*") TOKEN(op_div, "/") TOKEN(op_mod, "%")            \
  TOKEN(op_or, "|") TOKEN(op_and, "&") TOKEN(op_xor, "^") TOKEN(op_lshift, "<<") TOKEN(op_rshift, ">>")     \
  TOKEN(op_invert, "~") TOKEN(op_lt, "<") TOKEN(op_le, "<=") TOKEN(op_eq, "==") TOKEN(op_ne, "!=")          \
  TOKEN(op_ge, ">=") TOKEN(op_gt, ">") TOKEN(op_both, "&&") TOKEN(op_either, "||") TOKEN(op_not, "!")       \
  TOKEN(word_and, "and") TOKEN(word_or, "or") TOKEN(word_not, "not") TOKEN(op_arrow, "->")                  \
  TOKEN(op_dot, ".") TOKEN(op_increment, "++") TOKEN(op_decrement, "--") TOKEN(assign, "=")                 \
  TOKEN(assign_add, "+=") TOKEN(assign_sub, "-=") TOKEN(assign_mul, "*=") TOKEN(assign_div, "/=")           \
  TOKEN(assign_mod, "%=") TOKEN(assign_lshift, "<<=") TOKEN(assign_rshift, ">>=")                           \
  TOKEN(assign_and, "&=") TOKEN(assign_xor, "^=") TOKEN(assign_or, "|=") TOKEN(word_namespace, "namespace")

/// The roles of children, by the grammar's field names.
#define LOCKWRIGHT_CPP_FIELDS(FIELD)                                                                        \
  FIELD(alternative) FIELD(argument) FIELD(arguments) FIELD(base) FIELD(body) FIELD(captures)               \
  FIELD(condition) FIELD(consequence) FIELD(declarator) FIELD(default_value) FIELD(designator)              \
  FIELD(field) FIELD(function) FIELD(indices) FIELD(initializer) FIELD(label) FIELD(left) FIELD(length)     \
  FIELD(name) FIELD(operator) FIELD(parameters) FIELD(path) FIELD(pattern) FIELD(placement) FIELD(right)    \
  FIELD(scope) FIELD(size) FIELD(type) FIELD(update) FIELD(value)
// clang-format on

enum class Kind : std::uint8_t {
  other,    ///< a token or node that is not kept
  error,    ///< text that did not parse
  missing,  ///< text that would have had to be there
#define NODE(name) name##_,
  LOCKWRIGHT_CPP_NODES(NODE)
#undef NODE
#define TOKEN(name, text) name,
      LOCKWRIGHT_CPP_TOKENS(TOKEN)
#undef TOKEN
};

enum class Field : std::uint8_t {
  none,
#define FIELD(name) name##_,
  LOCKWRIGHT_CPP_FIELDS(FIELD)
#undef FIELD
};

}  // namespace lockwright::frontends::cpp
