// The frame of a function's lowering: its entry and its body.
//
// At entry a function takes what closures will look for: the frame it was made in (as "^", if a function
// inside of it reaches further out) and its captured parameters, which live in the activation from then on.
#include "analyzer/frontends/python/lowering.h"

#include "analyzer/ir/builder.h"

namespace lockwright::frontends::python {

Lowering::Lowering(Unit& unit, Names& names, ScopeId scope)
    : Emitter(unit.module, unit.function(scope), unit.last_site), unit_(unit), names_(names), scope_(scope) {}

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

source::Range Lowering::range(Node node) const {
  source::Range result = unit_.range(node);
  if (is_spread(node)) {
    const std::size_t first = unit_.syntax.text().find_first_not_of("* \t", result.begin);
    if (first < result.end) result.begin = static_cast<std::uint32_t>(first);
  }
  return result;
}

}  // namespace lockwright::frontends::python
