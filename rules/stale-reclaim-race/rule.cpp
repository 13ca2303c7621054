// LW401: a lock file is judged abandoned on one look and then removed by its name: two processes that have
// both looked remove each other's fresh lock.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/protocol.h"

namespace lockwright::rules {
namespace {

using findings::Actor;
using models::OperationKind;

constexpr int weaknesses[] = {367, 362};  // time-of-check to time-of-use; race condition

/// A lock renamed aside can be looked at again: if it is not the one that was judged, it can be put back.
bool is_verified(const paths::Path& path, const Removal& removal) {
  const models::Operation& operation = removal.at().operation;
  if (operation.kind != OperationKind::rename) return false;
  return std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(removal.step), path.steps.end(),
                     [&](const paths::Step& step) {
                       const OperationKind kind = step.operation.kind;
                       return (kind == OperationKind::read || kind == OperationKind::exists) &&
                              step.operation.file == operation.other;
                     });
}

bool is_race(const Analysis& analysis, const Protocol& protocol, const Removal& removal) {
  if (!removal.reclaims() || removal.guarded) return false;
  // A file with a kernel lock on it may as well hold data, that is rotated or expires.
  const models::Operation& operation = removal.at().operation;
  return !protocol.creations.empty() ||
         (operation.kind == OperationKind::unlink &&
          (analysis.is_called_lock(*removal.function->function, operation.file) ||
           analysis.is_called_pid_file(*removal.function->function, operation.file)));
}

/// "judges", in words.
std::string finds(Basis basis, const std::string& file) {
  switch (basis) {
    case Basis::unreadable: return fmt::format("finds nothing that makes sense in {}", file);
    case Basis::waited: return fmt::format("is refused {}, and will not wait any longer", file);
    case Basis::idle: return fmt::format("gets the lock on {}, and gives it back: nobody has it", file);
    default: return fmt::format("looks at {}: it is stale", file);
  }
}

/// Where the lock is taken after the removal: on the same path, or wherever the program takes it.
Deed taken_anew(const Removal& removal, const Protocol& protocol) {
  if (removal.recreated != Removal::nowhere) return {removal.function, removal.path, removal.recreated};
  for (const auto* deeds :
       {&protocol.creations, &protocol.kernel_locks, &protocol.libraries, &protocol.plain}) {
    const auto here =
        std::find_if(deeds->begin(), deeds->end(), [](const Deed& deed) { return !deed.at().through; });
    if (here != deeds->end()) return *here;
    if (!deeds->empty()) return deeds->front();
  }
  return removal.deed();
}

void report(const Analysis& analysis, Reporter& reporter, const Removal& removal, const Protocol& protocol) {
  const std::string file = analysis.name(*removal.function->function, removal.at().operation.file);
  const Deed look{removal.function, removal.path,
                  removal.look == Removal::nowhere ? removal.step : removal.look};
  const Deed anew = taken_anew(removal, protocol);
  Interleaving race;
  race.acts.push_back({Actor::A, look, finds(removal.basis, file)});
  race.acts.push_back({Actor::B, look, "does the same, and comes to the same end"});
  race.acts.push_back({Actor::A, removal.deed(), fmt::format("removes {}", file)});
  race.acts.push_back({Actor::A, anew, "takes the lock anew, and has it"});
  race.acts.push_back({Actor::B, removal.deed(), "removes A's fresh lock"});
  race.acts.push_back({Actor::B, anew, "takes the lock as well: both have it"});
  race.primary = 2;
  reporter.report(race,
                  fmt::format("{} is judged abandoned and then removed by its name: by then it may be the "
                              "fresh lock of another process that did the same, and two hold it",
                              file),
                  "Remove it under a guard lock that every reclaimer takes, after judging it again there.",
                  findings::Severity::error);
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const auto& [name, protocol] : analysis.protocols().all()) {
    if (!protocol.has_acquirers()) continue;
    for (const std::vector<const Removal*>& place : by_place(protocol.removals)) {
      const bool verified = std::any_of(place.begin(), place.end(),
                                        [](const Removal* each) { return is_verified(*each->path, *each); });
      for (const Removal* removal : place) {
        if (verified) continue;
        if (is_race(analysis, protocol, *removal)) report(analysis, reporter, *removal, protocol);
      }
    }
  }
}

}  // namespace

extern const Rule stale_reclaim_race;
const Rule stale_reclaim_race{
    .id = "LW401",
    .name = "stale-reclaim-race",
    .summary =
        "A lock file is judged stale on one look and then removed by its name, whoever's it is by then.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
