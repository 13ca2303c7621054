// LW303: a lock file is removed by its name by somebody who has not made sure that it is his own.
//
// Whoever was refused the lock knows that it is somebody else's. Whoever had it knows that it was his own
// when he took it; whether it still is, is open as soon as anybody in the project reclaims locks.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/ir/operators.h"
#include "rules/judgement.h"

namespace lockwright::rules {
namespace {

using findings::Actor;
using findings::Severity;
using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::OperationKind;

constexpr int weaknesses[] = {708, 367};  // incorrect ownership; time-of-check to time-of-use

/// A name that several processes may go by: what the caller calls itself. A token, a process's number or a
/// field of the lock object is one's own.
bool is_shared_name(const ir::TermTable& terms, const ir::Function& function, Term identity) {
  if (terms.kind(identity) == TermKind::apply) {
    const auto operands = terms.operands(identity);
    return operands.size() > 1 && terms.kind(operands[0]) == TermKind::global &&
           is_shared_name(terms, function, operands[1]);
  }
  if (terms.kind(identity) != TermKind::param) return false;
  const auto position = static_cast<std::size_t>(terms.number(identity));
  return position < function.parameters.size() &&
         !any_word(function.parameters[position].name, {"token", "nonce", "uuid", "guid", "pid", "secret",
                                                        "instance", "unique", "random", "lease"});
}

/// Whether the path has made sure that the lock is its own.
bool is_checked(const Analysis& analysis, const Protocol& protocol, const Removal& removal) {
  if (removal.basis != Basis::own) return false;
  // What is compared shows best where it is compared: to a caller its own field is one.
  const auto here =
      std::find_if(protocol.removals.begin(), protocol.removals.end(), [&](const Removal& each) {
        return each.at().range == removal.at().range && !each.at().through && each.basis == Basis::own;
      });
  const Removal& seen = here != protocol.removals.end() ? *here : removal;
  return seen.identity == Term::none ||
         !is_shared_name(analysis.terms(), *seen.function->function, seen.identity);
}

/// The step by which this path took the lock that it then removes.
const paths::Step* taken_by(const ir::TermTable& terms, const Removal& removal) {
  const paths::Step* taken = nullptr;
  for (std::size_t index = 0; index < removal.step; ++index) {
    const paths::Step& step = removal.path->steps[index];
    if (lock_attempt(step) == Mechanism::lock_file && !step.operation.refused &&
        same_file(terms, lock_file_of(step), removal.at().operation.file)) {
      taken = &step;
    }
  }
  return taken;
}

/// Whether the removal undoes an acquire that has not come to its end: the function returns with that lock on
/// its other paths, and it has had no time to go stale.
bool undoes_acquire(const Analysis& analysis, const Removal& removal) {
  const paths::Step* taken = removal.held ? taken_by(analysis.terms(), removal) : nullptr;
  if (taken == nullptr || !paths::is_within(taken->through, removal.at().through)) return false;
  for (const paths::Path& path : removal.function->summary->paths) {
    if (path.exit != paths::Exit::returns) continue;
    paths::HeldLocks held(path.steps);
    for (std::size_t index = 0; index < path.steps.size(); ++index) held.pass(index);
    const bool kept = std::any_of(held.now().begin(), held.now().end(), [&](const paths::HeldLock& lock) {
      return path.steps[lock.acquired].range == taken->range;
    });
    if (kept) return true;
  }
  return false;
}

/// Whether the path has asked a field or a global since it was refused: a flag may know better.
bool asks_flag(const ir::TermTable& terms, const Removal& removal) {
  constexpr ir::TermKinds places = ir::kinds_of(TermKind::field, TermKind::global, TermKind::index);
  return std::any_of(removal.path->facts.begin(), removal.path->facts.end(), [&](const paths::Fact& fact) {
    if (fact.at <= removal.look || fact.at > removal.step) return false;
    Term asked = fact.term;
    if (is_operator(terms, asked, {"operator.is", "operator.eq"})) asked = terms.operands(asked)[1];
    return (ir::kinds_of(terms.kind(asked)) & places) != 0;
  });
}

/// Whether the function's name says that somebody wants the lock gone, whosever it is.
bool is_forced(const Removal& removal) {
  const paths::CallChain* call = paths::innermost(removal.at().through);
  const std::string_view name = call != nullptr ? call->callee : removal.function->function->qualified_name;
  return any_word(name.substr(name.rfind('.') + 1), {"force", "break", "purge", "reset"});
}

/// The call of the function that removes: reclaimers may share it with those who release. Null: the path's
/// own function does it.
const paths::CallChain* asked_for_by(const Removal& removal) {
  return paths::innermost(removal.at().through);
}

/// Whether the removal was judged on the others of its `place`: then it is LW401's business on all ways
/// through. A helper that only removes is judged by whoever calls it.
bool is_judged(const Removal& removal, const std::vector<const Removal*>& place) {
  const paths::CallChain* asked = asked_for_by(removal);
  const bool looked = removal.basis != Basis::none || removal.look != Removal::nowhere;
  return std::any_of(place.begin(), place.end(), [&](const Removal* each) {
    if (!each->reclaims()) return false;
    const paths::CallChain* other = asked_for_by(*each);
    return looked || asked == nullptr || other == nullptr || asked->range == other->range;
  });
}

Deed nearest(const std::vector<Deed>& deeds) {
  const auto here =
      std::find_if(deeds.begin(), deeds.end(), [](const Deed& deed) { return !deed.at().through; });
  return here != deeds.end() ? *here : deeds.front();
}

/// The loser of a race removes the winner's lock.
void report_loser(const Analysis& analysis, Reporter& reporter, const Removal& removal,
                  const Protocol& protocol) {
  const std::string file = analysis.name(*removal.function->function, removal.at().operation.file);
  Interleaving race;
  race.acts.push_back({Actor::B, nearest(protocol.creations), "creates the lock file, and has the lock"});
  race.acts.push_back(
      {Actor::A, {removal.function, removal.path, removal.look}, fmt::format("is refused {}", file)});
  race.acts.push_back({Actor::A, removal.deed(), "removes B's lock"});
  race.primary = 2;
  reporter.report(race,
                  fmt::format("{} is removed by a path that was refused it: the lock of whoever holds it is "
                              "gone, and the next process gets it as well",
                              file),
                  "Remove the lock file only where this path has created it.", Severity::error);
}

/// A holder whose lock was reclaimed removes the lock of his successor; by a helper that he shares with those
/// who reclaim: there the repair is not needed in the helper.
void report_release(const Analysis& analysis, Reporter& reporter, const Removal& removal,
                    const Protocol& protocol, const Removal& reclaimer, bool shared) {
  const std::string file = analysis.name(*removal.function->function, removal.at().operation.file);
  const Deed taken = nearest(protocol.creations);
  const Deed anew = reclaimer.recreated == Removal::nowhere
                        ? taken
                        : Deed{reclaimer.function, reclaimer.path, reclaimer.recreated};
  const bool compared = removal.basis == Basis::own;
  Interleaving race;
  race.acts.push_back({Actor::A, taken, "creates the lock file, and has the lock"});
  if (compared) {
    const Deed look{removal.function, removal.path, removal.look};
    race.acts.push_back({Actor::A, look, "is about to release it: the name in the file is its own"});
  }
  race.acts.push_back({Actor::B, reclaimer.deed(), "takes it for abandoned, and removes it"});
  race.acts.push_back({Actor::B, anew, "creates its own, and has the lock"});
  race.acts.push_back({Actor::A, removal.deed(), "removes B's lock"});
  race.primary = race.acts.size() - 1;
  if (shared) {
    std::size_t calls = 0;
    for (const paths::CallChain* call = removal.at().through.get(); call->inner; call = call->inner.get())
      ++calls;
    race.calls = calls;
  }
  reporter.report(
      race,
      compared
          ? fmt::format("{} is removed after a look that found a name in it which other processes may go by: "
                        "a lock that was reclaimed in between is removed with its new holder in it",
                        file)
          : fmt::format("{} is removed without making sure that it is still this process's: locks are "
                        "reclaimed here, and then the lock of the new holder is gone",
                        file),
      "Write a random token into the lock file, and compare it, under the lock that reclaimers take, before "
      "the removal.",
      compared ? Severity::warning : Severity::error);
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const auto& [name, protocol] : analysis.protocols().all()) {
    // Where the kernel keeps the lock, the name matters for another reason: LW304.
    if (protocol.creations.empty() || !protocol.kernel_locks.empty()) continue;
    const Removal* reclaimer = protocol.reclaimer();
    for (const std::vector<const Removal*>& place : by_place(protocol.removals)) {
      const bool shared =
          std::any_of(place.begin(), place.end(), [](const Removal* each) { return each->reclaims(); });
      for (const Removal* removal : place) {
        if (shared && is_judged(*removal, place)) continue;
        if (removal->guarded || removal->at().operation.kind != OperationKind::unlink) continue;
        // Removed to be made again by its owner: LW201's business.
        if (removal->basis == Basis::own && removal->recreated != Removal::nowhere) continue;
        if (removal->basis == Basis::none && is_forced(*removal)) continue;
        if (removal->refused && !removal->held && removal->basis == Basis::none) {
          if (!asks_flag(analysis.terms(), *removal)) report_loser(analysis, reporter, *removal, protocol);
        } else if (reclaimer != nullptr && !is_checked(analysis, protocol, *removal) &&
                   !undoes_acquire(analysis, *removal)) {
          report_release(analysis, reporter, *removal, protocol, *reclaimer, shared);
        }
      }
    }
  }
}

}  // namespace

extern const Rule unlink_unowned_lock;
const Rule unlink_unowned_lock{
    .id = "LW303",
    .name = "unlink-unowned-lock",
    .summary = "A lock file is removed without making sure that the lock is this process's own.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
