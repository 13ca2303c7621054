// Names: the scopes say which text binds a name; here that becomes a term.
//
// A variable of a function is a local slot, unless a function inside of it uses it as well: then both reach
// it through the activation, the object that stands for one call of the function. Seen from d functions
// further in, that object is the frame, followed by d - 1 fields named "^". Names that never change (imports,
// functions, classes) mean their definition directly, wherever they are read.
#include "analyzer/frontends/python/names.h"

#include <algorithm>
#include <array>

namespace lockwright::frontends::python {
namespace {

// Only asked for in modules with a star import, where a name that nothing binds may be a builtin or not.
constexpr auto builtins = std::to_array<std::string_view>({"abs",
                                                           "aiter",
                                                           "all",
                                                           "anext",
                                                           "any",
                                                           "ascii",
                                                           "bin",
                                                           "bool",
                                                           "breakpoint",
                                                           "bytearray",
                                                           "bytes",
                                                           "callable",
                                                           "chr",
                                                           "classmethod",
                                                           "compile",
                                                           "complex",
                                                           "delattr",
                                                           "dict",
                                                           "dir",
                                                           "divmod",
                                                           "enumerate",
                                                           "eval",
                                                           "exec",
                                                           "filter",
                                                           "float",
                                                           "format",
                                                           "frozenset",
                                                           "getattr",
                                                           "globals",
                                                           "hasattr",
                                                           "hash",
                                                           "help",
                                                           "hex",
                                                           "id",
                                                           "input",
                                                           "int",
                                                           "isinstance",
                                                           "issubclass",
                                                           "iter",
                                                           "len",
                                                           "list",
                                                           "locals",
                                                           "map",
                                                           "max",
                                                           "memoryview",
                                                           "min",
                                                           "next",
                                                           "object",
                                                           "oct",
                                                           "open",
                                                           "ord",
                                                           "pow",
                                                           "print",
                                                           "property",
                                                           "range",
                                                           "repr",
                                                           "reversed",
                                                           "round",
                                                           "set",
                                                           "setattr",
                                                           "slice",
                                                           "sorted",
                                                           "staticmethod",
                                                           "str",
                                                           "sum",
                                                           "super",
                                                           "tuple",
                                                           "type",
                                                           "vars",
                                                           "zip",
                                                           "NotImplemented",
                                                           "Ellipsis",
                                                           "GeneratorExit",
                                                           "KeyboardInterrupt",
                                                           "StopAsyncIteration",
                                                           "StopIteration",
                                                           "SystemExit",
                                                           "Warning"});

bool is_builtin(std::string_view name) {
  const auto ends_with = [name](std::string_view end) {
    return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
  };
  return std::find(builtins.begin(), builtins.end(), name) != builtins.end() ||
         (looks_like_type(name) && (ends_with("Error") || ends_with("Exception") || ends_with("Warning") ||
                                    ends_with("ExceptionGroup")));
}

/// __name__ and __file__: every module has its own.
bool is_module_attribute(std::string_view name) {
  return name == "__file__" || name == "__name__" || name == "__doc__" || name == "__path__" ||
         name == "__package__" || name == "__spec__" || name == "__loader__";
}

}  // namespace

Meaning Names::read(ScopeId scope, Symbol symbol) {
  const Lookup found = unit_.scopes.look_up(scope, symbol);
  if (found.binding == nullptr) return unbound(unit_.syntax.name(symbol));
  Binding& binding = *found.binding;
  switch (unit_.scopes.scope(found.scope).kind) {
    case ScopeKind::module: return module_name(binding);
    case ScopeKind::type: return class_name(found.scope, binding);
    default: return variable(scope, found.scope, binding);
  }
}

Meaning Names::read(ScopeId scope, std::string_view name) {
  const Symbol symbol = unit_.syntax.symbol(name);
  return symbol == Symbol::none ? unbound(name) : read(scope, symbol);
}

Meaning Names::module_name(Binding& binding) {
  // Whatever else binds the name: `try: import fcntl`, `except ImportError: fcntl = None`.
  if (binding.import != Binding::no_import) return imports_.meaning(binding.import);
  const ir::Term term = qualified(unit_.scopes.scope(ScopeId{0}).prefix, binding.symbol, binding);
  return {term, binding.types > 0 ? Nature::type : Nature::value, {}};
}

Meaning Names::class_name(ScopeId binder, Binding& binding) {
  if (is_only_import(binding)) return imports_.meaning(binding.import);
  const ir::Term term = qualified(unit_.scopes.scope(binder).prefix, binding.symbol, binding);
  return {term, binding.types > 0 ? Nature::type : Nature::value, {}};
}

Meaning Names::variable(ScopeId scope, ScopeId binder, Binding& binding) {
  ir::TermTable& terms = unit_.module.terms;
  const Scope& home = unit_.scopes.scope(binder);
  if (is_only_import(binding)) return imports_.meaning(binding.import);
  if (is_only_type(binding)) {
    return {terms.global(unit_.scopes.scope(binding.definition).qualified_name), Nature::type, {}};
  }
  if (is_only_function(binding)) return {function_value(scope, binding.definition), Nature::value, {}};
  if (binding.receiver && !binding.assigned && !binding.assigned_none) {
    if (home.receiver == Receiver::type) {
      return {terms.global(unit_.scopes.scope(home.parent).qualified_name), Nature::type, {}};
    }
    if (home.owner == unit_.scopes.scope(scope).owner) return {terms.self(), Nature::value, {}};
  }
  if (binding.captured) {
    return {terms.field(activation(scope, binder), unit_.syntax.name(binding.symbol)), Nature::value, {}};
  }
  return {terms.local(slot(binder, binding)), Nature::value, {}};
}

Meaning Names::unbound(std::string_view name) {
  ir::TermTable& terms = unit_.module.terms;
  const auto in = [&](std::string_view module) {
    std::string text(module);
    text += '.';
    text += name;
    return terms.global(text);
  };
  if (is_module_attribute(name)) return {in(unit_.input.module_name), Nature::value, {}};
  if (!unit_.module.star_imports.empty() && !is_builtin(name)) {
    if (!imports_.only_star().empty()) {
      return {in(imports_.only_star()), looks_like_constant(name) ? Nature::value : Nature::external, {}};
    }
    // Whoever links the modules follows the star imports.
    return {in(unit_.input.module_name), looks_like_type(name) ? Nature::type : Nature::value, {}};
  }
  return {in("builtins"), Nature::type, {}};
}

Place Names::place(ScopeId scope, Symbol symbol) {
  ir::TermTable& terms = unit_.module.terms;
  const Lookup found = unit_.scopes.look_up(scope, symbol);
  if (found.binding == nullptr) return {ir::Local::none, unbound(unit_.syntax.name(symbol)).term};
  Binding& binding = *found.binding;
  const Scope& home = unit_.scopes.scope(found.scope);
  if (home.kind == ScopeKind::module || home.kind == ScopeKind::type) {
    return {ir::Local::none, qualified(home.prefix, symbol, binding)};
  }
  if (binding.captured) {
    return {ir::Local::none, terms.field(activation(scope, found.scope), unit_.syntax.name(symbol))};
  }
  return {slot(found.scope, binding), ir::Term::none};
}

Meaning Names::member(const Meaning& base, std::string_view name) {
  ir::TermTable& terms = unit_.module.terms;
  if (base.nature == Nature::value) return {terms.field(base.term, name), Nature::value, {}};
  if (base.nature == Nature::type) {
    std::string text(terms.text(base.term));
    text += '.';
    text += name;
    return {terms.global(text), looks_like_type(name) ? Nature::type : Nature::value, {}};
  }
  const std::uint64_t key = (std::uint64_t{static_cast<std::uint32_t>(base.term)} << 32) |
                            static_cast<std::uint32_t>(terms.string(name));
  const auto [found, added] = members_.try_emplace(key);
  if (added) found->second = imports_.member(base, name);
  return found->second;
}

ir::Term Names::activation(ScopeId scope, ScopeId binder) {
  ir::TermTable& terms = unit_.module.terms;
  const std::uint32_t hops = unit_.scopes.hops(scope, binder);
  if (hops == 0) return terms.activation();
  ir::Term result = terms.frame();
  for (std::uint32_t hop = 1; hop < hops; ++hop) result = terms.field(result, "^");
  return result;
}

ir::Term Names::function_value(ScopeId scope, ScopeId function) {
  ir::TermTable& terms = unit_.module.terms;
  const Scope& defined = unit_.scopes.scope(function);
  const ScopeKind around = unit_.scopes.scope(defined.parent).kind;
  const bool global =
      defined.kind == ScopeKind::function && (around == ScopeKind::module || around == ScopeKind::type);
  if (global) return terms.global(defined.qualified_name);
  return terms.closure(defined.qualified_name,
                       defined.needs_frame ? activation(scope, defined.parent) : ir::Term::none);
}

ir::Term Names::receiver(ScopeId scope) {
  for (ScopeId each = scope; each != ScopeId::none; each = unit_.scopes.scope(each).parent) {
    if (unit_.scopes.scope(each).receiver == Receiver::none) continue;
    for (const std::uint32_t index : unit_.scopes.names(each)) {
      if (unit_.scopes.binding(index).receiver) return read(scope, unit_.scopes.binding(index).symbol).term;
    }
    break;
  }
  return unit_.module.terms.unknown();
}

ir::Term Names::qualified(std::string_view prefix, Symbol symbol, Binding& binding) {
  if (binding.term == ir::Term::none) {
    std::string text(prefix);
    text += unit_.syntax.name(symbol);
    binding.term = unit_.module.terms.global(text);
  }
  return binding.term;
}

ir::Local Names::slot(ScopeId binder, Binding& binding) {
  if (binding.local == ir::Local::none) {
    ir::Function& function = unit_.function(binder);
    binding.local = static_cast<ir::Local>(function.locals.size());
    function.locals.push_back({unit_.module.terms.intern(unit_.syntax.name(binding.symbol)), ir::Term::none});
  }
  return binding.local;
}

}  // namespace lockwright::frontends::python
