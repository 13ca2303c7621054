// Demand. It starts from the functions that mention a lock trigger. A lock that a function takes and gives
// back concerns nobody else; one that it leaves held (an acquire helper, a scope guard), or that it takes on
// what it was given, concerns its callers. So the engine is asked which functions are *open* in this sense,
// and only their callers are looked for: first among the loaded functions, then, by name, in files not parsed
// yet that also name the module or package the function comes from, since they must import it.
#include "analyzer/paths/demand.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "analyzer/paths/openness.h"
#include "analyzer/paths/references.h"
#include "analyzer/source/glance.h"

namespace lockwright::paths {
using ir::Term;
using ir::TermKind;

class Demand::Search {
 public:
  Search(Engine& engine, ModuleSource& source)
      : engine_(engine),
        program_(engine.program()),
        models_(engine.models()),
        source_(source),
        triggers_(models_.lock_triggers()) {}

  std::vector<FunctionId> run() {
    load();
    // What is taken out may have been why something else is asked for, but seldom is.
    constexpr int max_times = 3;
    for (int time = 0; source_.finds_parsed() && time < max_times && unload_unwanted(); ++time) load();
    std::set<FunctionId> result = neighbours();
    result.insert(interesting_.begin(), interesting_.end());
    add_constructors(result);
    return {result.begin(), result.end()};
  }

  void changed(const std::string& module) {
    source_.forget(module);
    if (!program_.has_module(module)) return;
    forget_functions_of(module);
    std::vector<ir::Module> parsed = source_.parse({module});
    if (parsed.empty()) {
      program_.remove(module);
      return;
    }
    program_.replace(std::move(parsed.front()));
    refer_again(module);
  }

 private:
  struct Verdict {
    bool open = false;
    bool locks = false;
    bool saves = false;
    std::set<std::string_view> fatal;  ///< what it calls that raises while it holds a lock
  };

  void load() {
    asked_.clear();
    wanted_ever_.clear();
    std::vector<std::string> wanted = modules_with_locks();
    constexpr int max_rounds = 5;
    bool more = ask_for(wanted) || program_.function_count() > 0;
    for (int round = 0; round < max_rounds && more; ++round) {
      // What functions with triggers call is known before any path is: a path that is found without it would
      // have to be found again.
      do {
        take_in(wanted);
        wanted = bases(with_triggers());
      } while (ask_for(wanted));
      for (const FunctionId each : engine_.update()) verdicts_.erase(each);
      find_interesting();
      wanted = callers();
      for (std::string& base : bases(interesting_)) wanted.push_back(std::move(base));
      std::sort(wanted.begin(), wanted.end());
      wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
      more = ask_for(wanted);
    }
  }

  void take_in(const std::vector<std::string>& wanted) {
    for (ir::Module& module : source_.parse(wanted)) {
      const std::string name = module.name;
      if (unloaded_.contains(name)) wanted_again_.insert(name);
      program_.add(std::move(module));
      refer_again(name);
    }
    refer();
  }

  std::set<FunctionId> with_triggers() {
    std::set<FunctionId> result;
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const auto id = static_cast<FunctionId>(i);
      if (!references_[i].trigger || program_.function(id).is_test) continue;
      add_with_enclosing(id, [&](FunctionId each) { result.insert(each); });
    }
    return result;
  }

  /// Leaves those that are neither loaded nor have been asked for; whether there are any.
  bool ask_for(std::vector<std::string>& wanted) {
    wanted_ever_.insert(wanted.begin(), wanted.end());
    std::erase_if(wanted, [&](const std::string& module) {
      return program_.has_module(module) || !asked_.insert(module).second;
    });
    return !wanted.empty();
  }

  /// A module that has been there before has the numbers of its functions back.
  void refer_again(const std::string& module) {
    for (const FunctionId id : program_.functions_of(module)) {
      if (static_cast<std::size_t>(id) < references_.size()) refer(id);
    }
  }

  bool unload_unwanted() {
    std::vector<std::string> unwanted;
    for (const auto& module : program_.modules()) {
      const std::string& name = module->name;
      if (!name.empty() && !wanted_ever_.contains(name) && !wanted_again_.contains(name))
        unwanted.push_back(name);
    }
    for (const std::string& module : unwanted) {
      forget_functions_of(module);
      program_.remove(module);
      source_.forget(module);
    }
    unloaded_.insert(unwanted.begin(), unwanted.end());
    return !unwanted.empty();
  }

  void forget_functions_of(const std::string& module) {
    for (const FunctionId id : program_.functions_of(module)) {
      verdicts_.erase(id);
      if (static_cast<std::size_t>(id) < references_.size())
        references_[static_cast<std::size_t>(id)] = References();
    }
  }

  /// Modules in whose text a trigger stands that may tell of a lock. Nothing is judged in tests, and nothing
  /// but tests calls them.
  std::vector<std::string> modules_with_locks() {
    const std::vector<models::Trigger>& triggers = models_.lock_triggers();
    std::vector<std::string> literals;
    for (const models::Trigger& trigger : triggers) literals.push_back(trigger.literal);
    std::vector<std::string> result;
    for (const ModuleSource::Match& match : source_.find(literals, {})) {
      const auto tells = [&](std::size_t literal) {
        return may_tell_of_lock(source_.text(match.module), triggers[literal]);
      };
      if (!match.is_test && std::any_of(match.literals.begin(), match.literals.end(), tells))
        result.push_back(match.module);
    }
    return result;
  }

  void refer() {
    for (std::size_t i = references_.size(); i < program_.function_count(); ++i) {
      references_.emplace_back();
      refer(static_cast<FunctionId>(i));
    }
  }
  void refer(FunctionId id) {
    references_[static_cast<std::size_t>(id)] = references_of(
        program_.function(id), source_.text(program_.module_of(id).name), program_.terms, triggers_, models_);
  }

  /// Who calls whom, as far as names tell: functions and classes by their qualified names, methods of the
  /// receiver by its class, other methods by their name (the functions of that name).
  void find_callers(std::map<FunctionId, std::set<FunctionId>>& callers,
                    std::map<std::string_view, std::set<FunctionId>>& callers_by_method) {
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const auto caller = static_cast<FunctionId>(i);
      for (const std::string_view name : references_[i].globals) {
        const Symbol symbol = program_.resolve(name);
        if (symbol.kind == Symbol::Kind::function) callers[symbol.function].insert(caller);
        if (symbol.kind != Symbol::Kind::type) continue;
        for (const std::string& constructor : models_.constructors()) {
          const Method method = program_.find_method(symbol.type, constructor);
          if (method.function != FunctionId::none) callers[method.function].insert(caller);
        }
      }
      if (const ClassId owner = program_.class_named(program_.function(caller).owner);
          owner != ClassId::none) {
        for (const std::string_view name : references_[i].own_methods) {
          const Method method = program_.find_method(owner, name);
          if (method.function != FunctionId::none) callers[method.function].insert(caller);
        }
      }
      for (const std::string_view name : references_[i].methods) callers_by_method[name].insert(caller);
    }
  }

  /// Functions that enter a scope on what a function with a trigger has stored: `with self._lock:` beside
  /// `self._lock = FileLock(path)`, in the same class, or globals.
  [[nodiscard]] std::vector<FunctionId> entering() const {
    std::set<std::pair<std::string_view, std::string_view>> made;  // class or "", place
    const auto owner = [&](std::size_t i, std::string_view name) {
      const bool global = name.find('.') != std::string_view::npos;
      return std::pair(global ? std::string_view() : program_.function(static_cast<FunctionId>(i)).owner,
                       name);
    };
    for (std::size_t i = 0; i < references_.size(); ++i) {
      if (!references_[i].trigger) continue;
      for (const std::string_view name : references_[i].stored) made.insert(owner(i, name));
    }
    std::vector<FunctionId> result;
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const auto& entered = references_[i].entered;
      const bool enters = std::any_of(entered.begin(), entered.end(),
                                      [&](std::string_view name) { return made.contains(owner(i, name)); });
      if (enters) result.push_back(static_cast<FunctionId>(i));
    }
    return result;
  }

  /// A method call on an object of unknown class counts where the class can be known: its module is imported.
  bool may_know(FunctionId caller, FunctionId method) {
    const ir::Module& from = program_.module_of(caller);
    const ir::Module& to = program_.module_of(method);
    return &from == &to || std::find(from.imports.begin(), from.imports.end(), std::string_view(to.name)) !=
                               from.imports.end();
  }

  Verdict verdict_on(FunctionId id, const Summary& summary) {
    Verdict result{.open = is_open(program_.terms, triggers_, summary),
                   .locks = takes_lock(program_.terms, triggers_, summary),
                   .saves = saves_what_is_given(program_.terms, summary),
                   .fatal = {}};
    for (const source::Range& call : fatal_calls(summary)) {
      if (const std::string_view callee = called_at(program_.function(id), call); !callee.empty())
        result.fatal.insert(callee);
    }
    return result;
  }

  /// The name of what is called there; "" where that is no global.
  [[nodiscard]] std::string_view called_at(const ir::Function& function, const source::Range& range) const {
    for (const ir::Block& block : function.cfg.blocks) {
      for (const ir::Instruction& each : block.instructions) {
        if (each.kind == ir::InstructionKind::call && each.range == range && each.callee != Term::none &&
            program_.terms.kind(each.callee) == TermKind::global) {
          return program_.terms.text(each.callee);
        }
      }
    }
    return {};
  }

  void find_interesting() {
    std::map<FunctionId, std::set<FunctionId>> callers;
    std::map<std::string_view, std::set<FunctionId>> callers_by_method;
    find_callers(callers, callers_by_method);
    interesting_.clear();
    open_.clear();
    std::vector<FunctionId> queue;
    // Tests hold locks against themselves on purpose, to see that the second is refused.
    const auto add = [&](FunctionId id) {
      if (!program_.function(id).is_test && interesting_.insert(id).second) queue.push_back(id);
    };
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const auto id = static_cast<FunctionId>(i);
      if (references_[i].trigger && !program_.function(id).is_test) add_with_enclosing(id, add);
    }
    for (const FunctionId id : entering()) add(id);
    while (!queue.empty()) {
      const FunctionId id = queue.back();
      queue.pop_back();
      auto verdict = verdicts_.find(id);
      if (verdict == verdicts_.end()) {
        const std::shared_ptr<const Summary> summary = engine_.summary(id);
        verdict = verdicts_.emplace(id, summary ? verdict_on(id, *summary) : Verdict()).first;
      }
      const bool saves = verdict->second.saves && program_.function(id).owner.empty();
      if (!verdict->second.open && !saves) continue;
      // Whoever calls the caller of a helper that locks and saves is looked at where he is at hand.
      if (verdict->second.open || references_[static_cast<std::size_t>(id)].trigger) open_.insert(id);
      for (const FunctionId caller : callers[id]) add(caller);
      const ir::Function& function = program_.function(id);
      if (function.owner.empty()) continue;
      const bool enters = models_.is_scope_enter(function.name);
      for (const auto& [name, methods] : callers_by_method) {
        if (name != function.name && !(enters && models_.is_scope_enter(name))) continue;
        for (const FunctionId caller : methods) {
          if (may_know(caller, id)) add(caller);
        }
      }
    }
  }

  /// Functions that use files by their names, and their callers, a few levels up, in the modules that have
  /// something to do with locks: a lock is released or judged stale by functions that need not mention any
  /// (`os.remove(self.path)`), and what a lock guards is read without it, or before it.
  std::set<FunctionId> neighbours() {
    std::map<FunctionId, std::set<FunctionId>> callers;
    std::map<std::string_view, std::set<FunctionId>> callers_by_method;
    find_callers(callers, callers_by_method);
    std::set<const ir::Module*> modules;
    for (const FunctionId id : interesting_) {
      const auto verdict = verdicts_.find(id);
      const bool locks = verdict != verdicts_.end() && verdict->second.locks;
      if (locks || references_[static_cast<std::size_t>(id)].speaks) modules.insert(&program_.module_of(id));
    }
    std::set<FunctionId> result;
    std::vector<FunctionId> found;  // last
    const auto add = [&](FunctionId id, const ir::Module* module) {
      const bool here =
          module == nullptr ? modules.contains(&program_.module_of(id)) : &program_.module_of(id) == module;
      if (here && !program_.function(id).is_test && result.insert(id).second) found.push_back(id);
    };
    for (std::size_t i = 0; i < references_.size(); ++i) {
      // Leaving a scope is the business of whoever entered it.
      const auto uses = [&](std::string_view callee) {
        return models_.may_use_files(callee) && !models_.is_scope_exit(callee);
      };
      const References& each = references_[i];
      if (std::any_of(each.globals.begin(), each.globals.end(), uses) ||
          std::any_of(each.methods.begin(), each.methods.end(), uses)) {
        add(static_cast<FunctionId>(i), nullptr);
      }
    }
    for (int level = 0; level < levels_of_callers; ++level) {
      for (const FunctionId id : std::exchange(found, {})) {
        for (const FunctionId caller : callers[id]) add(caller, &program_.module_of(id));
      }
    }
    return result;
  }

  /// Who owns a lock is often told by what the constructor has stored.
  void add_constructors(std::set<FunctionId>& functions) {
    std::set<FunctionId> found;
    for (const FunctionId id : interesting_) {
      const ClassId owner = program_.class_named(program_.function(id).owner);
      if (owner == ClassId::none) continue;
      for (const std::string& constructor : models_.constructors()) {
        const Method method = program_.find_method(owner, constructor);
        if (method.function != FunctionId::none) found.insert(method.function);
      }
    }
    functions.merge(found);
  }

  /// What open functions are called elsewhere, and the words by which the modules that have them are
  /// imported. Under "default" a module may import it by any name.
  std::map<std::string, std::set<std::string>> places() {
    std::map<std::string, std::set<std::string>> result;
    std::map<std::string_view, std::set<std::string>> symbols;  // by module
    const auto add = [&](const std::string& symbol, const ir::Module& module) {
      symbols[module.name].insert(symbol);
      for (std::string& word : source_.import_words(module.name)) result[symbol].insert(std::move(word));
    };
    for (const FunctionId id : open_) {
      const ir::Function& function = program_.function(id);
      if (function.parent != ir::FunctionIndex::none && function.owner.empty()) continue;
      const std::string_view symbol = function.owner.empty() ? function.name : last_component(function.owner);
      if (is_identifier(symbol)) add(std::string(symbol), program_.module_of(id));
    }
    // A package that hands a symbol on is a place to import it from.
    for (const auto& module : program_.modules()) {
      for (const auto& [alias, target] : module->aliases) {
        const bool known = result.contains(std::string(alias));
        const bool renamed = program_.terms.kind(target) == TermKind::global &&
                             result.contains(std::string(last_component(program_.terms.text(target))));
        if (known || renamed) add(std::string(alias), *module);
      }
      for (const std::string_view star : module->star_imports) {
        const auto found = symbols.find(star);
        if (found == symbols.end()) continue;
        const std::set<std::string> handed_on = found->second;
        for (const std::string& symbol : handed_on) add(symbol, *module);
      }
    }
    return result;
  }

  /// A function within another (a callback, a promise's executor) runs as a part of that.
  template <typename Add>
  void add_with_enclosing(FunctionId id, const Add& add) {
    add(id);
    const std::vector<FunctionId>& functions = program_.functions_of(program_.module_of(id).name);
    while (program_.function(id).parent != ir::FunctionIndex::none && program_.function(id).owner.empty()) {
      id = functions[static_cast<std::size_t>(program_.function(id).parent)];
      add(id);
    }
  }

  /// Classes with open methods, and what these are called: who names none of them calls none. Without those
  /// that are called by making an object or by entering a scope.
  std::map<std::string, std::set<std::string>> open_methods() {
    std::map<std::string, std::set<std::string>> result;
    std::set<std::string> by_other_means;
    const std::vector<std::string>& constructors = models_.constructors();
    for (const FunctionId id : open_) {
      const ir::Function& function = program_.function(id);
      std::string type(last_component(function.owner.empty() ? function.name : function.owner));
      const bool named =
          !function.owner.empty() && is_identifier(function.name) && !models_.is_scope_enter(function.name) &&
          !models_.is_scope_exit(function.name) &&
          std::find(constructors.begin(), constructors.end(), function.name) == constructors.end();
      if (named) {
        result[type].insert(std::string(function.name));
      } else {
        by_other_means.insert(std::move(type));
      }
    }
    for (const std::string& type : by_other_means) result.erase(type);
    return result;
  }

  /// Modules not loaded that name an open function, or its class and an open method, and the module it lives
  /// in; or that hand on all names of that.
  std::vector<std::string> callers() {
    std::vector<std::string> literals;
    std::map<std::string, std::size_t> index;
    const auto number = [&](const std::string& literal) {
      const auto [entry, added] = index.emplace(literal, literals.size());
      if (added) literals.push_back(literal);
      return entry->second;
    };
    std::map<std::size_t, std::vector<std::size_t>> methods_of;  // of classes: one of these must be named too
    for (const auto& [type, methods] : open_methods()) {
      std::vector<std::size_t>& numbers = methods_of[number(type)];
      for (const std::string& method : methods) numbers.push_back(number(method));
    }
    std::vector<source::Clue> clues;
    std::set<std::size_t> words;
    for (const auto& [symbol, modules] : places()) {
      std::vector<std::size_t> from;
      for (const std::string& module : modules) from.push_back(number(module));
      words.insert(from.begin(), from.end());
      source::Clue& clue = clues.emplace_back();
      clue.push_back(std::move(from));
      if (symbol == "default") continue;  // under any name
      clue.push_back({number(symbol)});
      if (const auto methods = methods_of.find(number(symbol)); methods != methods_of.end())
        clue.push_back(methods->second);
    }
    std::vector<std::string> result;
    if (clues.empty()) return result;
    const std::size_t star = number(std::string(source_.star()));
    clues.push_back({{star}, {words.begin(), words.end()}});
    for (ModuleSource::Match& match : source_.find(literals, clues)) {
      if (match.is_test) continue;
      const std::set<std::size_t> found(match.literals.begin(), match.literals.end());
      const auto has = [&](std::size_t literal) { return found.contains(literal); };
      const auto fits = [&](const source::Clue& clue) {
        return std::all_of(clue.begin(), clue.end(), [&](const std::vector<std::size_t>& group) {
          return std::any_of(group.begin(), group.end(), has);
        });
      };
      const bool imports = std::any_of(clues.begin(), clues.end() - 1, fits);
      const bool hands_on =
          !imports && fits(clues.back()) && std::any_of(words.begin(), words.end(), [&](std::size_t module) {
            return has(module) &&
                   source::on_one_line(source_.text(match.module), literals[star], literals[module]);
          });
      if (imports || hands_on) result.push_back(std::move(match.module));
    }
    return result;
  }

  /// Modules not loaded that hold a base class of one of these methods, what the class of one of its
  /// variables leaves to be defined elsewhere, or a function that one calls where that may matter.
  std::vector<std::string> bases(const std::set<FunctionId>& functions) {
    std::set<std::string> result;
    const auto want = [&](std::string_view name) {
      if (std::optional<std::string> module = source_.module_of(name)) result.insert(std::move(*module));
    };
    const auto want_definitions = [&](Term type) {
      if (type == Term::none || program_.terms.kind(type) != TermKind::global) return;
      if (std::optional<std::string> module = source_.definitions_of(program_.terms.text(type)))
        result.insert(std::move(*module));
    };
    for (const FunctionId id : functions) {
      const References& references = references_[static_cast<std::size_t>(id)];
      if (references.trigger || open_.contains(id)) {
        for (const std::string_view name : references.globals) want(name);
      }
      // Whether they do raise is told by what they do.
      if (const auto verdict = verdicts_.find(id); verdict != verdicts_.end())
        std::ranges::for_each(verdict->second.fatal, want);
      for (const ir::Variable& variable : program_.function(id).locals)
        want_definitions(variable.declared_type);
      const ClassId owner = program_.class_named(program_.function(id).owner);
      if (owner == ClassId::none) continue;
      for (const auto& [name, field] : program_.type(owner).fields) want_definitions(field.declared_type);
      for (const Term base : program_.type(owner).bases) {
        if (program_.terms.kind(base) == TermKind::global) want(program_.terms.text(base));
      }
    }
    return {result.begin(), result.end()};
  }

  /// How far up it is looked for who reads a file and then writes it: load() and save(), update(), command.
  static constexpr int levels_of_callers = 2;

  Engine& engine_;
  Program& program_;
  const models::Models& models_;
  ModuleSource& source_;
  Triggers triggers_;
  std::vector<References> references_;
  std::set<FunctionId> interesting_;
  std::set<FunctionId> open_;
  std::set<std::string> asked_;        ///< in this run, whether they could be loaded or not
  std::set<std::string> wanted_ever_;  ///< in this run, by any round
  std::set<std::string> unloaded_;     ///< ever, because nothing asked for them
  /// Of those, what was asked for again once it was gone: what makes it needed shows only without it.
  std::set<std::string> wanted_again_;
  std::map<FunctionId, Verdict> verdicts_;  ///< of functions looked at already
};

std::vector<std::string> ModuleSource::import_words(std::string_view module) const {
  return {std::string(last_component(module))};
}

std::vector<FunctionId> load_relevant(Engine& engine, ModuleSource& source) {
  return Demand(engine, source).run();
}

Demand::Demand(Engine& engine, ModuleSource& source) : search_(std::make_unique<Search>(engine, source)) {}
Demand::~Demand() = default;

std::vector<FunctionId> Demand::run() {
  return search_->run();
}

void Demand::changed(const std::string& module) {
  search_->changed(module);
}

}  // namespace lockwright::paths
