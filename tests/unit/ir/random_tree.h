// Random but repeatable trees, for comparing what the builder makes of them with what they mean.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {

class RandomTree {
 public:
  /// `finally_weight`: how much more often than other statements a try with a finally part comes.
  RandomTree(TreeMaker& make, std::uint64_t seed, unsigned size, unsigned finally_weight);

  /// Uses up the size.
  TreePtr body();

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  bool chance(unsigned percent) { return pick(100) < percent; }

  TreePtr block(unsigned depth);
  TreePtr maybe_block(unsigned depth, unsigned percent) { return chance(percent) ? block(depth) : nullptr; }
  TreePtr statement(unsigned depth, bool last);
  TreePtr simple();
  TreePtr leaving();
  TreePtr loop(unsigned depth);
  TreePtr attempt(unsigned depth, bool cleanup);
  TreePtr scope(unsigned depth);
  Instruction effect();
  ConditionPtr condition(unsigned depth);
  Term value();
  Term exception();
  Local local() { return locals_[pick(static_cast<unsigned>(locals_.size()))]; }
  std::string_view label();

  TreeMaker& make_;
  std::mt19937_64 random_;
  unsigned budget_;
  unsigned finally_weight_;
  std::vector<Local> locals_;
};

}  // namespace lockwright::ir::testing
