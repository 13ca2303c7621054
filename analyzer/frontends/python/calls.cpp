// Calls: the callee as the source names it, the arguments in their order.
//
// Methods are fields of their receiver, functions and classes globals. super() is no call but a view of the
// receiver: apply(builtins.super, class, receiver), whose fields are the methods of the base classes.
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {

bool Lowering::is_super(Node call) const {
  const Node callee = call.child(Field::function_);
  if (!callee || callee.kind() != Kind::identifier_ || callee.text() != "super") return false;
  return unit_.scopes.look_up(scope_, callee.symbol()).binding == nullptr;
}

ir::Term Lowering::super(Node node, Code& code) {
  std::vector<ir::Term> values;
  if (const Node list = node.child(Field::arguments_)) {
    for (const Node each : list.children()) values.push_back(expression(each, code));
  }
  if (values.size() < 2) {
    ir::Term type = terms().unknown();
    for (ScopeId each = scope_; each != ScopeId::none; each = unit_.scopes.scope(each).parent) {
      if (unit_.scopes.scope(each).kind != ScopeKind::type) continue;
      type = global(unit_.scopes.scope(each).qualified_name);
      break;
    }
    values = {type, names_.receiver(scope_)};
  }
  return terms().apply(global("builtins.super"), values);
}

ir::Term Lowering::call(Node node, Code& code, Target target, ir::Completion completion) {
  if (is_super(node)) return super(node, code);
  ir::Instruction made = instruction(ir::InstructionKind::call, range(node));
  const Node list = node.child(Field::arguments_);
  made.callee = evaluate(node.child(Field::function_), code).term;
  made.completion = completion;
  if (list && list.has_assignment()) made.callee = snapshot(made.callee, made.range, code);
  arguments(list, made, code);
  if (const ir::Term text = format(made.callee, made.arguments); text != ir::Term::none) return text;
  return emit_result(std::move(made), code, target);
}

void Lowering::arguments(Node list, ir::Instruction& made, Code& code) {
  if (!list) return;
  if (list.kind() == Kind::generator_expression_) {
    made.arguments.push_back({expression(list, code), {}, false});
    return;
  }
  std::vector<Node> values;
  for (const Node each : list.children()) {
    ir::Argument argument;
    Node value = each;
    if (each.kind() == Kind::keyword_argument_) {
      if (const Node name = each.child(Field::name_)) argument.name = terms().intern(name.text());
      value = each.child(Field::value_);
    } else if (is_spread(each)) {
      argument.spread = true;
      argument.mapping = each.kind() == Kind::dictionary_splat_;
      if (argument.mapping) value = each.first_child();
    }
    if (!value) continue;
    made.arguments.push_back(argument);
    values.push_back(value);
  }
  const std::vector<ir::Term> terms = expressions(values, code);
  for (std::size_t index = 0; index < terms.size(); ++index) made.arguments[index].value = terms[index];
}

}  // namespace lockwright::frontends::python
