// The few ways to make an instruction or a condition.
//
// A leaf of a condition may run instructions first, but no control flow. Where an operand needs some (a
// ternary in it, a comprehension), the first operand's goes in front of the whole condition; a later one's
// must stay behind the operands before it, so the condition up to there is decided by an if of its own:
//   t := false; if LEFT: [what RIGHT needs]; if RIGHT: t := true;         and the condition is t (for `and`)
//   t := true; if not LEFT: [what RIGHT needs]; if not RIGHT: t := false; and the condition is t (for `or`).
#include "analyzer/frontends/common/emitter.h"

namespace lockwright::frontends {

ir::Instruction Emitter::instruction(ir::InstructionKind kind, source::Range range) {
  ir::Instruction made;
  made.kind = kind;
  made.range = range;
  made.site = static_cast<ir::Site>(++last_site_);
  return made;
}

ir::Local Emitter::temporary() {
  const auto local = static_cast<ir::Local>(function_.locals.size());
  function_.locals.emplace_back();
  return local;
}

void Emitter::let(ir::Local local, ir::Term value, source::Range range, Code& code) {
  if (value == terms().local(local)) return;
  ir::Instruction made = instruction(ir::InstructionKind::let, range);
  made.result = local;
  made.value = value;
  code.emit(std::move(made));
}

void Emitter::store(ir::Term place, ir::Term value, source::Range range, Code& code) {
  ir::Instruction made = instruction(ir::InstructionKind::store, range);
  made.place = place;
  made.value = value;
  code.emit(std::move(made));
}

ir::Instruction Emitter::call_instruction(ir::Term callee, std::span<const ir::Term> arguments,
                                          source::Range range) {
  ir::Instruction made = instruction(ir::InstructionKind::call, range);
  made.callee = callee;
  for (const ir::Term each : arguments) made.arguments.push_back({each, {}, false});
  return made;
}

ir::Term Emitter::call_global(std::string_view callee, std::span<const ir::Term> arguments,
                              source::Range range, Code& code, Target target) {
  return emit_result(call_instruction(global(callee), arguments, range), code, target);
}

ir::Term Emitter::emit_result(ir::Instruction made, Code& code, Target target) {
  if (!target.dropped) made.result = target.local == ir::Local::none ? temporary() : target.local;
  const ir::Local result = made.result;
  code.emit(std::move(made));
  return target.dropped ? terms().unknown() : terms().local(result);
}

void Emitter::hole(source::Range range, Code& code) {
  ir::Instruction made = instruction(ir::InstructionKind::unknown, range);
  made.never_raises = !holes_raise_;
  code.emit(std::move(made));
  module_.holes.push_back({range});
}

ir::Term Emitter::snapshot(ir::Term value, source::Range range, Code& code) {
  const ir::TermKinds variable =
      ir::kinds_of(ir::TermKind::local, ir::TermKind::activation, ir::TermKind::frame);
  if ((terms().kinds_in(value) & variable) == 0) return value;
  const ir::Local kept = temporary();
  let(kept, value, range, code);
  return terms().local(kept);
}

ir::Term Emitter::apply(std::string_view operation, ir::Term left, ir::Term right) {
  const ir::Term operands[] = {left, right};
  return terms().apply(global(operation), operands);
}

bool Emitter::is_context_free(ir::Term term) const {
  const ir::TermKinds bound =
      ir::kinds_of(ir::TermKind::local, ir::TermKind::param, ir::TermKind::self, ir::TermKind::activation,
                   ir::TermKind::frame, ir::TermKind::fresh);
  return (terms().kinds_in(term) & bound) == 0;
}

ir::ConditionPtr Emitter::leaf(ir::Term test, source::Range range, std::vector<ir::Instruction> before) {
  auto result = std::make_unique<ir::Condition>();
  result->before = std::move(before);
  result->test = terms().kind(test) == ir::TermKind::unknown ? ir::Term::none : test;
  result->range = range;
  return result;
}

ir::ConditionPtr Emitter::join(ir::Condition::Kind kind, ir::ConditionPtr left, ir::ConditionPtr right) {
  auto result = std::make_unique<ir::Condition>();
  result->kind = kind;
  result->range = left->range;
  result->range.end = right->range.end > left->range.end ? right->range.end : left->range.end;
  result->operands.push_back(std::move(left));
  result->operands.push_back(std::move(right));
  return result;
}

ir::ConditionPtr Emitter::negation(ir::ConditionPtr operand) {
  auto result = std::make_unique<ir::Condition>();
  result->kind = ir::Condition::Kind::negation;
  result->range = operand->range;
  result->operands.push_back(std::move(operand));
  return result;
}

ir::ConditionPtr Emitter::sequence_condition(ir::Condition::Kind kind, ir::ConditionPtr left,
                                             Code right_before, ir::ConditionPtr right, source::Range range,
                                             Code& before) {
  if (right_before.empty()) {
    ir::ConditionPtr result = join(kind, std::move(left), std::move(right));
    result->range = range;
    return result;
  }
  const bool both = kind == ir::Condition::Kind::both;
  const ir::Local result = temporary();
  let(result, terms().boolean(!both), range, before);
  // Where the left operand leaves it open, the right one decides.
  Code settle;
  let(result, terms().boolean(both), range, settle);
  if (!both) right = negation(std::move(right));
  right_before.add(ir::If{std::move(right), settle.finish(), nullptr});
  if (!both) left = negation(std::move(left));
  before.add(ir::If{std::move(left), right_before.finish(), nullptr});
  return leaf(terms().local(result), range);
}

void Emitter::decide(ir::ConditionPtr condition, ir::Local result, source::Range range, Code& code) {
  Code yes;
  Code no;
  let(result, terms().boolean(true), range, yes);
  let(result, terms().boolean(false), range, no);
  code.add(ir::If{std::move(condition), yes.finish(), no.finish()});
}

}  // namespace lockwright::frontends
