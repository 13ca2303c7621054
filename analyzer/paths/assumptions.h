// What was taken for granted while something was found out: that no module defines a name, that nobody stores
// to a field. When the program grows, only findings whose assumptions have fallen are forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockwright::paths {

/// For maps by text that are asked with views.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// Numbers assumptions and collects those of the finding under way. Findings nest: what a finding assumes,
/// whoever asked for it assumes too. Not thread-safe.
class Assumptions {
 public:
  using Id = std::uint32_t;

  /// The number of an assumption; `statement` tells it from others.
  Id id(std::string_view statement);
  [[nodiscard]] std::size_t count() const { return ids_.size(); }

  /// The finding under way takes this for granted, or what another finding did.
  void make(Id assumption) {
    if (depth_ == 0 || made_by_[assumption] == finding_) return;
    made_by_[assumption] = finding_;
    made_.push_back(assumption);
  }
  void make(const std::vector<Id>& assumptions);

  /// A finding begins; what is returned goes to end().
  [[nodiscard]] std::size_t begin();
  /// It is made: what it took for granted, sorted.
  std::vector<Id> end(std::size_t begun);
  /// It is made, and whoever asked assumes none of that: it will be told in another way. Sorted.
  std::vector<Id> end_apart(std::size_t begun);
  /// It is none: nothing that was taken for granted since matters to whoever asked.
  void cancel(std::size_t begun);

 private:
  std::unordered_map<std::string, Id, TextHash, std::equal_to<>> ids_;
  std::vector<Id> made_;                ///< by the findings under way, innermost last
  std::vector<std::uint64_t> made_by_;  ///< by assumption: the last finding that made it
  std::uint64_t finding_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace lockwright::paths
