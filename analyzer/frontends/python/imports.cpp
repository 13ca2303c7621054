// Imports: a module that the run knows gets the name the run knows it by; any other keeps the name that the
// source gives it, made absolute. Nothing is executed: a name means what its import says, even where the
// import stands in a try and another statement offers a substitute.
//
// `import a.b` binds only `a`, yet means that `a.b` is a module. The tree may know a.b and not a (a folder
// without __init__.py), so a name that such an import binds carries the dotted path walked so far, and every
// step is first looked up among the modules that the file imports.
#include "analyzer/frontends/python/imports.h"

#include <algorithm>

namespace lockwright::frontends::python {
namespace {

bool is_upper(char each) {
  return each >= 'A' && each <= 'Z';
}
bool is_lower(char each) {
  return each >= 'a' && each <= 'z';
}

/// The text of a dotted_name without the blanks that Python allows around its dots.
std::string dotted_text(Node dotted_name) {
  std::string result;
  for (const Node each : dotted_name.children()) {
    if (each.kind() != Kind::identifier_) continue;
    if (!result.empty()) result += '.';
    result += each.text();
  }
  return result;
}

std::string_view parent_of(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : dotted.substr(0, dot);
}

std::string_view last_of(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  return dot == std::string_view::npos ? dotted : dotted.substr(dot + 1);
}

std::string join(std::string_view package, std::string_view name) {
  if (package.empty()) return std::string(name);
  if (name.empty()) return std::string(package);
  std::string result(package);
  result += '.';
  result += name;
  return result;
}

}  // namespace

bool looks_like_type(std::string_view name) {
  const auto first = std::find_if(name.begin(), name.end(), [](char each) { return each != '_'; });
  return first != name.end() && is_upper(*first) && std::any_of(first, name.end(), is_lower);
}

bool looks_like_constant(std::string_view name) {
  return std::any_of(name.begin(), name.end(), is_upper) && std::none_of(name.begin(), name.end(), is_lower);
}

Imports::Imports(Unit& unit) : unit_(unit) {
  for (const ImportedName& each : unit.scopes.imports()) {
    const bool from = each.statement.kind() == Kind::import_from_statement_;
    Meaning meaning;
    if (from) {
      meaning = import_from(each.statement, each.item);
    } else if (each.statement.kind() == Kind::future_import_statement_) {
      meaning = external("__future__." + dotted_text(each.item));
    } else {
      meaning = import_module(each.item);
    }
    const Binding* bound = unit.scopes.find(each.scope, each.name);
    if (each.scope == ScopeId{0} || (bound != nullptr && bound->global)) {
      unit.module.aliases.emplace(unit.module.terms.intern(unit.syntax.name(each.name)), meaning.term);
    }
    meanings_.push_back(meaning);
  }
  for (const Node statement : unit.scopes.star_imports()) {
    const Target from = target(statement.child(Field::module_name_));
    const std::optional<std::string>& known = resolve(from.level, from.dotted);
    const std::string name = known ? *known : absolute(from);
    if (known) record(*known);
    unit.module.star_imports.push_back(unit.module.terms.intern(name));
    if (!known) only_star_ = name;
  }
  if (unit.scopes.star_imports().size() != 1) only_star_.clear();
}

Imports::Target Imports::target(Node module_name) const {
  Target result;
  if (!module_name) return result;
  if (module_name.kind() == Kind::relative_import_) {
    const Node prefix = module_name.child(Kind::import_prefix_);
    if (prefix) {
      const std::string_view dots = prefix.text();
      result.level = static_cast<int>(std::count(dots.begin(), dots.end(), '.'));
    }
    if (const Node name = module_name.child(Kind::dotted_name_)) result.dotted = dotted_text(name);
  } else {
    result.dotted = dotted_text(module_name);
  }
  return result;
}

const std::optional<std::string>& Imports::resolve(int level, std::string_view dotted) {
  std::string key = std::to_string(level);
  key += '.';
  key += dotted;
  const auto [found, added] = resolved_.try_emplace(std::move(key));
  if (added) found->second = unit_.resolver.resolve(unit_.input.module_name, level, dotted);
  return found->second;
}

const std::optional<std::string>& Imports::submodule(std::string_view package, std::string_view name) {
  std::string qualified = join(package, name);
  const auto [found, added] = submodules_.try_emplace(std::move(qualified));
  if (added) {
    // A relative import in a plain module starts at its package, which is not what is meant here.
    found->second = unit_.resolver.resolve(package, 1, name);
    if (found->second && *found->second != found->first) found->second.reset();
  }
  return found->second;
}

/// Where a relative import would lead in a tree that has everything.
std::string Imports::absolute(const Target& target) const {
  if (target.level == 0) return target.dotted;
  std::string_view package = unit_.input.module_name;
  for (int up = unit_.input.is_package ? 1 : 0; up < target.level; ++up) package = parent_of(package);
  return join(package, target.dotted);
}

Meaning Imports::external(std::string_view qualified_name) {
  const Nature nature = looks_like_constant(last_of(qualified_name)) ? Nature::value : Nature::external;
  return {unit_.module.terms.global(qualified_name), nature, {}};
}

void Imports::record(std::string_view module) {
  if (recorded_.emplace(module).second) unit_.module.imports.push_back(unit_.module.terms.intern(module));
}

Meaning Imports::import_module(Node item) {
  const bool aliased = item.kind() == Kind::aliased_import_;
  const std::string dotted = dotted_text(aliased ? item.child(Field::name_) : item);
  for (std::size_t dot = dotted.find('.');; dot = dotted.find('.', dot + 1)) {
    if (const auto& known = resolve(0, dotted.substr(0, dot))) record(*known);
    if (dot == std::string::npos) break;
  }
  const std::string named = aliased ? dotted : dotted.substr(0, dotted.find('.'));
  const std::optional<std::string>& known = resolve(0, named);
  Meaning result = known ? Meaning{unit_.module.terms.global(*known), Nature::module, {}}
                         : Meaning{unit_.module.terms.global(named), Nature::external, {}};
  if (!aliased) result.dotted = unit_.module.terms.intern(named);
  return result;
}

Meaning Imports::import_from(Node statement, Node item) {
  const Target from = target(statement.child(Field::module_name_));
  const std::string name =
      dotted_text(item.kind() == Kind::aliased_import_ ? item.child(Field::name_) : item);
  const std::optional<std::string> package = resolve(from.level, from.dotted);
  if (package) record(*package);
  if (const std::optional<std::string>& module = resolve(from.level, join(from.dotted, name))) {
    record(*module);
    return {unit_.module.terms.global(*module), Nature::module, {}};
  }
  if (!package) return external(join(absolute(from), name));
  return {unit_.module.terms.global(join(*package, name)),
          looks_like_type(name) ? Nature::type : Nature::value,
          {}};
}

Meaning Imports::member(const Meaning& base, std::string_view name) {
  ir::TermTable& terms = unit_.module.terms;
  std::string_view dotted;
  if (!base.dotted.empty()) {
    const std::string path = join(base.dotted, name);
    dotted = terms.intern(path);
    const auto found = resolved_.find("0." + path);
    if (found != resolved_.end() && found->second)
      return {terms.global(*found->second), Nature::module, dotted};
  }
  const std::string_view owner = terms.text(base.term);
  const std::string qualified = join(owner, name);
  if (base.nature == Nature::external) {
    Meaning result = external(qualified);
    result.dotted = dotted;
    return result;
  }
  if (submodule(owner, name)) return {terms.global(qualified), Nature::module, dotted};
  return {terms.global(qualified), looks_like_type(name) ? Nature::type : Nature::value, {}};
}

}  // namespace lockwright::frontends::python
