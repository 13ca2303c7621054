// LW301: after an acquire a path leaves the function with the lock held, and nobody owns it.
//
// Locks change hands legitimately in many ways, so the question is put narrowly: the lock is still held, its
// handle went nowhere, and it outlives the function; and either the function releases it on its other paths,
// or this path raises out of the code that acquired it before anybody was told. A lock that came from
// elsewhere is lost as well when a path clears the place that refers to it and raises before it releases.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "analyzer/ir/operators.h"
#include "rules/protocol.h"

namespace lockwright::rules {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::Exit;
using paths::HeldLock;
using paths::Path;

constexpr int weaknesses[] = {667,
                              772};  // improper locking; missing release of resource after effective lifetime

bool same_lock(const HeldLock& lock, const Operation& operation) {
  if (lock.mechanism == Mechanism::lock_file) {
    return operation.kind == OperationKind::unlink && operation.file == lock.file;
  }
  if (operation.kind == OperationKind::close) return operation.handle == lock.handle;
  return operation.kind == OperationKind::release &&
         (operation.handle == lock.handle || (operation.file != Term::none && operation.file == lock.file));
}

/// The terms by which somebody could still release the lock.
bool mentions(const ir::TermTable& terms, const HeldLock& lock, Term term) {
  return (lock.handle != Term::none && terms.contains(term, lock.handle)) ||
         (lock.mechanism == Mechanism::lock_file && lock.file != Term::none &&
          terms.contains(term, lock.file));
}

/// Made by this path, and by this path only: not a parameter's or a field's lock.
bool is_local(const ir::TermTable& terms, Term handle) {
  return handle != Term::none && terms.kind(handle) == TermKind::fresh;
}

/// Whether the handle has been put where others find it: returned, stored, handed to code that is not seen.
bool has_owner(const Analysis& analysis, const FunctionPaths& function, const Path& path,
               const HeldLock& lock) {
  const ir::TermTable& terms = analysis.terms();
  if (path.exit == Exit::returns && mentions(terms, lock, path.value)) return true;
  // The exit of a scope guard is not called when its enter raises.
  const bool entering =
      path.exit == Exit::raises && analysis.engine().models().is_scope_enter(function.function->name);
  for (const auto& [place, value] : path.effects) {
    if (entering && terms.kind(place) == TermKind::field &&
        terms.kind(terms.operands(place)[0]) == TermKind::self) {
      continue;
    }
    // What is noted down about the handle itself (the file behind it) does not keep it.
    const bool about = terms.kind(place) == TermKind::field && terms.operands(place)[0] == lock.handle;
    if (!about && mentions(terms, lock, value)) return true;
  }
  return std::any_of(
      path.steps.begin() + static_cast<std::ptrdiff_t>(lock.acquired), path.steps.end(),
      [&](const paths::Step& step) {
        const Operation& operation = step.operation;
        const bool handed = operation.kind == OperationKind::escape ||
                            operation.kind == OperationKind::insert || operation.kind == OperationKind::spawn;
        return handed && (mentions(terms, lock, operation.handle) || mentions(terms, lock, operation.value));
      });
}

/// An exception thrown into a generator at its yield is news only where somebody throws: scope guards.
bool is_thrown_into(const Analysis& analysis, const FunctionPaths& function, const Path& path) {
  const auto thrown = [](const paths::Step& step) {
    return step.operation.kind == OperationKind::yield && step.operation.refused;
  };
  if (std::none_of(path.steps.begin(), path.steps.end(), thrown)) return false;
  const std::vector<Term>& decorators = function.function->decorators;
  return std::none_of(decorators.begin(), decorators.end(), [&](Term decorator) {
    return analysis.engine().models().makes_scope_guard(analysis.terms().text(decorator));
  });
}

/// The exception means that the process ends, or comes from releasing.
bool is_no_leak(const Analysis& analysis, const FunctionPaths& function, const Path& path,
                const HeldLock& lock) {
  const ir::TermTable& terms = analysis.terms();
  if (path.exit != Exit::raises) return false;
  if (terms.kind(path.value) == TermKind::make) {
    if (analysis.engine().models().ends_process(terms.text(terms.operands(path.value)[0]))) return true;
  }
  for (const Path& other : function.summary->paths) {
    for (const paths::Step& step : other.steps) {
      if (step.range == path.exit_range && same_lock(lock, step.operation)) return true;
    }
  }
  return false;
}

bool same_site(const paths::Step& left, const paths::Step& right) {
  if (left.range != right.range || (left.through == nullptr) != (right.through == nullptr)) return false;
  return left.through == nullptr || left.through->range == right.through->range;
}

/// A path that takes the lock at the same place, releases it and returns: what the function means to do. Null
/// when there is none: then it is in the business of acquiring, and releasing is somebody else's.
const Path* intended(const FunctionPaths& function, const Path& leaking, const HeldLock& lock) {
  const paths::Step& acquired = leaking.steps[lock.acquired];
  for (const Path& path : function.summary->paths) {
    if (path.exit != Exit::returns) continue;
    bool taken = false;
    for (const paths::Step& step : path.steps) {
      const bool takes = !step.operation.refused && lock_attempt(step) != Mechanism::none;
      taken |= takes && same_site(step, acquired);
      if (!taken || !same_lock(lock, step.operation)) continue;
      // A mutex is taken by hand where its release is written down beside it.
      if (lock.mechanism == Mechanism::mutex && (step.through || acquired.through)) continue;
      return &path;
    }
  }
  return nullptr;
}

/// Whether the lock was taken by a call that had returned when the path ended.
bool is_after_call(const Path& path, const paths::Step& acquired) {
  return acquired.through && !(path.exit_through && path.exit_through->range == acquired.through->range);
}

/// Whether the function returns, on some path, with the lock in other hands than its own. One that has a
/// helper take a lock, and neither releases it nor hands it on, has another release it by means that are not
/// seen, or means to keep it; an exception makes no difference to that.
bool hands_on(const Analysis& analysis, const FunctionPaths& function, const paths::Step& acquired) {
  return std::any_of(function.summary->paths.begin(), function.summary->paths.end(), [&](const Path& path) {
    if (path.exit != Exit::returns) return false;
    const std::vector<HeldLock> held = paths::held_at_end(path);
    return std::any_of(held.begin(), held.end(), [&](const HeldLock& lock) {
      return same_site(path.steps[lock.acquired], acquired) && has_owner(analysis, function, path, lock);
    });
  });
}

/// The step of a path by which it releases the lock, taken where `acquired` took it. Others may close the
/// same file on the way: if no step says release, it is the last of them.
const paths::Step* release_in(const Path& path, const HeldLock& lock, const paths::Step& acquired) {
  bool taken = false;
  const paths::Step* last = nullptr;
  for (const paths::Step& step : path.steps) {
    taken |= !step.operation.refused && same_site(step, acquired);
    if (!taken || !same_lock(lock, step.operation)) continue;
    if (step.operation.kind == OperationKind::release) return &step;
    last = &step;
  }
  return last;
}

/// Whether one call is meant to take the lock and to release it, and it was over when the exception came: if
/// it has kept the lock, that is told of the callee.
bool is_affair_of_callee(const Path& path, const Path& meant, const HeldLock& lock,
                         const paths::Step& acquired) {
  if (!is_after_call(path, acquired)) return false;
  const paths::Step* release = release_in(meant, lock, acquired);
  return release != nullptr && release->through && release->through->range == acquired.through->range;
}

/// Whether the path makes the call by which the function means to release, be it in vain (an owner that does
/// not match, a flag that is not set: the path may not even be possible).
bool makes_release_call(const Path& path, const Path& meant, const HeldLock& lock) {
  for (const paths::Step& release : meant.steps) {
    if (!release.through || !same_lock(lock, release.operation)) continue;
    const bool called = std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(lock.acquired),
                                    path.steps.end(), [&](const paths::Step& step) {
                                      return step.through && step.through->range == release.through->range;
                                    });
    if (called) return true;
  }
  return false;
}

/// Whether a lock file that says nothing is no obstacle: nothing was written into this one, and whoever wants
/// the lock next removes such a file at once.
bool is_taken_for_none(const Analysis& analysis, const Path& path, const HeldLock& lock) {
  if (lock.mechanism != Mechanism::lock_file) return false;
  const bool written = std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(lock.acquired),
                                   path.steps.end(), [&](const paths::Step& step) {
                                     return step.operation.kind == OperationKind::write &&
                                            !step.operation.refused && step.operation.file == lock.file;
                                   });
  if (written) return false;
  const source::Range made = path.steps[lock.acquired].range;
  const auto& all = analysis.protocols().all();
  return std::any_of(all.begin(), all.end(), [&](const auto& entry) {
    const Protocol& protocol = entry.second;
    return std::any_of(protocol.creations.begin(), protocol.creations.end(),
                       [&](const Deed& each) { return each.at().range == made; }) &&
           std::any_of(protocol.removals.begin(), protocol.removals.end(), [](const Removal& each) {
             return each.basis == Basis::unreadable && !each.graced && !each.held;
           });
  });
}

/// Whether the path looks, once it has the lock file by `acquired`, what that says, or tries to.
bool asks_whose(const Path& path, const HeldLock& lock, const paths::Step& acquired) {
  if (lock.mechanism != Mechanism::lock_file) return false;
  bool taken = false;
  for (const paths::Step& step : path.steps) {
    const Operation& operation = step.operation;
    const bool reads = operation.kind == OperationKind::read ||
                       (operation.kind == OperationKind::open && operation.refused && !operation.writable);
    if (taken && reads && operation.file == lock.file) return true;
    taken |= !operation.refused && same_site(step, acquired);
  }
  return false;
}

void check_lock(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function, const Path& path,
                const HeldLock& lock) {
  const ir::TermTable& terms = analysis.terms();
  const bool raises = path.exit == Exit::raises;
  if (is_no_leak(analysis, function, path, lock) || is_thrown_into(analysis, function, path)) return;
  if (lock.mechanism == Mechanism::lock_file &&
      !analysis.is_lock_file(*function.function, path, lock.acquired))
    return;
  // A file object that nobody refers to any more is closed, and its lock is gone.
  if (lock.collected && is_local(terms, lock.handle)) return;
  if (lock.mechanism == Mechanism::lock_file && is_private_name(terms, path, lock.file)) return;
  const paths::Step& acquired = path.steps[lock.acquired];
  const Path* meant = intended(function, path, lock);
  if (meant == nullptr) {
    // Nobody has been told of the lock when an exception leaves the code that took it.
    if (!raises || function.has_callers) return;
    if (!is_local(terms, lock.handle) && lock.mechanism != Mechanism::lock_file) return;
    if (has_owner(analysis, function, path, lock)) return;
    if (lock.mechanism != Mechanism::lock_file && is_after_call(path, acquired) &&
        !hands_on(analysis, function, acquired))
      return;
  } else if (!raises) {
    // The result tells that the lock is held, or holds it.
    const bool told = lock.mechanism == Mechanism::lock_file ? path.value != meant->value
                                                             : path.value == analysis.terms().boolean(true);
    if (has_owner(analysis, function, path, lock) || (told && !is_local(terms, lock.handle))) return;
  } else if (raises && is_local(terms, lock.handle) && has_owner(analysis, function, path, lock)) {
    return;
  }
  if (meant != nullptr && makes_release_call(path, *meant, lock)) return;
  if (meant != nullptr && is_affair_of_callee(path, *meant, lock, acquired)) return;
  // It has found that the lock file is no longer its own, or could not find out.
  const bool asks = asks_whose(path, lock, acquired);
  if (meant == nullptr ? asks : asks_whose(*meant, lock, acquired) && (!raises || asks)) return;
  // A helper that made the lock file and returned has told by its result how it went.
  if (meant == nullptr && lock.mechanism == Mechanism::lock_file && acquired.through) return;
  if (raises && is_taken_for_none(analysis, path, lock)) return;
  const Term named = lock.file != Term::none ? lock.file : lock.handle;
  const std::string file = analysis.name(*function.function, named);
  Evidence evidence{.function = &function,
                    .path = &path,
                    .steps = {lock.acquired},
                    .primary = 0,
                    .exit_text = raises ? "an exception here leaves, and the lock stays"
                                        : "returns here, and the lock stays"};
  evidence.repair_steps = {&acquired};
  for (const Path& other : function.summary->paths) {
    const paths::Step* release = other.exit == Exit::returns ? release_in(other, lock, acquired) : nullptr;
    const bool known = release == nullptr ||
                       std::any_of(evidence.repair_steps.begin(), evidence.repair_steps.end(),
                                   [&](const paths::Step* step) { return same_site(*step, *release); });
    if (meant != nullptr && !known) evidence.repair_steps.push_back(release);
  }
  evidence.repair = evidence.repair_steps.size() > 1 ? findings::RepairKind::release_in_finally
                                                     : findings::RepairKind::release_on_failure;
  reporter.report(
      evidence,
      fmt::format("{} on {} is not released when {}: nobody else can acquire it", name_of(lock.mechanism),
                  file, raises ? "an exception leaves this function" : "this function returns early"),
      "Release it in a finally block, or hold it with a scope guard.", findings::Severity::warning);
}

/// The places in which functions of the program leave a lock that they hold.
std::set<std::string> places_of_locks(const Analysis& analysis) {
  std::set<std::string> result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (const HeldLock& lock : paths::held_at_end(path)) {
        for (const auto& [place, value] : path.effects) {
          if (lock.handle != Term::none && value == lock.handle)
            result.insert(analysis.place(*function.function, place));
        }
      }
    }
  }
  result.erase("");
  return result;
}

/// The step, after `dropped`, that gives up the lock whose reference was dropped there; the end: none.
/// Closing gives up a lock when it is known to be one, and so does calling it, where a lock is the function
/// that releases it.
/// What another function does with a lock that was handed over to it is its own affair.
std::size_t release_after(const ir::TermTable& terms, const Path& path, std::size_t dropped, bool is_lock) {
  const Term lock = path.steps[dropped].operation.handle;
  for (std::size_t index = dropped + 1; index < path.steps.size(); ++index) {
    const Operation& operation = path.steps[index].operation;
    if (!paths::is_within(path.steps[index].through, path.steps[dropped].through)) continue;
    const bool releases =
        operation.kind == OperationKind::release ||
        (is_lock && (operation.kind == OperationKind::close || operation.kind == OperationKind::callback));
    if (releases && operation.handle != Term::none && terms.contains(operation.handle, lock)) return index;
  }
  return path.steps.size();
}

/// Whether an exception in what comes between `dropped` and the release in `meant` keeps this path from it.
/// Then: that release.
const paths::Step* lost_release(const ir::TermTable& terms, const Path& path, std::size_t dropped,
                                const Path& meant, bool is_lock) {
  const paths::Step& drop = path.steps[dropped];
  const auto same = std::find_if(meant.steps.begin(), meant.steps.end(), [&](const paths::Step& step) {
    return step.operation.kind == OperationKind::drop && step.operation.handle == drop.operation.handle &&
           same_site(step, drop);
  });
  if (same == meant.steps.end()) return nullptr;
  const std::size_t release =
      release_after(terms, meant, static_cast<std::size_t>(same - meant.steps.begin()), is_lock);
  const bool lost = release < meant.steps.size() && meant.steps[release].range != path.exit_range;
  return lost ? &meant.steps[release] : nullptr;
}

/// Whether the path has found that there was no lock in the place.
bool was_empty(const ir::TermTable& terms, const Path& path, Term dropped) {
  return std::any_of(path.facts.begin(), path.facts.end(), [&](const paths::Fact& fact) {
    if (fact.term == dropped) return !fact.truth;
    const auto operands = terms.operands(fact.term);
    return fact.truth && is_operator(terms, fact.term, {"operator.is"}) && operands[1] == dropped &&
           terms.kind(operands[2]) == TermKind::null;
  });
}

/// A path that clears the only reference to a lock and then raises before it has released it.
void check_dropped(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                   const Path& path, const std::set<std::string>& places) {
  if (path.exit != Exit::raises) return;
  const ir::TermTable& terms = analysis.terms();
  for (std::size_t index = 0; index < path.steps.size(); ++index) {
    const Operation& drop = path.steps[index].operation;
    if (drop.kind != OperationKind::drop) continue;
    const bool is_lock = places.contains(analysis.place(*function.function, drop.key));
    if (release_after(terms, path, index, is_lock) < path.steps.size() ||
        was_empty(terms, path, drop.handle)) {
      continue;
    }
    const bool kept = std::any_of(path.effects.begin(), path.effects.end(), [&](const auto& effect) {
      return terms.contains(effect.second, drop.handle);
    });
    const paths::Step* lost = nullptr;
    for (const Path& meant : function.summary->paths) {
      if (lost == nullptr) lost = lost_release(terms, path, index, meant, is_lock);
    }
    if (kept || lost == nullptr) continue;
    const std::string place = analysis.name(*function.function, drop.key);
    const Evidence evidence{.function = &function,
                            .path = &path,
                            .steps = {index},
                            .primary = 0,
                            .exit_text = "an exception here leaves, and the lock stays",
                            .repair = findings::RepairKind::release_in_finally,
                            .repair_steps = {&path.steps[index], lost}};
    reporter.report(evidence,
                    fmt::format("{} is cleared before the lock that it refers to is released: when an "
                                "exception leaves in between, nobody can release it",
                                place),
                    "Clear the reference after the release, or release in a finally block.",
                    findings::Severity::warning);
  }
}

void check(const Analysis& analysis, Reporter& reporter) {
  const std::set<std::string> places = places_of_locks(analysis);
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (const HeldLock& lock : paths::held_at_end(path))
        check_lock(analysis, reporter, function, path, lock);
      check_dropped(analysis, reporter, function, path, places);
    }
  }
}

}  // namespace

extern const Rule release_outside_finally;
const Rule release_outside_finally{
    .id = "LW301",
    .name = "release-outside-finally",
    .summary = "After an acquire, a path leaves the function with the lock held and nobody owning it.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
