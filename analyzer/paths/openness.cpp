// Openness. A lock that a function takes and gives back concerns nobody else; one that it leaves held (an
// acquire helper, a scope guard), or that it takes on what it was given, concerns its callers.
#include "analyzer/paths/openness.h"

#include <algorithm>
#include <vector>

#include "analyzer/paths/held.h"

namespace lockwright::paths {

using ir::Term;
using ir::TermKind;

namespace {

bool is_between_processes(const HeldLock& lock) {
  return lock.mechanism != models::Mechanism::mutex;
}

/// The text in the path's own function that takes the lock: what does it, or calls what does.
source::Range taken_at(const Step& taken) {
  return taken.through ? taken.through->range : taken.range;
}

/// Whether the directory or link that `made` makes may be a lock. Most are not: somebody has to live with
/// finding it there already, or its name has to say so.
bool may_be_lock(const ir::TermTable& terms, const Triggers& triggers, const Summary& summary,
                 const Step& made) {
  if (made.operation.kind == models::OperationKind::open || made.operation.retried) return true;
  const bool lived_with = std::any_of(summary.paths.begin(), summary.paths.end(), [&](const Path& path) {
    return path.exit == Exit::returns &&
           std::any_of(path.steps.begin(), path.steps.end(),
                       [&](const Step& step) { return step.operation.refused && step.range == made.range; });
  });
  return lived_with || triggers.speaks(terms, lock_file_of(made));
}

}  // namespace

bool takes_lock(const ir::TermTable& terms, const Triggers& triggers, const Summary& summary) {
  return std::any_of(summary.paths.begin(), summary.paths.end(), [&](const Path& path) {
    return std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
      const models::Mechanism mechanism = lock_attempt(step);
      return mechanism != models::Mechanism::none && mechanism != models::Mechanism::mutex &&
             (mechanism != models::Mechanism::lock_file || may_be_lock(terms, triggers, summary, step));
    });
  });
}

/// A lock file that stays after three calls have returned is no critical section of theirs: a marker, a claim
/// for good.
bool is_open(const ir::TermTable& terms, const Triggers& triggers, const Summary& summary) {
  constexpr ir::TermKinds given = ir::kinds_of(TermKind::param, TermKind::self);
  constexpr std::size_t max_depth_of_lock_file = 2;
  for (const Path& path : summary.paths) {
    HeldLocks held(path.steps);
    for (std::size_t index = 0; index < path.steps.size(); ++index) {
      const models::Operation& operation = path.steps[index].operation;
      if (operation.kind == models::OperationKind::yield && !held.now().empty()) return true;
      // What it was given to call is the caller's, and may ask for the same lock.
      const bool calls_back = operation.kind == models::OperationKind::callback &&
                              operation.handle != Term::none &&
                              terms.kind(operation.handle) == TermKind::param;
      if (calls_back && std::ranges::any_of(held.now(), is_between_processes)) return true;
      const bool locks = operation.kind == models::OperationKind::acquire ||
                         operation.kind == models::OperationKind::release;
      if (locks && operation.mechanism != models::Mechanism::mutex &&
          operation.mechanism != models::Mechanism::none && operation.handle != Term::none &&
          terms.kind(operation.handle) == TermKind::param) {
        return true;
      }
      held.pass(index);
    }
    for (const HeldLock& lock : held.now()) {
      if (lock.mechanism == models::Mechanism::lock_file &&
          (!may_be_lock(terms, triggers, summary, path.steps[lock.acquired]) ||
           depth(path.steps[lock.acquired].through) > max_depth_of_lock_file)) {
        continue;
      }
      if (lock.mechanism != models::Mechanism::mutex && path.exit == Exit::returns && !lock.collected)
        return true;
      if (path.exit == Exit::returns && (terms.kinds_in(path.value) & ir::kinds_of(TermKind::fresh)) != 0)
        return true;
      if (lock.handle != Term::none && (terms.kinds_in(lock.handle) & given) != 0) return true;
    }
  }
  return false;
}

std::set<source::Range> fatal_calls(const Summary& summary) {
  std::set<source::Range> released;  // where the locks were taken
  for (const Path& path : summary.paths) {
    if (path.exit == Exit::raises) continue;
    std::set<source::Range> taken;
    for (const Step& step : path.steps) {
      if (!step.operation.refused && lock_attempt(step) != models::Mechanism::none)
        taken.insert(taken_at(step));
    }
    for (const HeldLock& lock : held_at_end(path)) taken.erase(taken_at(path.steps[lock.acquired]));
    released.merge(taken);
  }
  std::set<source::Range> result;
  for (const Path& path : summary.paths) {
    if (path.exit == Exit::returns || path.exit_through) continue;
    const std::vector<HeldLock> held = held_at_end(path);
    const bool left = std::ranges::any_of(held, [&](const HeldLock& lock) {
      return is_between_processes(lock) && released.contains(taken_at(path.steps[lock.acquired]));
    });
    if (left) result.insert(path.exit_range);
  }
  return result;
}

bool saves_what_is_given(const ir::TermTable& terms, const Summary& summary) {
  constexpr ir::TermKinds given = ir::kinds_of(TermKind::param);
  const auto between_processes = [](const HeldLock& lock) {
    return lock.mechanism != models::Mechanism::mutex && lock.mechanism != models::Mechanism::lock_file;
  };
  return std::any_of(summary.paths.begin(), summary.paths.end(), [&](const Path& path) {
    HeldLocks held(path.steps);
    for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
      const models::Operation& operation = path.steps[index].operation;
      const bool saves =
          operation.kind == models::OperationKind::write || operation.kind == models::OperationKind::rename;
      const ir::TermKinds kinds =
          terms.kinds_in(operation.file) | terms.kinds_in(operation.other) | terms.kinds_in(operation.value);
      if (saves && (kinds & given) != 0 &&
          std::any_of(held.now().begin(), held.now().end(), between_processes)) {
        return true;
      }
    }
    return false;
  });
}

}  // namespace lockwright::paths
