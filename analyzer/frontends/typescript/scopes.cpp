// Questions to the scopes of a file; scope_builder.cpp makes them.
#include "analyzer/frontends/typescript/scopes.h"

namespace lockwright::frontends::typescript {

ScopeId Scopes::opened_by(Node node) const {
  const auto found = node ? opened_.find(node.id()) : opened_.end();
  return found == opened_.end() ? ScopeId::none : found->second;
}

Binding* Scopes::find(ScopeId scope, Symbol symbol) {
  const auto found = index_.find(key(scope, symbol));
  return found == index_.end() ? nullptr : &bindings_[found->second];
}

Lookup Scopes::look_up(ScopeId from, Symbol symbol) {
  for (ScopeId id = from; id != ScopeId::none; id = scope(id).parent) {
    if (Binding* binding = find(id, symbol); binding != nullptr) return {id, binding};
  }
  return {};
}

ScopeId Scopes::this_scope(ScopeId from) const {
  ScopeId id = from;
  while (id != ScopeId{0}) {
    const Scope& here = scope(id);
    const bool is_field = here.kind == ScopeKind::arrow && here.receiver == Receiver::instance;
    if (here.kind == ScopeKind::function || here.kind == ScopeKind::type || is_field) return id;
    id = here.kind == ScopeKind::fields ? here.owner : here.parent;
  }
  return id;
}

std::uint32_t Scopes::hops(ScopeId from, ScopeId to) const {
  std::uint32_t count = 0;
  const ScopeId target = scope(to).owner;
  for (ScopeId id = scope(from).owner; id != target; id = scope(scope(id).parent).owner) {
    ++count;
    if (scope(id).parent == ScopeId::none) break;
  }
  return count;
}

}  // namespace lockwright::frontends::typescript
