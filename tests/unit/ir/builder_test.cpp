#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

class BuilderTest : public ::testing::Test, protected TreeMaker {};

TEST_F(BuilderTest, NothingReturnsNull) {
  EXPECT_EQ(lowered(seq()), R"(
  block 0:
    return null
)");
}

TEST_F(BuilderTest, StraightLineIsOneBlock) {
  const Local x = variable("x");
  EXPECT_EQ(lowered(seq(call("a", x), let(x, value(x)), call("b"), give(value(x)))), R"(
  block 0:
    x = call a()
    x := x
    call b()
    return x
)");
}

TEST_F(BuilderTest, CodeAfterReturnIsDropped) {
  EXPECT_EQ(lowered(seq(call("a"), give(), call("b"), loop(maybe(), call("c")))), R"(
  block 0:
    call a()
    return null
)");
}

TEST_F(BuilderTest, IfWithoutElse) {
  EXPECT_EQ(lowered(seq(branch(test_of("t"), call("a")), call("b"))), R"(
  block 0:
    branch t ? 1 : 2
  block 1:
    call a()
    jump 2
  block 2:
    call b()
    return null
)");
}

TEST_F(BuilderTest, IfWithElse) {
  EXPECT_EQ(lowered(seq(branch(maybe(), call("a"), give()), call("b"))), R"(
  block 0:
    branch either ? 1 : 2
  block 1:
    call a()
    call b()
    return null
  block 2:
    return null
)");
}

TEST_F(BuilderTest, IfWithoutEffectIsNoBranch) {
  EXPECT_EQ(lowered(seq(call("a"), branch(test_of("t"), seq(), nullptr), call("b"))), R"(
  block 0:
    call a()
    call b()
    return null
)");
}

TEST_F(BuilderTest, ConstantConditionsAreDecided) {
  EXPECT_EQ(
      lowered(seq(branch(test(terms().boolean(false)), call("never"), call("a")),
                  branch(test(terms().null()), call("never")), branch(test(terms().integer(1)), call("b")),
                  branch(negation(test(terms().boolean(true))), call("never")))),
      R"(
  block 0:
    call a()
    call b()
    return null
)");
}

TEST_F(BuilderTest, BothAndEitherBecomeBranches) {
  EXPECT_EQ(lowered(seq(branch(either(both(test_of("a"), test_of("b")), negation(test_of("c"))), call("yes"),
                               call("no")))),
            R"(
  block 0:
    branch a ? 1 : 2
  block 1:
    branch b ? 4 : 2
  block 2:
    branch c ? 3 : 4
  block 3:
    call no()
    jump 5
  block 4:
    call yes()
    jump 5
  block 5:
    return null
)");
}

TEST_F(BuilderTest, ConditionsRunWhatComesBeforeThem) {
  const Local t = variable("t");
  ConditionPtr second = test(value(t));
  second->before.push_back(call_instruction("f", t));
  EXPECT_EQ(lowered(branch(both(test_of("a"), std::move(second)), call("yes"))), R"(
  block 0:
    branch a ? 1 : 3
  block 1:
    t = call f()
    branch t ? 2 : 3
  block 2:
    call yes()
    jump 3
  block 3:
    return null
)");
}

TEST_F(BuilderTest, WhileHasItsTestInTheHeader) {
  EXPECT_EQ(lowered(seq(call("a"), loop(test_of("t"), call("b")), call("c"))), R"(
  block 0:
    call a()
    jump 1
  block 1 (loop header):
    branch t ? 2 : 3  (loop test)
  block 2 (in loop 1):
    call b()
    jump 1
  block 3:
    call c()
    return null
)");
}

TEST_F(BuilderTest, WhileNotLeavesOnTrue) {
  EXPECT_EQ(lowered(loop(negation(test_of("t")), call("a"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 3 : 2  (loop test, true leaves)
  block 2 (in loop 1):
    call a()
    jump 1
  block 3:
    return null
)");
}

TEST_F(BuilderTest, ShortCircuitsOfALoopAreLoopTestsWhereTheyLeave) {
  EXPECT_EQ(lowered(loop(both(test_of("a"), either(test_of("b"), test_of("c"))), call("body"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch a ? 2 : 5  (loop test)
  block 2 (in loop 1):
    branch b ? 4 : 3
  block 3 (in loop 1):
    branch c ? 4 : 5  (loop test)
  block 4 (in loop 1):
    call body()
    jump 1
  block 5:
    return null
)");
}

TEST_F(BuilderTest, EmptyLoopBody) {
  EXPECT_EQ(lowered(loop(test_of("t"), nullptr)), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 1 : 2  (loop test)
  block 2:
    return null
)");
}

TEST_F(BuilderTest, LoopForEverHasNoEnd) {
  EXPECT_EQ(lowered(seq(loop(nullptr, call("a")), call("never"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    call a()
    jump 1
)");
}

TEST_F(BuilderTest, LoopForEverEndsWithBreak) {
  EXPECT_EQ(lowered(seq(loop(nullptr, seq(call("a"), branch(maybe(), seq(call("last"), brk())))), call("b"))),
            R"(
  block 0:
    jump 1
  block 1 (loop header):
    call a()
    branch either ? 2 : 1
  block 2 (in loop 1):
    call last()
    jump 3
  block 3:
    call b()
    return null
)");
}

TEST_F(BuilderTest, ContinueRunsTheStep) {
  Loop node;
  node.condition = test_of("t");
  node.body = seq(branch(maybe(), cont()), call("body"));
  node.step = call("step");
  EXPECT_EQ(lowered(any_loop(std::move(node))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 2 : 5  (loop test)
  block 2 (in loop 1):
    branch either ? 4 : 3
  block 3 (in loop 1):
    call body()
    jump 4
  block 4 (in loop 1):
    call step()
    jump 1
  block 5:
    return null
)");
}

TEST_F(BuilderTest, DoWhileHasItsTestAtTheEnd) {
  Loop node;
  node.condition = test_of("t");
  node.test_first = false;
  node.body = seq(call("a"), branch(maybe(), cont()), call("b"));
  node.step = call("step");
  EXPECT_EQ(lowered(any_loop(std::move(node))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    call a()
    branch either ? 3 : 2
  block 2 (in loop 1):
    call b()
    jump 3
  block 3 (in loop 1):
    call step()
    branch t ? 1 : 4  (loop test)
  block 4:
    return null
)");
}

TEST_F(BuilderTest, LoopElseRunsOnlyWithoutBreak) {
  EXPECT_EQ(lowered(seq(loop(test_of("t"), branch(maybe(), brk()), call("else")), call("after"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 2 : 3  (loop test)
  block 2 (in loop 1):
    branch either ? 4 : 1
  block 3:
    call else()
    jump 4
  block 4:
    call after()
    return null
)");
}

TEST_F(BuilderTest, NestedLoopsKnowTheirHeaders) {
  EXPECT_EQ(
      lowered(seq(loop(test_of("outer"), seq(call("a"), loop(test_of("inner"), call("b")), call("c"))))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch outer ? 2 : 6  (loop test)
  block 2 (in loop 1):
    call a()
    jump 3
  block 3 (loop header):
    branch inner ? 4 : 5  (loop test)
  block 4 (in loop 3):
    call b()
    jump 3
  block 5 (in loop 1):
    call c()
    jump 1
  block 6:
    return null
)");
}

TEST_F(BuilderTest, LabelsNameOuterLoops) {
  Loop outer;
  outer.label = "outer";
  outer.body =
      loop(nullptr, seq(branch(test_of("a"), brk("outer")), branch(test_of("b"), cont("outer")), call("c")));
  EXPECT_EQ(lowered(seq(any_loop(std::move(outer)), call("after"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    jump 2
  block 2 (loop header):
    branch a ? 3 : 4
  block 3:
    call after()
    return null
  block 4 (in loop 2):
    branch b ? 1 : 5
  block 5 (in loop 2):
    call c()
    jump 2
)");
}

TEST_F(BuilderTest, ReturnInsideOfALoopBelongsToIt) {
  EXPECT_EQ(lowered(seq(loop(test_of("t"), branch(maybe(), seq(call("last"), give()))), call("after"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 2 : 4  (loop test)
  block 2 (in loop 1):
    branch either ? 3 : 1
  block 3 (in loop 1):
    call last()
    return null
  block 4:
    call after()
    return null
)");
}

TEST_F(BuilderTest, ALoopThatNeverGoesRoundIsNone) {
  EXPECT_EQ(lowered(seq(loop(test_of("t"), seq(call("a"), brk())), call("b"))), R"(
  block 0:
    branch t ? 1 : 2
  block 1:
    call a()
    jump 2
  block 2:
    call b()
    return null
)");
}

TEST_F(BuilderTest, DoWhileFalseIsNoLoop) {
  Loop node;
  node.condition = test(terms().integer(0));
  node.test_first = false;
  node.body = seq(branch(maybe(), brk()), call("a"));
  EXPECT_EQ(lowered(seq(any_loop(std::move(node)), call("b"))), R"(
  block 0:
    branch either ? 2 : 1
  block 1:
    call a()
    jump 2
  block 2:
    call b()
    return null
)");
}

TEST_F(BuilderTest, StrayBreakAndContinueEndThePath) {
  EXPECT_EQ(lowered(branch(maybe(), brk(), branch(maybe(), cont("nowhere"), loop(nullptr, brk("nowhere"))))),
            R"(
  block 0:
    branch either ? 1 : 2
  block 1:
    raise ?
  block 2:
    branch either ? 3 : 4
  block 3:
    raise ?
  block 4:
    raise ?
)");
}

TEST_F(BuilderTest, TheEntryIsNoLoopHeader) {
  EXPECT_EQ(lowered(loop(nullptr, call("a"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    call a()
    jump 1
)");
}

}  // namespace
}  // namespace lockwright::ir::testing
