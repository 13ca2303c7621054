#include "tests/unit/ir/tree_maker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "analyzer/ir/builder.h"
#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"

namespace lockwright::ir::testing {

TreeMaker::TreeMaker() {
  module.name = "m";
  module.file = source::FileId{7};
  Function& made = module.functions.emplace_back();
  made.name = terms().intern("f");
  made.qualified_name = terms().intern("m.f");
  made.range = {.file = module.file, .begin = 0, .end = 100000};
  made.name_range = made.range;
}

Local TreeMaker::variable(std::string_view name) {
  function().locals.push_back({.name = terms().intern(name)});
  return static_cast<Local>(function().locals.size() - 1);
}

source::Range TreeMaker::next_range() {
  const source::Range range{.file = module.file, .begin = next_, .end = next_ + 1};
  ++next_;
  return range;
}

Instruction TreeMaker::call_instruction(std::string_view callee, Local result) {
  Instruction instruction;
  instruction.kind = InstructionKind::call;
  instruction.range = next_range();
  instruction.site = static_cast<Site>(instruction.range.begin);
  instruction.result = result;
  instruction.callee = terms().global(callee);
  return instruction;
}

TreePtr TreeMaker::straight(Instruction instruction) {
  Straight node;
  node.instructions.push_back(std::move(instruction));
  return tree(std::move(node));
}

TreePtr TreeMaker::call(std::string_view callee, Local result) {
  return straight(call_instruction(callee, result));
}

TreePtr TreeMaker::let(Local result, Term value) {
  Instruction instruction;
  instruction.kind = InstructionKind::let;
  instruction.range = next_range();
  instruction.result = result;
  instruction.value = value;
  return straight(std::move(instruction));
}

TreePtr TreeMaker::seq(std::vector<TreePtr> parts) {
  return tree(Sequence{std::move(parts)});
}

ConditionPtr TreeMaker::test(Term term) {
  auto condition = std::make_unique<Condition>();
  condition->test = term;
  condition->range = next_range();
  return condition;
}

ConditionPtr TreeMaker::join(Condition::Kind kind, ConditionPtr first, ConditionPtr second) {
  auto condition = std::make_unique<Condition>();
  condition->kind = kind;
  condition->range = next_range();
  condition->operands.push_back(std::move(first));
  if (second) condition->operands.push_back(std::move(second));
  return condition;
}

ConditionPtr TreeMaker::both(ConditionPtr a, ConditionPtr b) {
  return join(Condition::Kind::both, std::move(a), std::move(b));
}
ConditionPtr TreeMaker::either(ConditionPtr a, ConditionPtr b) {
  return join(Condition::Kind::either, std::move(a), std::move(b));
}
ConditionPtr TreeMaker::negation(ConditionPtr a) {
  return join(Condition::Kind::negation, std::move(a), nullptr);
}

TreePtr TreeMaker::branch(ConditionPtr condition, TreePtr then_part, TreePtr else_part) {
  return tree(If{std::move(condition), std::move(then_part), std::move(else_part)});
}

TreePtr TreeMaker::loop(ConditionPtr condition, TreePtr body, TreePtr else_part) {
  Loop node;
  node.condition = std::move(condition);
  node.body = std::move(body);
  node.else_part = std::move(else_part);
  return tree(std::move(node));
}

TreePtr TreeMaker::any_loop(Loop loop) {
  return tree(std::move(loop));
}

Handler TreeMaker::handler(std::initializer_list<std::string_view> types, TreePtr body, Local exception) {
  Handler made;
  for (const std::string_view type : types) made.types.push_back(terms().global(type));
  made.exception = exception;
  made.body = std::move(body);
  made.range = next_range();
  return made;
}

TreePtr TreeMaker::attempt(Try attempt) {
  return tree(std::move(attempt));
}

TreePtr TreeMaker::with_finally(TreePtr body, TreePtr finally_part) {
  Try node;
  node.body = std::move(body);
  node.finally_part = std::move(finally_part);
  return tree(std::move(node));
}

TreePtr TreeMaker::with_handler(TreePtr body, Handler handler) {
  Try node;
  node.body = std::move(body);
  node.handlers.push_back(std::move(handler));
  return tree(std::move(node));
}

TreePtr TreeMaker::scope(TreePtr body, std::string_view exit, bool may_swallow) {
  return tree(Scope{std::move(body), call_instruction(exit), may_swallow});
}

TreePtr TreeMaker::give(Term value) {
  return tree(Return{value, next_range()});
}
TreePtr TreeMaker::raise(Term value) {
  return tree(Raise{value, next_range()});
}
TreePtr TreeMaker::brk(std::string_view label) {
  return tree(Break{label});
}
TreePtr TreeMaker::cont(std::string_view label) {
  return tree(Continue{label});
}

std::string TreeMaker::lowered(const TreePtr& body) {
  build_cfg(*body, terms(), function());
  EXPECT_EQ(verify(module), std::vector<std::string>{});
  std::string text = dump(module, function(), {});
  text.erase(0, text.find('\n') + 1);
  static const std::regex margin(" +!");
  return "\n" + std::regex_replace(text, margin, " !");
}

}  // namespace lockwright::ir::testing
