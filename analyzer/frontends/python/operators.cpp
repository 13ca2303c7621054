// Operators: pure ones are apply terms named after Python's operator module.
//
// `in` may run anything (__contains__), so it is a call, as are subscripts. `and`, `or` and chains of
// comparisons decide what is evaluated at all: as values they become an if around a temporary (as tests:
// conditions.cpp). Long chains nest to the left in the syntax; they are walked down in a loop, not by
// recursion.
#include <algorithm>

#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

std::string_view operator_name(Kind kind) {
  switch (kind) {
    case Kind::op_add:
    case Kind::assign_add: return "operator.add";
    case Kind::op_sub:
    case Kind::assign_sub: return "operator.sub";
    case Kind::op_mul:
    case Kind::assign_mul: return "operator.mul";
    case Kind::op_matmul:
    case Kind::assign_matmul: return "operator.matmul";
    case Kind::op_div:
    case Kind::assign_div: return "operator.div";
    case Kind::op_mod:
    case Kind::assign_mod: return "operator.mod";
    case Kind::op_floordiv:
    case Kind::assign_floordiv: return "operator.floordiv";
    case Kind::op_pow:
    case Kind::assign_pow: return "operator.pow";
    case Kind::op_or:
    case Kind::assign_or: return "operator.or";
    case Kind::op_and:
    case Kind::assign_and: return "operator.and";
    case Kind::op_xor:
    case Kind::assign_xor: return "operator.xor";
    case Kind::op_lshift:
    case Kind::assign_lshift: return "operator.lshift";
    case Kind::op_rshift:
    case Kind::assign_rshift: return "operator.rshift";
    case Kind::op_lt: return "operator.lt";
    case Kind::op_le: return "operator.le";
    case Kind::op_eq: return "operator.eq";
    case Kind::op_ne:
    case Kind::op_ne_old: return "operator.ne";
    case Kind::op_ge: return "operator.ge";
    case Kind::op_gt: return "operator.gt";
    case Kind::op_is: return "operator.is";
    case Kind::op_is_not: return "operator.is_not";
    default: return "operator.unknown";
  }
}

}  // namespace

ir::Term Lowering::binary(Node node, Code& code) {
  // a + b + c is (a + b) + c: down to the a, then back up.
  std::vector<Node> spine;
  Node left = node;
  while (left.kind() == Kind::binary_operator_) {
    spine.push_back(left);
    left = left.child(Field::left_);
  }
  ir::Term result = expression(left, code);
  for (auto each = spine.rbegin(); each != spine.rend(); ++each) {
    const Node right = each->child(Field::right_);
    if (right && right.has_assignment()) result = snapshot(result, range(left), code);
    const ir::Term operand = expression(right, code);
    const Kind operation = each->child(Field::operator_).kind();
    const ir::Term text = operation == Kind::op_mod ? percent(result, operand) : ir::Term::none;
    result = text != ir::Term::none ? text : apply(operator_name(operation), result, operand);
  }
  return result;
}

ir::Term Lowering::unary(Node node, Code& code) {
  const ir::Term operand = expression(node.child(Field::argument_), code);
  std::string_view name = "operator.not";
  if (node.kind() == Kind::unary_operator_) {
    switch (node.child(Field::operator_).kind()) {
      case Kind::op_sub:
        if (terms().kind(operand) == ir::TermKind::integer) {
          const std::int64_t value = terms().number(operand);
          if (value != INT64_MIN) return terms().integer(-value);
        }
        name = "operator.neg";
        break;
      case Kind::op_add: name = "operator.pos"; break;
      default: name = "operator.invert"; break;
    }
  }
  const ir::Term operands[] = {operand};
  return terms().apply(global(name), operands);
}

ir::Term Lowering::compare(Kind operation, ir::Term left, ir::Term right, source::Range range, Code& code,
                           Target target) {
  if (operation == Kind::op_in) return call_global("operator.contains", {{right, left}}, range, code, target);
  if (operation == Kind::op_not_in) {
    const ir::Term found[] = {call_global("operator.contains", {{right, left}}, range, code)};
    return terms().apply(global("operator.not"), found);
  }
  return apply(operator_name(operation), left, right);
}

ir::Term Lowering::comparison(Node node, Code& code, Target target) {
  std::vector<Node> operands;
  Kind operation = Kind::other;
  for (const Node each : node.children()) {
    if (each.field() == Field::operators_) {
      operation = each.kind();
    } else {
      operands.push_back(each);
    }
  }
  if (operands.size() == 2) {
    const std::vector<ir::Term> values = expressions(operands, code);
    return compare(operation, values[0], values[1], range(node), code, target);
  }
  const ir::Local result = temporary();
  ir::ConditionPtr test = comparison_condition(node, code);
  decide(std::move(test), result, range(node), code);
  return terms().local(result);
}

std::vector<Node> Lowering::chain(Node node) {
  const Kind operation = node.child(Field::operator_).kind();
  std::vector<Node> operands;
  while (node.kind() == Kind::boolean_operator_ && node.child(Field::operator_).kind() == operation) {
    operands.push_back(node.child(Field::right_));
    node = node.child(Field::left_);
  }
  operands.push_back(node);
  std::reverse(operands.begin(), operands.end());
  return operands;
}

/// The value of `a or b`: a temporary that is a, and then, if that does not settle it, b.
ir::Term Lowering::short_circuit(Node node, Code& code) {
  const bool both = node.child(Field::operator_).kind() == Kind::op_both;
  std::vector<Node> operands = chain(node);
  if (operands.size() > max_chain) {
    hole(unit_.range(operands[max_chain].begin(), node.end()), code);
    operands.resize(max_chain);
  }
  const ir::Local result = temporary();
  // From the last operand to the first: each is the rest of the one before.
  std::vector<Code> parts(operands.size());
  for (std::size_t index = 0; index < operands.size(); ++index) {
    let(result, expression(operands[index], parts[index]), range(operands[index]), parts[index]);
  }
  for (std::size_t index = operands.size() - 1; index > 0; --index) {
    ir::ConditionPtr test = leaf(terms().local(result), range(operands[index - 1]));
    if (!both) test = negation(std::move(test));
    parts[index - 1].add(ir::If{std::move(test), parts[index].finish(), nullptr});
  }
  code.add(std::move(parts.front()));
  return terms().local(result);
}

}  // namespace lockwright::frontends::python
