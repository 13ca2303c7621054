// Makes the scopes of a file. Private to scopes.h; its parts are in files of their own: scope_builder.cpp
// (what opens a scope), scope_bindings.cpp (what binds a name, and what gives a function its name),
// scope_imports.cpp, scope_captures.cpp (which variables closures share).
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "analyzer/frontends/typescript/patterns.h"
#include "analyzer/frontends/typescript/scopes.h"

namespace lockwright::frontends::typescript {

class ScopeBuilder {
 public:
  ScopeBuilder(const Syntax& syntax, Scopes& scopes) : syntax_(syntax), scopes_(scopes) {}

  void run(std::string_view module_name);

 private:
  static constexpr std::uint32_t max_depth = 1000;

  struct Interval {
    std::uint32_t past;  // in active_: where it ends; in pending_: where it begins
    ScopeId scope;
  };
  struct Use {
    ScopeId scope;
    Symbol symbol;
    friend bool operator==(const Use&, const Use&) = default;
  };
  struct Write {
    ScopeId scope;
    Symbol symbol;
    Node value;  ///< none: something else than one expression
  };
  struct FunctionUse {
    ScopeId user;
    ScopeId function;
  };
  /// Where the name of a function, class or object comes from.
  struct Hint {
    std::string name;
    bool exported = false;               ///< it is a name of the module, whatever is around it
    ScopeId binder = ScopeId::none;      ///< a variable of this scope …
    Symbol symbol = Symbol::none;        ///< … is declared with it
    bool in_class = false;               ///< a field of a class
    Symbol prototype_of = Symbol::none;  ///< a member of the prototype of this name's function
  };

  Scope& at(ScopeId id) { return scopes_.scopes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] ScopeId current() const { return active_.back().scope; }

  /// Notes what `node` binds, uses or opens; says at which node to go on.
  std::uint32_t visit(Node node);

  // scope_builder.cpp
  ScopeId open(ScopeKind kind, ScopeId parent, Node node);
  void push(ScopeId scope, Node node);
  [[nodiscard]] bool too_deep() { return at(current()).depth > max_depth; }

  std::uint32_t open_block(Node node);
  /// The namespace in `namespace a.b {}` is a.b.
  std::uint32_t open_namespace(Node node);
  const std::string& prefix(ScopeId scope) { return at(scope).prefix; }

  /// A name that no other definition of the file has.
  std::string unique(std::string qualified, Node node);
  /// `last` may be a path in an object: "api.lock"; it is shown by its last part.
  void name(ScopeId id, std::string_view last, const std::string& before);
  Hint* hint(Node node);
  std::uint32_t open_function(Node node);
  void bind_parameter(ScopeId function, Node pattern);
  void name_function(ScopeId id, Node node);
  std::string anonymous(std::string_view what, Node node);
  void name_method(ScopeId id, Node node);
  std::uint32_t open_class(Node node);
  /// A class with initial values has a constructor, written or not.
  void open_constructor(ScopeId type, Node body);
  void open_field(Node node);

  // scope_bindings.cpp
  void enter_object(Node node);
  static Hint member_hint(const Hint& object, std::string_view key);
  static bool is_named_by_hint(Kind kind);
  void hint_prototype(Node left, Hint& made);
  void take_receiver(ScopeId id, const Hint& given);
  void hint_member(Node key, Node value);
  void hint_default(Node statement);
  Binding& bind(ScopeId scope, Symbol symbol);
  Binding& declare(ScopeId scope, Symbol symbol);
  void define(ScopeId scope, Symbol symbol, ScopeId function);
  void define_type(ScopeId scope, Symbol symbol, ScopeId type);
  /// Where `var` puts its names.
  ScopeId variable_scope();
  void declare_variables(Node statement);
  /// `const f = () => {}` is a definition.
  bool hint_variable(ScopeId home, Node target, Node value);
  void assign(Node node);
  void write(Node target, Node value);
  void bind_type_name(Node node);
  void bind_enum(Node node);

  // scope_imports.cpp
  void add_import(ScopeId scope, Symbol symbol, ImportedName made);
  void bind_imports(Node statement);
  void bind_specifier(Node item, Node source);
  /// import a = b.c;
  void bind_import_alias(Node node);
  /// `const fs = require("fs")`, `const { open } = fs.promises`: names of modules and of what they have.
  bool bind_modules(ScopeId home, Node target, Node value, bool is_const);
  /// The chain begins at a module, or at what a module is called: whatever it means, it stays.
  bool is_module_chain(Node chain, ScopeId home);

  // scope_captures.cpp
  void use(ScopeId scope, Symbol symbol);
  void use_this(ScopeId scope);
  void resolve();
  void resolve(const Use& use);
  /// `user` needs the activation of `binder`, a function around it.
  bool reach(ScopeId user, ScopeId binder);

  const Syntax& syntax_;
  Scopes& scopes_;
  std::vector<Interval> active_;
  std::vector<Interval> pending_;  // innermost last
  std::vector<Use> uses_;
  std::vector<Write> writes_;
  std::vector<FunctionUse> function_uses_;
  std::vector<FunctionUse> this_uses_;
  std::unordered_map<std::uint32_t, Hint> hints_;  // by the node they are about
  std::unordered_map<std::uint64_t, std::uint32_t> twins_;
  std::unordered_map<std::string, int> used_;  // qualified names
  std::uint32_t body_ = 0;                     // the block that is the last opened function's own
  std::uint32_t functions_ = 0;
  std::uint32_t types_ = 0;
};

}  // namespace lockwright::frontends::typescript
