// LW102: a file whose content matters is emptied by its open before the lock that guards it is taken.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockwright::rules {
namespace {

using ir::Term;
using models::Mechanism;
using models::Operation;
using models::OperationKind;

constexpr int weaknesses[] = {367, 362};  // time-of-check to time-of-use; race condition

bool is_file_lock(Mechanism mechanism) {
  return mechanism != Mechanism::none && mechanism != Mechanism::mutex;
}

/// What is written into a lock file for people to read: who has it and since when, and nothing else. True
/// when `written` is put together from constants and answers of the system alone.
bool is_informational(const ir::TermTable& terms, const paths::Path& path, Term written) {
  const bool probed = std::any_of(path.steps.begin(), path.steps.end(), [&](const paths::Step& step) {
    return step.operation.kind == OperationKind::probe && step.operation.value == written;
  });
  if (probed) return true;
  switch (terms.kind(written)) {
    case ir::TermKind::string:
    case ir::TermKind::integer:
    case ir::TermKind::boolean:
    case ir::TermKind::null:
    case ir::TermKind::global: return true;
    case ir::TermKind::concat:
    case ir::TermKind::make:
    case ir::TermKind::keyword:
    case ir::TermKind::apply: {
      const auto parts = terms.operands(written);
      return std::all_of(parts.begin(), parts.end(),
                         [&](Term part) { return is_informational(terms, path, part); });
    }
    default: return false;
  }
}

/// Whether this path treats the file as data: writes into it, more than who holds it, or reads it back.
bool has_content(const ir::TermTable& terms, const paths::Path& path, const Operation& open) {
  return std::any_of(path.steps.begin(), path.steps.end(), [&](const paths::Step& step) {
    const Operation& operation = step.operation;
    const bool same =
        operation.handle == open.handle || (operation.file == open.file && terms.definite(open.file));
    if (!same) return false;
    return operation.kind == OperationKind::read ||
           (operation.kind == OperationKind::write && !is_informational(terms, path, operation.value));
  });
}

/// A kernel lock on the opened file itself, or a lock on a sidecar that is named after it.
bool guards(const ir::TermTable& terms, const paths::Step& lock, const Operation& open) {
  const Mechanism mechanism = lock_attempt(lock);
  if (lock.operation.refused || lock.detached || !is_file_lock(mechanism)) return false;
  const Operation& operation = lock.operation;
  if (mechanism != Mechanism::lock_file && mechanism != Mechanism::library && operation.handle == open.handle)
    return true;
  const Term file = lock_file_of(lock);
  if (!terms.definite(file) || !terms.definite(open.file)) return false;
  return file == open.file ? mechanism != Mechanism::lock_file : terms.contains(file, open.file);
}

void check_open(const Analysis& analysis, Reporter& reporter, const FunctionPaths& function,
                const paths::Path& path, std::size_t opened) {
  const ir::TermTable& terms = analysis.terms();
  const Operation& open = path.steps[opened].operation;
  for (std::size_t index = opened + 1; index < path.steps.size(); ++index) {
    const Operation& operation = path.steps[index].operation;
    if (operation.kind == OperationKind::close && operation.handle == open.handle) return;
    if (!guards(terms, path.steps[index], open)) continue;
    if (!has_content(terms, path, open) || analysis.is_sentinel(open.file)) return;
    const std::string file = analysis.name(*function.function, open.file);
    const Evidence evidence{.function = &function,
                            .path = &path,
                            .steps = {opened, index},
                            .primary = 0,
                            .repair = findings::RepairKind::truncate_under_lock,
                            .repair_steps = {&path.steps[opened], &path.steps[index]}};
    reporter.report(
        evidence,
        fmt::format("{} is emptied when it is opened, before {} is acquired: whoever holds the lock loses "
                    "what it has written, readers see an empty file",
                    file, name_of(lock_attempt(path.steps[index]))),
        "Open without truncating (\"r+\", \"a+\" or O_RDWR | O_CREAT), acquire the lock, then truncate.",
        findings::Severity::error);
    return;
  }
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const paths::Path& path : function.summary->paths) {
      paths::HeldLocks held(path.steps);
      for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
        const paths::Step& step = path.steps[index];
        const Operation& operation = step.operation;
        const bool empties = operation.kind == OperationKind::open && operation.truncate &&
                             !operation.exclusive && !operation.refused && !step.detached;
        if (!empties) continue;
        // A name that nobody else can have yet is nobody else's file.
        const bool is_private = is_private_name(analysis.terms(), path, operation.file);
        const bool covered =
            std::any_of(held.now().begin(), held.now().end(),
                        [](const paths::HeldLock& lock) { return is_file_lock(lock.mechanism); });
        if (!is_private && !covered) check_open(analysis, reporter, function, path, index);
      }
    }
  }
}

}  // namespace

extern const Rule truncating_open_before_lock;
const Rule truncating_open_before_lock{
    .id = "LW102",
    .name = "truncating-open-before-lock",
    .summary = "A file whose content matters is emptied by its open before its lock is acquired.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
