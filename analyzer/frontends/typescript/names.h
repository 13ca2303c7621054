// Names: what an identifier means where it stands, and where an assignment to it goes.
#pragma once

#include <string_view>
#include <vector>

#include "analyzer/frontends/typescript/imports.h"
#include "analyzer/frontends/typescript/meaning.h"
#include "analyzer/frontends/typescript/unit.h"

namespace lockwright::frontends::typescript {

/// Where a variable lives: in a slot of its function, or behind a term.
struct Place {
  ir::Local local = ir::Local::none;
  ir::Term term = ir::Term::none;  ///< set when `local` is none: a global or a field of an activation
};

class Names {
 public:
  Names(Unit& unit, Imports& imports);

  /// What `symbol` means when code in `scope` reads it.
  Meaning read(ScopeId scope, Symbol symbol);
  /// The same by spelling, for text that is not in the tree (types).
  Meaning read(ScopeId scope, std::string_view name);
  /// Where an assignment to `symbol` by code in `scope` goes.
  Place place(ScopeId scope, Symbol symbol);
  /// Where the variable `binding` of `binder` is for code in `scope`.
  Place place(ScopeId scope, ScopeId binder, Binding& binding);
  /// What `base.name` means: a name in a namespace, else a field.
  Meaning member(const Meaning& base, std::string_view name);
  /// `this` in the code of `scope`.
  Meaning receiver(ScopeId scope);

  /// What a chain of names (a.b.c, require("x").y) means; nothing but unknown when it is anything else.
  Meaning described(ScopeId scope, Node chain);

  /// The function of a scope, as a value made in the code of `scope`: a closure, a global for functions of
  /// the module.
  ir::Term function_value(ScopeId scope, ScopeId function);
  [[nodiscard]] Imports& imports() const { return imports_; }

 private:
  Meaning imported(std::uint32_t import);
  Meaning platform(std::string_view name);
  ir::Term activation(ScopeId scope, ScopeId binder);
  std::string field_name(const Binding& binding) const;
  ir::Local slot(ScopeId binder, Binding& binding);

  Unit& unit_;
  Imports& imports_;
  std::vector<Meaning> imported_;  // by index into Scopes::imports, as far as asked for
  int depth_ = 0;                  // of aliases of aliases
};

}  // namespace lockwright::frontends::typescript
