// Operators: pure ones are apply terms, named as in the other frontends.
//
// `in`, `instanceof` and `delete` may run anything, so they are calls. `&&`, `||` and `??` decide what is
// evaluated at all: as values they become an if around a temporary (as tests: conditions.cpp). Long chains
// nest to the left in the syntax; they are walked down in a loop, not by recursion.
#include <algorithm>

#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {
namespace {

std::string_view operator_name(Kind kind) {
  switch (kind) {
    case Kind::op_add:
    case Kind::assign_add: return "operator.add";
    case Kind::op_sub:
    case Kind::assign_sub: return "operator.sub";
    case Kind::op_mul:
    case Kind::assign_mul: return "operator.mul";
    case Kind::op_div:
    case Kind::assign_div: return "operator.truediv";  // never a path's, which operator.div may be
    case Kind::op_mod:
    case Kind::assign_mod: return "operator.mod";
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
    case Kind::assign_rshift:
    case Kind::op_urshift:
    case Kind::assign_urshift: return "operator.rshift";
    case Kind::op_lt: return "operator.lt";
    case Kind::op_le: return "operator.le";
    case Kind::op_eq:
    case Kind::op_identical: return "operator.eq";
    case Kind::op_ne:
    case Kind::op_different: return "operator.ne";
    case Kind::op_ge: return "operator.ge";
    case Kind::op_gt: return "operator.gt";
    default: return "operator.unknown";
  }
}

bool is_logical(Kind kind) {
  return kind == Kind::op_both || kind == Kind::op_either || kind == Kind::op_default;
}

Kind operation_of(Node node) {
  const Node written = node.child(Field::operator_);
  return written ? written.kind() : Kind::other;
}

}  // namespace

ir::Term Lowering::arithmetic(Kind operation, ir::Term left, ir::Term right) {
  const auto is_text = [&](ir::Term term) {
    return terms().kind(term) == ir::TermKind::string || terms().kind(term) == ir::TermKind::concat;
  };
  const bool adds = operation == Kind::op_add || operation == Kind::assign_add;
  if (adds && (is_text(left) || is_text(right))) {
    const ir::Term parts[] = {left, right};
    return terms().concat(parts);
  }
  return apply(operator_name(operation), left, right);
}

ir::Term Lowering::compare(Kind operation, ir::Term left, ir::Term right, source::Range range, Code& code,
                           Target target) {
  switch (operation) {
    case Kind::op_in: return call_global("operator.contains", {{right, left}}, range, code, target);
    case Kind::op_instanceof: return call_global("builtins.isinstance", {{left, right}}, range, code, target);
    case Kind::op_eq:
    case Kind::op_identical:
    case Kind::op_ne:
    case Kind::op_different: {
      const bool equal = operation == Kind::op_eq || operation == Kind::op_identical;
      if (terms().kind(left) == ir::TermKind::null) std::swap(left, right);
      if (terms().kind(right) != ir::TermKind::null) break;
      return apply(equal ? "operator.is" : "operator.is_not", left, right);
    }
    default: break;
  }
  return arithmetic(operation, left, right);
}

ir::Term Lowering::binary(Node node, Code& code, Target target) {
  if (is_logical(operation_of(node))) return short_circuit(node, code, target);
  // a + b + c is (a + b) + c: down to the a, then back up.
  std::vector<Node> spine;
  Node left = node;
  while (left.kind() == Kind::binary_expression_ && !is_logical(operation_of(left))) {
    spine.push_back(left);
    left = left.child(Field::left_);
  }
  ir::Term result = left.kind() == Kind::private_property_identifier_ ? terms().string(left.text())
                                                                      : expression(left, code);
  for (auto each = spine.rbegin(); each != spine.rend(); ++each) {
    const Node right = each->child(Field::right_);
    if (!right) return terms().unknown();
    if (right.has_assignment()) result = snapshot(result, range(left), code);
    const Kind operation = operation_of(*each);
    const ir::Term operand = operation == Kind::op_instanceof
                                 ? names_.imports().as_value(evaluate(right, code)).term
                                 : expression(right, code);
    const bool is_whole = std::next(each) == spine.rend();
    // typeof x === "undefined"
    const Node written = each->child(Field::left_);
    const bool asks_type =
        written.kind() == Kind::unary_expression_ && operation_of(written) == Kind::op_typeof &&
        terms().kind(operand) == ir::TermKind::string && terms().text(operand) == "undefined" &&
        terms().kind(result) == ir::TermKind::apply;
    result = asks_type
                 ? compare(operation, terms().operands(result)[1], terms().null(), range(*each), code, {})
                 : compare(operation, result, operand, range(*each), code, is_whole ? target : Target{});
  }
  return result;
}

ir::Term Lowering::unary(Node node, Code& code, Target target) {
  const Node argument = node.child(Field::argument_);
  if (!argument) return terms().unknown();
  const Kind operation = operation_of(node);
  std::string_view name;
  switch (operation) {
    case Kind::op_void: discard(argument, code); return terms().null();
    case Kind::op_delete: {
      const Node place = stripped(argument);
      const bool is_member = place.kind() == Kind::member_expression_;
      if (!is_member && place.kind() != Kind::subscript_expression_) {
        discard(argument, code);
        return terms().boolean(true);
      }
      const ir::Term base = expression(place.child(Field::object_), code);
      const ir::Term key = is_member ? terms().string(place.child(Field::property_).text())
                                     : expression(place.child(Field::index_), code);
      return call_global("operator.delitem", {{base, key}}, range(node), code, target);
    }
    case Kind::op_not: name = "operator.not"; break;
    case Kind::op_sub: name = "operator.neg"; break;
    case Kind::op_add: name = "operator.pos"; break;
    case Kind::op_typeof: name = "operator.typeof"; break;
    default: name = "operator.invert"; break;
  }
  const ir::Term operand = expression(argument, code);
  if (operation == Kind::op_sub && terms().kind(operand) == ir::TermKind::integer) {
    return terms().integer(-terms().number(operand));
  }
  const ir::Term operands[] = {operand};
  return terms().apply(global(name), operands);
}

/// x++, --x.
ir::Term Lowering::update(Node node, Code& code, Target target) {
  const Node argument = node.child(Field::argument_);
  if (!argument) return terms().unknown();
  const bool adds = operation_of(node) == Kind::op_increment;
  const bool is_prefix = node.first_child() != argument;
  ir::Term old = expression(argument, code);
  if (!target.dropped && !is_prefix) {
    const ir::Local kept = temporary();
    let(kept, old, range(node), code);
    old = terms().local(kept);
  }
  const ir::Term value = apply(adds ? "operator.add" : "operator.sub", old, terms().integer(1));
  assign(argument, value, range(node), code);
  if (!is_prefix) return old;
  return stripped(argument).kind() == Kind::identifier_ ? expression(argument, code) : value;
}

std::vector<Node> Lowering::operands_of(Node node) {
  const Kind operation = operation_of(node);
  std::vector<Node> operands;
  while (node.kind() == Kind::binary_expression_ && operation_of(node) == operation) {
    operands.push_back(node.child(Field::right_));
    node = node.child(Field::left_);
    if (!node) break;
  }
  operands.push_back(node);
  std::reverse(operands.begin(), operands.end());
  return operands;
}

ir::ConditionPtr Lowering::goes_on(Kind operation, ir::Term value, source::Range range) {
  switch (operation) {
    case Kind::op_both:
    case Kind::assign_both: return leaf(value, range);
    case Kind::op_default:
    case Kind::assign_default: return leaf(is_null(value), range);
    default: return negation(leaf(value, range));
  }
}

/// The value of `a || b`: a temporary that is a, and then, if that does not settle it, b.
ir::Term Lowering::short_circuit(Node node, Code& code, Target target) {
  const Kind operation = operation_of(node);
  std::vector<Node> operands = operands_of(node);
  if (operands.size() > max_chain) {
    hole(unit_.range(operands[max_chain].begin(), node.end()), code);
    operands.resize(max_chain);
  }
  if (target.dropped && operation != Kind::op_default && operands.size() == 2) {
    // `held && release();`
    ir::ConditionPtr test = condition(operands.front(), code);
    if (operation == Kind::op_either) test = negation(std::move(test));
    Code rest;
    discard(operands.back(), rest);
    code.add(ir::If{std::move(test), rest.finish(), nullptr});
    return terms().unknown();
  }
  const ir::Local result = target.local == ir::Local::none ? temporary() : target.local;
  // From the last operand to the first: each is the rest of the one before.
  std::vector<Code> parts(operands.size());
  for (std::size_t index = 0; index < operands.size(); ++index) {
    const ir::Term value = expression(operands[index], parts[index], Target{result, false});
    if (operands[index]) let(result, value, range(operands[index]), parts[index]);
  }
  for (std::size_t index = operands.size() - 1; index > 0; --index) {
    ir::ConditionPtr test = goes_on(operation, terms().local(result), range(operands[index - 1]));
    parts[index - 1].add(ir::If{std::move(test), parts[index].finish(), nullptr});
  }
  code.add(std::move(parts.front()));
  return terms().local(result);
}

}  // namespace lockwright::frontends::typescript
