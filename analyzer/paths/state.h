// The state of one path while a function is being executed. Internal to paths/.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "analyzer/ir/cfg.h"
#include "analyzer/paths/held.h"
#include "analyzer/paths/path.h"
#include "analyzer/paths/program.h"

namespace lockwright::paths {

class Substitution;

/// The steps of all paths of one execution, as a tree: states that share a beginning share its nodes, and
/// states with equal steps have the same node, so that comparing histories is comparing numbers.
class Histories {
 public:
  using Node = std::uint32_t;
  static constexpr Node empty = 0;

  Histories();
  /// `node` and then `step`; `node` itself when `step` repeats its last step. A retry loop is one attempt,
  /// marked as retried: what was refused before the attempt that counts leaves no trace.
  Node append(Node node, const Step& step);
  [[nodiscard]] std::vector<Step> steps(Node node) const;
  [[nodiscard]] std::uint32_t length(Node node) const { return nodes_[node].length; }
  /// The node of the first `length` steps. REQUIRES: length <= length(node).
  [[nodiscard]] Node prefix(Node node, std::uint32_t length) const;

 private:
  [[nodiscard]] Node before_refusals(Node node, const Step& attempt) const;

  struct Entry {
    Node parent;
    std::uint32_t length;
    std::size_t step_hash;
    Step step;
  };
  std::vector<Entry> nodes_;
  std::unordered_multimap<std::size_t, Node> index_;
};

bool operator==(const Step& left, const Step& right);

/// Looks `place` up in `effects`; none when nothing was stored there.
ir::Term find_effect(const Effects& effects, ir::Term place);
void set_effect(Effects& effects, ir::Term place, ir::Term value);

/// A scope guard made of a generator that is suspended at its yield: which of its paths may still go on.
struct OpenGuard {
  ir::Term guard = ir::Term::none;  ///< the suspended call
  std::shared_ptr<const Summary> summary;
  std::vector<std::uint32_t> candidates;
  std::shared_ptr<Substitution> substitution;
};

/// A call put off until the scope of `stack` is left.
struct DeferredCall {
  ir::Term stack = ir::Term::none;
  ir::Term function = ir::Term::none;
  std::vector<ir::Argument> arguments;
};

struct LoopCount {
  ir::BlockId header;
  std::uint8_t visits;
  friend bool operator==(const LoopCount&, const LoopCount&) = default;
};

struct State {
  std::vector<ir::Term> variables;  ///< by Local; none: not assigned, or not needed any more
  Effects store;
  Histories::Node history = Histories::empty;
  std::vector<Fact> facts;
  std::vector<LoopCount> loops;
  std::vector<OpenGuard> guards;
  std::vector<DeferredCall> deferred;
  std::int32_t first_yield = -1;
  std::shared_ptr<const Effects> at_yield;
  /// What raised the exception now in flight (not compared when states are joined).
  ir::Term raised = ir::Term::none;
  source::Range raised_at;
  CallChainPtr raised_through;
};

/// Whether two states at the same place will do the same from here on, their facts aside.
bool same_future(const State& left, const State& right);
std::size_t future_hash(const State& state);

/// Forgets the facts of `kept` that `other` does not share. What each last found out about something made on
/// the way and the other did not is kept as one condition: "operator.or".
void keep_common_facts(ir::TermTable& terms, State& kept, const State& other);

/// Keeps of states with the same future one, with the facts they all share. Order is kept.
void join(ir::TermTable& terms, std::vector<State>& states);

/// Of states that differ only in values of no consequence (neither constants nor handles), keeps one, with
/// those values unknown, or, of files' names put together, with one of them. For when there are too many
/// states.
void join_coarsely(ir::TermTable& terms, std::vector<State>& states);

/// How telling a step is. 0: a lock or a file's name is taken or given up, or a lock refused; 1: a name could
/// not be given up, a file says nothing that makes sense; 2: the rest.
int rank_of(const Step& step);

/// Keeps `bound` of `items`: those that have a step at a place where no other kept one has, the most telling
/// steps first, or an exception right after the taking of a lock, or from another place after its last
/// telling step; then an even spread of the rest. Order is kept. False when nothing had to go. `steps_of`
/// gives an item's steps, `raised_of` the place that its exception comes from ({}: none is in flight).
template <typename Item, typename StepsOf, typename RaisedOf>
bool keep_spread(std::vector<Item>& items, std::size_t bound, const StepsOf& steps_of,
                 const RaisedOf& raised_of) {
  if (items.size() <= bound) return false;
  std::vector<bool> keep(items.size());
  std::size_t kept = 0;
  // Place, refused, the call it came through; where what was read before it made no sense.
  std::set<std::tuple<source::Range, bool, source::Range, source::Range>> seen;
  constexpr int max_leaks = 3;
  std::map<source::Range, int> leaks;  // exceptions after the taking of a lock
  std::vector<std::vector<Step>> steps;
  steps.reserve(items.size());
  for (const Item& item : items) steps.push_back(steps_of(item));
  for (const int rank : {0, 1, 2}) {
    for (std::size_t i = 0; i < items.size() && kept < bound; ++i) {
      source::Range last_telling;
      source::Range unreadable;
      bool takes = false;  // the last thing it did about locks
      for (const Step& step : steps[i]) {
        if (rank_of(step) == 0) {
          last_telling = step.range;
          takes = !step.operation.refused && lock_attempt(step) != models::Mechanism::none;
        }
        if (step.operation.probe == models::Probe::content) unreadable = step.range;
        if (rank_of(step) != rank) continue;
        const source::Range call = step.through ? step.through->range : source::Range{};
        const source::Range after =
            step.operation.kind == models::OperationKind::unlink ? unreadable : source::Range{};
        if (seen.emplace(step.range, step.operation.refused, call, after).second && !keep[i]) {
          keep[i] = true;
          ++kept;
        }
      }
      const source::Range raised = raised_of(items[i]);
      // What comes of the lock that it has just taken is worth some paths, wherever the exception comes from.
      if (rank == 0 && raised.end != 0 && takes && kept < bound && leaks[last_telling] < max_leaks &&
          seen.emplace(raised, true, last_telling, unreadable).second && !keep[i]) {
        keep[i] = true;
        ++leaks[last_telling];
        ++kept;
      }
      if (rank == 1 && raised.end != 0 && kept < bound &&
          seen.emplace(raised, true, last_telling, unreadable).second && !keep[i]) {
        keep[i] = true;
        ++kept;
      }
    }
  }
  const std::size_t open = bound - kept;
  for (std::size_t i = 0; i < open; ++i) {
    std::size_t each = i * items.size() / open;
    while (each < items.size() && keep[each]) ++each;
    if (each < items.size()) keep[each] = true;
  }
  std::vector<Item> result;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (keep[i]) result.push_back(std::move(items[i]));
  }
  items = std::move(result);
  return true;
}

}  // namespace lockwright::paths
