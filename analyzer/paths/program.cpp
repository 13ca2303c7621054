// Linking: a module's names become the program's. A qualified name is resolved by the longest module it
// starts with; what that module imported under the next component (an alias, a star import, a re-export of an
// __init__) is followed until a function, a class or something outside of the tree is reached.
#include "analyzer/paths/program.h"

#include <algorithm>
#include <utility>

namespace lockwright::paths {
namespace {

constexpr int max_alias_depth = 16;

/// Moves every term of a module into another table.
class Importer {
 public:
  Importer(ir::TermTable& to, const ir::TermTable& from) : importer_(to, from) {}

  void operator()(ir::Term& term) {
    if (term != ir::Term::none) term = importer_.import(term);
  }
  void operator()(std::vector<ir::Term>& all) {
    for (ir::Term& term : all) (*this)(term);
  }
  void operator()(ir::Instruction& instruction) {
    (*this)(instruction.place);
    (*this)(instruction.value);
    (*this)(instruction.callee);
    for (ir::Argument& argument : instruction.arguments) (*this)(argument.value);
  }
  void operator()(ir::Function& function) {
    for (ir::Parameter& parameter : function.parameters) {
      (*this)(parameter.declared_type);
      (*this)(parameter.default_value);
    }
    for (ir::Variable& variable : function.locals) (*this)(variable.declared_type);
    (*this)(function.decorators);
    (*this)(function.return_type);
    for (ir::Block& block : function.cfg.blocks) {
      for (ir::Instruction& instruction : block.instructions) (*this)(instruction);
      (*this)(block.end.test);
      (*this)(block.end.value);
      for (ir::DispatchCase& each : block.end.cases) (*this)(each.types);
    }
  }

 private:
  ir::TermImporter importer_;
};

/// Whether more modules cannot change what a name stands for.
bool is_settled(const Symbol& symbol) {
  return symbol.kind == Symbol::Kind::function || symbol.kind == Symbol::Kind::type;
}

}  // namespace

void Program::add(ir::Module added) {
  modules_.push_back(std::make_unique<ir::Module>(std::move(added)));
  ir::Module& module = *modules_.back();
  const auto number = static_cast<std::uint32_t>(modules_.size() - 1);
  Importer import(terms, module.terms);
  module_index_.emplace(module.name, number);
  module_functions_.emplace_back();
  std::uint32_t sites = 0;
  for (std::uint32_t index = 0; index < module.functions.size(); ++index) {
    ir::Function& function = module.functions[index];
    import(function);
    for (const ir::Block& block : function.cfg.blocks) {
      for (const ir::Instruction& each : block.instructions) {
        sites = std::max(sites, static_cast<std::uint32_t>(each.site));
      }
    }
    const auto id = static_cast<FunctionId>(functions_.size());
    functions_.push_back({number, index});
    module_functions_.back().push_back(id);
    function_index_.insert_or_assign(function.qualified_name, id);  // the last definition of a name wins
    if (function.by_arity) overloads_[function.qualified_name].push_back(id);
  }
  for (std::uint32_t index = 0; index < module.classes.size(); ++index) {
    ir::Class& type = module.classes[index];
    import(type.bases);
    for (auto& [name, field] : type.fields) {
      import(field.declared_type);
      import(field.value);
    }
    class_index_.insert_or_assign(type.qualified_name, static_cast<ClassId>(classes_.size()));
    classes_.push_back({number, index});
  }
  for (auto& [name, target] : module.aliases) import(target);
  first_site_.push_back(next_site_);
  // One more site a function: its activation.
  next_site_ += sites + 1 + static_cast<std::uint32_t>(module.functions.size());
  doubt_names();
}

bool Program::has_module(std::string_view name) const {
  return module_index_.contains(name);
}

const ir::Function& Program::function(FunctionId id) const {
  const FunctionPlace& place = functions_[static_cast<std::size_t>(id)];
  return modules_[place.module]->functions[place.index];
}

const ir::Module& Program::module_of(FunctionId id) const {
  return *modules_[functions_[static_cast<std::size_t>(id)].module];
}

FunctionId Program::module_body(std::string_view module) const {
  const auto found = module_index_.find(module);
  return found == module_index_.end() ? FunctionId::none : module_functions_[found->second].front();
}

const std::vector<FunctionId>& Program::functions_of(std::string_view module) const {
  return module_functions_[module_index_.at(module)];
}

const ir::Class& Program::type(ClassId id) const {
  const ClassPlace& place = classes_[static_cast<std::size_t>(id)];
  return modules_[place.module]->classes[place.index];
}

std::uint32_t Program::site(FunctionId id, ir::Site site) const {
  return first_site_[functions_[static_cast<std::size_t>(id)].module] + static_cast<std::uint32_t>(site);
}

const Symbol& Program::resolve(std::string_view qualified_name) {
  auto found = resolved_.find(std::string(qualified_name));
  if (found == resolved_.end()) {
    Resolved resolved{look_up(qualified_name, 0), {}};
    if (!is_settled(resolved.symbol)) resolved.unless = assumptions.id(qualified_name);
    found = resolved_.emplace(qualified_name, std::move(resolved)).first;
  }
  if (found->second.unless) assumptions.make(*found->second.unless);
  return found->second.symbol;
}

void Program::doubt_names() {
  std::erase_if(resolved_, [&](auto& each) {
    if (is_settled(each.second.symbol)) return false;
    resolved_before_.try_emplace(each.first, std::move(each.second.symbol));
    return true;
  });
}

std::vector<Assumptions::Id> Program::fallen_assumptions() {
  std::vector<Assumptions::Id> result;
  for (const auto& [name, before] : std::exchange(resolved_before_, {})) {
    if (resolve(name) != before) result.push_back(assumptions.id(name));
  }
  return result;
}

FunctionId Program::function_named(std::string_view qualified_name) const {
  const auto found = function_index_.find(qualified_name);
  return found == function_index_.end() ? FunctionId::none : found->second;
}

ClassId Program::class_named(std::string_view qualified_name) const {
  const auto found = class_index_.find(qualified_name);
  return found == class_index_.end() ? ClassId::none : found->second;
}

bool Program::is_overloaded(FunctionId function) const {
  const auto found = overloads_.find(this->function(function).qualified_name);
  return found != overloads_.end() && found->second.size() > 1;
}

FunctionId Program::overload(FunctionId function, std::size_t arguments) const {
  if (!this->function(function).by_arity) return function;
  const auto found = overloads_.find(this->function(function).qualified_name);
  if (found == overloads_.end() || found->second.size() < 2) return function;
  const auto takes = [&](FunctionId id) {
    const std::vector<ir::Parameter>& parameters = this->function(id).parameters;
    std::size_t needed = 0;
    bool more = false;
    for (const ir::Parameter& each : parameters) {
      more |= each.kind == ir::Parameter::Kind::rest;
      if (each.default_value == ir::Term::none && each.kind == ir::Parameter::Kind::plain) ++needed;
    }
    return arguments >= needed && (more || arguments <= parameters.size());
  };
  if (takes(function)) return function;
  const auto fits = std::find_if(found->second.begin(), found->second.end(), takes);
  return fits == found->second.end() ? function : *fits;
}

Symbol Program::look_up(std::string_view name, int depth) {
  if (const FunctionId id = function_named(name); id != FunctionId::none) {
    return {Symbol::Kind::function, id, ClassId::none, std::string(name)};
  }
  if (const ClassId id = class_named(name); id != ClassId::none) {
    return {Symbol::Kind::type, FunctionId::none, id, std::string(name)};
  }
  if (depth > max_alias_depth)
    return {Symbol::Kind::external, FunctionId::none, ClassId::none, std::string(name)};
  for (std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    const std::string_view owner = name.substr(0, dot);
    const std::string_view rest = name.substr(dot + 1);
    if (const ClassId type = class_named(owner);
        type != ClassId::none && rest.find('.') == std::string_view::npos) {
      const Method method = find_method(type, rest, depth + 1);
      if (method.function != FunctionId::none) {
        return {Symbol::Kind::function, method.function, ClassId::none, std::string(name)};
      }
      return {Symbol::Kind::variable, FunctionId::none, type, std::string(name)};
    }
    const auto module = module_index_.find(owner);
    if (module == module_index_.end()) continue;
    const ir::Module& found = *modules_[module->second];
    const std::size_t end = rest.find('.');
    const std::string_view head = rest.substr(0, end);
    const std::string_view tail = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    if (const auto alias = found.aliases.find(head);
        alias != found.aliases.end() && terms.kind(alias->second) == ir::TermKind::global) {
      std::string target(terms.text(alias->second));
      target += tail;
      if (target != name) return look_up(target, depth + 1);
    }
    for (const std::string_view star : found.star_imports) {
      std::string target(star);
      target += '.';
      target += rest;
      if (target == name) continue;
      Symbol symbol = look_up(target, depth + 1);
      if (symbol.kind == Symbol::Kind::function || symbol.kind == Symbol::Kind::type) return symbol;
    }
    return {Symbol::Kind::variable, FunctionId::none, ClassId::none, std::string(name)};
  }
  return {Symbol::Kind::external, FunctionId::none, ClassId::none, std::string(name)};
}

Method Program::find_method(ClassId type, std::string_view name) {
  return find_method(type, name, 0);
}

Method Program::find_method(ClassId id, std::string_view name, int depth) {
  const ir::Class& found = type(id);
  if (const auto own = found.methods.find(name); own != found.methods.end()) {
    // Through the name: overloads and redefinitions share it, the last one counts.
    const FunctionId last = function_named(modules_[classes_[static_cast<std::size_t>(id)].module]
                                               ->functions[static_cast<std::size_t>(own->second)]
                                               .qualified_name);
    return {last, {}};
  }
  // Defined outside of its class, perhaps in another file.
  std::string qualified(found.qualified_name);
  qualified += '.';
  qualified += name;
  if (const FunctionId apart = function_named(qualified);
      apart != FunctionId::none && function(apart).owner == found.qualified_name) {
    return {apart, {}};
  }
  return find_in_bases(id, name, depth);
}

Method Program::find_super_method(ClassId current, std::string_view name) {
  return find_in_bases(current, name, 0);
}

Method Program::find_in_bases(ClassId current, std::string_view name, int depth) {
  Method result;
  if (depth > max_alias_depth) return result;
  const std::vector<ir::Term> bases = type(current).bases;
  for (const ir::Term base : bases) {
    if (terms.kind(base) != ir::TermKind::global) continue;
    const Symbol symbol = resolve(terms.text(base));
    if (symbol.kind == Symbol::Kind::type && symbol.type != current) {
      const Method method = find_method(symbol.type, name, depth + 1);
      if (method.function != FunctionId::none) return method;
      if (result.external_base.empty()) result.external_base = method.external_base;
    } else if (symbol.kind == Symbol::Kind::external && result.external_base.empty()) {
      result.external_base = symbol.name;
    }
  }
  return result;
}

ir::Term Program::declared_field_type(ClassId id, std::string_view field) {
  const ir::Class& found = type(id);
  if (const auto own = found.fields.find(field); own != found.fields.end()) return own->second.declared_type;
  for (const ir::Term base : found.bases) {
    if (terms.kind(base) != ir::TermKind::global) continue;
    const Symbol& symbol = resolve(terms.text(base));
    if (symbol.kind != Symbol::Kind::type || symbol.type == id) continue;
    if (const ir::Term result = declared_field_type(symbol.type, field); result != ir::Term::none)
      return result;
  }
  return ir::Term::none;
}

bool Program::is_subclass(std::string_view derived, std::string_view base,
                          const std::function<bool(std::string_view, std::string_view)>& external) {
  const Symbol from = resolve(derived);
  const Symbol to = resolve(base);
  if (from.name == to.name) return true;
  if (from.kind != Symbol::Kind::type) return external(from.name, to.name);
  for (const ir::Term each : type(from.type).bases) {
    if (terms.kind(each) == ir::TermKind::global && is_subclass(terms.text(each), base, external))
      return true;
  }
  return false;
}

}  // namespace lockwright::paths
