// Laying a callee's path out in its caller: the callee's parameters become arguments, its receiver the
// object it was called on, and every value it makes a value of this call alone. Internal to paths/.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "analyzer/paths/engine.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

class Substitution {
 public:
  ir::Term receiver = ir::Term::none;
  ir::Term frame = ir::Term::none;
  ir::Term activation = ir::Term::none;
  std::vector<ir::Term> arguments;
  Effects entry;  ///< what was stored when the call was made
  std::string self_type;
  std::uint32_t call_site = 0;
  std::uint32_t repetition = 0;
  bool memoized = false;  ///< what the callee makes is the same whenever the arguments are
  source::Range call_range;
  std::string_view callee;

  ir::Term operator()(Engine& engine, ir::Term term);
  CallChainPtr chain(const CallChainPtr& inner);
  /// REQUIRES: `step` is one of a summary that has been kept, or outlives this.
  const Step& step(Engine& engine, const Step& step);
  /// Steps are remembered by where they are: so that they stay there.
  void keep(const std::shared_ptr<const Summary>& summary);

  /// Whether this substitutes the same as `other`.
  [[nodiscard]] bool is_same(const Substitution& other) const;

 private:
  ir::Term made(Engine& engine, ir::Term fresh) const;

  std::unordered_map<ir::Term, ir::Term> done_;
  std::unordered_map<const CallChain*, CallChainPtr> chains_;
  std::unordered_map<const Step*, Step> steps_;
  std::vector<std::shared_ptr<const Summary>> kept_;
};

/// The value of `term` where `store` holds: every field, entry and global in it that has a known value is
/// replaced, path arithmetic becomes concats. `self_type` is the class of self in `term`.
ir::Term resolve(Engine& engine, ir::Term term, const Effects& store, std::string_view self_type);
/// A list, dict or set: what matters of it is where it is kept, not what it was made of.
bool is_container(Engine& engine, ir::Term value);

/// One step of that: `term`'s operands are resolved already.
ir::Term resolve_top(Engine& engine, ir::Term term, const Effects& store, std::string_view self_type);

}  // namespace lockwright::paths
