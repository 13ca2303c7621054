// Which names a piece of TypeScript binds where, and which of them closures share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/frontends/typescript/syntax.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::typescript {

enum class ScopeId : std::uint32_t { none = 0xffffffff };

enum class ScopeKind : std::uint8_t {
  module,
  space,  ///< a namespace: its names are the module's, behind a dot
  type,   ///< a class body
  function,
  arrow,   ///< has no `this` of its own
  block,   ///< a block, a loop's head, a catch clause, a switch
  fields,  ///< the initial value of a field: code of the constructor, but out of reach of its parameters
};

/// What `this` is.
enum class Receiver : std::uint8_t {
  none,
  instance,
  type,  ///< the class: in static methods
};

/// One name in one scope, and all the ways in which the scope binds it.
struct Binding {
  static constexpr std::uint32_t no_import = 0xffffffff;

  Symbol symbol = Symbol::none;
  bool parameter = false;
  bool declared = false;       ///< by let, const, var, catch: a variable
  bool assigned = false;       ///< with something that is neither a function, a class, a module nor null
  bool type_only = false;      ///< an interface or a type alias, and nothing else
  bool captured = false;       ///< a function inside of this one uses it: it lives in the activation
  std::uint8_t functions = 0;  ///< how many definitions bind it (stops at 2)
  std::uint8_t types = 0;
  ScopeId definition = ScopeId::none;  ///< of the function or class
  std::uint32_t import = no_import;    ///< the first import: index into Scopes::imports
  std::uint32_t twins = 0;             ///< bindings of the same name before it in the same function
  ir::Local local = ir::Local::none;   ///< where its function keeps it; given out on first use
};

struct Scope {
  ScopeKind kind = ScopeKind::module;
  ScopeId id = ScopeId::none;
  ScopeId parent = ScopeId::none;
  ScopeId owner = ScopeId::none;  ///< the module or function whose code this is part of (perhaps itself)
  Node node;                      ///< the definition or block; of a constructor that is not written: the body
  ir::FunctionIndex function = ir::FunctionIndex::none;  ///< of the owner
  std::uint32_t type = 0;                                ///< index into Module::classes, for classes
  std::uint32_t depth = 0;
  ScopeId constructor = ScopeId::none;  ///< of a class
  Receiver receiver = Receiver::none;
  bool is_constructor = false;
  bool is_async = false;
  bool is_generator = false;
  bool is_getter = false;
  bool is_setter = false;
  bool uses_this = false;              ///< a function that names its own `this`, or in which an arrow does
  bool captures_this = false;          ///< … an arrow does: `this` lives in the activation
  bool needs_frame = false;            ///< a function that uses variables of those around it
  bool keeps_frame = false;            ///< … or inside of which one does that reaches over it
  bool may_capture = false;            ///< inside of something that has variables
  Symbol prototype_of = Symbol::none;  ///< a method of what this name means: F.prototype.f = function () {}
  std::string name;                    ///< the last component, for people
  std::string qualified_name;
  std::string prefix;  ///< of the qualified names of what it defines
};

/// One name that an import binds.
struct ImportedName {
  enum class Form : std::uint8_t {
    all,       ///< import * as x, await import("…")
    standard,  ///< import x from
    named,     ///< import { name }, const { name } = require("…"), require("…").name
    required,  ///< const x = require("…")
    alias,     ///< const x = fs.promises: what `value` means; name, if any, is a member of that
  };
  Form form = Form::all;
  Node source;  ///< the string with the specifier; none for aliases
  Node value;
  std::string_view name;
  Symbol symbol = Symbol::none;
  ScopeId scope = ScopeId::none;
};

/// What a name means where it is read: the scope that binds it, and how. No binding: it is the platform's.
struct Lookup {
  ScopeId scope = ScopeId::none;
  Binding* binding = nullptr;
};

/// All scopes of a file. Scope 0 is the module; the module's own code is function 0.
class Scopes {
 public:
  static Scopes build(const Syntax& syntax, std::string_view module_name);

  [[nodiscard]] const Scope& scope(ScopeId id) const { return scopes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const std::vector<Scope>& all() const { return scopes_; }
  [[nodiscard]] const std::vector<ImportedName>& imports() const { return imports_; }
  /// The scope that a definition, class, block or initial value opens.
  [[nodiscard]] ScopeId opened_by(Node node) const;
  [[nodiscard]] Binding* find(ScopeId scope, Symbol symbol);
  [[nodiscard]] Lookup look_up(ScopeId from, Symbol symbol);
  /// Where `this` comes from: a function, the scope of a class (then it is the class), or the module.
  [[nodiscard]] ScopeId this_scope(ScopeId from) const;
  /// How many functions are between the code of `from` and that of `to`, which encloses it.
  [[nodiscard]] std::uint32_t hops(ScopeId from, ScopeId to) const;
  /// The names of a scope, in order of appearance.
  [[nodiscard]] const std::vector<std::uint32_t>& names(ScopeId scope) const {
    return names_[static_cast<std::size_t>(scope)];
  }
  [[nodiscard]] Binding& binding(std::uint32_t index) { return bindings_[index]; }

 private:
  friend class ScopeBuilder;

  static std::uint64_t key(ScopeId scope, Symbol symbol) {
    return (std::uint64_t{static_cast<std::uint32_t>(scope)} << 32) | static_cast<std::uint32_t>(symbol);
  }

  std::vector<Scope> scopes_;
  std::vector<Binding> bindings_;
  std::vector<std::vector<std::uint32_t>> names_;
  std::vector<ImportedName> imports_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::unordered_map<std::uint32_t, ScopeId> opened_;
};

/// A name that one function defines once and never changes: it means that function, no variable.
inline bool is_only_function(const Binding& binding) {
  return binding.functions == 1 && binding.types == 0 && !binding.assigned && !binding.parameter &&
         binding.import == Binding::no_import;
}
inline bool is_only_type(const Binding& binding) {
  return binding.types > 0 && binding.functions == 0 && !binding.assigned && !binding.parameter &&
         binding.import == Binding::no_import;
}
/// An import, perhaps with null as its alternative.
inline bool is_only_import(const Binding& binding) {
  return binding.import != Binding::no_import && binding.functions == 0 && binding.types == 0 &&
         !binding.assigned && !binding.parameter;
}

}  // namespace lockwright::frontends::typescript
