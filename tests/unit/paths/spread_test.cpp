// Which paths are kept when there are too many.
#include "analyzer/paths/spread.h"

#include <gtest/gtest.h>

#include <deque>

namespace lockwright::paths {
namespace {

using models::OperationKind;

class SpreadTest : public testing::Test {
 protected:
  const Step* step(OperationKind kind, std::uint32_t at, bool refused = false) {
    Step made;
    made.operation.kind = kind;
    made.operation.refused = refused;
    made.operation.mechanism = models::Mechanism::flock;
    made.range = {.begin = at, .end = at + 1};
    steps_.push_back(made);
    return &steps_.back();
  }

 private:
  std::deque<Step> steps_;
};

TEST_F(SpreadTest, LocksTellMoreThanReads) {
  const Step* read = step(OperationKind::read, 1);
  const Step* other_read = step(OperationKind::read, 2);
  const Step* acquire = step(OperationKind::acquire, 3);
  const std::vector<Course> courses = {{{read}, {}}, {{other_read}, {}}, {{read, acquire}, {}}};
  EXPECT_EQ(telling(courses, 3), (std::vector<std::size_t>{2, 0, 1}));
  EXPECT_EQ(spread(courses, 1), (std::vector<bool>{false, false, true}));
}

TEST_F(SpreadTest, AnExceptionRightAfterTheAcquireIsKept) {
  const Step* acquire = step(OperationKind::acquire, 1);
  const Step* read = step(OperationKind::read, 2);
  const std::vector<Course> courses = {
      {{acquire}, {}}, {{acquire, read}, {}}, {{acquire}, {.begin = 9, .end = 10}}};
  EXPECT_EQ(telling(courses, 2), (std::vector<std::size_t>{0, 2}));
}

TEST_F(SpreadTest, EveryWayToEndComesFirst) {
  ir::TermTable terms;
  Summary summary;
  for (const ir::Term value : {terms.boolean(true), terms.boolean(true), terms.boolean(false)}) {
    Path path;
    path.value = value;
    summary.paths.push_back(path);
  }
  summary.paths.push_back({});
  summary.paths.back().exit = Exit::raises;
  EXPECT_EQ(by_importance(terms, summary), (std::vector<std::size_t>{0, 2, 3, 1}));
}

}  // namespace
}  // namespace lockwright::paths
