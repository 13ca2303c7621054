// Garbage collection of effects. A function's callees leave to it what they stored in objects that they had
// made for themselves; without this every caller has the sum of what all functions below it ever stored.
#include "analyzer/paths/reachable.h"

#include <algorithm>
#include <unordered_set>

namespace lockwright::paths {
namespace {

using ir::Term;
using ir::TermKind;

/// The variables of the function itself are not among it: a closure may have been handed to code unseen.
constexpr ir::TermKinds own = ir::kinds_of(TermKind::fresh);

class Reachable {
 public:
  explicit Reachable(const ir::TermTable& terms) : terms_(terms) {}

  void mark(Term term) {
    if ((terms_.kinds_in(term) & own) == 0 || !marked_.insert(term).second) return;
    for (const Term operand : terms_.operands(term)) mark(operand);
  }

  /// Whether somebody can name the object that `place` belongs to.
  [[nodiscard]] bool has(Term place) const {
    Term object = place;
    while (terms_.kind(object) == TermKind::field || terms_.kind(object) == TermKind::index)
      object = terms_.operands(object)[0];
    return names_reachable(object);
  }

 private:
  [[nodiscard]] bool names_reachable(Term term) const {
    if ((terms_.kinds_in(term) & own) == 0 || marked_.contains(term)) return true;
    const auto operands = terms_.operands(term);
    return !operands.empty() &&
           std::all_of(operands.begin(), operands.end(), [&](Term each) { return names_reachable(each); });
  }

  const ir::TermTable& terms_;
  std::unordered_set<Term> marked_;
};

}  // namespace

void forget_unreachable(const ir::TermTable& terms, Effects& effects, std::span<const Step* const> steps,
                        const std::vector<Fact>& facts, Term value) {
  const bool has_own = std::any_of(effects.begin(), effects.end(), [&](const auto& effect) {
    return (terms.kinds_in(effect.first) & own) != 0;
  });
  if (!has_own) return;
  Reachable reachable(terms);
  reachable.mark(value);
  for (const Step* step : steps) {
    const models::Operation& operation = step->operation;
    for (const Term term :
         {operation.file, operation.other, operation.handle, operation.key, operation.value, step->task}) {
      reachable.mark(term);
    }
  }
  for (const Fact& fact : facts) reachable.mark(fact.term);
  std::vector<bool> kept(effects.size());
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < effects.size(); ++i) {
      if (kept[i] || !reachable.has(effects[i].first)) continue;
      kept[i] = more = true;
      reachable.mark(effects[i].second);
    }
  }
  std::size_t next = 0;
  std::erase_if(effects, [&](const auto&) { return !kept[next++]; });
}

}  // namespace lockwright::paths
