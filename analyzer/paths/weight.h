// How much functions can have to do with locks and files: by what they call, and what that calls.
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

  /// The most that `function` may do, or have done by its callees.
  [[nodiscard]] models::Effect of(FunctionId function) const {
    const auto index = static_cast<std::size_t>(function);
    return index >= weights_.size() ? models::Effect::changes : weights_[index];
  }
  [[nodiscard]] std::size_t size() const { return weights_.size(); }

 private:
  std::vector<models::Effect> weights_;
};

}  // namespace lockwright::paths
