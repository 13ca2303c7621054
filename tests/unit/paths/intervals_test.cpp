#include "analyzer/paths/intervals.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace lockwright::paths {
namespace {

class Intervals : public testing::Test {
 protected:
  ir::Term number(std::int64_t value) { return terms_.integer(value); }
  ir::Term apply(std::string_view name, ir::Term left, ir::Term right) {
    const ir::Term operands[] = {left, right};
    return terms_.apply(terms_.global(name), operands);
  }
  void know(ir::Term test, bool truth) { facts_.push_back({test, truth, 0, {}}); }
  bool empty(ir::Term test, bool truth) { return leaves_no_number(terms_, facts_, test, truth); }

  ir::TermTable terms_;
  const ir::Term n_ = terms_.param(0);
  std::vector<Fact> facts_;
};

TEST_F(Intervals, TheLastTryRaises) {
  know(apply("operator.lt", number(0), n_), true);
  know(apply("operator.eq", number(0), apply("operator.sub", n_, number(1))), false);
  EXPECT_TRUE(empty(apply("operator.lt", number(1), n_), false)) << "one try is the last, and it has raised";
  EXPECT_FALSE(empty(apply("operator.lt", number(1), n_), true));
}

TEST_F(Intervals, AComparisonIsTheSameFromBothSides) {
  know(apply("operator.ge", number(2), n_), false);
  EXPECT_TRUE(empty(apply("operator.le", n_, number(2)), true));
  EXPECT_FALSE(empty(apply("operator.le", n_, number(3)), true));
}

TEST_F(Intervals, SecondsAreNoCounters) {
  know(apply("operator.gt", n_, number(1)), true);
  EXPECT_FALSE(empty(apply("operator.lt", n_, number(2)), true)) << "one and a half";
  know(apply("operator.eq", n_, number(5)), false);
  EXPECT_TRUE(empty(apply("operator.lt", n_, number(2)), true)) << "compared for equality, it counts";
}

TEST_F(Intervals, OtherThingsAreOtherNumbers) {
  know(apply("operator.gt", n_, number(1)), true);
  EXPECT_FALSE(empty(apply("operator.lt", terms_.param(1), number(0)), true));
  EXPECT_FALSE(empty(apply("operator.lt", n_, terms_.param(1)), true));
}

}  // namespace
}  // namespace lockwright::paths
