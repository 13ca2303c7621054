// LW104: a lock file is created first and filled afterwards, while a reader takes an empty one for a leftover
// and removes it: the lock that is being taken.
#include <fmt/format.h>

#include <algorithm>

#include "rules/judgement.h"

namespace lockwright::rules {
namespace {

using findings::Actor;
using ir::Term;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using paths::Path;

constexpr int weaknesses[] = {367, 362};  // time-of-check to time-of-use; race condition

/// The step after `created` that writes what the lock file says; none: there is nothing in it.
std::size_t filled(const ir::TermTable& terms, const Path& path, std::size_t created) {
  const Operation& made = path.steps[created].operation;
  for (std::size_t index = created + 1; index < path.steps.size(); ++index) {
    const Operation& operation = path.steps[index].operation;
    const bool same = (made.handle != Term::none && operation.handle == made.handle) ||
                      same_file(terms, operation.file, made.file);
    if (!same || operation.refused) continue;
    if (operation.kind == OperationKind::write) return index;
    if (operation.kind == OperationKind::unlink) break;
  }
  return Removal::nowhere;
}

/// Whether another lock is held over the step, so that whoever reads under it never sees the gap.
bool is_guarded(const Path& path, std::size_t step) {
  paths::HeldLocks held(path.steps);
  for (std::size_t index = 0; index < step; ++index) held.pass(index);
  return std::any_of(held.now().begin(), held.now().end(),
                     [](const paths::HeldLock& lock) { return lock.mechanism != Mechanism::mutex; });
}

/// A removal at once of a lock file that says nothing, which can meet the lock made by `creation`; null:
/// none.
const Removal* hasty_reader(const Protocol& protocol, const Deed& creation) {
  const Removal* best = nullptr;
  for (const Removal& removal : protocol.removals) {
    if (removal.basis != Basis::unreadable || removal.held || removal.graced) continue;
    if (removal.guarded && is_guarded(*creation.path, creation.step)) continue;
    if (best == nullptr || (best->at().through != nullptr && removal.at().through == nullptr))
      best = &removal;
  }
  return best;
}

void check_creation(const Analysis& analysis, Reporter& reporter, const Protocol& protocol,
                    const Deed& creation) {
  const ir::TermTable& terms = analysis.terms();
  if (creation.at().operation.kind != OperationKind::open) return;
  const std::size_t fill = filled(terms, *creation.path, creation.step);
  if (fill == Removal::nowhere) return;
  const Removal* reader = hasty_reader(protocol, creation);
  if (reader == nullptr) return;
  const std::string file = analysis.name(*creation.function->function, creation.at().operation.file);
  Interleaving race;
  race.acts.push_back({Actor::A, creation, fmt::format("creates {}, empty as yet: it has the lock", file)});
  race.acts.push_back(
      {Actor::B, {reader->function, reader->path, reader->look}, "reads nothing that makes sense"});
  race.acts.push_back({Actor::B, reader->deed(), "removes A's lock as a leftover"});
  race.acts.push_back(
      {Actor::A, {creation.function, creation.path, fill}, "writes into a file that has no name any more"});
  race.primary = 0;
  reporter.report(
      race,
      fmt::format("{} is created empty and filled afterwards, while a reader removes a lock file that "
                  "says nothing: it removes a lock that is just being taken",
                  file),
      "Write a temporary file and link it to the lock's name, or let the reader wait and look again.",
      findings::Severity::error);
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const auto& [name, protocol] : analysis.protocols().all()) {
    for (const Deed& creation : protocol.creations) check_creation(analysis, reporter, protocol, creation);
  }
}

}  // namespace

extern const Rule unpublished_lock_payload;
const Rule unpublished_lock_payload{
    .id = "LW104",
    .name = "unpublished-lock-payload",
    .summary = "A lock file is filled after it was created, and a reader removes a lock file that is empty.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
