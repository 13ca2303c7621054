#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

class BuilderExitsTest : public ::testing::Test, protected TreeMaker {};

TEST_F(BuilderExitsTest, RaiseLeavesTheFunction) {
  EXPECT_EQ(lowered(seq(call("a"), raise(terms().global("E")))), R"(
  block 0:
    call a()
    raise E
)");
}

TEST_F(BuilderExitsTest, HandlersDispatchInOrderAndRaiseTheRest) {
  const Local e = variable("e");
  Try node;
  node.body = call("a");
  node.handlers.push_back(handler({"E0", "E1"}, call("b"), e));
  node.handlers.push_back(handler({"E2"}, nullptr));
  EXPECT_EQ(lowered(seq(attempt(std::move(node)), call("after"))), R"(
  block 0:
    call a() !1
    jump 3
  block 1 (landing %1):
    dispatch %1 { E0, E1 -> 2, E2 -> 3 } else 4
  block 2:
    e := %1
    call b()
    jump 3
  block 3:
    call after()
    return null
  block 4:
    raise %1
)");
}

TEST_F(BuilderExitsTest, ACatchAllNeedsNoDispatch) {
  const Local e = variable("e");
  EXPECT_EQ(lowered(with_handler(seq(call("a")), handler({}, call("b"), e))), R"(
  block 0:
    call a() !1
    jump 2
  block 1 (landing %1):
    e := %1
    call b()
    jump 2
  block 2:
    return null
)");
}

TEST_F(BuilderExitsTest, HandlersAfterACatchAllNeverRun) {
  Try node;
  node.body = call("a");
  node.handlers.push_back(handler({"E0"}, call("b")));
  node.handlers.push_back(handler({}, call("c")));
  node.handlers.push_back(handler({"E1"}, call("never")));
  EXPECT_EQ(lowered(attempt(std::move(node))), R"(
  block 0:
    call a() !1
    jump 4
  block 1 (landing %0):
    dispatch %0 { E0 -> 2 } else 3
  block 2:
    call b()
    jump 4
  block 3:
    call c()
    jump 4
  block 4:
    return null
)");
}

TEST_F(BuilderExitsTest, HandlersOfCodeThatCannotRaiseAreDropped) {
  const Local x = variable("x");
  EXPECT_EQ(lowered(with_handler(let(x, terms().null()), handler({}, call("never")))), R"(
  block 0:
    x := null
    return null
)");
}

TEST_F(BuilderExitsTest, ElseIsNotGuardedByTheHandlers) {
  Try node;
  node.body = call("a");
  node.handlers.push_back(handler({"E0"}, call("b")));
  node.else_part = call("c");
  EXPECT_EQ(lowered(attempt(std::move(node))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call c()
    jump 4
  block 2 (landing %0):
    dispatch %0 { E0 -> 3 } else 5
  block 3:
    call b()
    jump 4
  block 4:
    return null
  block 5:
    raise %0
)");
}

TEST_F(BuilderExitsTest, ABareRaiseRaisesWhatWasCaught) {
  EXPECT_EQ(lowered(with_handler(
                call("a"), handler({"E0"}, seq(with_handler(call("b"), handler({}, raise())), raise())))),
            R"(
  block 0:
    call a() !1
    return null
  block 1 (landing %0):
    dispatch %0 { E0 -> 2 } else 5
  block 2:
    call b() !4
    jump 3
  block 3:
    raise %0
  block 4 (landing %1):
    raise %1
  block 5:
    raise %0
)");
}

TEST_F(BuilderExitsTest, ABareRaiseOutsideOfHandlersRaisesAnything) {
  EXPECT_EQ(lowered(raise()), R"(
  block 0:
    raise ?
)");
}

TEST_F(BuilderExitsTest, ARaiseInATryLandsInItsHandlers) {
  EXPECT_EQ(lowered(with_handler(raise(terms().global("E0")), handler({"E0"}, call("a")))), R"(
  block 0:
    raise E0 !1
  block 1 (landing %0):
    dispatch %0 { E0 -> 2 } else 3
  block 2:
    call a()
    return null
  block 3:
    raise %0
)");
}

TEST_F(BuilderExitsTest, HandlersMayRaiseToTheNextTry) {
  EXPECT_EQ(
      lowered(with_handler(with_handler(call("a"), handler({"E0"}, call("b"))), handler({"E1"}, call("c")))),
      R"(
  block 0:
    call a() !1
    jump 6
  block 1 (landing %1):
    dispatch %1 { E0 -> 2 } else 3
  block 2:
    call b() !4
    jump 6
  block 3:
    raise %1 !4
  block 4 (landing %0):
    dispatch %0 { E1 -> 5 } else 7
  block 5:
    call c()
    jump 6
  block 6:
    return null
  block 7:
    raise %0
)");
}

TEST_F(BuilderExitsTest, FinallyRunsOnBothWays) {
  EXPECT_EQ(lowered(seq(with_finally(call("a"), call("f")), call("after"))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call f()
    call after()
    return null
  block 2 (landing %0):
    call f()
    raise %0
)");
}

TEST_F(BuilderExitsTest, FinallyRunsOnTheWayToReturn) {
  const Local x = variable("x");
  EXPECT_EQ(lowered(with_finally(seq(call("a", x), give(value(x))), let(x, terms().null()))), R"(
  block 0:
    x = call a() !1
    %2 := x
    x := null
    return %2
  block 1 (landing %1):
    x := null
    raise %1
)");
}

TEST_F(BuilderExitsTest, ReturnsThroughOneFinallyShareACopy) {
  EXPECT_EQ(
      lowered(with_finally(branch(maybe(), give(terms().integer(1)), give(terms().integer(2))), call("f"))),
      R"(
  block 0:
    branch either ? 1 : 2
  block 1:
    %1 := 1
    jump 3
  block 2:
    %1 := 2
    jump 3
  block 3:
    call f()
    return %1
)");
}

TEST_F(BuilderExitsTest, FinallyIsCopiedForEveryWayOutOfALoop) {
  EXPECT_EQ(lowered(seq(
                loop(test_of("t"), with_finally(seq(branch(test_of("b"), brk()), branch(test_of("c"), cont()),
                                                    branch(test_of("r"), give())),
                                                call("f"))),
                call("after"))),
            R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch t ? 2 : 9  (loop test)
  block 2 (in loop 1):
    branch b ? 3 : 4
  block 3 (in loop 1):
    call f()
    jump 9
  block 4 (in loop 1):
    branch c ? 5 : 6
  block 5 (in loop 1):
    call f()
    jump 1
  block 6 (in loop 1):
    branch r ? 7 : 8
  block 7 (in loop 1):
    %1 := null
    call f()
    return %1
  block 8 (in loop 1):
    call f()
    jump 1
  block 9:
    call after()
    return null
)");
}

TEST_F(BuilderExitsTest, ReturnRunsNestedFinallyPartsInwardsOut) {
  EXPECT_EQ(lowered(with_finally(with_finally(give(terms().integer(1)), call("inner")), call("outer"))), R"(
  block 0:
    %2 := 1
    call inner() !2
    jump 1
  block 1:
    call outer()
    return %2
  block 2 (landing %0):
    call outer()
    raise %0
)");
}

TEST_F(BuilderExitsTest, ReturnInFinallyOverrides) {
  EXPECT_EQ(lowered(with_finally(seq(call("a"), give(terms().integer(1))), give(terms().integer(2)))), R"(
  block 0:
    call a() !1
    %1 := 1
    return 2
  block 1 (landing %0):
    return 2
)");
}

TEST_F(BuilderExitsTest, ExceptionsInFinallyReplaceTheOneInFlight) {
  EXPECT_EQ(lowered(with_handler(with_finally(call("a"), call("f")), handler({}, call("h")))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call f() !3
    jump 4
  block 2 (landing %1):
    call f() !3
    raise %1 !3
  block 3 (landing %0):
    call h()
    jump 4
  block 4:
    return null
)");
}

TEST_F(BuilderExitsTest, FinallyCoversHandlersAndElse) {
  Try node;
  node.body = call("a");
  node.handlers.push_back(handler({"E0"}, call("b")));
  node.else_part = call("c");
  node.finally_part = call("f");
  EXPECT_EQ(lowered(attempt(std::move(node))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call c() !6
    jump 4
  block 2 (landing %1):
    dispatch %1 { E0 -> 3 } else 5
  block 3:
    call b() !6
    jump 4
  block 4:
    call f()
    return null
  block 5:
    raise %1 !6
  block 6 (landing %0):
    call f()
    raise %0
)");
}

TEST_F(BuilderExitsTest, ScopeExitGetsTheExceptionOrNull) {
  EXPECT_EQ(lowered(seq(scope(call("a"), "exit"), call("after"))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call exit(exception=null)
    call after()
    return null
  block 2 (landing %0):
    call exit(exception=%0)
    raise %0
)");
}

TEST_F(BuilderExitsTest, ScopeExitMaySwallow) {
  EXPECT_EQ(lowered(seq(scope(call("a"), "exit", true), call("after"))), R"(
  block 0:
    call a() !2
    jump 1
  block 1:
    call exit(exception=null)
    jump 3
  block 2 (landing %0):
    %1 = call exit(exception=%0)
    branch %1 ? 3 : 4
  block 3:
    call after()
    return null
  block 4:
    raise %0
)");
}

TEST_F(BuilderExitsTest, ScopesCloseInReverse) {
  EXPECT_EQ(lowered(scope(scope(seq(call("a"), give(terms().integer(1))), "inner"), "outer")), R"(
  block 0:
    call a() !3
    %2 := 1
    jump 1
  block 1:
    call inner(exception=null) !4
    jump 2
  block 2:
    call outer(exception=null)
    return %2
  block 3 (landing %1):
    call inner(exception=%1) !4
    raise %1 !4
  block 4 (landing %0):
    call outer(exception=%0)
    raise %0
)");
}

TEST_F(BuilderExitsTest, ScopeInALoopClosesOnBreak) {
  EXPECT_EQ(lowered(seq(loop(nullptr, scope(branch(maybe(), brk()), "exit")), call("after"))), R"(
  block 0:
    jump 1
  block 1 (loop header):
    branch either ? 2 : 4
  block 2 (in loop 1):
    call exit(exception=null)
    jump 3
  block 3:
    call after()
    return null
  block 4 (in loop 1):
    call exit(exception=null)
    jump 1
)");
}

TEST_F(BuilderExitsTest, DeepFinallyPartsAreWrittenOnce) {
  TreePtr part = call("deep");
  for (const std::string_view name : {"c", "b", "a"}) part = with_finally(call(name), std::move(part));
  EXPECT_EQ(lowered(seq(std::move(part))), R"(
  block 0:
    call a() !12
    jump 1
  block 1:
    call b() !7
    jump 2
  block 2:
    call c() !3
    %3 := 0
    jump 4
  block 3 (landing %2):
    %3 := 1
    jump 4
  block 4:
    call deep()
    branch operator.eq(%3, 0) ? 5 : 6
  block 5:
    return null
  block 6:
    raise %2
  block 7 (landing %1):
    call c() !8
    %5 := 0
    jump 9
  block 8 (landing %4):
    %5 := 1
    jump 9
  block 9:
    call deep()
    branch operator.eq(%5, 0) ? 10 : 11
  block 10:
    raise %1
  block 11:
    raise %4
  block 12 (landing %0):
    call b() !18
    jump 13
  block 13:
    call c() !14
    %8 := 0
    jump 15
  block 14 (landing %7):
    %8 := 1
    jump 15
  block 15:
    call deep()
    branch operator.eq(%8, 0) ? 16 : 17
  block 16:
    raise %0
  block 17:
    raise %7
  block 18 (landing %6):
    call c() !19
    %10 := 0
    jump 20
  block 19 (landing %9):
    %10 := 1
    jump 20
  block 20:
    call deep()
    branch operator.eq(%10, 0) ? 21 : 22
  block 21:
    raise %6
  block 22:
    raise %9
)");
}

}  // namespace
}  // namespace lockwright::ir::testing
