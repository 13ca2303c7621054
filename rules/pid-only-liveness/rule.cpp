// LW402: the owner of a lock is judged alive, dead or "myself" by its pid alone.
//
// What makes it the owner of a lock is where the pid comes from (read from a lock file), or what the verdict
// leads to (a lock is removed). What makes it more than a pid is another word about the process, asked or
// compared somewhere in the program for a pid of the same origin.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analyzer/ir/operators.h"

namespace lockwright::rules {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using models::Probe;
using paths::Path;
using paths::Step;

constexpr int weaknesses[] = {367, 283};  // time-of-check to time-of-use; unverified ownership

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

/// Where a pid is read from and where its process is asked for; the same for all paths that do so.
using Place = std::pair<source::Range, source::Range>;

/// One judgement on one path.
struct Judgement {
  std::size_t read = nowhere;  ///< the step that reads what the pid comes from
  std::size_t asked = 0;       ///< the step that asks for the process
  Term pid = Term::none;
  std::size_t removed = nowhere;  ///< the step that removes the lock afterwards
  bool own = false;               ///< judged to be this very process
};

/// The pid whose process the step asks for: a system call, or an entry of the process table.
Term asked_pid(const ir::TermTable& terms, const Operation& operation) {
  if (operation.kind == OperationKind::probe && operation.probe == Probe::pid_alive) return operation.key;
  if (operation.kind != OperationKind::exists || terms.kind(operation.file) != TermKind::concat)
    return Term::none;
  const auto parts = terms.operands(operation.file);
  return parts.size() == 2 && terms.text(parts[0]) == "/proc/" ? parts[1] : Term::none;
}

/// Who signals itself asks nobody.
bool is_own(const Path& path, Term pid) {
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
    return step.operation.probe == Probe::pid && step.operation.value == pid;
  });
}

/// The last step before `before` that reads what `term` is made of.
std::size_t origin(const ir::TermTable& terms, const Path& path, Term term, std::size_t before) {
  for (std::size_t index = before; index-- > 0;) {
    const Operation& operation = path.steps[index].operation;
    if (operation.kind == OperationKind::read && operation.value != Term::none &&
        terms.contains(term, operation.value)) {
      return index;
    }
  }
  return nowhere;
}

Place place_of(const Path& path, const Judgement& judgement) {
  const source::Range read = judgement.read == nowhere ? source::Range{} : path.steps[judgement.read].range;
  return {read, path.steps[judgement.asked].range};
}

bool says_lock(const Step& step) {
  return std::ranges::any_of(paths::Calls(step.through), [](const paths::CallChain& call) {
    return function_speaks_of_locks(call.callee);
  });
}

/// A lock whose file says who has it: called a lock, or made exclusively on this path. What the kernel locks
/// is not owned by what is written in it.
bool is_owners_lock(const Analysis& analysis, const ir::Function& function, const Path& path, Term file) {
  if (analysis.is_called_lock(function, file)) return true;
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
    return lock_attempt(step) == Mechanism::lock_file && step.operation.refused &&
           lock_file_of(step) == file && analysis.terms().definite(file);
  });
}

/// Whether the lock that step `removed` removes was asked for only after step `asked`: then it is another
/// one than that of the process that was asked for, such as the log's.
bool was_tried(const Path& path, std::size_t asked, std::size_t removed) {
  return std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(asked),
                     path.steps.begin() + static_cast<std::ptrdiff_t>(removed), [&](const Step& step) {
                       return lock_attempt(step) != Mechanism::none &&
                              lock_file_of(step) == path.steps[removed].operation.file;
                     });
}

/// The step after `after` that removes the lock: the file that `read` was read from, or one called a lock.
std::size_t removal(const Analysis& analysis, const FunctionPaths& function, const Path& path,
                    std::size_t read, std::size_t after) {
  for (std::size_t index = after + 1; index < path.steps.size(); ++index) {
    const Operation& operation = path.steps[index].operation;
    if (operation.kind != OperationKind::unlink && operation.kind != OperationKind::rename) continue;
    const bool same = read != nowhere && path.steps[read].operation.file == operation.file;
    if (!same && read != nowhere && was_tried(path, after, index)) continue;
    if (same || is_owners_lock(analysis, *function.function, path, operation.file)) return index;
  }
  return nowhere;
}

/// Whether the kernel has said already, before step `before`, that somebody has the lock: then the pid is for
/// a message.
bool is_settled(const Path& path, std::size_t before) {
  return std::any_of(path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(before),
                     [](const Step& step) {
                       const Operation& operation = step.operation;
                       return operation.kind == OperationKind::acquire && operation.refused &&
                              operation.mechanism != Mechanism::mutex;
                     });
}

/// Of a number that is not known to come from anywhere: whether the function that asks for its process, or
/// what it calls for that, removes the lock too.
bool may_belong_together(const ir::TermTable& terms, const Path& path, const Judgement& judgement) {
  if (terms.definite(judgement.pid)) return true;
  const paths::CallChain* asking = path.steps[judgement.asked].through.get();
  const paths::CallChain* removing = path.steps[judgement.removed].through.get();
  return asking == nullptr || removing == nullptr || asking->range == removing->range;
}

bool is_about_lock(const Analysis& analysis, const FunctionPaths& function, const Path& path,
                   const Judgement& judgement) {
  const auto is_lock = [&](std::size_t step) {
    return step != nowhere &&
           is_owners_lock(analysis, *function.function, path, path.steps[step].operation.file);
  };
  // A process that this path has started is its child, and its number cannot be given away yet.
  const bool child = (analysis.terms().kinds_in(judgement.pid) & ir::kinds_of(TermKind::fresh)) != 0;
  if (judgement.read == nowhere)
    return !child && is_lock(judgement.removed) && may_belong_together(analysis.terms(), path, judgement);
  if (is_lock(judgement.removed)) return true;
  const bool from_lock = is_lock(judgement.read) ||
                         function_speaks_of_locks(function.function->qualified_name) ||
                         says_lock(path.steps[judgement.read]) || says_lock(path.steps[judgement.asked]);
  return from_lock && (judgement.removed != nowhere || !is_settled(path, judgement.asked));
}

/// Whether the lock whose file is read has been taken by this path itself: then it looks before it releases.
bool is_releasing(const Path& path, std::size_t read) {
  const Term file = path.steps[read].operation.file;
  return std::any_of(
      path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(read), [&](const Step& step) {
        return lock_attempt(step) != Mechanism::none && !step.operation.refused && lock_file_of(step) == file;
      });
}

/// "It is my own pid, so the lock is mine, left over": taken for true, the lock is removed and taken anew.
void add_own(const Analysis& analysis, const FunctionPaths& function, const Path& path,
             std::vector<Judgement>& result) {
  const ir::TermTable& terms = analysis.terms();
  for (const paths::Fact& fact : path.facts) {
    const auto operands = terms.operands(fact.term);
    if (!fact.truth || !is_operator(terms, fact.term, {"operator.eq"})) continue;
    for (std::size_t index = 0; index < std::min<std::size_t>(fact.at, path.steps.size()); ++index) {
      const Operation& operation = path.steps[index].operation;
      if (operation.probe != Probe::pid) continue;
      const std::size_t side = operation.value == operands[1] ? 2 : operation.value == operands[2] ? 1 : 0;
      if (side == 0) continue;
      Judgement judgement{.asked = index, .pid = operands[side], .own = true};
      judgement.read = origin(terms, path, judgement.pid, fact.at);
      if (judgement.read == nowhere || is_releasing(path, judgement.read)) continue;
      judgement.removed = removal(analysis, function, path, judgement.read, fact.at > 0 ? fact.at - 1 : 0);
      if (judgement.removed == nowhere) continue;
      const Term file = path.steps[judgement.removed].operation.file;
      const bool taken =
          std::any_of(path.steps.begin() + static_cast<std::ptrdiff_t>(judgement.removed), path.steps.end(),
                      [&](const Step& step) {
                        return lock_attempt(step) != Mechanism::none && lock_file_of(step) == file;
                      });
      if (taken) result.push_back(judgement);
    }
  }
}

/// All judgements of a path about owners of locks.
std::vector<Judgement> judgements(const Analysis& analysis, const FunctionPaths& function, const Path& path) {
  const ir::TermTable& terms = analysis.terms();
  std::vector<Judgement> result;
  for (std::size_t index = 0; index < path.steps.size(); ++index) {
    const Term pid = asked_pid(terms, path.steps[index].operation);
    if (pid == Term::none || terms.kind(pid) == TermKind::integer || is_own(path, pid)) continue;
    Judgement judgement{.asked = index, .pid = pid};
    judgement.read = origin(terms, path, pid, index);
    judgement.removed = removal(analysis, function, path, judgement.read, index);
    result.push_back(judgement);
  }
  add_own(analysis, function, path, result);
  std::erase_if(result, [&](const Judgement& judgement) {
    return !is_about_lock(analysis, function, path, judgement);
  });
  return result;
}

/// Whether `fact` compares what the lock says, beyond its pid, with something known otherwise: a start time,
/// a boot id, a token. A constant (a format version) or this machine's name is not enough.
bool compares_identity(const ir::TermTable& terms, const Path& path, const Judgement& judgement,
                       const paths::Fact& fact) {
  const auto operands = terms.operands(fact.term);
  if (!is_operator(terms, fact.term, {"operator.eq"})) return false;
  if (judgement.read == nowhere) return false;
  const Term payload = path.steps[judgement.read].operation.value;
  const auto is_read = [&](Term side) {
    return side != judgement.pid &&
           (terms.contains(side, payload) || origin(terms, path, side, path.steps.size()) != nowhere);
  };
  const auto is_known = [&](Term side) {
    constexpr ir::TermKinds varying =
        ir::kinds_of(TermKind::param, TermKind::self, TermKind::global, TermKind::fresh, TermKind::frame,
                     TermKind::apply, TermKind::field);
    const bool asked = std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
      const Probe probe = step.operation.probe;
      return (probe == Probe::host || probe == Probe::pid) && step.operation.value == side;
    });
    return !asked && (terms.kinds_in(side) & varying) != 0 && !is_read(side);
  };
  return (is_read(operands[1]) && is_known(operands[2])) || (is_read(operands[2]) && is_known(operands[1]));
}

/// Where a process is asked for whose number comes from nobody knows where, and where a lock is removed after
/// that: removed whatever the answer is, or one that is asked for only then.
std::set<Place> removed_for_other_reasons(const Analysis& analysis) {
  std::set<std::pair<Place, bool>> answers;
  std::set<Place> result;
  for (const FunctionPaths& function : analysis.functions()) {
    for (const Path& path : function.summary->paths) {
      for (const Judgement& judgement : judgements(analysis, function, path)) {
        if (judgement.read != nowhere || judgement.removed == nowhere) continue;
        const Step& asked = path.steps[judgement.asked];
        const Place place{asked.range, path.steps[judgement.removed].range};
        if (was_tried(path, judgement.asked, judgement.removed)) result.insert(place);
        answers.emplace(place, asked.operation.refused);
        if (answers.contains({place, !asked.operation.refused})) result.insert(place);
      }
    }
  }
  return result;
}

/// Whether the path asks more about the process than whether there is one.
bool asks_more(const ir::TermTable& terms, const Path& path, const Judgement& judgement) {
  const bool asked = std::any_of(path.steps.begin(), path.steps.end(), [&](const Step& step) {
    const Operation& operation = step.operation;
    if (operation.kind == OperationKind::probe && operation.probe == Probe::process)
      return operation.key == judgement.pid || !terms.definite(operation.key);
    const bool looks = operation.kind == OperationKind::read || operation.kind == OperationKind::open;
    return looks && operation.file != judgement.pid && terms.contains(operation.file, judgement.pid);
  });
  return asked || std::any_of(path.facts.begin(), path.facts.end(), [&](const paths::Fact& fact) {
           return compares_identity(terms, path, judgement, fact);
         });
}

void report(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function, const Path& path,
            const Judgement& judgement, bool removes) {
  const Step* source = judgement.read == nowhere ? nullptr : &path.steps[judgement.read];
  const Term file = source != nullptr ? source->operation.file : path.steps[judgement.removed].operation.file;
  Evidence evidence{.function = &function, .path = &path, .steps = {judgement.asked}, .primary = 0};
  if (source != nullptr) {
    evidence.steps = {judgement.read, judgement.asked};
    evidence.primary = 1;
  } else {
    evidence.steps.push_back(judgement.removed);
  }
  // A pid that the program kept in a field may have been read later than it was asked for.
  if (source != nullptr && judgement.read > judgement.asked) {
    std::swap(evidence.steps[0], evidence.steps[1]);
    evidence.primary = 0;
  }
  evidence.texts.emplace_back(evidence.primary, judgement.own
                                                    ? "compares it with the pid of this process only"
                                                    : "asks only whether there is a process of this number");
  const std::string_view consequence =
      judgement.own ? ": another process of the same number, in another container, loses its lock"
      : removes     ? ": a live owner that cannot be seen from here loses its lock, and a dead one lives on "
                      "in a later process of the same number"
                    : ": a later process of the same number is taken for it";
  reporter.report(evidence,
                  fmt::format("the owner of {} is judged by its pid alone{}",
                              analysis.name(*function.function, file), consequence),
                  "Store the process's start time (or a boot id and a random token) beside the pid, and "
                  "compare that too; "
                  "best, hold a kernel lock, which ends with its process.",
                  removes ? findings::Severity::error : findings::Severity::warning);
}

void check(const Analysis& analysis, Reporter& reporter) {
  std::set<Place> removing;         // by this verdict somebody removes a lock
  std::set<Place> told_apart;       // somebody asks for more than the pid
  std::set<source::Range> records;  // that are read by somebody who does
  const std::set<Place> other_reasons = removed_for_other_reasons(analysis);
  for (const bool reporting : {false, true}) {
    for (const FunctionPaths& function : analysis.functions()) {
      for (const Path& path : function.summary->paths) {
        for (const Judgement& judgement : judgements(analysis, function, path)) {
          const Place place = place_of(path, judgement);
          if (judgement.read == nowhere &&
              other_reasons.contains({place.second, path.steps[judgement.removed].range}))
            continue;
          if (reporting) {
            if (told_apart.contains(place) || records.contains(place.first)) continue;
            report(analysis, reporter, function, path, judgement, removing.contains(place));
            continue;
          }
          if (judgement.removed != nowhere) removing.insert(place);
          if (!asks_more(analysis.terms(), path, judgement)) continue;
          told_apart.insert(place);
          if (judgement.read != nowhere && !path.steps[judgement.read].through) records.insert(place.first);
        }
      }
    }
  }
}

}  // namespace

extern const Rule pid_only_liveness;
const Rule pid_only_liveness{
    .id = "LW402",
    .name = "pid-only-liveness",
    .summary = "The owner of a lock is judged alive, dead or \"myself\" by its pid alone.",
    .severity = findings::Severity::warning,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
