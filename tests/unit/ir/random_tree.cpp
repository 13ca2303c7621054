#include "tests/unit/ir/random_tree.h"

#include <utility>

namespace lockwright::ir::testing {
namespace {

constexpr unsigned max_depth = 9;

}  // namespace

RandomTree::RandomTree(TreeMaker& make, std::uint64_t seed, unsigned size, unsigned finally_weight)
    : make_(make), random_(seed), budget_(size), finally_weight_(finally_weight) {
  for (const std::string_view name : {"a", "b", "c"}) locals_.push_back(make_.variable(name));
}

TreePtr RandomTree::body() {
  std::vector<TreePtr> parts;
  while (budget_ > 0) parts.push_back(statement(0, false));
  return make_.seq(std::move(parts));
}

TreePtr RandomTree::block(unsigned depth) {
  std::vector<TreePtr> parts;
  for (unsigned left = chance(95) ? 1 + pick(3) : 0; left > 0; --left) {
    parts.push_back(statement(depth, left == 1));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return make_.seq(std::move(parts));
}

TreePtr RandomTree::statement(unsigned depth, bool last) {
  if (budget_ > 0) --budget_;
  // What follows a statement that leaves is dead, so such statements come at the ends of blocks.
  if (last && chance(30)) return leaving();
  if (depth >= max_depth || budget_ == 0) return simple();
  const unsigned choice = pick(19 + finally_weight_);
  if (choice < 6) return simple();
  if (choice < 7) return chance(20) ? leaving() : simple();
  if (choice < 10) {
    ConditionPtr test = condition(depth);
    TreePtr then_part = maybe_block(depth + 1, 90);
    return make_.branch(std::move(test), std::move(then_part), maybe_block(depth + 1, 50));
  }
  if (choice < 13) return loop(depth);
  if (choice < 15) return scope(depth);
  if (choice < 19) return attempt(depth, chance(30));
  return attempt(depth, true);
}

TreePtr RandomTree::simple() {
  return chance(30) ? make_.let(local(), value()) : make_.straight(effect());
}

Instruction RandomTree::effect() {
  Instruction made = make_.call_instruction("f", chance(50) ? local() : Local::none);
  switch (pick(6)) {
    case 0:
      made.kind = InstructionKind::await;
      made.callee = Term::none;
      made.value = value();
      break;
    case 1:
      made.kind = InstructionKind::yield;
      made.callee = Term::none;
      break;
    case 2:
      made.kind = InstructionKind::unknown;
      made.callee = Term::none;
      made.result = Local::none;
      break;
    default:
      if (chance(50)) made.arguments.push_back({.value = value(), .name = "x"});
  }
  return made;
}

TreePtr RandomTree::leaving() {
  switch (pick(7)) {
    case 0:
    case 1: return make_.give(chance(80) ? value() : Term::none);
    case 2: return make_.raise(chance(50) ? exception() : Term::none);
    case 3:
    case 4: return make_.brk(label());
    default: return make_.cont(label());
  }
}

std::string_view RandomTree::label() {
  static constexpr std::string_view labels[] = {"outer", "inner", "nowhere"};
  return chance(60) ? std::string_view{} : labels[pick(chance(90) ? 2 : 3)];
}

TreePtr RandomTree::loop(unsigned depth) {
  Loop made;
  made.label = chance(50) ? label() : std::string_view{};
  if (made.label == "nowhere") made.label = {};
  made.condition = chance(75) ? condition(depth) : nullptr;
  made.test_first = chance(70);
  made.body = maybe_block(depth + 1, 95);
  made.step = chance(30) ? simple() : nullptr;
  made.else_part = maybe_block(depth + 1, 25);
  return make_.any_loop(std::move(made));
}

TreePtr RandomTree::attempt(unsigned depth, bool cleanup) {
  Try made;
  made.body = maybe_block(depth + 1, 95);
  for (unsigned i = cleanup ? pick(2) : 1 + pick(3); i > 0; --i) {
    const Local exception = chance(50) ? local() : Local::none;
    TreePtr body = maybe_block(depth + 1, 90);
    Handler handler = chance(25)   ? make_.handler({}, std::move(body), exception)
                      : chance(50) ? make_.handler({"E0"}, std::move(body), exception)
                                   : make_.handler({"E1", "E2"}, std::move(body), exception);
    made.handlers.push_back(std::move(handler));
  }
  made.else_part = maybe_block(depth + 1, 25);
  if (cleanup) made.finally_part = block(depth + 1);
  return make_.attempt(std::move(made));
}

TreePtr RandomTree::scope(unsigned depth) {
  Scope made;
  made.body = maybe_block(depth + 1, 95);
  made.exit = make_.call_instruction("exit", chance(30) ? local() : Local::none);
  made.may_swallow = chance(50);
  return std::make_unique<Tree>(Tree{std::move(made)});
}

ConditionPtr RandomTree::condition(unsigned depth) {
  if (depth < max_depth && chance(35)) {
    ConditionPtr first = condition(depth + 2);
    switch (pick(3)) {
      case 0: return make_.negation(std::move(first));
      case 1: return make_.both(std::move(first), condition(depth + 2));
      default: return make_.either(std::move(first), condition(depth + 2));
    }
  }
  const Term constants[] = {make_.terms().boolean(true), make_.terms().boolean(false), make_.terms().null(),
                            make_.terms().integer(pick(2))};
  ConditionPtr leaf = chance(70)   ? make_.maybe()
                      : chance(70) ? make_.test(make_.value(local()))
                                   : make_.test(constants[pick(4)]);
  if (chance(40)) leaf->before.push_back(effect());
  return leaf;
}

Term RandomTree::value() {
  if (chance(60)) return make_.value(local());
  return chance(50) ? make_.terms().integer(pick(3)) : exception();
}

Term RandomTree::exception() {
  if (chance(30)) return make_.value(local());
  static constexpr std::string_view types[] = {"E0", "E1", "E2"};
  const Term number = make_.terms().integer(100 + pick(100));
  return make_.terms().make(make_.terms().global(types[pick(3)]), {&number, 1});
}

}  // namespace lockwright::ir::testing
