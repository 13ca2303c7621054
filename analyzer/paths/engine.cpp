// Summaries on demand. A function's summary asks for those of its callees, so the order is bottom-up by
// itself; a function that is asked for while it is being computed is recursive and stays opaque there, unless
// it calls itself: then it is computed twice, first without these calls, then with what that came to.
//
// Invariants are what makes a field a name for a file: `self.path = root / "x.lock"` in the constructor, and
// nowhere else, means that self.path is that in every method.
#include "analyzer/paths/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "analyzer/paths/executor.h"
#include "analyzer/paths/promises.h"

namespace lockwright::paths {

using ir::InstructionKind;
using ir::Term;
using ir::TermKind;

namespace {

/// What a function of which nothing is known has returned: best known by where it is kept.
bool is_foreign(const ir::TermTable& terms, const models::Models& models, Term value) {
  if (terms.kind(value) != TermKind::apply) return false;
  const Term callee = terms.operands(value)[0];
  return terms.kind(callee) == TermKind::global && !terms.text(callee).starts_with("operator.") &&
         models.function(terms.text(callee)) == nullptr;
}

const Context started;  ///< nothing is known
const Context imported{.imported = true};

}  // namespace

Engine::Engine(Program& program, const models::Models& models, Limits limits)
    : program_(program), models_(models), limits_(limits), reading_limits_(limits), light_limits_(limits) {
  // What only reads is told apart by what it has found; nothing of it comes to pass a second time.
  reading_limits_.states_per_block = std::min<std::size_t>(limits.states_per_block, 8);
  reading_limits_.paths_per_summary = std::min<std::size_t>(limits.paths_per_summary, 12);
  reading_limits_.loop_visits = 1;
  light_limits_.states_before_coarse = 1;
  light_limits_.states_per_block = 3;
  light_limits_.paths_per_summary = 4;
  light_limits_.loop_visits = 1;
}
Engine::~Engine() = default;

Limits Engine::limits_for(FunctionId function) {
  find_weights();
  program_.assumptions.make(weight_of(function));
  const models::Effect effect = weights_->of(function);
  if (effect == models::Effect::none) return light_limits_;
  const Limits& most = effect == models::Effect::reads ? reading_limits_ : limits_;
  std::size_t instructions = 1;
  for (const ir::Block& block : program_.function(function).cfg.blocks)
    instructions += block.instructions.size() + 1;
  Limits result = most;
  result.states_per_block =
      std::min(most.states_per_block,
               std::max(most.instructions_in_states / instructions, most.states_of_long_functions));
  result.states_before_coarse = std::min(most.states_before_coarse, result.states_per_block / 3 + 1);
  return result;
}

void Engine::find_weights() {
  if (weights_ && weights_->size() == program_.function_count() && weights_revision_ == program_.revision()) {
    return;
  }
  // What it is found by is not assumed: that a function has the weight it has, is.
  const std::size_t begun = program_.assumptions.begin();
  Weights now(program_, models_);
  program_.assumptions.cancel(begun);
  if (weights_) {
    for (std::size_t i = 0; i < weights_->size(); ++i) {
      const auto id = static_cast<FunctionId>(i);
      if (weights_->of(id) != now.of(id)) fallen_.push_back(weight_of(id));
    }
  }
  weights_.emplace(std::move(now));
  weights_revision_ = program_.revision();
}

Assumptions::Id Engine::weight_of(FunctionId function) {
  for (std::size_t i = weight_assumptions_.size(); i <= static_cast<std::size_t>(function); ++i)
    weight_assumptions_.push_back(program_.assumptions.id(fmt::format("weight {}", i)));
  return weight_assumptions_[static_cast<std::size_t>(function)];
}

std::shared_ptr<const Summary> Engine::summary(FunctionId function, const Context& context) {
  if (program_.function(function).is_declaration) return nullptr;
  const Key key(function, context);
  if (const auto found = summaries_.find(key); found != summaries_.end())
    return known(provisional_, key, found->second);
  // A module's own code does mostly the same whether it was imported or started.
  if (context == started || context == imported) {
    const Key other(function, context.imported ? started : imported);
    const auto found = summaries_.find(other);
    if (found != summaries_.end() && !found->second.value->asks_how_it_began)
      return known(provisional_, other, found->second);
  }
  constexpr std::size_t max_depth = 60;
  if (const auto first = first_rounds_.find(key); first != first_rounds_.end()) return first->second;
  if (!running_.empty() && running_.back() == key) {
    recursive_.insert(key);
    return std::make_shared<const Summary>();
  }
  if (running_.size() > max_depth) return nullptr;
  if (const Context known = without_counters(key); known != context) return summary(function, known);
  // With other values known of what it is given, a function is another one: lock(() => lock(…)).
  if (const auto running = std::find(running_.begin(), running_.end(), key); running != running_.end()) {
    reached_ = std::min(reached_, static_cast<std::size_t>(running - running_.begin()));
    return nullptr;
  }
  Made& made = made_[function];
  const bool too_many =
      made.runs >= limits_.runs_per_function ||
      (made.contexts.size() >= limits_.contexts_per_function && !made.contexts.contains(context));
  if (too_many && context != Context{}) {
    Context plain;
    plain.receiver_type = context.receiver_type;
    return context == plain ? summary(function) : summary(function, plain);
  }
  ++made.runs;
  const std::size_t run = ++made.contexts[context];
  const std::size_t depth = running_.size();
  running_.push_back(key);
  const std::size_t begun = program_.assumptions.begin();
  const std::size_t reached_before = std::exchange(reached_, nothing_reached);
  auto result = std::make_shared<const Summary>(Executor(*this, function, context).run());
  if (recursive_.erase(key) != 0) {
    first_rounds_[key] = std::move(result);
    result = std::make_shared<const Summary>(Executor(*this, function, context).run());
    first_rounds_.erase(key);
  }
  std::vector<Assumptions::Id> assumed = program_.assumptions.end(begun);
  running_.pop_back();
  path_count_ += result->paths.size();
  truncated_count_ += result->truncated ? 1 : 0;
  settle(depth);
  if (run >= limits_.runs_in_circles) reached_ = nothing_reached;  // that is as good as it gets
  if (reached_ < depth) provisional_.emplace(key, reached_);
  reached_ = std::min(reached_, reached_before);
  Finding<std::shared_ptr<const Summary>> finding{std::move(result), std::move(assumed)};
  return summaries_.emplace(key, std::move(finding)).first->second.value;
}

/// The context without the numbers that a running call of the same function has others for: how deep a
/// recursion has come is different at every depth, and what the function does there is not.
Context Engine::without_counters(const Key& key) {
  const auto& [function, asked] = key;
  Context result = asked;
  const ir::TermTable& terms = program_.terms;
  for (std::size_t depth = 0; depth < running_.size(); ++depth) {
    if (running_[depth].first != function) continue;
    const auto& outer = running_[depth].second.constants;
    const std::size_t counters = std::erase_if(result.constants, [&](const auto& each) {
      return terms.kind(each.second) == TermKind::integer &&
             std::any_of(outer.begin(), outer.end(), [&](const auto& other) {
               return other.first == each.first && other.second != each.second &&
                      terms.kind(other.second) == TermKind::integer;
             });
    });
    if (counters > 0) reached_ = std::min(reached_, depth);
  }
  return result;
}

std::shared_ptr<const Summary> Engine::awaited_summary(FunctionId function) {
  std::shared_ptr<const Summary> result = summary(function);
  return result ? as_awaited(program_.terms, std::move(result)) : result;
}

/// Something found out before, for whoever asks now. What was found out while a function further up was
/// running, and hangs on it, holds until that ends: it is opaque as long as it runs. Whoever uses such a
/// finding hangs on the same function.
template <typename What, typename Value>
const Value& Engine::known(const std::map<What, std::size_t>& provisional, const What& what,
                           const Finding<Value>& finding) {
  if (const auto found = provisional.find(what); found != provisional.end())
    reached_ = std::min(reached_, found->second);
  program_.assumptions.make(finding.assumed);
  return finding.value;
}

/// The function at `depth` of those running has ended.
void Engine::settle(std::size_t depth) {
  const auto ended = [&](const auto& each) { return each.second >= depth; };
  for (const auto& each : provisional_) {
    if (!ended(each)) continue;
    const auto found = summaries_.find(each.first);
    forget(*found->second.value);
    summaries_.erase(found);
  }
  for (const auto& each : provisional_classes_) {
    if (ended(each)) class_invariants_.erase(each.first);
  }
  for (const auto& each : provisional_modules_) {
    if (ended(each)) module_invariants_.erase(each.first);
  }
  std::erase_if(provisional_, ended);
  std::erase_if(provisional_classes_, ended);
  std::erase_if(provisional_modules_, ended);
  if (reached_ >= depth) reached_ = nothing_reached;
}

void Engine::forget(const Summary& summary) {
  path_count_ -= summary.paths.size();
  truncated_count_ -= summary.truncated ? 1 : 0;
}

std::set<FunctionId> Engine::update() {
  forget_replaced_values();
  find_stored_places();
  find_weights();
  std::vector<Assumptions::Id> untrue = program_.fallen_assumptions();
  untrue.insert(untrue.end(), fallen_.begin(), fallen_.end());
  fallen_.clear();
  std::vector<bool> fallen(program_.assumptions.count());
  for (const Assumptions::Id each : untrue) fallen[each] = true;
  const auto is_doubtful = [&](const auto& each) {
    return std::any_of(each.second.assumed.begin(), each.second.assumed.end(),
                       [&](Assumptions::Id id) { return fallen[id]; });
  };
  std::set<FunctionId> result;
  std::erase_if(summaries_, [&](const auto& each) {
    if (!is_doubtful(each)) return false;
    const auto& [function, context] = each.first;
    if (context == started || context == imported) result.insert(function);
    if (const auto made = made_.find(function); made != made_.end()) {
      --made->second.runs;
      made->second.contexts.erase(context);
    }
    forget(*each.second.value);
    return true;
  });
  const auto rename = [&](std::string& type) {
    if (program_.class_named(type) == ClassId::none) type = program_.resolve(type).name;
  };
  for (auto& [term, type] : term_types_) rename(type);
  for (auto& [site, type] : site_types_) rename(type);
  std::erase_if(class_invariants_, is_doubtful);
  std::erase_if(module_invariants_, is_doubtful);
  return result;
}

/// Types of values that replaced modules have made, or were asked for: their sites may mean others now.
void Engine::forget_replaced_values() {
  const std::vector<Program::Replaced> replaced = program_.take_replaced();
  if (replaced.empty()) return;
  const ir::TermTable& terms = program_.terms;
  const auto is_of_replaced = [&](std::uint32_t site) {
    return std::any_of(replaced.begin(), replaced.end(), [&](const Program::Replaced& each) {
      return site >= each.first_site && site - each.first_site < each.sites;
    });
  };
  std::unordered_map<Term, bool> known;
  const auto mentions = [&](const auto& self, Term term) -> bool {
    if (const auto found = known.find(term); found != known.end()) return found->second;
    bool result = false;
    if (terms.kind(term) == TermKind::fresh) {
      result = is_of_replaced(static_cast<std::uint32_t>(terms.number(term)));
    } else if (terms.kind(term) == TermKind::global || terms.kind(term) == TermKind::closure) {
      result = std::any_of(replaced.begin(), replaced.end(), [&](const Program::Replaced& each) {
        return terms.text(term).starts_with(each.name);
      });
    }
    for (const Term operand : terms.operands(term)) result = result || self(self, operand);
    known.emplace(term, result);
    return result;
  };
  std::erase_if(site_types_, [&](const auto& each) { return is_of_replaced(each.first); });
  std::erase_if(term_types_, [&](const auto& each) { return mentions(mentions, each.first); });
}

void Engine::find_stored_places() {
  // Fields assigned outside of constructors, globals assigned more than once: nothing is always true of them.
  const bool anew = stores_revision_ != program_.revision();
  if (!anew && stores_known_of_ == program_.function_count()) return;
  const auto stores_before = anew ? std::exchange(stores_elsewhere_, {}) : decltype(stores_elsewhere_)();
  const auto globals_before = anew ? std::exchange(global_stores_, {}) : decltype(global_stores_)();
  if (anew) stores_known_of_ = 0;
  stores_revision_ = program_.revision();
  const std::size_t fallen_before = fallen_.size();
  const std::size_t begun = program_.assumptions.begin();
  for (; stores_known_of_ < program_.function_count(); ++stores_known_of_)
    find_stored_places_of(static_cast<FunctionId>(stores_known_of_));
  program_.assumptions.cancel(begun);  // of each place it is assumed by itself
  if (!anew) return;
  fallen_.resize(fallen_before);
  for (const std::string_view field : stores_before) {
    if (!stores_elsewhere_.contains(field)) fallen_.push_back(not_stored(field));
  }
  for (const std::string_view field : stores_elsewhere_) {
    if (!stores_before.contains(field)) fallen_.push_back(not_stored(field));
  }
  const auto once = [](const std::unordered_map<Term, int>& stores, Term global) {
    const auto found = stores.find(global);
    return found != stores.end() && found->second == 1;
  };
  for (const auto& stores : {globals_before, global_stores_}) {
    for (const auto& [global, count] : stores) {
      if (once(globals_before, global) != once(global_stores_, global))
        fallen_.push_back(stored_once(global));
    }
  }
}

void Engine::find_stored_places_of(FunctionId id) {
  const ir::TermTable& terms = program_.terms;
  const ir::Function& function = program_.function(id);
  const std::vector<std::string>& constructors = models_.constructors();
  const bool constructor =
      std::find(constructors.begin(), constructors.end(), function.name) != constructors.end();
  for (const ir::Block& block : function.cfg.blocks) {
    for (const ir::Instruction& each : block.instructions) {
      if (each.kind != InstructionKind::store) continue;
      if (terms.kind(each.place) == TermKind::global) {
        if (++global_stores_[each.place] <= 2) fallen_.push_back(stored_once(each.place));
      } else if (terms.kind(each.place) == TermKind::field && !constructor) {
        // By the field's name alone: any object of any class may be meant.
        if (stores_elsewhere_.insert(terms.text(each.place)).second)
          fallen_.push_back(not_stored(terms.text(each.place)));
      }
    }
  }
}

Assumptions::Id Engine::not_stored(std::string_view field) {
  return program_.assumptions.id(fmt::format("field {}", field));
}

Assumptions::Id Engine::stored_once(Term global) {
  return program_.assumptions.id(fmt::format("global {}", program_.terms.text(global)));
}

/// Whether a field of this name, of any object, is assigned outside of constructors.
bool Engine::is_stored_elsewhere(std::string_view field) {
  program_.assumptions.make(not_stored(field));
  return stores_elsewhere_.contains(field);
}

bool Engine::is_stored_once(Term global) {
  program_.assumptions.make(stored_once(global));
  const auto found = global_stores_.find(global);
  return found != global_stores_.end() && found->second == 1;
}

const Invariants& Engine::invariants_of_class(ClassId type) {
  static const Invariants nothing;
  if (const auto found = class_invariants_.find(type); found != class_invariants_.end())
    return known(provisional_classes_, type, found->second);
  if (const auto running = running_classes_.find(type); running != running_classes_.end()) {
    reached_ = std::min(reached_, running->second);
    return nothing;
  }
  running_classes_.emplace(type, running_.size());
  const std::size_t begun = program_.assumptions.begin();
  const std::size_t reached_before = std::exchange(reached_, nothing_reached);
  find_stored_places();
  Invariants result;
  std::unordered_set<Term> assigned;  // by a constructor, to whatever
  ir::TermTable& terms = program_.terms;
  const ir::Class& found = program_.type(type);
  for (const std::string& constructor : models_.constructors()) {
    const Method method = program_.find_method(type, constructor);
    if (method.function == FunctionId::none || program_.is_overloaded(method.function)) continue;
    Context context;
    if (program_.function(method.function).owner != found.qualified_name)
      context.receiver_type = found.qualified_name;
    const std::shared_ptr<const Summary> made = summary(method.function, context);
    if (!made) continue;
    // What all ways through the constructor agree on.
    std::unordered_map<Term, Term> agreed;
    bool first = true;
    for (const Path& path : made->paths) {
      if (path.exit != Exit::returns) continue;
      for (const auto& [place, value] : path.effects) assigned.insert(place);
      if (first) {
        agreed.insert(path.effects.begin(), path.effects.end());
      } else {
        std::erase_if(agreed, [&](const auto& each) {
          const auto same = std::find(path.effects.begin(), path.effects.end(), std::pair<Term, Term>(each));
          return same == path.effects.end();
        });
      }
      first = false;
    }
    const auto constant = [&](Term place) {
      return terms.kind(place) == TermKind::field && terms.kind(terms.operands(place)[0]) == TermKind::self &&
             !is_stored_elsewhere(terms.text(place));
    };
    // A constructor's parameter is known to methods by the field that keeps it.
    std::unordered_map<Term, Term> kept;
    std::unordered_map<Term, Term> objects;  // made by the constructor -> the field that holds it
    for (const auto& [place, value] : agreed) {
      if (!constant(place)) continue;
      if (terms.kind(value) == TermKind::param && !kept.contains(value)) kept.emplace(value, place);
      if (terms.kind(value) == TermKind::fresh) objects.emplace(value, place);
    }
    const auto in_methods = [&](Term value) {
      return terms.rewrite(value, [&](Term part) {
        if (terms.kind(part) == TermKind::param) {
          if (const auto field = kept.find(part); field != kept.end()) return field->second;
          return terms.field(terms.self(), "<init:" + std::to_string(terms.number(part)) + ">");
        }
        if (const auto object = objects.find(part); object != objects.end()) return object->second;
        return part;
      });
    };
    for (const auto& [place, value] : agreed) {
      if (constant(place)) {
        if (std::string known = type_of(value, found.qualified_name, {}); !known.empty())
          result.types[place] = known;
        if (terms.kind(value) == TermKind::param) {
          const auto position = static_cast<std::size_t>(terms.number(value));
          const auto& parameters = program_.function(method.function).parameters;
          const Term declared =
              position < parameters.size() ? parameters[position].declared_type : Term::none;
          if (std::string known = declared_type(declared); !known.empty()) result.types[place] = known;
          continue;
        }
        const Term meaning = in_methods(value);
        if (is_container(*this, value)) continue;
        if (terms.definite(meaning) && (terms.kinds_in(meaning) & ir::kinds_of(TermKind::fresh)) == 0 &&
            meaning != place) {
          result.values[place] = meaning;
        }
      } else if (terms.kind(place) == TermKind::field && objects.contains(terms.operands(place)[0])) {
        const Term meaning = in_methods(value);
        if (terms.definite(meaning) && (terms.kinds_in(meaning) & ir::kinds_of(TermKind::fresh)) == 0) {
          result.values[terms.field(objects[terms.operands(place)[0]], terms.text(place))] = meaning;
        }
      }
    }
  }
  for (const auto& [name, field] : found.fields) {
    const Term place = terms.field(terms.self(), name);
    const bool stored = is_stored_elsewhere(name) || assigned.contains(place);
    if (field.value != Term::none && !stored && terms.definite(field.value) &&
        (terms.kinds_in(field.value) & ir::kinds_of(TermKind::local, TermKind::fresh)) == 0) {
      result.values[place] = resolve(*this, field.value, {}, found.qualified_name);
    }
  }
  running_classes_.erase(type);
  Finding<Invariants> finding{std::move(result), program_.assumptions.end(begun)};
  if (reached_ < running_.size()) provisional_classes_.insert_or_assign(type, reached_);
  reached_ = std::min(reached_, reached_before);
  return class_invariants_.insert_or_assign(type, std::move(finding)).first->second.value;
}

const Invariants& Engine::invariants_of_module(std::string_view module) {
  static const Invariants nothing;
  const std::string key(module);
  if (const auto found = module_invariants_.find(module); found != module_invariants_.end())
    return known(provisional_modules_, key, found->second);
  const FunctionId body = program_.module_body(module);
  if (body == FunctionId::none) return nothing;
  if (const auto running = running_modules_.find(key); running != running_modules_.end()) {
    reached_ = std::min(reached_, running->second);
    return nothing;
  }
  const std::size_t begun = program_.assumptions.begin();
  const std::size_t reached_before = std::exchange(reached_, nothing_reached);
  const std::shared_ptr<const Summary> made = summary(body, imported);
  if (!made) {
    program_.assumptions.end(begun);
    reached_ = std::min(reached_, reached_before);
    return nothing;
  }
  running_modules_.emplace(key, running_.size());
  find_stored_places();
  Invariants result;
  ir::TermTable& terms = program_.terms;
  std::unordered_map<Term, Term> agreed;
  bool first = true;
  for (const Path& path : made->paths) {
    if (path.exit != Exit::returns) continue;
    if (first) {
      agreed.insert(path.effects.begin(), path.effects.end());
    } else {
      std::erase_if(agreed, [&](const auto& each) {
        return std::find(path.effects.begin(), path.effects.end(), std::pair<Term, Term>(each)) ==
               path.effects.end();
      });
    }
    first = false;
  }
  std::unordered_map<Term, Term> objects;
  for (const auto& [place, value] : agreed) {
    if (terms.kind(place) != TermKind::global || !is_stored_once(place)) continue;
    if (std::string known = type_of(value, {}, {}); !known.empty()) result.types[place] = known;
    if (terms.kind(value) == TermKind::fresh) {
      objects.emplace(value, place);
    } else if (!is_foreign(terms, models_, value) && !is_container(*this, value) && terms.definite(value) &&
               (terms.kinds_in(value) & ir::kinds_of(TermKind::fresh)) == 0) {
      result.values[place] = value;
    }
  }
  for (const auto& [place, value] : agreed) {
    if (terms.kind(place) != TermKind::field) continue;
    const auto object = objects.find(terms.operands(place)[0]);
    if (object != objects.end() && terms.definite(value)) {
      result.values[terms.field(object->second, terms.text(place))] = value;
    }
  }
  running_modules_.erase(key);
  Finding<Invariants> finding{std::move(result), program_.assumptions.end(begun)};
  if (reached_ < running_.size()) provisional_modules_.insert_or_assign(key, reached_);
  reached_ = std::min(reached_, reached_before);
  return module_invariants_.insert_or_assign(key, std::move(finding)).first->second.value;
}

std::string Engine::declared_type(Term type) {
  if (type == Term::none || program_.terms.kind(type) != TermKind::global) return {};
  return program_.resolve(program_.terms.text(type)).name;
}

std::string Engine::type_of(Term term, std::string_view self_type, const Effects& store) {
  ir::TermTable& terms = program_.terms;
  if (const auto known = term_types_.find(term); known != term_types_.end()) return known->second;
  switch (terms.kind(term)) {
    case TermKind::self: return std::string(self_type);
    case TermKind::fresh: {
      const auto site = site_types_.find(static_cast<std::uint32_t>(terms.number(term)));
      return site == site_types_.end() ? std::string() : site->second;
    }
    case TermKind::make: {
      const Term type = terms.operands(term)[0];
      return terms.kind(type) == TermKind::global ? program_.resolve(terms.text(type)).name : std::string();
    }
    case TermKind::global: {
      const Symbol symbol = program_.resolve(terms.text(term));
      if (symbol.kind != Symbol::Kind::variable || symbol.type != ClassId::none) return {};
      const Invariants& invariants =
          invariants_of_module(std::string_view(symbol.name).substr(0, symbol.name.rfind('.')));
      const auto found = invariants.types.find(terms.global(symbol.name));
      return found == invariants.types.end() ? std::string() : found->second;
    }
    case TermKind::field: {
      const ClassId type = program_.class_named(type_of(terms.operands(term)[0], self_type, store));
      if (type == ClassId::none) return {};
      const std::string_view name = terms.text(term);
      if (std::string declared = declared_type(program_.declared_field_type(type, name)); !declared.empty()) {
        return declared;
      }
      const Invariants& invariants = invariants_of_class(type);
      const auto found = invariants.types.find(terms.field(terms.self(), name));
      return found == invariants.types.end() ? std::string() : found->second;
    }
    default: return {};
  }
}

void Engine::set_site_type(Term fresh, std::string_view type) {
  site_types_.insert_or_assign(static_cast<std::uint32_t>(program_.terms.number(fresh)), std::string(type));
}

void Engine::set_term_type(Term term, std::string_view type) {
  term_types_.insert_or_assign(term, std::string(type));
}

std::uint32_t Engine::context(std::uint32_t site, std::uint32_t repetition, std::uint32_t inner) {
  const auto next = static_cast<std::uint32_t>(contexts_.size() + 1);
  return contexts_.emplace(std::make_tuple(site, repetition, inner), next).first->second;
}

}  // namespace lockwright::paths
