// Linking: a module's names become the program's. A qualified name is resolved by the longest module it
// starts with; what that module imported under the next component (an alias, a star import, a re-export of an
// __init__) is followed until a function, a class or something outside of the tree is reached.
#include "analyzer/paths/program.h"

#include <algorithm>
#include <unordered_set>
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

void Program::add(ir::Module module) {
  const auto next = static_cast<std::uint32_t>(modules_.size());
  const auto [slot, is_new] = slot_index_.try_emplace(module.name, next);
  if (is_new) {
    modules_.emplace_back();
    module_functions_.emplace_back();
    slots_.emplace_back().name = module.name;
    unchanged_.push_back(assumptions.id("module " + module.name));
  }
  put(slot->second, std::move(module));
  doubt_names(is_settled, std::nullopt);
}

void Program::replace(ir::Module module) {
  const std::uint32_t number = slot_index_.at(module.name);
  take_out(number);
  put(number, std::move(module));
}

void Program::remove(std::string_view name) {
  const std::uint32_t number = module_index_.at(name);
  take_out(number);
  modules_[number] = std::make_unique<ir::Module>();
  ir::Module& module = *modules_[number];
  module.is_context = true;
  module.functions.emplace_back().is_test = true;
  module.classes.emplace_back();
  slots_[number].function_count = 0;
  for (const FunctionId id : slots_[number].functions) functions_[static_cast<std::size_t>(id)] = {number, 0};
  for (const ClassId id : slots_[number].classes) classes_[static_cast<std::size_t>(id)] = {number, 0};
}

/// Fills a slot. Numbers that the new module has no use for stand for an empty function behind its own.
void Program::put(std::uint32_t number, ir::Module added) {
  modules_[number] = std::make_unique<ir::Module>(std::move(added));
  ir::Module& module = *modules_[number];
  Slot& slot = slots_[number];
  Importer import(terms, module.terms);
  module_index_.emplace(slot.name, number);
  std::vector<FunctionId>& ids = module_functions_[number];
  ids.clear();
  std::uint32_t sites = 0;
  for (std::uint32_t index = 0; index < module.functions.size(); ++index) {
    ir::Function& function = module.functions[index];
    import(function);
    for (const ir::Block& block : function.cfg.blocks) {
      for (const ir::Instruction& each : block.instructions) {
        sites = std::max(sites, static_cast<std::uint32_t>(each.site));
      }
    }
    if (index == slot.functions.size()) {
      slot.functions.push_back(static_cast<FunctionId>(functions_.size()));
      functions_.emplace_back();
    }
    const FunctionId id = slot.functions[index];
    functions_[static_cast<std::size_t>(id)] = {number, index};
    ids.push_back(id);
    // The last definition of a name wins, and any definition over what only declares it.
    const auto [named, is_new] = function_index_.try_emplace(function.qualified_name, id);
    if (!is_new && (!function.is_declaration || this->function(named->second).is_declaration))
      named->second = id;
    if (function.by_arity) overloads_[function.qualified_name].push_back(id);
  }
  for (std::uint32_t index = 0; index < module.classes.size(); ++index) {
    ir::Class& type = module.classes[index];
    import(type.bases);
    for (auto& [name, field] : type.fields) {
      import(field.declared_type);
      import(field.value);
    }
    if (index == slot.classes.size()) {
      slot.classes.push_back(static_cast<ClassId>(classes_.size()));
      classes_.emplace_back();
    }
    const ClassId id = slot.classes[index];
    class_index_.insert_or_assign(type.qualified_name, id);
    classes_[static_cast<std::size_t>(id)] = {number, index};
  }
  for (auto& [name, target] : module.aliases) import(target);
  // One more site a function: its activation. And some room, so that the module may grow where it is.
  const std::uint32_t needed = sites + 1 + static_cast<std::uint32_t>(module.functions.size());
  slot.function_count = module.functions.size();
  if (needed > slot.sites) {
    slot.first_site = next_site_;
    slot.sites = needed + needed / 4;
    next_site_ += slot.sites;
  }
  if (slot.functions.size() > ids.size()) {
    const auto nothing = static_cast<std::uint32_t>(module.functions.size());
    module.functions.emplace_back().is_test = true;
    for (std::size_t i = nothing; i < slot.functions.size(); ++i)
      functions_[static_cast<std::size_t>(slot.functions[i])] = {number, nothing};
  }
  if (slot.classes.size() > module.classes.size()) {
    const auto nothing = static_cast<std::uint32_t>(module.classes.size());
    module.classes.emplace_back();
    for (std::size_t i = nothing; i < slot.classes.size(); ++i)
      classes_[static_cast<std::size_t>(slot.classes[i])] = {number, nothing};
  }
}

/// Forgets the names of a module's functions and classes.
void Program::take_out(std::uint32_t number) {
  const ir::Module& module = *modules_[number];
  const Slot& slot = slots_[number];
  ++revision_;
  fallen_.push_back(unchanged_[number]);
  replaced_.push_back({slot.name, slot.first_site, slot.sites});
  for (std::size_t i = 0; i < slot.function_count; ++i) {
    const ir::Function& function = module.functions[i];
    const auto named = function_index_.find(function.qualified_name);
    if (named != function_index_.end() && named->second == slot.functions[i]) function_index_.erase(named);
    overloads_.erase(function.qualified_name);
  }
  for (std::size_t i = 0; i < module.classes.size(); ++i) {
    const auto named = class_index_.find(module.classes[i].qualified_name);
    if (named != class_index_.end() && named->second == slot.classes[i]) class_index_.erase(named);
  }
  module_index_.erase(slot.name);
  module_functions_[number].clear();
  doubt_names([](const Symbol&) { return false; }, unchanged_[number]);
}

bool Program::has_module(std::string_view name) const {
  return module_index_.contains(name);
}

const ir::Function& Program::function(FunctionId id) const {
  const FunctionPlace& place = functions_[static_cast<std::size_t>(id)];
  look_at(place.module);
  return modules_[place.module]->functions[place.index];
}

const ir::Module& Program::module_of(FunctionId id) const {
  const std::uint32_t module = functions_[static_cast<std::size_t>(id)].module;
  look_at(module);
  return *modules_[module];
}

FunctionId Program::module_body(std::string_view module) const {
  const auto found = module_index_.find(module);
  if (found == module_index_.end()) return FunctionId::none;
  look_at(found->second);
  return module_functions_[found->second].front();
}

const std::vector<FunctionId>& Program::functions_of(std::string_view module) const {
  const std::uint32_t number = module_index_.at(module);
  look_at(number);
  return module_functions_[number];
}

const ir::Class& Program::type(ClassId id) const {
  const ClassPlace& place = classes_[static_cast<std::size_t>(id)];
  look_at(place.module);
  return modules_[place.module]->classes[place.index];
}

std::uint32_t Program::site(FunctionId id, ir::Site site) const {
  return slots_[functions_[static_cast<std::size_t>(id)].module].first_site +
         static_cast<std::uint32_t>(site);
}

const Symbol& Program::resolve(std::string_view qualified_name) {
  auto found = resolved_.find(qualified_name);
  if (found == resolved_.end()) {
    const std::size_t begun = assumptions.begin();
    std::unordered_set<std::string> tried;
    Symbol symbol = look_up(qualified_name, 0, tried);
    std::vector<Assumptions::Id> assumed = assumptions.end_apart(begun);
    found = resolved_
                .emplace(qualified_name,
                         Resolved{std::move(symbol), assumptions.id(qualified_name), std::move(assumed)})
                .first;
  }
  assumptions.make(found->second.meaning);
  return found->second.symbol;
}

/// Forgets what names mean, but for those that are certain, or only where something was assumed for it. What
/// they meant is compared with what they mean then (fallen_assumptions).
void Program::doubt_names(bool (*is_certain)(const Symbol&), std::optional<Assumptions::Id> assumed) {
  std::erase_if(resolved_, [&](auto& each) {
    const Resolved& resolved = each.second;
    if (is_certain(resolved.symbol)) return false;
    if (assumed && !std::binary_search(resolved.assumed.begin(), resolved.assumed.end(), *assumed))
      return false;
    resolved_before_.try_emplace(each.first, resolved.symbol);
    return true;
  });
}

std::vector<Assumptions::Id> Program::fallen_assumptions() {
  std::vector<Assumptions::Id> result = std::exchange(fallen_, {});
  // What a name means may hang on what another does (a base class, and the names that it goes by).
  while (!resolved_before_.empty()) {
    std::vector<Assumptions::Id> changed;
    for (const auto& [name, before] : std::exchange(resolved_before_, {})) {
      if (resolve(name) != before) changed.push_back(assumptions.id(name));
    }
    for (const Assumptions::Id each : changed) doubt_names([](const Symbol&) { return false; }, each);
    result.insert(result.end(), changed.begin(), changed.end());
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

/// `tried`: what star imports might have stood for, and did not. Packages that hand on all of each other
/// would else be gone through in every order.
Symbol Program::look_up(std::string_view name, int depth, std::unordered_set<std::string>& tried) {
  if (const FunctionId id = function_named(name); id != FunctionId::none) {
    static_cast<void>(function(id));
    return {Symbol::Kind::function, id, ClassId::none, std::string(name)};
  }
  if (const ClassId id = class_named(name); id != ClassId::none) {
    static_cast<void>(type(id));
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
    look_at(module->second);
    const ir::Module& found = *modules_[module->second];
    const std::size_t end = rest.find('.');
    const std::string_view head = rest.substr(0, end);
    const std::string_view tail = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    if (const auto alias = found.aliases.find(head);
        alias != found.aliases.end() && terms.kind(alias->second) == ir::TermKind::global) {
      std::string target(terms.text(alias->second));
      target += tail;
      if (target != name) return look_up(target, depth + 1, tried);
    }
    for (const std::string_view star : found.star_imports) {
      if (!module_index_.contains(star)) continue;  // nor is anything in it known by a longer name
      std::string target(star);
      target += '.';
      target += rest;
      if (target == name || !tried.insert(target).second) continue;
      Symbol symbol = look_up(target, depth + 1, tried);
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
    if (!function(last).is_declaration) return {last, {}};
    const Method inherited = find_in_bases(id, name, depth);
    return inherited.function == FunctionId::none ? Method{last, {}} : inherited;
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
