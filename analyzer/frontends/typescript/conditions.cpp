// Conditions: tests with their short circuits kept, so that every path knows what it assumed.
#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {

ir::ConditionPtr Lowering::condition(Node node, Code& before) {
  if (!node) return leaf(ir::Term::none, unit_.range(0, 0));
  const Node inner = stripped(node);
  const Nesting nesting(*this);
  if (nesting && !inner.has_error()) {
    const Node written = inner.child(Field::operator_);
    const Kind operation = written ? written.kind() : Kind::other;
    if (inner.kind() == Kind::unary_expression_ && operation == Kind::op_not) {
      return negation(condition(inner.child(Field::argument_), before));
    }
    if (inner.kind() == Kind::binary_expression_ &&
        (operation == Kind::op_both || operation == Kind::op_either)) {
      return short_circuit_condition(inner, before);
    }
  }
  Code code;
  const ir::Term test = expression(inner, code);
  if (code.straight()) return leaf(test, range(inner), code.take_row());
  before.add(std::move(code));
  return leaf(test, range(inner));
}

ir::ConditionPtr Lowering::short_circuit_condition(Node node, Code& before) {
  const bool both = node.child(Field::operator_).kind() == Kind::op_both;
  std::vector<Node> operands = operands_of(node);
  if (operands.size() > max_chain) {
    hole(unit_.range(operands[max_chain].begin(), node.end()), before);
    operands.resize(max_chain);
  }
  ir::ConditionPtr result = condition(operands.front(), before);
  for (std::size_t index = 1; index < operands.size(); ++index) {
    Code right_before;
    ir::ConditionPtr right = condition(operands[index], right_before);
    result =
        sequence_condition(both ? ir::Condition::Kind::both : ir::Condition::Kind::either, std::move(result),
                           std::move(right_before), std::move(right), range(node), before);
  }
  return result;
}

}  // namespace lockwright::frontends::typescript
