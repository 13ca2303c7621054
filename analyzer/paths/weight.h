// Which functions can have anything to do with locks and files: by what they call, and what that calls.
// Internal to paths/.
#pragma once

#include <vector>

#include "analyzer/models/model.h"
#include "analyzer/paths/program.h"

namespace lockwright::paths {

/// Of all functions that a program has now. By names alone, so it errs on the side of weight.
class Weights {
 public:
  Weights(Program& program, const models::Models& models);

  /// Whether `function` may do, or have done by its callees, something that locks are about.
  [[nodiscard]] bool has_weight(FunctionId function) const {
    const auto index = static_cast<std::size_t>(function);
    return index >= heavy_.size() || heavy_[index];
  }
  [[nodiscard]] std::size_t size() const { return heavy_.size(); }

 private:
  std::vector<bool> heavy_;
};

}  // namespace lockwright::paths
