// LW201: a lock file is refreshed by removing it and making it again: in between there is no lock.
//
// The same two operations break a stale lock of somebody else (LW401's business). What tells them apart is
// what the path has made sure of before it removes the file: that the lock is its own, or that it is old.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/ir/operators.h"
#include "rules/judgement.h"

namespace lockwright::rules {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;
using models::Mechanism;
using models::Operation;
using models::OperationKind;
using models::Probe;

constexpr int weaknesses[] = {367, 413};  // time-of-check to time-of-use; improper resource locking

enum class Verdict : std::uint8_t { none, own, foreign, stale };

/// What the path has made sure of about the lock file before it removes it; the last word counts. Own: what
/// the file says is who we are. Stale: an age was compared, a process looked for, or something said so.
Verdict verdict(const ir::TermTable& terms, const paths::Path& path, std::size_t removed) {
  const Term file = path.steps[removed].operation.file;
  std::size_t read = removed;
  Verdict result = Verdict::none;
  for (std::size_t index = 0; index < removed; ++index) {
    const Operation& operation = path.steps[index].operation;
    if (operation.kind == OperationKind::read && operation.file == file) read = std::min(read, index);
    if (operation.kind == OperationKind::probe && operation.probe == Probe::pid_alive)
      result = Verdict::stale;
  }
  for (const paths::Fact& fact : path.facts) {
    if (fact.at > removed) continue;
    if (is_operator(terms, fact.term, {"operator.eq"}) && fact.at > read) {
      if (compared_identity(terms, path, fact.term) != Term::none) {
        result = fact.truth ? Verdict::own : Verdict::foreign;
      }
    } else if (is_operator(terms, fact.term, {"operator.lt", "operator.gt", "operator.le", "operator.ge"})) {
      result = Verdict::stale;
    } else if (terms.kind(fact.term) == TermKind::apply) {
      const std::string_view asked = terms.text(terms.operands(fact.term)[0]);
      if (any_word(asked, {"stale", "expired", "dead", "orphan"}) && fact.truth) result = Verdict::stale;
      if (any_word(asked, {"alive", "running"}) && !fact.truth) result = Verdict::stale;
    }
  }
  return result;
}

/// Whether the path has asked for the lock before `removed`, and did not get it: it takes over what it was
/// refused, be it a lock that it has left over itself.
bool was_refused(const paths::Path& path, std::size_t removed) {
  bool refused = false;
  for (std::size_t index = 0; index < removed; ++index) {
    const paths::Step& step = path.steps[index];
    if (lock_attempt(step) != Mechanism::none && lock_file_of(step) == path.steps[removed].operation.file)
      refused = step.operation.refused;
  }
  return refused;
}

/// Made again by the function that removed it, called by itself: it has released, and starts all over.
bool starts_over(const FunctionPaths& function, const paths::Step& made) {
  return std::ranges::any_of(paths::Calls(made.through), [&](const paths::CallChain& call) {
    return call.callee == function.function->qualified_name;
  });
}

/// Done by one line, called from one line.
bool same_call(const paths::Step& left, const paths::Step& right) {
  if (left.range != right.range || (left.through == nullptr) != (right.through == nullptr)) return false;
  return left.through == nullptr || left.through->range == right.through->range;
}

/// Whether the lock file was removed before that step by a path that had not created it itself.
bool was_removed(const paths::Path& path, std::size_t before, Term file) {
  bool created = false;
  for (std::size_t index = 0; index < before; ++index) {
    const paths::Step& step = path.steps[index];
    if (step.operation.refused) continue;
    if (lock_attempt(step) == Mechanism::lock_file && lock_file_of(step) == file) created = true;
    if (step.operation.kind != OperationKind::unlink || step.operation.file != file) continue;
    if (!created) return true;
    created = false;
  }
  return false;
}

/// Both done by one function, or by one call of it: a release and a later acquire are two.
bool same_activation(const paths::Step& removed, const paths::Step& made) {
  if (!removed.through || !made.through) return removed.through == made.through;
  return removed.through->range == made.through->range;
}

/// Whether a helper that removes the lock also does so where it is another's, or stale: then who finds
/// himself in it finds a lock that he has left over, and takes it anew like any other.
bool takes_over(const Analysis& analysis, const paths::Step& removed) {
  const auto removes_stale = [&](const paths::Path& path) {
    for (std::size_t index = 0; index < path.steps.size(); ++index) {
      const paths::Step& step = path.steps[index];
      if (step.operation.kind != OperationKind::unlink || step.operation.refused ||
          step.range != removed.range)
        continue;
      const Verdict judged = verdict(analysis.terms(), path, index);
      if (judged == Verdict::stale || judged == Verdict::foreign) return true;
    }
    return false;
  };
  for (const paths::CallChain& call : paths::Calls(removed.through)) {
    for (const FunctionPaths& helper : analysis.functions()) {
      if (helper.function->qualified_name == call.callee &&
          std::any_of(helper.summary->paths.begin(), helper.summary->paths.end(), removes_stale))
        return true;
    }
  }
  return false;
}

void check_pair(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                const paths::Path& path, std::size_t removed, std::size_t made, bool held) {
  const ir::TermTable& terms = analysis.terms();
  const Verdict judged = verdict(terms, path, removed);
  const bool renews = any_word(function.function->name, {"refresh", "renew", "heartbeat", "extend", "touch",
                                                         "keep_alive", "keepalive"});
  const bool own = judged == Verdict::own || (judged == Verdict::none && (held || renews));
  if (!own || (!held && takes_over(analysis, path.steps[removed]))) return;
  const std::string file = analysis.name(*function.function, path.steps[removed].operation.file);
  Evidence evidence{.function = &function,
                    .path = &path,
                    .steps = {removed, made},
                    .primary = 0,
                    .repair = findings::RepairKind::replace_by_rename,
                    .repair_steps = {&path.steps[removed], &path.steps[made]}};
  evidence.texts.emplace_back(0, fmt::format("removes {}: from here on nobody holds the lock", file));
  evidence.texts.emplace_back(1, fmt::format("creates {} anew, unless another process was faster", file));
  reporter.report(
      evidence,
      fmt::format("held lock file {} is removed and created again: in between there is no lock, and another "
                  "process can acquire it",
                  file),
      "Write the new content to a temporary file of a unique name and rename it over the lock file.",
      findings::Severity::error);
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const paths::Path& path : function.summary->paths) {
      paths::HeldLocks held(path.steps);
      for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
        const Operation& unlink = path.steps[index].operation;
        if (unlink.kind != OperationKind::unlink || unlink.refused || !analysis.terms().definite(unlink.file))
          continue;
        bool own = false;
        std::size_t acquired = index;
        bool guarded = false;
        for (const paths::HeldLock& lock : held.now()) {
          const bool same = lock.file == unlink.file;
          own |= same && lock.mechanism == Mechanism::lock_file;
          if (same) acquired = lock.acquired;
          guarded |= !same && lock.mechanism != Mechanism::mutex;
        }
        if (guarded || was_refused(path, index)) continue;
        for (std::size_t later = index + 1; later < path.steps.size(); ++later) {
          const paths::Step& step = path.steps[later];
          const bool creates = lock_attempt(step) == Mechanism::lock_file ||
                               (step.operation.kind == OperationKind::open && step.operation.create);
          if (!creates || step.operation.refused || lock_file_of(step) != unlink.file) continue;
          // The next round of the loop in which it was taken: a try that failed, cleaned up after itself.
          const bool next_try = acquired != index && same_call(path.steps[acquired], step) &&
                                !was_removed(path, acquired, unlink.file);
          // Taken and given up by one call, and taken again by another.
          const bool was_over =
              acquired != index &&
              paths::calls_in_common(path.steps[acquired].through, path.steps[index].through) >
                  paths::calls_in_common(path.steps[index].through, step.through);
          if (!next_try && !was_over && !starts_over(function, step) &&
              analysis.is_lock_file(*function.function, path, later)) {
            check_pair(analysis, reporter, function, path, index, later,
                       own && same_activation(path.steps[index], step));
          }
          break;
        }
      }
    }
  }
}

}  // namespace

extern const Rule unlink_then_write_refresh;
const Rule unlink_then_write_refresh{
    .id = "LW201",
    .name = "unlink-then-write-refresh",
    .summary =
        "A held lock file is refreshed by removing it and creating it again: in between there is no lock.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
