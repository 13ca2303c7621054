// Chains of properties, elements and calls: a.b?.c(d)[e].
//
// Properties are fields of what stands before them, or longer names; methods are fields that are called.
// A call behind `?.` happens only if there is something to ask, so the rest of the chain stands in an if;
// without a call, a?.b is the field of a. super is no object but a view of the receiver:
// apply(builtins.super, class, receiver), whose fields are the methods of the base class.
#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {
namespace {

bool is_link(Kind kind) {
  return kind == Kind::member_expression_ || kind == Kind::subscript_expression_ ||
         kind == Kind::call_expression_;
}

/// What the link goes on from.
Node base_of(Node link) {
  return link.child(link.kind() == Kind::call_expression_ ? Field::function_ : Field::object_);
}

bool is_optional(Node link) {
  return has_word(link, Kind::optional_chain_) || has_word(link, Kind::op_optional);
}

}  // namespace

ir::Term Lowering::await(Node node, Code& code, Target target) {
  const Node awaited = stripped(node.first_child());
  if (!awaited) return terms().unknown();
  if (const Node source = imported_module(awaited)) return required(node, source, code);
  if (is_link(awaited.kind())) return chain(awaited, code, target, ir::Completion::awaited);
  ir::Term value = expression(awaited, code);
  ir::Instruction made = instruction(ir::InstructionKind::await, range(node));
  made.value = value;
  return emit_result(std::move(made), code, target);
}

ir::Term Lowering::chain(Node node, Code& code, Target target, ir::Completion completion) {
  if (const Node source = required_module(node)) return required(node, source, code);
  Chain made;
  bool calls = false;
  const source::Range whole = range(node);
  for (Node each = node; each && is_link(each.kind()); each = stripped(base_of(each))) {
    calls = calls || each.kind() == Kind::call_expression_;
    made.guarded = made.guarded || (calls && is_optional(each));
  }
  const bool is_call = node.kind() == Kind::call_expression_;
  const bool waits_after = completion == ir::Completion::awaited && !is_call;
  Target inner = waits_after ? Target{} : target;
  if (made.guarded && !inner.dropped && inner.local == ir::Local::none) inner.local = temporary();
  Code inside;
  ir::Term value =
      (is_call ? link_call(node, inside, made, inner, completion) : link(node, inside, made)).term;
  if (made.guarded) {
    if (!inner.dropped) let(inner.local, value, whole, inside);
    Code outer;
    for (auto each = made.guards.rbegin(); each != made.guards.rend(); ++each) {
      Code before = std::move(each->before);
      if (!inner.dropped) {
        Code otherwise;
        let(inner.local, terms().null(), whole, otherwise);
        before.add(ir::If{std::move(each->test), inside.finish(), otherwise.finish()});
      } else {
        before.add(ir::If{std::move(each->test), inside.finish(), nullptr});
      }
      inside = std::move(before);
    }
    value = inner.dropped ? terms().unknown() : terms().local(inner.local);
  }
  code.add(std::move(inside));
  if (!waits_after) return value;
  ir::Instruction wait = instruction(ir::InstructionKind::await, whole);
  wait.value = value;
  return emit_result(std::move(wait), code, target);
}

void Lowering::guard(ir::Term value, source::Range range, Code& code, Chain& chain) {
  if (!chain.guarded) return;
  chain.guards.push_back({negation(leaf(is_null(value), range)), std::move(code)});
  code = Code();
}

/// One link of a chain and all before it.
Meaning Lowering::link(Node node, Code& code, Chain& chain) {
  const Meaning nothing{terms().unknown(), Nature::value};
  if (!node) return nothing;
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return nothing;
  }
  switch (node.kind()) {
    case Kind::member_expression_:
    case Kind::nested_identifier_: return link_member(node, code, chain);
    case Kind::subscript_expression_: return link_element(node, code, chain);
    case Kind::call_expression_:
      if (const Node source = required_module(node)) {
        required(node, source, code);
        return names_.imports().module(key_text(source));
      }
      return link_call(node, code, chain, {}, ir::Completion::immediate);
    case Kind::non_null_expression_: return link(node.first_child(), code, chain);
    case Kind::super_: return {super_object(), Nature::value};
    default: return evaluate(node, code);
  }
}

Meaning Lowering::link_member(Node node, Code& code, Chain& chain) {
  const Node property = node.child(Field::property_);
  if (!property) return {terms().unknown(), Nature::value};
  if (is_export(node)) {
    return {global(std::string(unit_.input.module_name) + '.' + std::string(exported_name(node))),
            Nature::value};
  }
  const Node object = node.child(Field::object_);
  const Meaning base = link(object, code, chain);
  if (object && is_optional(node)) guard(base.term, range(object), code, chain);
  return names_.member(base, property.text());
}

Meaning Lowering::link_element(Node node, Code& code, Chain& chain) {
  const Node object = node.child(Field::object_);
  const Node index = node.child(Field::index_);
  Meaning base = link(object, code, chain);
  if (object && is_optional(node)) guard(base.term, range(object), code, chain);
  if (!index) return {terms().unknown(), Nature::value};
  if (index.kind() == Kind::string_) return names_.member(base, terms().text(string(index)));
  base = names_.imports().as_value(base);
  if (index.has_assignment()) base.term = snapshot(base.term, range(node), code);
  const ir::Term key = expression(index, code);
  return {terms().index(base.term, key), Nature::value};
}

Meaning Lowering::link_call(Node node, Code& code, Chain& chain, Target target, ir::Completion completion) {
  const Node function = node.child(Field::function_);
  const Node list = node.child(Field::arguments_);
  if (function.kind() == Kind::import_) return {imported_module_value(node, code), Nature::value};
  ir::Instruction made = instruction(ir::InstructionKind::call, range(node));
  made.completion = completion;
  if (function.kind() == Kind::super_) {
    made.callee = terms().field(super_object(), "constructor");
  } else {
    made.callee = names_.imports().as_value(link(function, code, chain)).term;
    if (function && is_optional(node)) guard(made.callee, range(function), code, chain);
    if (list && list.has_assignment()) made.callee = snapshot(made.callee, made.range, code);
  }
  arguments(list, made, code);
  return {emit_result(std::move(made), code, target), Nature::value};
}

/// import("…") that is not awaited at once: a promise.
ir::Term Lowering::imported_module_value(Node call, Code& code) {
  const Node source = imported_module(call);
  ir::Instruction made = instruction(ir::InstructionKind::call, range(call));
  made.callee = global("globalThis.import");
  if (source) {
    made.arguments.push_back({names_.imports().module(key_text(source)).term, {}, false});
  } else {
    arguments(call.child(Field::arguments_), made, code);
  }
  return emit_result(std::move(made), code, {});
}

/// The module that `call` loads. Where somebody expects that there may be no such library, that is said, too.
ir::Term Lowering::required(Node call, Node source, Code& code) {
  const ir::Term name = string(source);
  if (handled_ > 0 && !terms().text(name).starts_with("."))
    call_global("globalThis.require", {{name}}, range(call), code, Target{ir::Local::none, true});
  return names_.imports().module(key_text(source)).term;
}

ir::Term Lowering::super_object() {
  const ScopeId home = unit_.scopes.this_scope(scope_);
  const Scope& function = unit_.scopes.scope(home);
  const ScopeId type = function.kind == ScopeKind::type ? home : function.parent;
  if (type == ScopeId::none || unit_.scopes.scope(type).kind != ScopeKind::type) return terms().unknown();
  const ir::Term operands[] = {global(unit_.scopes.scope(type).qualified_name), names_.receiver(scope_).term};
  return terms().apply(global("builtins.super"), operands);
}

ir::Term Lowering::creation(Node node, Code& code, Target target) {
  const Node type = node.child(Field::constructor_);
  const Node list = node.child(Field::arguments_);
  ir::Instruction made = instruction(ir::InstructionKind::call, range(node));
  made.callee = names_.imports().as_value(evaluate(type, code)).term;
  if (list && list.has_assignment()) made.callee = snapshot(made.callee, made.range, code);
  arguments(list, made, code);
  return emit_result(std::move(made), code, target);
}

void Lowering::arguments(Node list, ir::Instruction& made, Code& code) {
  if (!list) return;
  if (list.kind() == Kind::template_string_) {  // tag`text`
    made.arguments.push_back({template_string(list, code), {}, false});
    return;
  }
  std::vector<Node> values;
  for (const Node each : list.children()) {
    const bool spread = each.kind() == Kind::spread_element_;
    const Node value = spread ? each.first_child() : each;
    if (!value) continue;
    made.arguments.push_back({terms().unknown(), {}, spread});
    values.push_back(value);
  }
  const std::vector<ir::Term> all = expressions(values, code);
  for (std::size_t index = 0; index < all.size(); ++index) made.arguments[index].value = all[index];
}

/// exports.x, module.exports: of CommonJS, not a variable of that name.
bool Lowering::is_export(Node left) {
  if (exported_name(left).empty()) return false;
  Node root = left;
  while (root.kind() == Kind::member_expression_) root = root.child(Field::object_);
  return unit_.scopes.look_up(scope_, root.symbol()).binding == nullptr;
}

}  // namespace lockwright::frontends::typescript
