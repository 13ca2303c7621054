// What Clang has read in one run of Lockwright. To prove a fix, everything is analysed again, and nearly
// nothing has changed: what takes Clang seconds is done once.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "analyzer/frontends/clang/frontend.h"
#include "analyzer/source/range.h"

namespace lockwright::cli {

/// Thread-safe.
class KeptReads {
 public:
  struct Key {
    std::string path;  ///< absolute
    source::FileId file{};
    std::uint64_t texts = 0;  ///< a hash of all texts of the tree that the outcome depends on

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] std::optional<frontends::compiler::Outcome> find(const Key& key) {
    const std::scoped_lock guard(mutex_);
    const auto found = reads_.find(key);
    if (found == reads_.end()) return std::nullopt;
    return copy_of(found->second);
  }

  void keep(const Key& key, const frontends::compiler::Outcome& outcome) {
    const std::scoped_lock guard(mutex_);
    reads_.emplace(key, copy_of(outcome));
  }

 private:
  static frontends::compiler::Outcome copy_of(const frontends::compiler::Outcome& outcome) {
    frontends::compiler::Outcome result{.module = std::nullopt, .failure = outcome.failure};
    if (outcome.module) result.module = ir::copy_of(*outcome.module);
    return result;
  }

  std::mutex mutex_;
  std::map<Key, frontends::compiler::Outcome> reads_;
};

}  // namespace lockwright::cli
