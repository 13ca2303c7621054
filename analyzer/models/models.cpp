// The tables behind Models: rows by callee, classes and their bases. Everything here is a look-up.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "analyzer/models/loader.h"

namespace lockwright::models {
namespace {

struct TransparentHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <typename Value>
using Table = std::unordered_map<std::string, Value, TransparentHash, std::equal_to<>>;

std::string method_key(std::string_view type, std::string_view name) {
  std::string key(type);
  key += '#';
  key += name;
  return key;
}

void add_once(std::vector<std::string>& all, std::vector<std::string>&& more) {
  for (std::string& text : more) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
  }
}

/// A literal stands once: of the whole file if one of its rows or files says so, else of all its callees.
void add_once(std::vector<Trigger>& all, std::vector<Trigger>&& more) {
  for (Trigger& trigger : more) {
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const Trigger& each) { return each.literal == trigger.literal; });
    if (same == all.end()) {
      all.push_back(std::move(trigger));
    } else if (trigger.callees.empty()) {
      same->callees.clear();
    } else if (!same->callees.empty()) {
      add_once(same->callees, std::move(trigger.callees));
    }
  }
}

}  // namespace

struct Models::Tables {
  Table<Row> functions;
  std::set<std::string, std::less<>> modules;  ///< what the names of functions begin with
  Table<Row> methods;                          // "type#name"
  Table<std::vector<std::string>> bases;
  Table<std::string> aliases;
  std::set<std::string, std::less<>> scope_guards, memoizers, scope_enters, scope_exits, ends_process,
      by_name_only;
  std::set<std::string, std::less<>> never_negative;
  std::set<std::string, std::less<>> ranges;
  std::vector<std::set<std::string, std::less<>>> distinct;
  bool copies = false;
  std::set<std::string, std::less<>> containers, sequences, may_be_false, platform;
  Table<Probe> probes;
  Table<Constants> constants;
  Table<std::string> error_codes;
  std::string language;
  std::vector<std::string> constructors;
  std::string cancellation;
  std::vector<Trigger> lock_triggers;
  std::map<std::string, Effect, std::less<>> effects;
  std::set<std::string, std::less<>> file_users;
  std::set<std::string, std::less<>> side_triggers;
};

Models::Models(std::string_view language) : tables_(std::make_unique<Tables>()) {
  tables_->language = language;
}
Models::~Models() = default;
Models::Models(Models&&) noexcept = default;
Models& Models::operator=(Models&&) noexcept = default;

source::Result<bool> Models::add(std::string_view json, std::string_view name) {
  source::Result<ModelFile> loaded = load(json, name);
  if (!loaded) return loaded.error();
  const bool other = !loaded->language.empty() && loaded->language != tables_->language;
  if (other && !tables_->language.empty()) return false;
  for (auto& [key, row] : loaded->rows) {
    if (key.type.empty()) {
      if (const std::size_t dot = key.name.find('.'); dot != std::string::npos)
        tables_->modules.insert(key.name.substr(0, dot));
      tables_->functions.insert_or_assign(key.name, std::move(row));
    } else {
      tables_->methods.insert_or_assign(method_key(key.type, key.name), std::move(row));
    }
  }
  for (auto& [type, bases] : loaded->bases) tables_->bases.insert_or_assign(type, std::move(bases));
  for (auto& [alias, target] : loaded->aliases) tables_->aliases.insert_or_assign(alias, std::move(target));
  tables_->scope_guards.insert(loaded->scope_guards.begin(), loaded->scope_guards.end());
  tables_->memoizers.insert(loaded->memoizers.begin(), loaded->memoizers.end());
  tables_->scope_enters.insert(loaded->scope_enters.begin(), loaded->scope_enters.end());
  tables_->scope_exits.insert(loaded->scope_exits.begin(), loaded->scope_exits.end());
  tables_->never_negative.insert(loaded->never_negative.begin(), loaded->never_negative.end());
  tables_->ranges.insert(loaded->ranges.begin(), loaded->ranges.end());
  for (const auto& names : loaded->distinct) tables_->distinct.emplace_back(names.begin(), names.end());
  tables_->copies |= loaded->copies;
  tables_->by_name_only.insert(loaded->by_name_only.begin(), loaded->by_name_only.end());
  tables_->ends_process.insert(loaded->ends_process.begin(), loaded->ends_process.end());
  tables_->platform.insert(loaded->platform.begin(), loaded->platform.end());
  tables_->containers.insert(loaded->containers.begin(), loaded->containers.end());
  tables_->sequences.insert(loaded->sequences.begin(), loaded->sequences.end());
  tables_->may_be_false.insert(loaded->may_be_false.begin(), loaded->may_be_false.end());
  for (auto& [global, probe] : loaded->probes) tables_->probes.insert_or_assign(global, probe);
  for (auto& [type, fields] : loaded->constants) tables_->constants.insert_or_assign(type, std::move(fields));
  for (auto& [code, type] : loaded->error_codes) tables_->error_codes.insert_or_assign(code, std::move(type));
  if (!loaded->cancellation.empty()) tables_->cancellation = std::move(loaded->cancellation);
  add_once(tables_->constructors, std::move(loaded->constructors));
  add_once(tables_->lock_triggers, std::move(loaded->lock_triggers));
  for (const auto& [callee, effect] : loaded->effects) {
    Effect& known = tables_->effects[callee];
    known = std::max(known, effect);
  }
  tables_->file_users.insert(loaded->file_users.begin(), loaded->file_users.end());
  tables_->side_triggers.insert(loaded->side_triggers.begin(), loaded->side_triggers.end());
  return true;
}

const Row* Models::function(std::string_view qualified_name) const {
  const auto found = tables_->functions.find(alias(qualified_name));
  return found == tables_->functions.end() ? nullptr : &found->second;
}

bool Models::does_nothing(std::string_view qualified_name) const {
  const Row* row = function(qualified_name);
  return row != nullptr && std::ranges::all_of(row->text->cases, [](const Case& each) {
           return std::ranges::all_of(each.outcomes,
                                      [](const OutcomeTemplate& one) { return one.operations.empty(); });
         });
}

const Row* Models::method(std::string_view type, std::string_view name) const {
  type = alias(type);
  const auto found = tables_->methods.find(method_key(type, name));
  if (found != tables_->methods.end()) return &found->second;
  // The row of a class says what its constructor does, also when a class below it calls that by name.
  const auto& constructors = tables_->constructors;
  if (std::find(constructors.begin(), constructors.end(), name) != constructors.end()) {
    if (const Row* row = function(type)) return row;
  }
  const auto bases = tables_->bases.find(type);
  if (bases == tables_->bases.end()) return nullptr;
  for (const std::string& base : bases->second) {
    if (const Row* row = method(base, name)) return row;
  }
  return nullptr;
}

const Row* Models::method_of_unknown(std::string_view name) const {
  const auto found = tables_->methods.find(method_key("*", name));
  return found == tables_->methods.end() ? nullptr : &found->second;
}

bool Models::is_subclass(std::string_view derived, std::string_view base) const {
  derived = alias(derived);
  base = alias(base);
  if (derived == base) return true;
  const auto bases = tables_->bases.find(derived);
  if (bases == tables_->bases.end()) return false;
  return std::any_of(bases->second.begin(), bases->second.end(),
                     [&](const std::string& each) { return is_subclass(each, base); });
}

bool Models::knows_type(std::string_view type) const {
  return tables_->bases.find(alias(type)) != tables_->bases.end();
}

bool Models::is_memoizer(std::string_view decorator) const {
  return tables_->memoizers.contains(alias(decorator));
}

bool Models::acquires_file_lock(std::string_view qualified_name) const {
  const Row* row = function(qualified_name);
  if (row == nullptr) return false;
  const std::vector<Case>& cases = row->text->cases;
  return std::any_of(cases.begin(), cases.end(), [](const Case& each) {
    return std::any_of(each.outcomes.begin(), each.outcomes.end(), [](const OutcomeTemplate& outcome) {
      return std::any_of(outcome.operations.begin(), outcome.operations.end(),
                         [](const OperationTemplate& operation) {
                           return operation.fixed.kind == OperationKind::acquire &&
                                  operation.fixed.mechanism != Mechanism::none &&
                                  operation.fixed.mechanism != Mechanism::mutex;
                         });
    });
  });
}

bool Models::makes_scope_guard(std::string_view decorator) const {
  return tables_->scope_guards.find(alias(decorator)) != tables_->scope_guards.end();
}

bool Models::is_scope_enter(std::string_view method) const {
  return tables_->scope_enters.contains(method);
}
bool Models::is_scope_exit(std::string_view method) const {
  return tables_->scope_exits.contains(method);
}
const std::vector<std::string>& Models::constructors() const {
  return tables_->constructors;
}
bool Models::is_module(std::string_view name) const {
  return tables_->modules.contains(name);
}
bool Models::tells_platform(std::string_view global) const {
  return tables_->platform.contains(alias(global));
}

std::string_view Models::cancellation() const {
  return tables_->cancellation;
}
bool Models::is_raised_by_name_only(std::string_view exception) const {
  return tables_->by_name_only.contains(alias(exception));
}
bool Models::is_said_by_name_only(std::string_view exception, std::string_view field,
                                  std::string_view text) const {
  exception = alias(exception);
  return std::any_of(
      tables_->by_name_only.begin(), tables_->by_name_only.end(), [&](const std::string& each) {
        const Constants& constants = constants_of(each);
        const bool says = std::any_of(constants.begin(), constants.end(), [&](const auto& constant) {
          return constant.first == field && constant.second == text;
        });
        return says && each != exception && is_subclass(each, exception);
      });
}
std::optional<bool> Models::has_code(std::string_view exception, std::string_view code) const {
  const auto found = tables_->error_codes.find(alias(code));
  if (found == tables_->error_codes.end()) return std::nullopt;
  const std::string& type = found->second;
  if (is_subclass(exception, type)) {
    const auto says = [&](const auto& each) { return each.second == type; };
    const bool only = std::count_if(tables_->error_codes.begin(), tables_->error_codes.end(), says) == 1;
    return only ? std::optional(true) : std::nullopt;
  }
  if (is_subclass(type, exception) && !is_raised_by_name_only(type)) return std::nullopt;
  return false;
}
bool Models::ends_process(std::string_view exception) const {
  return std::any_of(tables_->ends_process.begin(), tables_->ends_process.end(),
                     [&](const std::string& each) { return is_subclass(exception, each); });
}

bool Models::is_never_negative(std::string_view type) const {
  return tables_->never_negative.contains(alias(type));
}
bool Models::is_range(std::string_view type) const {
  return tables_->ranges.contains(alias(type));
}
bool Models::differ(std::string_view left, std::string_view right) const {
  left = alias(left);
  right = alias(right);
  return left != right &&
         std::any_of(tables_->distinct.begin(), tables_->distinct.end(),
                     [&](const auto& names) { return names.contains(left) && names.contains(right); });
}
bool Models::copies_values() const {
  return tables_->copies;
}
bool Models::is_container(std::string_view type) const {
  return tables_->containers.contains(alias(type));
}
bool Models::may_be_false(std::string_view type) const {
  return tables_->may_be_false.contains(type);
}
bool Models::is_sequence(std::string_view type) const {
  return tables_->sequences.contains(alias(type));
}
Probe Models::probe_of(std::string_view global) const {
  const auto found = tables_->probes.find(alias(global));
  return found == tables_->probes.end() ? Probe::none : found->second;
}
bool Models::has_probes() const {
  return !tables_->probes.empty();
}
const Models::Constants& Models::constants_of(std::string_view type) const {
  static const Constants none;
  const auto found = tables_->constants.find(alias(type));
  return found == tables_->constants.end() ? none : found->second;
}

std::string_view Models::alias(std::string_view qualified_name) const {
  const auto found = tables_->aliases.find(qualified_name);
  return found == tables_->aliases.end() ? qualified_name : std::string_view(found->second);
}

bool Models::may_use_files(std::string_view callee) const {
  return tables_->file_users.contains(alias(callee));
}

const std::vector<Trigger>& Models::lock_triggers() const {
  return tables_->lock_triggers;
}
Effect Models::effect_of(std::string_view name) const {
  const auto found = tables_->effects.find(name);
  return found == tables_->effects.end() ? Effect::none : found->second;
}
bool Models::is_side_trigger(std::string_view qualified_name) const {
  return tables_->side_triggers.contains(alias(qualified_name));
}

}  // namespace lockwright::models
