// Conditions: tests with their short circuits kept, so that every path knows what it assumed.
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {

ir::ConditionPtr Lowering::condition(Node node, Code& before) {
  if (!node) return leaf(ir::Term::none, unit_.range(0, 0));
  while (node.kind() == Kind::parenthesized_expression_ && node.first_child()) node = node.first_child();
  const Nesting nesting(*this);
  if (nesting && !node.has_error()) {
    switch (node.kind()) {
      case Kind::not_operator_: return negation(condition(node.child(Field::argument_), before));
      case Kind::boolean_operator_: return short_circuit_condition(node, before);
      case Kind::comparison_operator_: return comparison_condition(node, before);
      default: break;
    }
  }
  Code code;
  const ir::Term test = expression(node, code);
  if (code.straight()) return leaf(test, range(node), code.take_row());
  before.add(std::move(code));
  return leaf(test, range(node));
}

ir::ConditionPtr Lowering::short_circuit_condition(Node node, Code& before) {
  const auto kind = node.child(Field::operator_).kind() == Kind::op_both ? ir::Condition::Kind::both
                                                                         : ir::Condition::Kind::either;
  std::vector<Node> operands = chain(node);
  if (operands.size() > max_chain) {
    hole(unit_.range(operands[max_chain].begin(), node.end()), before);
    operands.resize(max_chain);
  }
  ir::ConditionPtr result = condition(operands.front(), before);
  for (std::size_t index = 1; index < operands.size(); ++index) {
    Code right_before;
    ir::ConditionPtr right = condition(operands[index], right_before);
    result = sequence_condition(kind, std::move(result), std::move(right_before), std::move(right),
                                range(node), before);
  }
  return result;
}

ir::ConditionPtr Lowering::comparison_condition(Node node, Code& before) {
  ir::ConditionPtr result;
  ir::Term left = ir::Term::none;
  Node left_node;
  Kind operation = Kind::other;
  Code code;  // of the comparison at hand
  for (const Node each : node.children()) {
    if (each.field() == Field::operators_) {
      operation = each.kind();
      continue;
    }
    if (left == ir::Term::none) {
      left = expression(each, code);
      left_node = each;
      continue;
    }
    if (each.has_assignment()) left = snapshot(left, range(left_node), code);
    const ir::Term right = expression(each, code);
    const source::Range whole = unit_.range(left_node.begin(), each.end());
    const bool negated = operation == Kind::op_not_in;
    const ir::Term test = compare(negated ? Kind::op_in : operation, left, right, whole, code, {});
    Code row = std::exchange(code, {});
    std::vector<ir::Instruction> instructions;
    if (row.straight()) instructions = row.take_row();
    ir::ConditionPtr next = leaf(test, whole, std::move(instructions));
    if (negated) next = negation(std::move(next));
    if (result == nullptr) {
      before.add(std::move(row));
      result = std::move(next);
    } else {
      result = sequence_condition(ir::Condition::Kind::both, std::move(result), std::move(row),
                                  std::move(next), range(node), before);
    }
    left = right;
    left_node = each;
  }
  if (result != nullptr) return result;
  before.add(std::move(code));
  return leaf(ir::Term::none, range(node));
}

}  // namespace lockwright::frontends::python
