// Names: the scopes say which text binds a name; here that becomes a term.
//
// A variable of a function is a local slot, unless a function inside of it uses it as well: then both reach
// it through the activation, the object that stands for one call of the function. Seen from d functions
// further in, that object is the frame, followed by d - 1 fields named "^". Names that never change (imports,
// functions, classes) mean their definition directly, wherever they are read. What nothing declares is the
// platform's: globalThis.name.
#include "analyzer/frontends/typescript/names.h"

#include <string>

#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr int max_aliases = 20;

/// What every module has for itself.
bool is_module_attribute(std::string_view name) {
  return name == "__filename" || name == "__dirname";
}

}  // namespace

Names::Names(Unit& unit, Imports& imports) : unit_(unit), imports_(imports) {
  imported_.resize(unit.scopes.imports().size());
  for (std::uint32_t index = 0; index < imported_.size(); ++index) imported(index);
}

Meaning Names::imported(std::uint32_t index) {
  using Form = ImportedName::Form;
  if (imported_[index].term != ir::Term::none) return imported_[index];
  const ImportedName& written = unit_.scopes.imports()[index];
  Meaning result{unit_.module.terms.unknown(), Nature::value};
  const auto module = [&] { return imports_.module(key_text(written.source)); };
  switch (written.form) {
    case Form::all:
    case Form::required: result = module(); break;
    case Form::standard: result = imports_.standard(module()); break;
    case Form::named: result = imports_.member(module(), written.name); break;
    case Form::alias:
      if (depth_ >= max_aliases) return result;
      ++depth_;
      result = described(written.scope, written.value);
      --depth_;
      if (!written.name.empty()) result = member(result, written.name);
      break;
  }
  imported_[index] = result;
  return result;
}

Meaning Names::read(ScopeId scope, Symbol symbol) {
  const Lookup found = unit_.scopes.look_up(scope, symbol);
  if (found.binding == nullptr) return platform(unit_.syntax.name(symbol));
  Binding& binding = *found.binding;
  if (binding.import != Binding::no_import && is_only_import(binding)) return imported(binding.import);
  if (is_only_type(binding)) {
    const Scope& defined = unit_.scopes.scope(binding.definition);
    return {unit_.module.terms.global(defined.qualified_name), Nature::type};
  }
  if (is_only_function(binding)) return {function_value(scope, binding.definition), Nature::value};
  const Place place = this->place(scope, found.scope, binding);
  return {place.local == ir::Local::none ? place.term : unit_.module.terms.local(place.local), Nature::value};
}

Meaning Names::read(ScopeId scope, std::string_view name) {
  const Symbol symbol = unit_.syntax.symbol(name);
  return symbol == Symbol::none ? platform(name) : read(scope, symbol);
}

Meaning Names::platform(std::string_view name) {
  ir::TermTable& terms = unit_.module.terms;
  if (is_module_attribute(name)) {
    return {terms.global(std::string(unit_.input.module_name) + '.' + std::string(name)), Nature::value};
  }
  const Meaning everything{terms.global("globalThis"), Nature::external};
  return name == "globalThis" ? everything : imports_.member(everything, name);
}

Place Names::place(ScopeId scope, Symbol symbol) {
  const Lookup found = unit_.scopes.look_up(scope, symbol);
  if (found.binding == nullptr) return {ir::Local::none, platform(unit_.syntax.name(symbol)).term};
  return place(scope, found.scope, *found.binding);
}

Place Names::place(ScopeId scope, ScopeId binder, Binding& binding) {
  ir::TermTable& terms = unit_.module.terms;
  const Scope& home = unit_.scopes.scope(binder);
  const bool of_module = home.kind == ScopeKind::module || home.kind == ScopeKind::space ||
                         home.kind == ScopeKind::type || (home.owner == ScopeId{0} && binding.captured);
  if (of_module) return {ir::Local::none, terms.global(home.prefix + field_name(binding))};
  if (binding.captured) return {ir::Local::none, terms.field(activation(scope, binder), field_name(binding))};
  return {slot(binder, binding), ir::Term::none};
}

Meaning Names::member(const Meaning& base, std::string_view name) {
  if (base.nature == Nature::value) return {unit_.module.terms.field(base.term, name), Nature::value};
  return imports_.member(base, name);
}

Meaning Names::receiver(ScopeId scope) {
  ir::TermTable& terms = unit_.module.terms;
  const ScopeId home = unit_.scopes.this_scope(scope);
  const Scope& function = unit_.scopes.scope(home);
  if (function.kind == ScopeKind::type) return {terms.global(function.qualified_name), Nature::type};
  if (home == ScopeId{0}) return {terms.unknown(), Nature::value};
  if (function.receiver == Receiver::type) {
    return {terms.global(unit_.scopes.scope(function.parent).qualified_name), Nature::type};
  }
  if (!unit_.function(home).has_receiver) return {terms.unknown(), Nature::value};
  if (unit_.scopes.scope(scope).owner == home) return {terms.self(), Nature::value};
  return {terms.field(activation(scope, home), "this"), Nature::value};
}

Meaning Names::described(ScopeId scope, Node chain) {
  const Meaning nothing{unit_.module.terms.unknown(), Nature::value};
  std::vector<std::string_view> path;
  Node root = stripped(chain);
  while (root.kind() == Kind::member_expression_ || root.kind() == Kind::nested_identifier_) {
    const Node property = root.child(Field::property_);
    if (!property) return nothing;
    path.push_back(property.text());
    root = stripped(root.child(Field::object_));
  }
  Meaning result = nothing;
  if (root.kind() == Kind::identifier_ || root.kind() == Kind::type_identifier_) {
    result = read(scope, root.symbol());
  } else if (const Node source = required_module(root)) {
    result = imports_.module(key_text(source));
  } else if (root.kind() == Kind::this_) {
    result = receiver(scope);
  } else {
    return nothing;
  }
  for (auto each = path.rbegin(); each != path.rend(); ++each) result = member(result, *each);
  return result;
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
  const bool is_global =
      around == ScopeKind::module || around == ScopeKind::space || around == ScopeKind::type;
  if (is_global && defined.name.front() != '<') return terms.global(defined.qualified_name);
  return terms.closure(defined.qualified_name,
                       defined.needs_frame ? activation(scope, defined.parent) : ir::Term::none);
}

/// Of two variables of one name in one function, the second is "name@2".
std::string Names::field_name(const Binding& binding) const {
  std::string name(unit_.syntax.name(binding.symbol));
  if (binding.twins > 0) name += '@' + std::to_string(binding.twins + 1);
  return name;
}

ir::Local Names::slot(ScopeId binder, Binding& binding) {
  if (binding.local == ir::Local::none) {
    ir::Function& function = unit_.function(binder);
    binding.local = static_cast<ir::Local>(function.locals.size());
    function.locals.push_back({unit_.module.terms.intern(unit_.syntax.name(binding.symbol)), ir::Term::none});
  }
  return binding.local;
}

}  // namespace lockwright::frontends::typescript
