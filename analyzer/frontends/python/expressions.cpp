// Expressions: what is a value becomes a term, what happens becomes an instruction.
//
// expression() returns the term for a node and appends what has to run first. A call's value is the local
// that its instruction fills, so whatever contains a call is built of such locals, and terms alone never do
// anything. Names and attributes go through evaluate(), which also knows when an attribute is part of a
// qualified name.
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {

Meaning Lowering::evaluate(Node node, Code& code) {
  if (node.kind() == Kind::identifier_) return names_.read(scope_, node.symbol());
  if (node.kind() == Kind::list_splat_ || node.kind() == Kind::list_splat_pattern_) {
    const Node inner = node.first_child();
    if (inner) return evaluate(inner, code);
  }
  if (node.kind() != Kind::attribute_) return {expression(node, code), Nature::value, {}};
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return {terms().unknown(), Nature::value, {}};
  }
  const Node object = node.child(Field::object_);
  const Node name = node.child(Field::attribute_);
  if (!object || !name) return {terms().unknown(), Nature::value, {}};
  return names_.member(evaluate(object, code), name.text());
}

ir::Term Lowering::expression(Node node, Code& code, Target target) {
  if (!node || node.has_error()) return terms().unknown();  // its statement has the hole
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::attribute_: return evaluate(node, code).term;
    case Kind::string_: return string(node, code);
    case Kind::integer_:
    case Kind::float_: return number(node);
    case Kind::true_: return terms().boolean(true);
    case Kind::false_: return terms().boolean(false);
    case Kind::none_: return terms().null();
    case Kind::ellipsis_: return global("builtins.Ellipsis");
    default: break;
  }
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return terms().unknown();
  }
  return expression_here(node, code, target);
}

ir::Term Lowering::expression_here(Node node, Code& code, Target target) {
  switch (node.kind()) {
    case Kind::parenthesized_expression_: return expression(node.first_child(), code, target);
    case Kind::call_: return call(node, code, target, ir::Completion::immediate);
    case Kind::await_: return await(node, code, target);
    case Kind::yield_: return yield(node, code, target);
    case Kind::subscript_: return subscript(node, code, target);
    case Kind::binary_operator_: return binary(node, code);
    case Kind::unary_operator_:
    case Kind::not_operator_: return unary(node, code);
    case Kind::comparison_operator_: return comparison(node, code, target);
    case Kind::boolean_operator_: return short_circuit(node, code);
    case Kind::conditional_expression_: return choice(node, code, target);
    case Kind::named_expression_: return walrus(node, code);
    case Kind::lambda_: return lambda(node, code);
    case Kind::concatenated_string_: return string(node, code);
    case Kind::tuple_:
    case Kind::tuple_pattern_:
    case Kind::expression_list_:
    case Kind::pattern_list_:
    case Kind::list_:
    case Kind::list_pattern_:
    case Kind::set_: return collection(node, code);
    case Kind::dictionary_: return dictionary(node, code);
    case Kind::list_comprehension_:
    case Kind::set_comprehension_:
    case Kind::dictionary_comprehension_:
    case Kind::generator_expression_: return comprehension(node, code);
    case Kind::list_splat_:
    case Kind::list_splat_pattern_:
    case Kind::chevron_:
      return expression(node.first_child(), code, target);  // what it means, is_spread says
    case Kind::dictionary_splat_: discard(node.first_child(), code); return terms().unknown();
    case Kind::slice_: return slice(node, code);
    case Kind::as_pattern_: return expression(node.first_child(), code, target);
    default: return terms().unknown();
  }
}

/// Evaluates for the effect alone.
void Lowering::discard(Node node, Code& code) {
  if (node) expression(node, code, Target{ir::Local::none, true});
}

std::vector<ir::Term> Lowering::expressions(std::span<const Node> nodes, Code& code) {
  return values_in_turn(
      nodes, code, [&](Node node) { return expression(node, code); }, [&](Node node) { return range(node); });
}

ir::Term Lowering::collection(Node node, Code& code) {
  std::vector<Node> elements;
  for (const Node each : node.children()) elements.push_back(each);
  std::vector<ir::Term> values = expressions(elements, code);
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (is_spread(elements[index])) values[index] = terms().unknown();
  }
  switch (node.kind()) {
    case Kind::list_:
    case Kind::list_pattern_: return terms().make(global("builtins.list"), values);
    case Kind::set_: return terms().make(global("builtins.set"), values);
    default: return terms().make(global("builtins.tuple"), values);
  }
}

ir::Term Lowering::dictionary(Node node, Code& code) {
  std::vector<ir::Term> values;
  for (const Node each : node.children()) {
    if (each.kind() == Kind::pair_) {
      values.push_back(expression(each.child(Field::key_), code));
      values.push_back(expression(each.child(Field::value_), code));
    } else {
      values.push_back(expression(each, code));
      values.push_back(terms().unknown());
    }
  }
  return terms().make(global("builtins.dict"), values);
}

ir::Term Lowering::subscript(Node node, Code& code, Target target) {
  ir::Term base = expression(node.child(Field::value_), code);
  if (node.has_assignment()) base = snapshot(base, range(node), code);
  const ir::Term key = subscript_key(node, code);
  return call_global("operator.getitem", {{base, key}}, range(node), code, target);
}

/// What stands between the brackets: one key, or several as a tuple.
ir::Term Lowering::subscript_key(Node subscript, Code& code) {
  std::vector<Node> keys;
  for (const Node each : subscript.children()) {
    if (each.field() == Field::subscript_) keys.push_back(each);
  }
  if (keys.empty()) return terms().unknown();
  if (keys.size() == 1) return expression(keys.front(), code);
  return terms().make(global("builtins.tuple"), expressions(keys, code));
}

ir::Term Lowering::slice(Node node, Code& code) {
  std::vector<ir::Term> bounds{terms().null(), terms().null()};
  std::size_t position = 0;
  for (const Node each : node.children()) {
    if (each.kind() == Kind::colon) {
      ++position;
      continue;
    }
    const ir::Term value = expression(each, code);
    if (position >= bounds.size()) bounds.resize(position + 1, terms().null());
    bounds[position] = value;
  }
  return terms().make(global("builtins.slice"), bounds);
}

ir::Term Lowering::walrus(Node node, Code& code) {
  const Node name = node.child(Field::name_);
  const ir::Term value = expression(node.child(Field::value_), code, target_of(name));
  assign(name, value, range(node), code);
  return names_.read(scope_, name.symbol()).term;
}

/// `a if test else b`.
ir::Term Lowering::choice(Node node, Code& code, Target target) {
  std::vector<Node> parts;
  for (const Node each : node.children()) parts.push_back(each);
  if (parts.size() != 3) return terms().unknown();
  const ir::Local result = target.local == ir::Local::none && !target.dropped ? temporary() : target.local;
  const auto branch = [&](Node value) {
    Code branch_code;
    const ir::Term term = expression(value, branch_code, Target{result, target.dropped});
    if (!target.dropped) let(result, term, range(value), branch_code);
    return branch_code.finish_or_null();
  };
  ir::ConditionPtr test = condition(parts[1], code);
  ir::TreePtr then_part = branch(parts[0]);
  ir::TreePtr else_part = branch(parts[2]);
  if (then_part == nullptr) then_part = Code().finish();
  code.add(ir::If{std::move(test), std::move(then_part), std::move(else_part)});
  return target.dropped ? terms().unknown() : terms().local(result);
}

ir::Term Lowering::await(Node node, Code& code, Target target) {
  Node awaited = node.first_child();
  while (awaited.kind() == Kind::parenthesized_expression_ && awaited.first_child())
    awaited = awaited.first_child();
  if (!awaited) return terms().unknown();
  if (awaited.kind() == Kind::call_ && !is_super(awaited)) {
    return call(awaited, code, target, ir::Completion::awaited);
  }
  const ir::Term value = expression(awaited, code);
  ir::Instruction made = instruction(ir::InstructionKind::await, range(node));
  made.value = value;
  return emit_result(std::move(made), code, target);
}

ir::Term Lowering::yield(Node node, Code& code, Target target) {
  const Node value = node.first_child();
  std::string_view between = node.text().substr(5);
  if (value) between = between.substr(0, value.begin() - node.begin() - 5);
  if (value && between.find("from") != std::string_view::npos) {
    // The delegate hands out we do not know what, and how often.
    discard(value, code);
    Code body;
    ir::Instruction made = instruction(ir::InstructionKind::yield, range(node));
    made.value = terms().unknown();
    body.emit(std::move(made));
    ir::Loop loop;
    loop.condition = leaf(ir::Term::none, range(node));
    loop.body = body.finish();
    code.add(std::move(loop));
    return terms().unknown();
  }
  const ir::Term handed_out = value ? expression(value, code) : terms().null();
  ir::Instruction made = instruction(ir::InstructionKind::yield, range(node));
  made.value = handed_out;
  return emit_result(std::move(made), code, target);
}

ir::Term Lowering::lambda(Node node, Code& code) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  if (opened == ScopeId::none) return terms().unknown();
  defaults(node.child(Field::parameters_), opened, code);
  return names_.function_value(scope_, opened);
}

}  // namespace lockwright::frontends::python
