// A row is as much as the most of its operations, in any case and outcome. Opening a file to read it, and
// closing it again, is reading; closing what somebody else has opened may release a lock.
#include "analyzer/models/row_effect.h"

#include <algorithm>

namespace lockwright::models {
namespace {

/// Looking into a map or at a clock is none. `opens`: what is closed is what the same call has opened.
Effect effect_of(const OperationTemplate& operation, bool opens) {
  const auto as_fixed = [](const Test& test) { return test.kind == Test::Kind::always; };
  switch (operation.fixed.kind) {
    case OperationKind::probe:
    case OperationKind::await:
    case OperationKind::look_up:
    case OperationKind::insert:
    case OperationKind::flush: return Effect::none;
    case OperationKind::read:
    case OperationKind::exists: return Effect::reads;
    case OperationKind::close: return opens ? Effect::reads : Effect::changes;
    case OperationKind::open: {
      const Operation& fixed = operation.fixed;
      const bool for_reading = !fixed.create && !fixed.exclusive && !fixed.truncate && !fixed.writable &&
                               as_fixed(operation.create) && as_fixed(operation.exclusive) &&
                               as_fixed(operation.truncate) && as_fixed(operation.writable);
      return for_reading ? Effect::reads : Effect::changes;
    }
    default: return Effect::changes;
  }
}

bool names_file(const OperationTemplate& operation) {
  switch (operation.fixed.kind) {
    case OperationKind::open:
    case OperationKind::unlink:
    case OperationKind::rename: return true;
    case OperationKind::read:
    case OperationKind::write:
    case OperationKind::truncate: return operation.file.kind != Expression::Kind::absent;
    default: return false;
  }
}

}  // namespace

Effect effect_of(const RowText& row) {
  Effect result = Effect::none;
  for (const Case& each : row.cases) {
    for (const OutcomeTemplate& outcome : each.outcomes) {
      const bool opens = std::ranges::any_of(outcome.operations, [](const OperationTemplate& operation) {
        return operation.fixed.kind == OperationKind::open;
      });
      for (const OperationTemplate& operation : outcome.operations)
        result = std::max(result, effect_of(operation, opens));
    }
  }
  return result;
}

bool names_file(const RowText& row) {
  return std::ranges::any_of(row.cases, [](const Case& each) {
    return std::ranges::any_of(each.outcomes, [](const OutcomeTemplate& outcome) {
      return std::ranges::any_of(outcome.operations,
                                 [](const OperationTemplate& operation) { return names_file(operation); });
    });
  });
}

}  // namespace lockwright::models
