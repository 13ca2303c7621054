// Comparing call chains: two are the same when the same places in the code make the same calls. Chains share
// their tails, not their heads, so that most comparisons walk both from the path's function inwards.
#include "analyzer/paths/call_chain.h"

#include <algorithm>

namespace lockwright::paths {

std::size_t depth(const CallChainPtr& chain) {
  const Calls calls(chain);
  return static_cast<std::size_t>(std::distance(calls.begin(), Calls::end()));
}

const CallChain* innermost(const CallChainPtr& chain) {
  const CallChain* result = nullptr;
  for (const CallChain& call : Calls(chain)) result = &call;
  return result;
}

bool same_calls(const CallChainPtr& left, const CallChainPtr& right) {
  const CallChain* one = left.get();
  const CallChain* other = right.get();
  for (; one != other; one = one->inner.get(), other = other->inner.get()) {
    if (one == nullptr || other == nullptr || one->range != other->range) return false;
  }
  return true;  // from here on they are one list
}

bool is_within(const CallChainPtr& inner, const CallChainPtr& outer) {
  const auto [rest, end] =
      std::ranges::mismatch(Calls(outer), Calls(inner), {}, &CallChain::range, &CallChain::range);
  return rest == Calls::end();
}

std::size_t calls_in_common(const CallChainPtr& left, const CallChainPtr& right) {
  const Calls calls(left);
  const auto same = [](const CallChain& one, const CallChain& other) {
    return one.range == other.range && one.round == other.round;
  };
  const auto [rest, end] = std::ranges::mismatch(calls, Calls(right), same);
  return static_cast<std::size_t>(std::distance(calls.begin(), rest));
}

}  // namespace lockwright::paths
