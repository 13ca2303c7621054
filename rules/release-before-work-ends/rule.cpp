// LW306: the lock is released while the work that it protects is still to come or still under way: a
// coroutine or generator that has only been made, work that was started and is not waited for, a timer that
// releases under whoever works.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockwright::rules {
namespace {

using ir::Term;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::HeldLock;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {667, 662};  // improper locking; improper synchronization

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

bool is_file_lock(const HeldLock& lock) {
  return lock.mechanism != Mechanism::none && lock.mechanism != Mechanism::mutex;
}

bool changes_file(const Operation& operation) {
  return !operation.refused &&
         (operation.kind == OperationKind::write || operation.kind == OperationKind::truncate ||
          operation.kind == OperationKind::unlink || operation.kind == OperationKind::rename ||
          (operation.kind == OperationKind::open && operation.truncate));
}

/// The step after `from` at which the lock is given up, on purpose or with its handle.
std::size_t released(const Path& path, const HeldLock& lock, std::size_t from) {
  paths::HeldLocks held(path.steps);
  for (std::size_t index = 0; index < path.steps.size(); ++index) {
    held.pass(index);
    const bool still = std::any_of(held.now().begin(), held.now().end(),
                                   [&](const HeldLock& each) { return each.acquired == lock.acquired; });
    if (index > from && !still) return index;
  }
  return nowhere;
}

void report(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function, const Path& path,
            const HeldLock& lock, std::size_t work, std::size_t end, std::string_view what,
            std::string_view consequence, std::string_view help) {
  Evidence evidence{.function = &function, .path = &path, .steps = {lock.acquired, work, end}, .primary = 1};
  evidence.texts.emplace_back(1, std::string(what));
  const Term named = lock.file != Term::none ? lock.file : lock.handle;
  reporter.report(evidence,
                  fmt::format("{} on {} is released {}", name_of(lock.mechanism),
                              analysis.name(*function.function, named), consequence),
                  std::string(help), findings::Severity::error);
}

/// `with lock: return coroutine()`: the body runs when the caller awaits it, and the lock is gone.
void check_suspended(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                     const Path& path, const std::vector<HeldLock>& held, std::size_t made) {
  const Step& step = path.steps[made];
  if (path.exit != paths::Exit::returns || path.value != step.operation.value) return;
  for (const HeldLock& lock : held) {
    if (!is_file_lock(lock)) continue;
    const std::size_t end = released(path, lock, made);
    if (end == nowhere) continue;
    report(analysis, reporter, function, path, lock, made, end, "is only made here: its body has not begun",
           "before the work begins: what is returned runs when the caller asks for it, without the lock",
           "Await or consume it while the lock is held, or acquire the lock inside of it.");
    return;
  }
}

/// Work on what the lock protects that was started under it, and that nobody waits for before the release.
void check_spawned(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                   const Path& path, const std::vector<HeldLock>& held, std::size_t started) {
  const ir::TermTable& terms = analysis.terms();
  for (const HeldLock& lock : held) {
    if (!is_file_lock(lock)) continue;
    const std::size_t end = released(path, lock, started);
    if (end == nowhere) continue;
    bool locks_itself = false;
    bool waited = false;
    std::size_t work = nowhere;
    for (std::size_t index = started + 1; index < path.steps.size(); ++index) {
      const Step& step = path.steps[index];
      const Operation& operation = step.operation;
      if (!step.detached) {
        waited |= index < end && operation.kind == OperationKind::join;
        continue;
      }
      const Mechanism mechanism = lock_attempt(step);
      locks_itself |= mechanism != Mechanism::none && mechanism != Mechanism::mutex;
      if (!changes_file(operation) || !terms.definite(operation.file) || operation.file == lock.file)
        continue;
      const bool named_after = terms.contains(lock.file, operation.file);
      const bool shared =
          std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(lock.acquired),
                      path.steps.begin() + static_cast<std::ptrdiff_t>(end), [&](const Step& other) {
                        const OperationKind kind = other.operation.kind;
                        const bool touches = kind == OperationKind::read || kind == OperationKind::write ||
                                             kind == OperationKind::open || kind == OperationKind::exists;
                        return !other.detached && touches && other.operation.file == operation.file;
                      });
      if (work == nowhere && (named_after || shared)) work = index;
    }
    if (work == nowhere || waited || locks_itself) continue;
    report(analysis, reporter, function, path, lock, work, end,
           "is done by work that was started and is not waited for",
           "while work that was started under it goes on: it writes without the lock",
           "Wait for the work before the release, or let the work acquire the lock itself.");
    return;
  }
}

/// A timer that gives the lock up at its time, whether the holder has finished or not.
void check_timer(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                 const Path& path, const std::vector<HeldLock>& held, std::size_t index) {
  const Operation& operation = path.steps[index].operation;
  const bool gives_up = operation.kind == OperationKind::release || operation.kind == OperationKind::unlink ||
                        operation.kind == OperationKind::close;
  if (!gives_up || operation.refused) return;
  for (const HeldLock& lock : held) {
    if (!is_file_lock(lock)) continue;
    const bool same = lock.mechanism == Mechanism::lock_file
                          ? operation.kind == OperationKind::unlink && operation.file == lock.file
                          : operation.kind != OperationKind::unlink && lock.handle != Term::none &&
                                operation.handle == lock.handle;
    if (!same) continue;
    const auto later = std::find_if(
        path.steps.begin() + static_cast<std::ptrdiff_t>(index) + 1, path.steps.end(), [&](const Step& step) {
          return !step.detached && changes_file(step.operation) && step.operation.file != lock.file;
        });
    if (later == path.steps.end()) continue;
    // Waited for, it has its own time no more.
    const bool waited =
        std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(index), later,
                    [](const Step& step) { return step.operation.kind == OperationKind::join; });
    if (waited) continue;
    report(analysis, reporter, function, path, lock, index,
           static_cast<std::size_t>(later - path.steps.begin()),
           "releases at its own time, in another thread",
           "by somebody who does not know whether the holder has finished: the holder goes on without it",
           "Let the holder release, or let it check before every write that the lock is still its own.");
    return;
  }
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      paths::HeldLocks held(path.steps);
      for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
        if (held.now().empty()) continue;
        const Step& step = path.steps[index];
        if (step.detached) {
          check_timer(analysis, reporter, function, path, held.now(), index);
        } else if (step.operation.kind == OperationKind::suspend) {
          check_suspended(analysis, reporter, function, path, held.now(), index);
        } else if (step.operation.kind == OperationKind::spawn) {
          check_spawned(analysis, reporter, function, path, held.now(), index);
        }
      }
    }
  }
}

}  // namespace

extern const Rule release_before_work_ends;
const Rule release_before_work_ends{
    .id = "LW306",
    .name = "release-before-work-ends",
    .summary = "The lock is released while the work that it protects is still to come or under way.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
