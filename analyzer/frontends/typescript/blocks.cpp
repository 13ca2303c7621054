// Compound statements: if, loops, try and using, as the structures of the IR.
//
// A for-of loop asks an iterator for its next element; whether there is one is undecidable. A using
// declaration hands the call that disposes of its value to a scope guard around the rest of its block.
// Every place that break or continue can aim at gets a label of its own, so that the IR's loops (some of
// which stand for a switch or a labelled block) are never mistaken for one another.
#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {
namespace {

/// `while (true)`, `while (1)`, `for (;;)`.
bool is_always_true(Node test) {
  test = test ? stripped(test) : test;
  return !test || test.kind() == Kind::true_ || test.kind() == Kind::empty_statement_ ||
         (test.kind() == Kind::number_ && test.text() == "1");
}

}  // namespace

void Lowering::if_statement(Node node, Code& code) {
  // else if else if …: down the chain in a loop, then put together from its end.
  struct Arm {
    ir::ConditionPtr test;
    Code before;
    Code then_part;
  };
  std::vector<Arm> arms;
  Code last;
  bool has_last = false;
  for (Node each = node;;) {
    Arm arm;
    if (each != node && each.has_error()) header_hole(each, arm.before);
    arm.test = condition(each.child(Field::condition_), arm.before);
    statement(each.child(Field::consequence_), arm.then_part);
    arms.push_back(std::move(arm));
    const Node otherwise = each.child(Field::alternative_);
    const Node next = otherwise ? otherwise.first_child() : Node{};
    if (!next) break;
    if (next.kind() == Kind::if_statement_ && arms.size() < max_chain) {
      each = next;
      continue;
    }
    statement(next, last);
    has_last = true;
    break;
  }
  ir::TreePtr rest = has_last ? last.finish() : nullptr;
  for (auto each = arms.rbegin(); each != arms.rend(); ++each) {
    Code whole = std::move(each->before);
    whole.add(ir::If{std::move(each->test), each->then_part.finish(), std::move(rest)});
    if (std::next(each) == arms.rend()) {
      code.add(std::move(whole));
      return;
    }
    rest = whole.finish();
  }
}

void Lowering::while_statement(Node node, Code& code) {
  const InJump jump(*this, pending_label_, true, true);
  pending_label_ = {};
  const Node test = node.child(Field::condition_);
  ir::Loop loop;
  loop.label = jump.label();
  Code step;
  loop_condition(test, loop, step, code);
  Code body;
  statement(node.child(Field::body_), body);
  loop.body = body.finish();
  loop.step = step.finish_or_null();
  code.add(std::move(loop));
}

/// Control flow in the condition runs before the first round and after each.
void Lowering::loop_condition(Node test, ir::Loop& loop, Code& step, Code& code) {
  if (is_always_true(test)) return;
  Code before;
  loop.condition = condition(test, before);
  if (before.empty()) return;
  const ir::Local result = temporary();
  code.add(std::move(before));
  decide(std::move(loop.condition), result, range(test), code);
  ir::ConditionPtr again = condition(test, step);
  decide(std::move(again), result, range(test), step);
  loop.condition = leaf(terms().local(result), range(test));
}

void Lowering::do_statement(Node node, Code& code) {
  const InJump jump(*this, pending_label_, true, true);
  pending_label_ = {};
  ir::Loop loop;
  loop.label = jump.label();
  loop.test_first = false;
  Code body;
  statement(node.child(Field::body_), body);
  const Node test = node.child(Field::condition_);
  if (!is_always_true(test)) {
    Code step;
    loop.condition = condition(test, step);
    loop.step = step.finish_or_null();
  }
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::for_statement(Node node, Code& code) {
  const InScope inside(scope_, unit_.scopes.opened_by(node));
  const std::string_view label = std::exchange(pending_label_, {});
  const Node initializer = node.child(Field::initializer_);
  if (initializer)
    is_statement(initializer.kind()) ? statement(initializer, code) : discard(initializer, code);
  const InJump jump(*this, label, true, true);
  ir::Loop loop;
  loop.label = jump.label();
  Code step;
  if (const Node increment = node.child(Field::increment_)) discard(increment, step);
  loop_condition(node.child(Field::condition_), loop, step, code);
  Code body;
  statement(node.child(Field::body_), body);
  loop.body = body.finish();
  loop.step = step.finish_or_null();
  code.add(std::move(loop));
}

/// for-in, for-of, for await.
void Lowering::for_each_statement(Node node, Code& code) {
  const InScope inside(scope_, unit_.scopes.opened_by(node));
  const std::string_view label = std::exchange(pending_label_, {});
  const Node target = node.child(Field::left_);
  const Node iterable = node.child(Field::right_);
  if (!target || !iterable) return;
  const bool is_async = has_word(node, Kind::word_await);
  const Node operation = node.child(Field::operator_);
  ir::Term iterated = expression(iterable, code);
  if (operation && operation.kind() == Kind::op_in) {
    const ir::Term operands[] = {iterated};
    iterated = terms().apply(global("globalThis.Object.keys"), operands);
  }
  const ir::Term iterator =
      call_global(is_async ? "builtins.aiter" : "builtins.iter", {{iterated}}, range(iterable), code);
  const InJump jump(*this, label, true, true);
  Code body;
  ir::Instruction next =
      call_instruction(global(is_async ? "operator.anext" : "operator.next"), {{iterator}}, range(target));
  if (is_async) next.completion = ir::Completion::awaited;
  const ir::Term element = emit_result(std::move(next), body, target_of(target));
  assign(target, element, range(target), body);
  statement(node.child(Field::body_), body);
  ir::Loop loop;
  loop.label = jump.label();
  loop.condition = leaf(ir::Term::none, range(iterable));
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::labeled_statement(Node node, Code& code) {
  const Node label = node.child(Field::label_);
  const Node body = node.child(Field::body_);
  if (!label || !body) return;
  switch (body.kind()) {
    case Kind::for_statement_:
    case Kind::for_in_statement_:
    case Kind::while_statement_:
    case Kind::do_statement_:
      pending_label_ = label.text();
      statement(body, code);
      return;
    default: break;
  }
  const InJump jump(*this, label.text(), false, false);
  Code inside;
  statement(body, inside);
  inside.add(ir::Break{jump.label()});
  ir::Loop loop;
  loop.label = jump.label();
  loop.body = inside.finish();
  code.add(std::move(loop));
}

void Lowering::try_statement(Node node, Code& code) {
  ir::Try made;
  Code body;
  const Node catches = node.child(Field::handler_);
  handled_ += catches ? 1 : 0;
  block(node.child(Field::body_), body);
  handled_ -= catches ? 1 : 0;
  made.body = body.finish();
  if (catches) made.handlers.push_back(handler(catches));
  if (const Node last = node.child(Field::finalizer_)) {
    Code part;
    block(last.child(Field::body_), part);
    made.finally_part = part.finish();
  }
  code.add(std::move(made));
}

ir::Handler Lowering::handler(Node clause) {
  const InScope inside(scope_, unit_.scopes.opened_by(clause));
  ir::Handler made;
  Code body;
  const Node parameter = clause.child(Field::parameter_);
  const Node written = clause.child(Field::body_);
  made.range = unit_.range(clause.begin(), parameter ? parameter.end() : clause.begin() + 5);  // "catch"
  if (parameter) {
    const Target slot = target_of(parameter);
    made.exception = slot.local == ir::Local::none ? temporary() : slot.local;
    if (slot.local == ir::Local::none)
      assign(parameter, terms().local(made.exception), range(parameter), body);
  }
  block(written, body);
  made.body = body.finish();
  return made;
}

void Lowering::using_statement(Node declared, bool is_async, std::span<const Node> rest, Code& code) {
  const Node target = declared.child(Field::left_);
  const Node value = declared.child(Field::right_);
  const Nesting nesting(*this);
  if (!nesting || !target || !value) {
    hole(range(declared), code);
    return;
  }
  const source::Range where = range(value);
  const ir::Local held = temporary();
  let(held, expression(value, code, Target{held, false}), where, code);
  assign(target, terms().local(held), range(declared), code);
  ir::Scope scope;
  const ir::Term method =
      terms().field(terms().local(held), is_async ? "Symbol.asyncDispose" : "Symbol.dispose");
  scope.exit = call_instruction(method, {}, where);
  if (is_async) scope.exit.completion = ir::Completion::awaited;
  Code inside;
  statements(rest, inside);
  scope.body = inside.finish();
  code.add(std::move(scope));
}

}  // namespace lockwright::frontends::typescript
