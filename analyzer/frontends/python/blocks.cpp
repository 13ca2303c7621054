// Compound statements: if, for, while, try and with, as the structures of the IR.
//
// A for loop asks an iterator for its next element; whether there is one is undecidable. A with statement
// enters its manager and hands the exit to a scope guard; several items are nested statements.
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

/// `if TYPE_CHECKING:` and `if typing.TYPE_CHECKING:`, which never run.
bool is_type_checking(Node test) {
  if (test.kind() == Kind::attribute_) test = test.child(Field::attribute_);
  return test.kind() == Kind::identifier_ && test.text() == "TYPE_CHECKING";
}

/// `while True`, `while 1`.
bool is_always_true(Node test) {
  while (test.kind() == Kind::parenthesized_expression_ && test.first_child()) test = test.first_child();
  return test.kind() == Kind::true_ || (test.kind() == Kind::integer_ && test.text() == "1");
}

bool is_async(Node statement) {
  return statement.text().starts_with("async");
}

}  // namespace

void Lowering::if_statement(Node node, Code& code) {
  std::vector<Node> alternatives;
  for (const Node each : node.children()) {
    if (each.kind() == Kind::elif_clause_ || each.kind() == Kind::else_clause_) alternatives.push_back(each);
  }
  if_chain(node, alternatives, code);
}

/// `head`: the if, an elif or the else.
void Lowering::if_chain(Node head, std::span<const Node> rest, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(head), code);
    return;
  }
  if (head.kind() != Kind::if_statement_ && head.has_error()) header_hole(head, code);
  if (head.kind() == Kind::else_clause_) {
    block(head.child(Field::body_), code);
    return;
  }
  const Node test = head.child(Field::condition_);
  Code else_part;
  if (test && is_type_checking(test)) {
    if (!rest.empty()) if_chain(rest.front(), rest.subspan(1), code);
    return;
  }
  ir::If made;
  made.condition = condition(test, code);
  Code then_part;
  block(head.child(Field::consequence_), then_part);
  made.then_part = then_part.finish();
  if (!rest.empty()) if_chain(rest.front(), rest.subspan(1), else_part);
  made.else_part = else_part.finish_or_null();
  code.add(std::move(made));
}

void Lowering::for_statement(Node node, Code& code) {
  const Node target = node.child(Field::left_);
  const Node iterable = node.child(Field::right_);
  const bool asynchronous = is_async(node);
  const ir::Term source =
      iterator(expression(iterable, code), range(iterable ? iterable : node), asynchronous, code);
  Code body;
  const ir::Term element = next(source, range(target ? target : node), asynchronous, body, target_of(target));
  if (target) assign(target, element, range(target), body);
  block(node.child(Field::body_), body);
  ir::Loop loop;
  loop.condition = leaf(ir::Term::none, range(iterable ? iterable : node));
  loop.body = body.finish();
  if (const Node otherwise = node.child(Kind::else_clause_)) {
    Code else_part;
    if (otherwise.has_error()) header_hole(otherwise, else_part);
    block(otherwise.child(Field::body_), else_part);
    loop.else_part = else_part.finish();
  }
  code.add(std::move(loop));
}

void Lowering::while_statement(Node node, Code& code) {
  const Node test = node.child(Field::condition_);
  ir::Loop loop;
  if (!test || !is_always_true(test)) {
    Code before;
    loop.condition = condition(test, before);
    if (!before.empty()) {
      // Control flow in the condition runs before the first round and after each.
      const ir::Local result = temporary();
      code.add(std::move(before));
      decide(std::move(loop.condition), result, range(test), code);
      Code step;
      ir::ConditionPtr again = condition(test, step);
      decide(std::move(again), result, range(test), step);
      loop.step = step.finish();
      loop.condition = leaf(terms().local(result), range(test));
    }
  }
  Code body;
  block(node.child(Field::body_), body);
  loop.body = body.finish();
  if (const Node otherwise = node.child(Kind::else_clause_)) {
    Code else_part;
    if (otherwise.has_error()) header_hole(otherwise, else_part);
    block(otherwise.child(Field::body_), else_part);
    loop.else_part = else_part.finish();
  }
  code.add(std::move(loop));
}

void Lowering::try_statement(Node node, Code& code) {
  ir::Try made;
  Code body;
  const bool handles = static_cast<bool>(node.child(Kind::except_clause_));
  handled_ += handles ? 1 : 0;
  block(node.child(Field::body_), body);
  handled_ -= handles ? 1 : 0;
  made.body = body.finish();
  for (const Node each : node.children()) {
    Code part;
    if (each.kind() == Kind::except_clause_) {
      made.handlers.push_back(handler(each));
    } else if (each.kind() == Kind::else_clause_) {
      if (each.has_error()) header_hole(each, part);
      block(each.child(Field::body_), part);
      made.else_part = part.finish();
    } else if (each.kind() == Kind::finally_clause_) {
      if (each.has_error()) header_hole(each, part);
      block(each.child(Kind::block_), part);
      made.finally_part = part.finish();
    }
  }
  code.add(std::move(made));
}

ir::Handler Lowering::handler(Node clause) {
  ir::Handler made;
  Code body;
  if (clause.has_error()) header_hole(clause, body);
  Node alias = clause.child(Field::alias_);
  std::uint32_t end = clause.begin() + 6;  // "except"
  for (const Node each : clause.children()) {
    if (each.kind() == Kind::block_) break;
    end = each.end();
    if (each.field() != Field::value_) continue;
    Node type = each;
    if (each.kind() == Kind::as_pattern_) {
      alias = each.child(Field::alias_);
      type = each.first_child();
    }
    caught_types(type, made.types);
  }
  made.range = unit_.range(clause.begin(), end);
  while (alias && alias.kind() != Kind::identifier_) alias = alias.first_child();
  if (alias) {
    const Place place = names_.place(scope_, alias.symbol());
    made.exception = place.local == ir::Local::none ? temporary() : place.local;
    if (place.local == ir::Local::none) store(place.term, terms().local(made.exception), range(alias), body);
  }
  block(clause.child(Kind::block_), body);
  made.body = body.finish();
  return made;
}

/// The classes of an except clause; a tuple stands for its elements, also when a module-level name holds it.
void Lowering::caught_types(Node node, std::vector<ir::Term>& types, int depth) {
  while (node.kind() == Kind::parenthesized_expression_ && node.first_child()) node = node.first_child();
  if (depth > 8 || !node || node.has_error()) {
    types.push_back(terms().unknown());
    return;
  }
  if (node.kind() == Kind::tuple_) {
    for (const Node each : node.children()) caught_types(each, types, depth + 1);
    return;
  }
  if (node.kind() == Kind::list_splat_ || node.kind() == Kind::list_splat_pattern_) {
    caught_types(node.first_child(), types, depth + 1);
    return;
  }
  if (node.kind() == Kind::identifier_) {
    const Lookup found = unit_.scopes.look_up(scope_, node.symbol());
    if (found.scope == ScopeId{0} && found.binding->value.kind() == Kind::tuple_) {
      caught_types(found.binding->value, types, depth + 1);
      return;
    }
  }
  types.push_back(described(node));
}

void Lowering::with_statement(Node node, Code& code) {
  std::vector<Node> items;
  if (const Node clause = node.child(Kind::with_clause_)) {
    for (const Node each : clause.children()) {
      if (each.kind() == Kind::with_item_) items.push_back(each);
    }
  }
  with_items(items, node.child(Field::body_), is_async(node), code);
}

void Lowering::with_items(std::span<const Node> items, Node body, bool is_async, Code& code) {
  if (items.empty()) {
    block(body, code);
    return;
  }
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(items.front()), code);
    return;
  }
  Node value = items.front().child(Field::value_);
  // `with (open(path) as file):`
  while (value.kind() == Kind::parenthesized_expression_ && value.first_child()) value = value.first_child();
  Node target;
  if (value && value.kind() == Kind::as_pattern_) {
    target = value.child(Field::alias_);
    if (target) target = target.first_child();
    value = value.first_child();
  }
  const source::Range where = range(value ? value : items.front());
  const ir::Local manager = temporary();
  let(manager, expression(value, code, Target{manager, false}), where, code);
  const ir::Term entered = terms().local(manager);
  const auto completion = is_async ? ir::Completion::awaited : ir::Completion::immediate;

  ir::Instruction enter =
      call_instruction(terms().field(entered, is_async ? "__aenter__" : "__enter__"), {}, where);
  enter.completion = completion;
  Target result = target_of(target);
  result.dropped = !target;
  const ir::Term bound = emit_result(std::move(enter), code, result);

  ir::Scope scope;
  scope.exit = call_instruction(terms().field(entered, is_async ? "__aexit__" : "__exit__"), {}, where);
  scope.exit.completion = completion;
  scope.may_swallow = true;
  Code inside;
  if (target) assign(target, bound, range(target), inside);
  with_items(items.subspan(1), body, is_async, inside);
  scope.body = inside.finish();
  code.add(std::move(scope));
}

}  // namespace lockwright::frontends::python
