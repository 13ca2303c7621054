// One list for all findings under way: each one's part begins where the list ended when it began.
#include "analyzer/paths/assumptions.h"

#include <algorithm>

namespace lockwright::paths {

Assumptions::Id Assumptions::id(std::string_view statement) {
  if (const auto found = ids_.find(statement); found != ids_.end()) return found->second;
  const auto id = static_cast<Id>(ids_.size());
  ids_.emplace(statement, id);
  made_by_.push_back(0);
  return id;
}

void Assumptions::make(const std::vector<Id>& assumptions) {
  for (const Id assumption : assumptions) make(assumption);
}

std::size_t Assumptions::begin() {
  ++finding_;
  ++depth_;
  return made_.size();
}

std::vector<Assumptions::Id> Assumptions::end(std::size_t begun) {
  const auto first = made_.begin() + static_cast<std::ptrdiff_t>(begun);
  std::sort(first, made_.end());
  made_.erase(std::unique(first, made_.end()), made_.end());
  std::vector<Id> result(made_.begin() + static_cast<std::ptrdiff_t>(begun), made_.end());
  ++finding_;  // the finding that goes on now may have made the same ones: that costs a duplicate
  if (--depth_ == 0) made_.clear();
  return result;
}

std::vector<Assumptions::Id> Assumptions::end_apart(std::size_t begun) {
  std::vector<Id> result(made_.begin() + static_cast<std::ptrdiff_t>(begun), made_.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  cancel(begun);
  return result;
}

void Assumptions::cancel(std::size_t begun) {
  made_.resize(begun);
  ++finding_;
  --depth_;
}

}  // namespace lockwright::paths
