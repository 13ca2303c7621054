// Names: what an identifier means where it stands, and where an assignment to it goes.
#pragma once

#include <string_view>
#include <unordered_map>

#include "analyzer/frontends/python/imports.h"
#include "analyzer/frontends/python/meaning.h"
#include "analyzer/frontends/python/unit.h"

namespace lockwright::frontends::python {

/// Where a variable lives: in a slot of its function, or behind a term.
struct Place {
  ir::Local local = ir::Local::none;
  ir::Term term = ir::Term::none;  ///< set when `local` is none: a global or a field of an activation
};

class Names {
 public:
  Names(Unit& unit, Imports& imports) : unit_(unit), imports_(imports) {}

  /// What `symbol` means when code in `scope` reads it.
  Meaning read(ScopeId scope, Symbol symbol);
  /// The same by spelling, for text that is not in the tree (annotations).
  Meaning read(ScopeId scope, std::string_view name);
  /// Where an assignment to `symbol` by code in `scope` goes.
  Place place(ScopeId scope, Symbol symbol);
  /// What `base.name` means: a name in a namespace, else a field.
  Meaning member(const Meaning& base, std::string_view name);

  /// The activation of `binder`'s function, as seen from the code of `scope`.
  ir::Term activation(ScopeId scope, ScopeId binder);
  /// The function of a scope, as a value made in the code of `scope`: a closure, a global for methods and
  /// functions of the module.
  ir::Term function_value(ScopeId scope, ScopeId function);
  /// The receiver of the method around `scope` as seen from there: for super(). The class in class methods.
  ir::Term receiver(ScopeId scope);

 private:
  Meaning variable(ScopeId scope, ScopeId binder, Binding& binding);
  Meaning module_name(Binding& binding);
  Meaning class_name(ScopeId binder, Binding& binding);
  Meaning unbound(std::string_view name);
  ir::Term qualified(std::string_view prefix, Symbol symbol, Binding& binding);
  ir::Local slot(ScopeId binder, Binding& binding);

  Unit& unit_;
  Imports& imports_;
  std::unordered_map<std::uint64_t, Meaning> members_;  // by base term and interned name's term
};

}  // namespace lockwright::frontends::python
