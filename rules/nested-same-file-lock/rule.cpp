// LW101: a path acquires a lock on a file while it holds that lock through another open: it waits for itself.
#include "rules/rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockwright::rules {
namespace {

using models::Mechanism;
using models::Wait;

constexpr int weaknesses[] = {833, 764};  // deadlock; multiple locks of a critical resource

/// Made by the same line, and no further down: the try before failed halfway, of something rare (nothing
/// could be written), and left its file behind. That a second lock is refused is not rare.
bool is_next_try(const paths::Path& path, std::size_t before, std::size_t index) {
  const auto begin = path.steps.begin();
  const bool refused =
      std::any_of(begin + static_cast<std::ptrdiff_t>(before), begin + static_cast<std::ptrdiff_t>(index),
                  [](const paths::Step& step) {
                    return step.operation.refused && step.operation.kind == models::OperationKind::acquire;
                  });
  return !refused && path.steps[before].range == path.steps[index].range &&
         paths::depth(path.steps[index].through) <= paths::depth(path.steps[before].through);
}

void check(const Analysis& analysis, Reporter& reporter) {
  for (const FunctionPaths& function : analysis.functions()) {
    for (const paths::Path& path : function.summary->paths) {
      paths::HeldLocks held(path.steps);
      for (std::size_t index = 0; index < path.steps.size(); held.pass(index), ++index) {
        const paths::HeldLock* outer = held.blocks(analysis.terms(), index);
        if (outer == nullptr) continue;
        const paths::Step& step = path.steps[index];
        const bool exclusive_create = outer->mechanism == Mechanism::lock_file;
        const bool waits = !exclusive_create && step.operation.wait != Wait::attempt;
        // An attempt that gives up at once waits all the same when it is made again after it was refused.
        if (!waits && !step.operation.retried) continue;
        if (exclusive_create && is_next_try(path, outer->acquired, index)) continue;
        if (exclusive_create && (!analysis.is_lock_file(*function.function, path, index) ||
                                 !analysis.is_lock_file(*function.function, path, outer->acquired))) {
          continue;
        }
        const std::string file = analysis.name(*function.function, outer->file);
        const bool gives_up = exclusive_create || step.operation.wait != Wait::block;
        Evidence evidence{.function = &function,
                          .path = &path,
                          .steps = {outer->acquired, index},
                          .primary = 1,
                          .repair = findings::RepairKind::leave_out_acquire,
                          .repair_steps = {&path.steps[outer->acquired], &step}};
        evidence.texts.emplace_back(
            1, fmt::format("asks for {} on {} again, through another open: the lock is its own",
                           name_of(outer->mechanism), file));
        reporter.report(
            evidence,
            fmt::format("{} on {} is acquired while this path holds it through another open: it waits for "
                        "itself{}",
                        name_of(outer->mechanism), file, gives_up ? ", until it gives up" : " for ever"),
            "Pass the held handle down, call a variant that does not lock, or release before this call.",
            findings::Severity::error);
      }
    }
  }
}

}  // namespace

extern const Rule nested_same_file_lock;
const Rule nested_same_file_lock{
    .id = "LW101",
    .name = "nested-same-file-lock",
    .summary =
        "A path acquires a lock on a file that it holds already through another open: it waits for itself.",
    .severity = findings::Severity::error,
    .cwe = weaknesses,
    .check = check,
};

}  // namespace lockwright::rules
