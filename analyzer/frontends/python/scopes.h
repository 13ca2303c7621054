// Which names a piece of Python binds where, and which of them closures share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/frontends/python/syntax.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::python {

enum class ScopeId : std::uint32_t { none = 0xffffffff };

enum class ScopeKind : std::uint8_t { module, type, function, lambda, comprehension };

/// What becomes of a method's first parameter.
enum class Receiver : std::uint8_t {
  none,      ///< a plain function or a static method: it is a parameter like any other
  instance,  ///< it is the receiver
  type,      ///< a class method: it is the class
};

/// One name in one scope, and all the ways in which the scope binds it.
struct Binding {
  static constexpr std::uint32_t no_import = 0xffffffff;

  Symbol symbol = Symbol::none;
  bool parameter = false;
  bool receiver = false;       ///< the first parameter of a method, see Scope::receiver
  bool assigned = false;       ///< by an assignment of anything but None, for, with, except, del, …
  bool assigned_none = false;  ///< `x = None`
  bool global = false;         ///< declared so: the module's name
  bool nonlocal = false;       ///< declared so: an enclosing function's name
  bool captured = false;       ///< a function inside of this one uses it: it lives in the activation
  std::uint8_t functions = 0;  ///< how many definitions bind it (stops at 2)
  std::uint8_t types = 0;
  ScopeId definition = ScopeId::none;  ///< of the function or class
  Node value;                          ///< what the only assignment assigns, if there is only one
  std::uint32_t import = no_import;    ///< the first import: index into Scopes::imports
  ir::Local local = ir::Local::none;   ///< where its function keeps it; given out on first use
  ir::Term term = ir::Term::none;      ///< what it means, where that never changes; filled in on first use
};

struct Scope {
  ScopeKind kind = ScopeKind::module;
  ScopeId id = ScopeId::none;
  ScopeId parent = ScopeId::none;
  ScopeId owner =
      ScopeId::none;  ///< the module, function or lambda whose code this is part of (perhaps itself)
  Node node;          ///< the definition, lambda, class or comprehension
  Node decorated;     ///< the decorated_definition around it, if there is one
  Node name;
  ir::FunctionIndex function = ir::FunctionIndex::none;  ///< of the owner
  std::uint32_t type = 0;                                ///< index into Module::classes, for classes
  Receiver receiver = Receiver::none;
  bool is_generator = false;
  bool needs_frame = false;  ///< a function that uses variables of those around it
  bool keeps_frame = false;  ///< … or inside of which one does that reaches over it
  bool may_capture = false;  ///< inside of something that has variables
  std::string qualified_name;
  std::string prefix;  ///< of the qualified names of what it defines
};

/// `import a.b as c`, `from .a import f as g`: one bound name.
struct ImportedName {
  Node statement;
  Node item;  ///< dotted_name or aliased_import
  Symbol name = Symbol::none;
  ScopeId scope = ScopeId::none;
};

/// What a name means where it is read: the scope that binds it, and how. No binding: it is a builtin.
struct Lookup {
  ScopeId scope = ScopeId::none;
  Binding* binding = nullptr;
};

/// All scopes of a file. Scope 0 is the module; functions and lambdas are numbered as they stand in the text,
/// the module's own code being function 0.
class Scopes {
 public:
  static Scopes build(const Syntax& syntax, std::string_view module_name);

  [[nodiscard]] const Scope& scope(ScopeId id) const { return scopes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] const std::vector<Scope>& all() const { return scopes_; }
  [[nodiscard]] const std::vector<ImportedName>& imports() const { return imports_; }
  /// `from x import *` statements.
  [[nodiscard]] const std::vector<Node>& star_imports() const { return star_imports_; }
  /// The scope that a definition, lambda, class or comprehension opens.
  [[nodiscard]] ScopeId opened_by(Node node) const;
  [[nodiscard]] Binding* find(ScopeId scope, Symbol symbol);
  /// By Python's rules, from `scope` outwards: classes hide their names from what is inside of them.
  [[nodiscard]] Lookup look_up(ScopeId scope, Symbol symbol);
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
  std::vector<Node> star_imports_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_;
  std::unordered_map<std::uint32_t, ScopeId> opened_;
};

/// A name that one function defines once and never changes: it means that function, no variable.
inline bool is_only_function(const Binding& binding) {
  return binding.functions == 1 && binding.types == 0 && !binding.assigned && !binding.assigned_none &&
         !binding.parameter && binding.import == Binding::no_import;
}
inline bool is_only_type(const Binding& binding) {
  return binding.types > 0 && binding.functions == 0 && !binding.assigned && !binding.parameter &&
         binding.import == Binding::no_import;
}
/// An import, perhaps with `name = None` as its alternative.
inline bool is_only_import(const Binding& binding) {
  return binding.import != Binding::no_import && binding.functions == 0 && binding.types == 0 &&
         !binding.assigned && !binding.parameter;
}

}  // namespace lockwright::frontends::python
