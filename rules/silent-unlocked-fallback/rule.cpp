// LW501: the lock could not be had, and what it protects is done all the same.
//
// A function knows two ways to the same work: one holds the lock, the other was refused it, or found that
// this system has no such locks, and goes on. The work is a write; or, in a function that takes the lock for
// its callers, handing over to them with the same words in both cases.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace lockwright::rules {
namespace {

using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::Exit;
using paths::HeldLock;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {755, 667};  // improper handling of exceptional conditions; improper locking

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

bool is_file_lock(Mechanism mechanism) {
  return mechanism != Mechanism::none && mechanism != Mechanism::mutex;
}

/// What a lock protects: changes to files. Not what is told about a step that failed.
bool is_work(const Operation& operation) {
  if (operation.refused) return false;
  switch (operation.kind) {
    case OperationKind::write:
    case OperationKind::truncate:
    case OperationKind::rename: return true;
    case OperationKind::open: return operation.truncate && !operation.exclusive;
    default: return false;
  }
}

/// Hands over to those whom the lock protects: the body of a with, a function that the caller has given.
bool hands_over(const Step& step) {
  const OperationKind kind = step.operation.kind;
  return (kind == OperationKind::yield || kind == OperationKind::callback) && !step.operation.refused;
}

/// Whether the path ends with what the function called at `index` has done: by returning its result, or by
/// having waited for it.
bool ends_in(const Path& path, std::size_t index) {
  if (path.exit != Exit::returns) return false;
  if (path.value == path.steps[index].operation.value) return true;
  return index + 2 == path.steps.size() && path.steps[index + 1].operation.kind == OperationKind::await;
}

source::Range call_of(const Step& step) {
  return step.through ? step.through->range : source::Range{};
}

/// Done at one place in the code, through the same calls.
bool same_place(const Step& left, const Step& right) {
  return left.range == right.range && paths::same_calls(left.through, right.through);
}

/// One place in the code where something is done, or the file that it is done to.
bool same_work(const ir::TermTable& terms, const Step& left, const Step& right) {
  if (left.range == right.range && call_of(left) == call_of(right)) return true;
  return left.operation.kind == right.operation.kind && left.operation.file == right.operation.file &&
         terms.definite(left.operation.file) && terms.kind(left.operation.file) != TermKind::fresh;
}

/// The lock attempt of `step`, as far as it is one on a file.
bool attempts(const Analysis& analysis, const FunctionPaths& function, const Path& path, std::size_t step) {
  const Mechanism mechanism = lock_attempt(path.steps[step]);
  if (!is_file_lock(mechanism) || path.steps[step].detached || path.steps[step].operation.shared)
    return false;
  if (mechanism != Mechanism::lock_file) return true;
  const Term file = lock_file_of(path.steps[step]);
  // Many files are made exclusively; one that guards writes is called a lock, or made by what is.
  const Step& made = path.steps[step];
  bool called = analysis.is_called_lock(*function.function, file) ||
                function_speaks_of_locks(function.function->qualified_name);
  for (const paths::CallChain& call : paths::Calls(made.through))
    called |= function_speaks_of_locks(call.callee);
  if (!called || is_private_name(analysis.terms(), path, file)) return false;
  // Removed and made again: a refresh or a takeover that somebody else was faster at.
  const bool removed = std::any_of(
      path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(step), [&](const Step& each) {
        return each.operation.kind == OperationKind::unlink && each.operation.file == file;
      });
  if (removed && path.steps[step].operation.refused) return false;
  if (!analysis.is_lock_file(*function.function, path, step)) return false;
  // Made so that there is a file to lock, or a directory to open.
  const bool directory = made.operation.kind == OperationKind::make_directory;
  const bool entered =
      std::any_of(function.summary->paths.begin(), function.summary->paths.end(), [&](const Path& other) {
        return std::any_of(other.steps.begin(), other.steps.end(), [&](const Step& each) {
          const OperationKind kind = each.operation.kind;
          const bool opened = kind == OperationKind::open && directory;
          return (kind == OperationKind::acquire || opened) && each.operation.file == file;
        });
      });
  return !entered;
}

/// Globals that are set otherwise where a library is missing: HAVE_FCNTL = False.
class Features {
 public:
  explicit Features(const Analysis& analysis) : analysis_(analysis) {}

  /// Whether `term` says what this system has: made of nothing but what is the same for all its processes.
  bool says_platform(Term term) {
    const ir::TermTable& terms = analysis_.terms();
    if (terms.kind(term) != TermKind::global) {
      const auto operands = terms.operands(term);
      return std::any_of(operands.begin(), operands.end(), [&](Term each) { return says_platform(each); });
    }
    const std::string_view name = terms.text(term);
    if (analysis_.engine().models().tells_platform(name)) return true;
    const paths::Symbol symbol = analysis_.program().resolve(name);
    // A whole module, where a function asks whether there is one.
    if (symbol.kind == paths::Symbol::Kind::external) return analysis_.engine().models().is_module(name);
    if (symbol.kind != paths::Symbol::Kind::variable) return false;
    const auto [known, added] = fallbacks_.emplace(symbol.name, false);  // in the meantime: no
    if (added) fallbacks_[symbol.name] = is_fallback(symbol.name);
    return fallbacks_[symbol.name];
  }

 private:
  bool is_fallback(std::string_view variable) {
    const std::string_view module = variable.substr(0, variable.rfind('.'));
    const paths::FunctionId body = analysis_.program().module_body(module);
    if (body == paths::FunctionId::none) return false;
    const auto summary = analysis_.engine().summary(body);
    if (!summary) return false;
    const Term global = analysis_.terms().global(variable);
    return std::any_of(summary->paths.begin(), summary->paths.end(), [&](const Path& path) {
      const bool missing = std::any_of(path.steps.begin(), path.steps.end(), [](const Step& step) {
        return step.operation.probe == models::Probe::feature && step.operation.refused;
      });
      const bool platform = std::any_of(path.facts.begin(), path.facts.end(), [&](const paths::Fact& fact) {
        return analysis_.terms().kind(fact.term) != TermKind::global && says_platform(fact.term);
      });
      return (missing || platform) && std::any_of(path.effects.begin(), path.effects.end(),
                                                  [&](const auto& effect) { return effect.first == global; });
    });
  }

  const Analysis& analysis_;
  std::map<std::string, bool> fallbacks_;
};

/// Why a path goes on without the lock before step `before`.
struct Cause {
  std::size_t step = nowhere;  ///< a refused attempt, a library that is missing; nowhere: a condition says so
  bool platform = false;
};

/// `locked` is the other way, which holds the lock.
std::optional<Cause> cause(const Analysis& analysis, Features& features, const FunctionPaths& function,
                           const Path& path, std::size_t before, const Path& locked) {
  std::optional<Cause> result;
  for (std::size_t index = 0; index < before; ++index) {
    const Operation& operation = path.steps[index].operation;
    if (operation.refused && attempts(analysis, function, path, index)) result = {.step = index};
    if (operation.probe == models::Probe::feature && operation.refused)
      result = {.step = index, .platform = true};
  }
  if (result) return result;
  for (const paths::Fact& fact : path.facts) {
    const bool parted = std::any_of(locked.facts.begin(), locked.facts.end(), [&](const paths::Fact& other) {
      return other.term == fact.term && other.truth != fact.truth;
    });
    if (fact.at <= before && parted && features.says_platform(fact.term)) return Cause{.platform = true};
  }
  return std::nullopt;
}

/// One function, its locked and its unlocked ways compared.
class Comparison {
 public:
  Comparison(const Analysis& analysis, Features& features, const FunctionPaths& function)
      : analysis_(analysis), features_(features), function_(function) {
    for (const Path& path : function.summary->paths) see(path);
  }

  /// What is done unlocked on some path, and why; the same on another path under the lock.
  struct Fallback {
    const Path* path = nullptr;
    Cause cause;
    std::size_t work = nowhere;  ///< nowhere: the function returns
    const Step* lock = nullptr;  ///< how the other path acquires
  };

  /// At most two for each function: where the lock is refused, and where there is none.
  [[nodiscard]] std::vector<Fallback> find(const std::set<std::string_view>& silent) {
    std::optional<Fallback> refused;
    std::optional<Fallback> missing;
    for (const Path& path : function_.summary->paths) {
      const std::optional<Fallback> found = find(path);
      if (!found || is_told_off(path, *found, silent) || skips_retry(path, found->cause) ||
          tries_later(path, found->cause))
        continue;
      std::optional<Fallback>& kind = found->cause.platform ? missing : refused;
      if (!kind) kind = found;
    }
    std::vector<Fallback> result;
    if (refused) result.push_back(*refused);
    // Where both lead to the same line, one is enough.
    const bool same = refused && missing && refused->work != nowhere && missing->work != nowhere &&
                      refused->path->steps[refused->work].range == missing->path->steps[missing->work].range;
    if (missing && !same) result.push_back(*missing);
    return result;
  }

 private:
  struct Locked {
    const Path* path;
    const Step* lock;
    const Step* work;
    std::size_t mutexes;
  };
  struct Holding {
    const Path* path;
    const Step* lock;
  };

  static std::size_t mutexes(const std::vector<HeldLock>& held) {
    return static_cast<std::size_t>(std::count_if(
        held.begin(), held.end(), [](const HeldLock& lock) { return lock.mechanism == Mechanism::mutex; }));
  }

  const HeldLock* exclusive(const Path& path, const std::vector<HeldLock>& held) const {
    const auto found = std::find_if(held.begin(), held.end(), [&](const HeldLock& lock) {
      return is_file_lock(lock.mechanism) && !lock.shared &&
             attempts(analysis_, function_, path, lock.acquired);
    });
    return found == held.end() ? nullptr : &*found;
  }

  /// Notes what a path does under its lock, and what it ends in.
  void see(const Path& path) {
    paths::HeldLocks held(path.steps);
    const Step* acquired = nullptr;
    for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
      const Step& step = path.steps[index];
      if (!step.operation.refused && attempts(analysis_, function_, path, index)) acquired = &step;
      if (step.detached || !(hands_over(step) || is_work(step.operation))) continue;
      const HeldLock* lock = exclusive(path, held.now());
      if (lock == nullptr) continue;
      const bool itself = lock->mechanism == Mechanism::lock_file && step.operation.file == lock->file;
      if (hands_over(step) || !itself)
        locked_.push_back({&path, &path.steps[lock->acquired], &step, mutexes(held.now())});
    }
    if (path.exit != Exit::returns) return;
    const HeldLock* lock = exclusive(path, held.now());
    if (lock != nullptr) acquired = &path.steps[lock->acquired];
    // A lock whose owner is in a file is held although its handle is closed; then only the name tells.
    const bool fails = path.value == analysis_.terms().boolean(false);
    if (acquired != nullptr && !fails && (lock != nullptr || is_named_acquire()))
      holding_.push_back({&path, acquired});
  }

  [[nodiscard]] bool is_named_acquire() const {
    const std::string_view name = function_.function->name;
    return name == "acquire" || name == "lock" || name == "obtain" || name == "take" ||
           name == "try_acquire" || analysis_.engine().models().is_scope_enter(name);
  }

  /// Whether the attempt is made again later, by a function that has handed itself to a timer.
  [[nodiscard]] bool tries_later(const Path& path, const Cause& cause) const {
    if (cause.step == nowhere) return false;
    const ir::TermTable& terms = analysis_.terms();
    const auto attempts = [&](std::string_view function) {
      if (function == function_.function->qualified_name) return true;
      return std::ranges::any_of(paths::Calls(path.steps[cause.step].through),
                                 [&](const paths::CallChain& call) { return call.callee == function; });
    };
    return std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(cause.step), path.steps.end(),
                       [&](const Step& step) {
                         const Term handed = step.operation.handle;
                         const TermKind kind = terms.kind(handed);
                         return step.operation.kind == OperationKind::spawn &&
                                (kind == TermKind::closure || kind == TermKind::global) &&
                                attempts(terms.text(handed));
                       });
  }

  /// Whether others go on to try something after the refusal that this path does not: it believes that it has
  /// the lock already, by a count that is not followed.
  [[nodiscard]] bool skips_retry(const Path& path, const Cause& cause) const {
    if (cause.step == nowhere) return false;
    const source::Range refused = path.steps[cause.step].range;
    return std::any_of(
        function_.summary->paths.begin(), function_.summary->paths.end(), [&](const Path& other) {
          bool after = false;
          for (std::size_t index = 0; index < other.steps.size(); ++index) {
            const Step& step = other.steps[index];
            if (after && !step.operation.refused && attempts(analysis_, function_, other, index)) {
              return std::none_of(path.steps.begin(), path.steps.end(),
                                  [&](const Step& each) { return same_place(each, step); });
            }
            after |= step.operation.refused && step.range == refused;
          }
          return false;
        });
  }

  std::optional<Fallback> find(const Path& path) {
    paths::HeldLocks held(path.steps);
    for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
      const Step& step = path.steps[index];
      const bool locked = std::any_of(held.now().begin(), held.now().end(),
                                      [](const HeldLock& lock) { return is_file_lock(lock.mechanism); });
      if (locked || step.detached || !(hands_over(step) || is_work(step.operation))) continue;
      const bool callback = step.operation.kind == OperationKind::callback;
      if (callback && !ends_in(path, index)) continue;
      for (const Locked& other : locked_) {
        bool same = same_work(analysis_.terms(), *other.work, step);
        if (hands_over(step)) {
          same = other.work->operation.kind == step.operation.kind &&
                 (callback ? other.work->operation.handle == step.operation.handle
                           : other.work->operation.value == step.operation.value);
        }
        if (!same || mutexes(held.now()) > other.mutexes) continue;
        if (const std::optional<Cause> why = cause(analysis_, features_, function_, path, index, *other.path))
          return Fallback{&path, *why, index, other.lock};
      }
    }
    return find_silent_return(path, held);
  }

  /// An acquirer that returns the same whether it has the lock or not.
  std::optional<Fallback> find_silent_return(const Path& path, const paths::HeldLocks& held) {
    if (path.exit != Exit::returns) return std::nullopt;
    const bool locked = std::any_of(held.now().begin(), held.now().end(),
                                    [](const HeldLock& lock) { return is_file_lock(lock.mechanism); });
    if (locked) return std::nullopt;  // by this lock, or by another kind of lock in its place
    for (const Holding& other : holding_) {
      if (path.value != other.path->value || &path == other.path) continue;
      const TermKind kind = analysis_.terms().kind(path.value);
      const bool telling = kind == TermKind::self || kind == TermKind::fresh;
      if (!telling && !is_named_acquire()) continue;
      const bool acquired = std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
        return !step.operation.refused && step.range == other.lock->range;
      });
      const std::optional<Cause> why =
          cause(analysis_, features_, function_, path, path.steps.size(), *other.path);
      if (why && !acquired) return Fallback{&path, *why, nowhere, other.lock};
    }
    return std::nullopt;
  }

  /// Whether the fallback is a helper's, which is reported itself.
  static bool is_told_off(const Path& path, const Fallback& found, const std::set<std::string_view>& silent) {
    if (found.cause.step == nowhere) return false;
    return std::ranges::any_of(paths::Calls(path.steps[found.cause.step].through),
                               [&](const paths::CallChain& call) { return silent.contains(call.callee); });
  }

  const Analysis& analysis_;
  Features& features_;
  const FunctionPaths& function_;
  std::vector<Locked> locked_;
  std::vector<Holding> holding_;
};

void report(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
            const Comparison::Fallback& found) {
  const Path& path = *found.path;
  Evidence evidence{.function = &function, .path = &path, .steps = {}, .primary = 0};
  if (found.cause.step != nowhere) evidence.steps.push_back(found.cause.step);
  if (found.work != nowhere) {
    evidence.steps.push_back(found.work);
    if (hands_over(path.steps[found.work]))
      evidence.texts.emplace_back(evidence.steps.size() - 1, "hands over to its caller without the lock");
  } else {
    evidence.exit_text = "returns here as if the lock were held";
  }
  const Term locked = lock_file_of(*found.lock);
  const std::string file =
      analysis.name(*function.function, locked != Term::none ? locked : found.lock->operation.handle);
  const bool handed = found.work == nowhere || hands_over(path.steps[found.work]);
  reporter.report(
      evidence,
      fmt::format("{} without {} on {} when it {}: what the lock protects can be torn or lost, and nobody is "
                  "told",
                  handed ? "the caller goes on" : "the write is done", name_of(lock_attempt(*found.lock)),
                  file, found.cause.platform ? "cannot be had on this system" : "is refused"),
      "Raise, or skip the work; where the lock is missing by design, fall back to another kind of lock.",
      findings::Severity::warning);
}

/// A lock library that may be missing, and what a module puts in its place.
class StandIns {
 public:
  StandIns(const Analysis& analysis, Reporter& reporter)
      : analysis_(analysis), terms_(analysis.terms()), reporter_(reporter) {}

  void run() {
    std::set<std::string_view> seen;
    paths::Program& program = analysis_.program();
    for (const FunctionPaths& function : analysis_.functions()) {
      const std::string& name = program.module_of(function.id).name;
      const paths::FunctionId id =
          seen.insert(name).second ? program.module_body(name) : paths::FunctionId::none;
      if (id == paths::FunctionId::none) continue;
      if (const auto summary = analysis_.engine().summary(id))
        check({id, &program.function(id), summary, false});
    }
  }

 private:
  void check(const FunctionPaths& module) {
    for (const Path& path : module.summary->paths) {
      const auto missing = std::find_if(path.steps.begin(), path.steps.end(), [](const Step& step) {
        return step.operation.probe == models::Probe::feature && step.operation.refused;
      });
      if (missing == path.steps.end()) continue;
      for (const auto& [place, value] : path.effects) {
        const std::string_view library = library_in(module, place);
        if (library.empty() || terms_.kind(value) != TermKind::make) continue;
        for (const Term member : terms_.operands(value).subspan(1)) {
          if (terms_.kind(member) == TermKind::keyword && replaces_lock(library, member))
            report(module, path, static_cast<std::size_t>(missing - path.steps.begin()), place, member);
        }
      }
    }
  }

  /// The library that `place` means where it is there; "": it means something else.
  std::string_view library_in(const FunctionPaths& module, Term place) const {
    if (terms_.kind(place) != TermKind::global) return {};
    for (const Path& path : module.summary->paths) {
      for (const auto& [other, value] : path.effects) {
        if (other == place && terms_.kind(value) == TermKind::global) return terms_.text(value);
      }
    }
    return {};
  }

  /// Whether the library's function of this name locks, and the one in its place returns without a lock.
  bool replaces_lock(std::string_view library, Term member) {
    const std::string name = std::string(library) + '.' + std::string(terms_.text(member));
    if (!analysis_.engine().models().acquires_file_lock(name)) return false;
    const Term given = terms_.operands(member)[0];
    if (terms_.kind(given) != TermKind::closure && terms_.kind(given) != TermKind::global) return false;
    const paths::FunctionId id = analysis_.program().function_named(terms_.text(given));
    const auto summary = id == paths::FunctionId::none ? nullptr : analysis_.engine().summary(id);
    if (!summary) return false;
    const std::vector<Path>& all = summary->paths;
    return std::any_of(all.begin(), all.end(), [](const Path& path) { return path.exit == Exit::returns; }) &&
           std::all_of(all.begin(), all.end(), [](const Path& path) {
             return std::none_of(path.steps.begin(), path.steps.end(),
                                 [](const Step& step) { return is_file_lock(lock_attempt(step)); });
           });
  }

  void report(const FunctionPaths& module, const Path& path, std::size_t missing, Term place, Term member) {
    const std::string name = analysis_.name(*module.function, place) + '.' + std::string(terms_.text(member));
    const Evidence evidence{.function = &module, .path = &path, .steps = {missing}, .primary = 0};
    reporter_.report(
        evidence,
        fmt::format("{} locks nothing where the library is missing: what the lock protects can be "
                    "torn or lost, and nobody is told",
                    name),
        "Let the missing library be an error, or fall back to another kind of lock.",
        findings::Severity::warning);
  }

  const Analysis& analysis_;
  const ir::TermTable& terms_;
  Reporter& reporter_;
};

void check(const Analysis& analysis, Reporter& reporter) {
  StandIns(analysis, reporter).run();
  Features features(analysis);
  std::set<std::string_view> silent;  // functions that do not tell
  for (const bool reporting : {false, true}) {
    for (const FunctionPaths& function : analysis.functions()) {
      Comparison comparison(analysis, features, function);
      for (const Comparison::Fallback& found :
           comparison.find(reporting ? silent : std::set<std::string_view>{})) {
        const bool own = found.cause.step == nowhere ||
                         found.path->steps[found.cause.step].through == nullptr || found.work == nowhere;
        if (!reporting && own) silent.insert(function.function->qualified_name);
        if (reporting) report(analysis, reporter, function, found);
      }
    }
  }
}

}  // namespace

extern const Rule silent_unlocked_fallback;
const Rule silent_unlocked_fallback{
    .id = "LW501",
    .name = "silent-unlocked-fallback",
    .summary = "The lock could not be had, and what it protects is done all the same, without a word.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
