// LW304: a file is unlinked that others lock with flock or fcntl. Who had it open gets the lock on a file
// without a name, who comes next makes a new one and locks that.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rules/judgement.h"

namespace lockwright::rules {
namespace {

using findings::Actor;
using ir::Term;
using models::Operation;
using models::OperationKind;

constexpr int weaknesses[] = {367, 362};  // time-of-check to time-of-use; race condition

/// Whether the path looks, while it has the lock, whether the locked file is the one with the name: asks for
/// the handle's file, or draws a conclusion from what the name's file is (that it is there says nothing).
bool is_rechecked(const ir::TermTable& terms, const Deed& lock) {
  const Operation& taken = lock.at().operation;
  for (std::size_t index = lock.step + 1; index < lock.path->steps.size(); ++index) {
    const Operation& operation = lock.path->steps[index].operation;
    const bool handle = operation.handle != Term::none && operation.handle == taken.handle;
    if (handle && (operation.kind == OperationKind::release || operation.kind == OperationKind::close)) break;
    if (operation.kind != OperationKind::exists) continue;
    if (handle) return true;
    if (!same_file(terms, operation.file, taken.file) || operation.value == Term::none) continue;
    for (const paths::Fact& fact : lock.path->facts) {
      if (fact.term != operation.value && terms.contains(fact.term, operation.value)) return true;
    }
  }
  return false;
}

/// The step that opens the file for the lock, when whoever finds no file makes one (taken for granted when it
/// was opened before: then it is the step that locks).
std::size_t opened(const ir::TermTable& terms, const Deed& lock) {
  std::size_t result = lock.step;
  bool makes = true;
  for (std::size_t index = 0; index < lock.step; ++index) {
    const Operation& operation = lock.path->steps[index].operation;
    if (operation.kind != OperationKind::open || operation.refused ||
        !same_file(terms, operation.file, lock.at().operation.file)) {
      continue;
    }
    makes = operation.create || (makes && result != lock.step);
    result = index;
  }
  return makes ? result : Removal::nowhere;
}

/// An acquire that is content with any file, out of all ways on which its place in the code is passed.
Deed careless_acquirer(const ir::TermTable& terms, const Protocol& protocol) {
  std::map<source::Range, Deed> places;
  for (const Deed& lock : protocol.kernel_locks) {
    // Windows does not let go of the name of a file that is open.
    if (lock.at().operation.mechanism == models::Mechanism::windows) continue;
    const auto [place, added] = places.emplace(lock.at().range, Deed{});
    if (is_rechecked(terms, lock)) {
      place->second = lock;
      place->second.path = nullptr;
    } else if ((added || place->second.function == nullptr) && opened(terms, lock) != Removal::nowhere) {
      place->second = lock;
    }
  }
  for (const auto& [range, lock] : places) {
    if (lock.path != nullptr) return lock;
  }
  return {};
}

/// A function that removes whatever file it is given and does nothing else: which one is its callers'
/// business.
bool removes_any_file(const ir::TermTable& terms, const Removal& removal) {
  return terms.kind(removal.at().operation.file) == ir::TermKind::param && removal.path->steps.size() == 1 &&
         !any_word(removal.function->function->qualified_name, {"lock", "release", "pid"});
}

void check(const Analysis& analysis, Reporter& reporter) {
  const ir::TermTable& terms = analysis.terms();
  for (const auto& [name, protocol] : analysis.protocols().all()) {
    const Deed lock = careless_acquirer(terms, protocol);
    if (lock.path == nullptr) continue;
    for (const std::vector<const Removal*>& place : by_place(protocol.removals)) {
      for (const Removal* removal : place) {
        const Operation& unlink = removal->at().operation;
        if (unlink.kind != OperationKind::unlink || removal->guarded) continue;
        if (removes_any_file(terms, *removal)) continue;
        // Taken for abandoned: LW401's business.
        if (removal->reclaims() && (analysis.is_called_lock(*removal->function->function, unlink.file) ||
                                    analysis.is_called_pid_file(*removal->function->function, unlink.file)))
          continue;
        const std::string file = analysis.name(*removal->function->function, unlink.file);
        const Deed open{lock.function, lock.path, opened(terms, lock)};
        Interleaving race;
        race.acts.push_back(
            {Actor::A, lock, fmt::format("acquires {} on {}", name_of(lock.at().operation.mechanism), file)});
        race.acts.push_back({Actor::B, open, "opens the same file, to lock it in its turn"});
        race.acts.push_back({Actor::A, removal->deed(), fmt::format("removes {}", file)});
        race.acts.push_back({Actor::B, lock, "gets the lock, on a file that has no name any more"});
        race.acts.push_back({Actor::A, open, "makes a new file of that name"});
        race.acts.push_back({Actor::A, lock, "gets the lock on that one: both have it"});
        race.primary = 2;
        reporter.report(
            race,
            fmt::format("{} is removed while others may wait for the {} on it: they get a lock on a file "
                        "without a name, and the next process locks a new one",
                        file, name_of(lock.at().operation.mechanism)),
            "Leave the lock file where it is; or let acquirers compare fstat with stat after "
            "locking, and start again when they differ.",
            findings::Severity::error);
      }
    }
  }
}

}  // namespace

extern const Rule unlink_flocked_file;
const Rule unlink_flocked_file{
    .id = "LW304",
    .name = "unlink-flocked-file",
    .summary = "A file that others lock is unlinked, and acquirers do not look which file they have locked.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
