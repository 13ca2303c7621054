// The state of one path while a function is being executed. Internal to paths/.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "analyzer/ir/cfg.h"
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
  /// Attempts at a place where they are made again are marked on all ways, once all ways have been gone.
  [[nodiscard]] std::vector<Step> steps(Node node) const;
  /// The same without copies; until the next append.
  [[nodiscard]] std::vector<const Step*> view(Node node) const;
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
  std::vector<Step> retried_;  ///< attempts that were made again
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

}  // namespace lockwright::paths
