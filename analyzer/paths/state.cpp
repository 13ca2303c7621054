// States and their joining. Two states that stand at the same place with the same steps behind them and the
// same values in the variables still needed are one state: what differed (an irrelevant branch) is forgotten,
// except for the conditions that both took. This is what keeps paths few.
#include "analyzer/paths/state.h"

#include <algorithm>
#include <optional>

#include "analyzer/ir/operators.h"
#include "analyzer/paths/held.h"

namespace lockwright::paths {
namespace {

void mix(std::size_t& hash, std::size_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
}

std::size_t hash_of(const Step& step) {
  const models::Operation& operation = step.operation;
  std::size_t hash = static_cast<std::size_t>(operation.kind);
  for (const ir::Term term : {operation.file, operation.other, operation.handle, operation.key}) {
    mix(hash, static_cast<std::size_t>(term));
  }
  mix(hash, step.range.begin);
  mix(hash, static_cast<std::size_t>(step.range.file));
  for (const CallChain& call : Calls(step.through)) mix(hash, call.range.begin);
  return hash;
}

}  // namespace

bool operator==(const Step& left, const Step& right) {
  return left.range == right.range && left.detached == right.detached && left.task == right.task &&
         left.operation == right.operation && same_calls(left.through, right.through);
}

Histories::Histories() {
  nodes_.push_back({0, 0, 0, {}});
  index_.resize(64, empty);
}

namespace {

/// Whether both are tries at one lock from one place.
bool same_attempt(const Step& left, const Step& right) {
  const models::Operation& mine = left.operation;
  const models::Operation& other = right.operation;
  return mine.kind == other.kind && mine.mechanism == other.mechanism && mine.exclusive == other.exclusive &&
         mine.file == other.file && left.range == right.range && same_calls(left.through, right.through);
}

}  // namespace

/// The node before the last refusal of the same attempt, when nothing but looking at clocks came after it.
Histories::Node Histories::before_refusals(Node node, const Step& attempt) const {
  for (Node each = node; each != empty; each = nodes_[each].parent) {
    const Step& step = nodes_[each].step;
    if (step.operation.refused && same_attempt(step, attempt)) return nodes_[each].parent;
    // Clocks and timers: `await new Promise((done) => setTimeout(done, 50))`.
    if (step.operation.kind != models::OperationKind::probe &&
        step.operation.kind != models::OperationKind::await &&
        step.operation.kind != models::OperationKind::spawn)
      break;
  }
  return node;
}

Histories::Node Histories::append(Node node, const Step& step) {
  if (node != empty && nodes_[node].step == step) return node;
  if (may_be_refused(step)) {
    if (const Node before = before_refusals(node, step); before != node) {
      const Node attempt = append(before, step);
      nodes_[attempt].step.operation.retried = true;
      const bool known = std::any_of(retried_.begin(), retried_.end(),
                                     [&](const Step& each) { return same_attempt(each, step); });
      if (!known) retried_.push_back(step);
      return attempt;
    }
  }
  return find_or_add(node, step);
}

Histories::Node Histories::find_or_add(Node parent, const Step& step) {
  std::size_t hash = hash_of(step);
  mix(hash, parent);
  hash *= 0x9e3779b97f4a7c15ULL;  // so that the low bits hang on all
  hash ^= hash >> 32U;
  std::size_t at = hash & (index_.size() - 1);
  for (; index_[at] != empty; at = (at + 1) & (index_.size() - 1)) {
    const Entry& entry = nodes_[index_[at]];
    if (entry.hash == hash && entry.parent == parent && entry.step == step) return index_[at];
  }
  const auto added = static_cast<Node>(nodes_.size());
  nodes_.push_back({parent, nodes_[parent].length + 1, hash, step});
  index_[at] = added;
  if (2 * nodes_.size() > index_.size()) grow();
  return added;
}

void Histories::grow() {
  index_.assign(2 * index_.size(), empty);
  for (std::size_t node = 1; node < nodes_.size(); ++node) {
    std::size_t at = nodes_[node].hash & (index_.size() - 1);
    while (index_[at] != empty) at = (at + 1) & (index_.size() - 1);
    index_[at] = static_cast<Node>(node);
  }
}

std::vector<Step> Histories::steps(Node node) const {
  std::vector<Step> result(nodes_[node].length);
  for (; node != empty; node = nodes_[node].parent) result[nodes_[node].length - 1] = nodes_[node].step;
  if (retried_.empty()) return result;
  for (Step& step : result) {
    if (step.operation.refused || !may_be_refused(step)) continue;
    step.operation.retried |= std::any_of(retried_.begin(), retried_.end(),
                                          [&](const Step& each) { return same_attempt(each, step); });
  }
  return result;
}

std::vector<const Step*> Histories::view(Node node) const {
  std::vector<const Step*> result(nodes_[node].length);
  for (; node != empty; node = nodes_[node].parent) result[nodes_[node].length - 1] = &nodes_[node].step;
  return result;
}

Histories::Node Histories::prefix(Node node, std::uint32_t length) const {
  while (nodes_[node].length > length) node = nodes_[node].parent;
  return node;
}

ir::Term find_effect(const Effects& effects, ir::Term place) {
  const auto found =
      std::lower_bound(effects.begin(), effects.end(), place,
                       [](const auto& effect, ir::Term wanted) { return effect.first < wanted; });
  return found != effects.end() && found->first == place ? found->second : ir::Term::none;
}

void set_effect(Effects& effects, ir::Term place, ir::Term value) {
  const auto found =
      std::lower_bound(effects.begin(), effects.end(), place,
                       [](const auto& effect, ir::Term wanted) { return effect.first < wanted; });
  if (found != effects.end() && found->first == place) {
    found->second = value;
  } else {
    effects.insert(found, {place, value});
  }
}

bool same_future(const State& left, const State& right) {
  if (left.history != right.history || left.first_yield != right.first_yield || left.loops != right.loops ||
      left.variables != right.variables || left.store != right.store ||
      left.guards.size() != right.guards.size() || left.deferred.size() != right.deferred.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.guards.size(); ++i) {
    if (left.guards[i].guard != right.guards[i].guard ||
        left.guards[i].candidates != right.guards[i].candidates) {
      return false;
    }
  }
  for (std::size_t i = 0; i < left.deferred.size(); ++i) {
    if (left.deferred[i].function != right.deferred[i].function ||
        left.deferred[i].stack != right.deferred[i].stack) {
      return false;
    }
  }
  return true;
}

std::size_t future_hash(const State& state) {
  std::size_t hash = state.history;
  for (const ir::Term value : state.variables) mix(hash, static_cast<std::size_t>(value));
  for (const auto& [place, value] : state.store) {
    mix(hash, static_cast<std::size_t>(place));
    mix(hash, static_cast<std::size_t>(value));
  }
  return hash;
}

namespace {

bool has_fact(const std::vector<Fact>& facts, ir::Term term, bool truth) {
  return std::any_of(facts.begin(), facts.end(),
                     [&](const Fact& each) { return each.term == term && each.truth == truth; });
}

/// The last condition on something made on the way that `mine` took and `other` did not; null: none.
const Fact* last_alone(const ir::TermTable& terms, const std::vector<Fact>& mine,
                       const std::vector<Fact>& other) {
  const auto found = std::find_if(mine.rbegin(), mine.rend(), [&](const Fact& fact) {
    return !has_fact(other, fact.term, fact.truth) &&
           (terms.kinds_in(fact.term) & ir::kinds_of(ir::TermKind::fresh)) != 0;
  });
  return found == mine.rend() ? nullptr : &*found;
}

ir::Term as_condition(ir::TermTable& terms, const Fact& fact) {
  return fact.truth ? fact.term : terms.apply(terms.global("operator.not"), {&fact.term, 1});
}

}  // namespace

void keep_common_facts(ir::TermTable& terms, State& kept, const State& other) {
  constexpr std::size_t max_parts = 4;
  const Fact* mine = last_alone(terms, kept.facts, other.facts);
  const Fact* theirs = last_alone(terms, other.facts, kept.facts);
  std::optional<Fact> either;
  if (mine != nullptr && theirs != nullptr && mine->term != theirs->term) {
    std::vector<ir::Term> parts;
    for (const Fact* fact : {mine, theirs}) {
      const bool nested = fact->truth && ir::is_operator(terms, fact->term, {"operator.or"});
      if (nested) {
        for (const ir::Term part : terms.operands(fact->term).subspan(1)) parts.push_back(part);
      } else {
        parts.push_back(as_condition(terms, *fact));
      }
    }
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    if (parts.size() <= max_parts) {
      either = Fact{terms.apply(terms.global("operator.or"), parts), true, std::max(mine->at, theirs->at),
                    theirs->range};
    }
  }
  std::erase_if(kept.facts, [&](const Fact& fact) { return !has_fact(other.facts, fact.term, fact.truth); });
  if (either) kept.facts.push_back(*either);
}

void join(ir::TermTable& terms, std::vector<State>& states) {
  if (states.size() < 2) return;
  // Few states have a history in common, and of those most differ in the first things compared.
  std::size_t kept = 0;
  for (State& state : states) {
    const auto end = states.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto same =
        std::find_if(states.begin(), end, [&](const State& each) { return same_future(each, state); });
    if (same != end) {
      keep_common_facts(terms, *same, state);
      continue;
    }
    if (&states[kept] != &state) states[kept] = std::move(state);
    ++kept;
  }
  states.resize(kept);
}

namespace {

/// Values that decide what comes: flags, handles, functions.
bool matters(const ir::TermTable& terms, ir::Term value) {
  switch (terms.kind(value)) {
    case ir::TermKind::boolean:
    case ir::TermKind::null:
    case ir::TermKind::integer:
    case ir::TermKind::fresh:
    case ir::TermKind::closure:
    case ir::TermKind::make: return true;
    default: return false;
  }
}

bool similar(const ir::TermTable& terms, ir::Term left, ir::Term right) {
  return left == right || (left != ir::Term::none && right != ir::Term::none && !matters(terms, left) &&
                           !matters(terms, right));
}

bool similar(const ir::TermTable& terms, const State& left, const State& right) {
  if (left.history != right.history || left.first_yield != right.first_yield || left.loops != right.loops ||
      left.store.size() != right.store.size() || left.guards.size() != right.guards.size() ||
      left.deferred.size() != right.deferred.size()) {
    return false;
  }
  for (std::size_t i = 0; i < left.guards.size(); ++i) {
    if (left.guards[i].guard != right.guards[i].guard ||
        left.guards[i].candidates != right.guards[i].candidates) {
      return false;
    }
  }
  for (std::size_t i = 0; i < left.variables.size(); ++i) {
    if (!similar(terms, left.variables[i], right.variables[i])) return false;
  }
  for (std::size_t i = 0; i < left.store.size(); ++i) {
    if (left.store[i].first != right.store[i].first ||
        !similar(terms, left.store[i].second, right.store[i].second)) {
      return false;
    }
  }
  return true;
}

}  // namespace

namespace {

/// What a value that two states have different is in the one that stands for both. Of two texts put together
/// (paths of files) the one, rather than one that was given: the name of a lock is not forgotten because
/// there are several ways to it.
ir::Term common(ir::TermTable& terms, ir::Term left, ir::Term right) {
  if (left == right) return left;
  const auto is_text = [&](ir::Term term) { return terms.kind(term) == ir::TermKind::concat; };
  const auto is_given = [&](ir::Term term) {
    const ir::TermKind kind = terms.kind(term);
    return is_text(term) || kind == ir::TermKind::field || kind == ir::TermKind::param;
  };
  if (left == ir::Term::none || right == ir::Term::none) return terms.unknown();
  if (is_text(left) && is_given(right)) return left;
  return is_text(right) && is_given(left) ? right : terms.unknown();
}

}  // namespace

void join_coarsely(ir::TermTable& terms, std::vector<State>& states) {
  std::size_t kept = 0;
  for (State& state : states) {
    const auto end = states.begin() + static_cast<std::ptrdiff_t>(kept);
    const auto same =
        std::find_if(states.begin(), end, [&](const State& each) { return similar(terms, each, state); });
    if (same == end) {
      if (&states[kept] != &state) states[kept] = std::move(state);
      ++kept;
      continue;
    }
    for (std::size_t i = 0; i < state.variables.size(); ++i) {
      same->variables[i] = common(terms, same->variables[i], state.variables[i]);
    }
    for (std::size_t i = 0; i < state.store.size(); ++i) {
      same->store[i].second = common(terms, same->store[i].second, state.store[i].second);
    }
    keep_common_facts(terms, *same, state);
  }
  states.resize(kept);
}

}  // namespace lockwright::paths
