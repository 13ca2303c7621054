// The frame of a function's lowering: its entry, its body, and the few ways to make an instruction.
//
// At entry a function takes what closures will look for: the frame it was made in (as "^", if a function
// inside of it reaches further out) and its captured parameters, which live in the activation from then on.
#include "analyzer/frontends/python/lowering.h"

#include "analyzer/ir/builder.h"

namespace lockwright::frontends::python {

Lowering::Lowering(Unit& unit, Names& names, ScopeId scope)
    : unit_(unit), names_(names), scope_(scope), function_(unit.function(scope)) {}

void Lowering::run() {
  const Scope& scope = unit_.scopes.scope(scope_);
  Code code;
  switch (scope.kind) {
    case ScopeKind::module:
      if (scope.node.kind() == Kind::error) {
        recover(scope.node, code);
      } else {
        block(scope.node, code);
      }
      break;
    case ScopeKind::lambda: {
      prologue(code);
      const Node body = scope.node.child(Field::body_);
      const ir::Term value = expression(body, code);
      code.add(ir::Return{value, range(body ? body : scope.node)});
      break;
    }
    default:
      prologue(code);
      if (const Node body = scope.node.child(Field::body_)) block(body, code);
      break;
  }
  const ir::TreePtr tree = code.finish();
  ir::build_cfg(*tree, terms(), function_);
}

void Lowering::prologue(Code& code) {
  const Scope& scope = unit_.scopes.scope(scope_);
  const source::Range where = function_.name_range;
  if (scope.keeps_frame) store(terms().field(terms().activation(), "^"), terms().frame(), where, code);
  for (const std::uint32_t index : unit_.scopes.names(scope_)) {
    const Binding& binding = unit_.scopes.binding(index);
    if (!binding.parameter) continue;
    const bool changes = binding.assigned || binding.assigned_none;
    ir::Term value = binding.local == ir::Local::none ? terms().unknown() : terms().local(binding.local);
    if (binding.receiver) {
      if (!changes && (scope.receiver == Receiver::type || !binding.captured)) continue;
      value = scope.receiver == Receiver::type ? global(unit_.scopes.scope(scope.parent).qualified_name)
                                               : terms().self();
    } else if (!binding.captured) {
      continue;
    }
    if (binding.captured) {
      store(terms().field(terms().activation(), unit_.syntax.name(binding.symbol)), value, where, code);
    } else {
      assign_name(binding.symbol, value, where, code);
    }
  }
}

ir::Instruction Lowering::instruction(ir::InstructionKind kind, source::Range range) {
  ir::Instruction made;
  made.kind = kind;
  made.range = range;
  made.site = static_cast<ir::Site>(++unit_.last_site);
  return made;
}

source::Range Lowering::range(Node node) const {
  source::Range result = unit_.range(node);
  if (node.is_spread()) {
    const std::size_t first = unit_.syntax.text().find_first_not_of("* \t", result.begin);
    if (first < result.end) result.begin = static_cast<std::uint32_t>(first);
  }
  return result;
}

ir::Local Lowering::temporary() {
  const auto local = static_cast<ir::Local>(function_.locals.size());
  function_.locals.emplace_back();
  return local;
}

/// Nothing when the value is already there.
void Lowering::let(ir::Local local, ir::Term value, source::Range range, Code& code) {
  if (value == terms().local(local)) return;
  ir::Instruction made = instruction(ir::InstructionKind::let, range);
  made.result = local;
  made.value = value;
  code.emit(std::move(made));
}

void Lowering::store(ir::Term place, ir::Term value, source::Range range, Code& code) {
  ir::Instruction made = instruction(ir::InstructionKind::store, range);
  made.place = place;
  made.value = value;
  code.emit(std::move(made));
}

ir::Instruction Lowering::call_instruction(ir::Term callee, std::span<const ir::Term> arguments,
                                           source::Range range) {
  ir::Instruction made = instruction(ir::InstructionKind::call, range);
  made.callee = callee;
  for (const ir::Term each : arguments) made.arguments.push_back({each, {}, false});
  return made;
}

ir::Term Lowering::call_global(std::string_view callee, std::span<const ir::Term> arguments,
                               source::Range range, Code& code, Target target) {
  return emit_result(call_instruction(global(callee), arguments, range), code, target);
}

ir::Term Lowering::emit_result(ir::Instruction made, Code& code, Target target) {
  if (!target.dropped) made.result = target.local == ir::Local::none ? temporary() : target.local;
  const ir::Local result = made.result;
  code.emit(std::move(made));
  return target.dropped ? terms().unknown() : terms().local(result);
}

void Lowering::hole(source::Range range, Code& code) {
  code.emit(instruction(ir::InstructionKind::unknown, range));
  unit_.module.holes.push_back({range});
}

bool Lowering::is_context_free(ir::Term term) const {
  const ir::TermKinds bound =
      ir::kinds_of(ir::TermKind::local, ir::TermKind::param, ir::TermKind::self, ir::TermKind::activation,
                   ir::TermKind::frame, ir::TermKind::fresh);
  return (terms().kinds_in(term) & bound) == 0;
}

}  // namespace lockwright::frontends::python
