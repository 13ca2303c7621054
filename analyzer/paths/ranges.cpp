// Loops over numbers. The number says which round it is, and how many rounds there are: `if attempt ==
// attempts - 1: raise` leaves no way past the loop. Of a loop with more rounds than are followed, the last
// one followed stands for its last.
#include <algorithm>

#include "analyzer/ir/operators.h"
#include "analyzer/paths/conditions.h"
#include "analyzer/paths/executor.h"

namespace lockwright::paths {

using ir::is_operator;
using ir::Term;
using ir::TermKind;

std::optional<Executor::Range> Executor::range_of(Term range) const {
  if (terms_.kind(range) != TermKind::make) return std::nullopt;
  const auto operands = terms_.operands(range);
  if (operands.size() != 3 || !engine_.models().is_range(terms_.text(operands[0]))) return std::nullopt;
  if (terms_.kind(operands[1]) != TermKind::integer) return std::nullopt;
  return Range{terms_.number(operands[1]), operands[2]};
}

std::uint32_t Executor::rounds(const State& state, ir::BlockId header) const {
  const auto count = std::find_if(state.loops.begin(), state.loops.end(),
                                  [&](const LoopCount& loop) { return loop.header == header; });
  return count == state.loops.end() ? 0 : count->visits;
}

std::int64_t Executor::number_of_round(const State& state, const Range& range) const {
  const std::uint32_t round = state.loops.empty() ? 0U : state.loops.back().visits;
  const bool last = static_cast<int>(round) + 1 >= limits_.loop_visits;
  const std::int64_t number = range.first + round;
  if (!last || terms_.kind(range.past) != TermKind::integer) return number;
  return std::max(number, terms_.number(range.past) - 1);
}

bool Executor::may_end(const State& state, ir::BlockId header, const ir::Terminator& test) {
  const ir::Block& body = function_.cfg.blocks[static_cast<std::size_t>(test.then_block)];
  if (!test.loop_test || body.instructions.empty()) return true;
  const ir::Instruction& next = body.instructions.front();
  if (next.kind != ir::InstructionKind::call || next.arguments.empty() ||
      terms_.kind(next.callee) != TermKind::global || terms_.text(next.callee) != "operator.next") {
    return true;
  }
  const std::optional<Range> range = range_of(value(state, next.arguments.front().value));
  if (!range) return true;
  const std::uint32_t done = rounds(state, header);
  if (terms_.kind(range->past) == TermKind::integer) {
    const std::int64_t all = std::max<std::int64_t>(0, terms_.number(range->past) - range->first);
    return done == all || (done < all && static_cast<int>(done) >= limits_.loop_visits);
  }
  const Term operands[] = {range->past, terms_.integer(range->first + done)};
  std::vector<Fact> facts = state.facts;
  return assume(terms_, facts, terms_.apply(terms_.global("operator.eq"), operands), true, 0, {});
}

void Executor::go_to_last_round(State& state, ir::BlockId header, const ir::Terminator& test) {
  if (!test.loop_test || test.leaves_on_true ||
      static_cast<int>(rounds(state, header)) + 1 != limits_.loop_visits)
    return;
  const bool less = is_operator(terms_, test.test, {"operator.lt"});
  if (!less && !is_operator(terms_, test.test, {"operator.le"})) return;
  const Term counter = terms_.operands(test.test)[1];
  if (terms_.kind(counter) != TermKind::local) return;
  const Term now = value(state, counter);
  const Term bound = value(state, terms_.operands(test.test)[2]);
  if (terms_.kind(now) != TermKind::integer || terms_.kind(bound) != TermKind::integer) return;
  const std::int64_t last = terms_.number(bound) - (less ? 1 : 0);
  if (terms_.number(now) < last) {
    state.variables[static_cast<std::size_t>(terms_.number(counter))] = terms_.integer(last);
  }
}

}  // namespace lockwright::paths
