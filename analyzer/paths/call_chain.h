// Call chains: through which calls a path comes from its function to the place where something happens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string_view>

#include "analyzer/source/range.h"

namespace lockwright::paths {

/// A call on the way from a path's function down to the place where something happens. A list, outermost
/// call first; shared between steps; null: it happens in the path's function itself.
struct CallChain {
  source::Range range;      ///< the call expression
  std::string_view callee;  ///< qualified name of the called function
  std::uint32_t round = 0;  ///< of the loops around the call; no order
  std::shared_ptr<const CallChain> inner;
};
using CallChainPtr = std::shared_ptr<const CallChain>;

/// The calls of a chain as a range, outermost first. Valid for as long as the chain is.
class Calls {
 public:
  class Iterator {
   public:
    using value_type = CallChain;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const CallChain*;
    using reference = const CallChain&;

    Iterator() = default;
    explicit Iterator(const CallChain* call) : call_(call) {}
    const CallChain& operator*() const { return *call_; }
    const CallChain* operator->() const { return call_; }
    Iterator& operator++() {
      call_ = call_->inner.get();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const CallChain* call_ = nullptr;
  };

  explicit Calls(const CallChainPtr& chain) : outermost_(chain.get()) {}
  [[nodiscard]] Iterator begin() const { return Iterator(outermost_); }
  [[nodiscard]] static Iterator end() { return {}; }

 private:
  const CallChain* outermost_;
};

/// How many calls lie between the path's function and the place.
std::size_t depth(const CallChainPtr& chain);

/// The call of the function in which it happens. Null: the path's function itself.
const CallChain* innermost(const CallChainPtr& chain);

/// Whether both come through the same calls, in whatever rounds of the loops around them.
bool same_calls(const CallChainPtr& left, const CallChainPtr& right);

/// Whether what comes through `inner` happens in the call that `outer` leads to, or in one that it makes.
bool is_within(const CallChainPtr& inner, const CallChainPtr& outer);

/// How many calls, from the path's function inwards, both come through, in the same rounds.
std::size_t calls_in_common(const CallChainPtr& left, const CallChainPtr& right);

}  // namespace lockwright::paths
