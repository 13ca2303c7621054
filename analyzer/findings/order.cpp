// Sorting is total: two findings that compare equal in everything a reader sees are ordered by their
// witnesses, so that which of them survives as "the" finding does not depend on which thread was faster.
#include "analyzer/findings/order.h"

#include <algorithm>
#include <tuple>

namespace lockwright::findings {
namespace {

auto shown(const Finding& finding) {
  return std::tie(finding.primary.file, finding.primary.begin, finding.rule, finding.message,
                  finding.primary.end);
}

bool step_before(const Step& left, const Step& right) {
  return std::tie(left.range, left.actor, left.text, left.through) <
         std::tie(right.range, right.actor, right.text, right.through);
}

bool before(const Finding& left, const Finding& right) {
  if (shown(left) != shown(right)) return shown(left) < shown(right);
  if (left.witness.size() != right.witness.size()) return left.witness.size() < right.witness.size();
  return std::ranges::lexicographical_compare(left.witness, right.witness, step_before);
}

}  // namespace

void sort_and_dedupe(std::vector<Finding>& findings) {
  std::ranges::sort(findings, before);
  const auto repeated = std::ranges::unique(
      findings, [](const Finding& left, const Finding& right) { return shown(left) == shown(right); });
  findings.erase(repeated.begin(), repeated.end());
}

}  // namespace lockwright::findings
