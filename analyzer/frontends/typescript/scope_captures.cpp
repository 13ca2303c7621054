// Which variables closures share: every use that crosses the border of a function marks its variable, and the
// functions on the way as in need of a frame.
#include "analyzer/frontends/typescript/scope_builder.h"

namespace lockwright::frontends::typescript {

void ScopeBuilder::use(ScopeId scope, Symbol symbol) {
  if (!at(scope).may_capture) return;
  if (uses_.empty() || !(uses_.back() == Use{scope, symbol})) uses_.push_back({scope, symbol});
}

void ScopeBuilder::use_this(ScopeId scope) {
  const ScopeId home = scopes_.this_scope(scope);
  if (home == ScopeId{0} || at(home).kind == ScopeKind::type) return;
  at(home).uses_this = true;
  if (at(home).receiver == Receiver::type || at(scope).owner == home) return;
  at(home).captures_this = true;
  this_uses_.push_back({at(scope).owner, home});
}

void ScopeBuilder::resolve() {
  for (const Write& each : writes_) {
    const Lookup found = scopes_.look_up(each.scope, each.symbol);
    if (found.binding == nullptr) continue;
    const Node source = each.value ? required_module(each.value) : Node{};
    if (source && !found.binding->assigned) {
      ImportedName made;
      made.form = ImportedName::Form::required;
      made.source = source;
      made.value = stripped(each.value);
      add_import(found.scope, each.symbol, made);
    } else if (!each.value || !is_null_literal(each.value) || found.binding->functions > 0 ||
               found.binding->types > 0) {
      found.binding->assigned = true;
    }
  }
  for (const Use& each : uses_) resolve(each);
  for (const FunctionUse& each : this_uses_) reach(each.user, each.function);
  bool changed = true;
  while (changed) {
    changed = false;
    for (const FunctionUse& each : function_uses_) {
      if (at(each.function).needs_frame) changed |= reach(each.user, at(at(each.function).parent).owner);
    }
  }
}

void ScopeBuilder::resolve(const Use& use) {
  const Lookup found = scopes_.look_up(use.scope, use.symbol);
  if (found.binding == nullptr) return;
  const Scope& binder = at(found.scope);
  const ScopeId user = at(use.scope).owner;
  const bool is_variable_scope = binder.kind == ScopeKind::function || binder.kind == ScopeKind::arrow ||
                                 binder.kind == ScopeKind::block;
  if (!is_variable_scope || binder.owner == user) return;
  Binding& binding = *found.binding;
  if (is_only_type(binding) || is_only_import(binding)) return;
  if (is_only_function(binding)) {
    function_uses_.push_back({user, binding.definition});
    return;
  }
  binding.captured = true;
  if (binder.owner != ScopeId{0}) reach(user, binder.owner);
}

bool ScopeBuilder::reach(ScopeId user, ScopeId binder) {
  bool changed = false;
  for (ScopeId each = user; each != binder && each != ScopeId{0}; each = at(at(each).parent).owner) {
    Scope& scope = at(each);
    changed |= !scope.needs_frame || (each != user && !scope.keeps_frame);
    scope.needs_frame = true;
    if (each != user) scope.keeps_frame = true;
  }
  return changed;
}

}  // namespace lockwright::frontends::typescript
