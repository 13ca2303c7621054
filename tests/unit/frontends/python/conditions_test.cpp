// Tests with their short circuits.
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using Code = std::vector<std::string>;

Code of(const std::string& condition) {
  return Lowered("def f(a, b, c, d):\n    if " + condition + ":\n        yes()\n").code("m.f");
}

TEST(PythonConditions, ShortCircuits) {
  EXPECT_EQ(of("a and not b"),
            (Code{"block 0:", "branch a ? 1 : 3", "block 1:", "branch b ? 3 : 2",
                  "block 2:", "call builtins.yes()", "jump 3", "block 3:", "return null"}));
  EXPECT_EQ(of("a or b()"),
            (Code{"block 0:", "branch a ? 2 : 1", "block 1:", "%4 = call b()", "branch %4 ? 2 : 3",
                  "block 2:", "call builtins.yes()", "jump 3", "block 3:", "return null"}));
}

TEST(PythonConditions, ChainsOfComparisons) {
  EXPECT_EQ(of("a < b() not in c"),
            (Code{"block 0:", "%4 = call b()", "branch operator.lt(a, %4) ? 1 : 3",
                  "block 1:", "%5 = call operator.contains(c, %4)", "branch %5 ? 3 : 2",
                  "block 2:", "call builtins.yes()", "jump 3", "block 3:", "return null"}));
}

TEST(PythonConditions, ControlFlowInALaterOperand) {
  EXPECT_EQ(of("a() and (b if c else d)"), (Code{"block 0:",
                                                 "%6 := false",
                                                 "%4 = call a()",
                                                 "branch %4 ? 1 : 6",
                                                 "block 1:",
                                                 "branch c ? 2 : 3",
                                                 "block 2:",
                                                 "%5 := b",
                                                 "jump 4",
                                                 "block 3:",
                                                 "%5 := d",
                                                 "jump 4",
                                                 "block 4:",
                                                 "branch %5 ? 5 : 6",
                                                 "block 5:",
                                                 "%6 := true",
                                                 "jump 6",
                                                 "block 6:",
                                                 "branch %6 ? 7 : 8",
                                                 "block 7:",
                                                 "call builtins.yes()",
                                                 "jump 8",
                                                 "block 8:",
                                                 "return null"}));
}

TEST(PythonConditions, ControlFlowInTheFirstOperandComesBefore) {
  EXPECT_EQ(of("(a if b else c) and d"),
            (Code{"block 0:", "branch b ? 1 : 2", "block 1:", "%4 := a", "jump 3", "block 2:", "%4 := c",
                  "jump 3", "block 3:", "branch %4 ? 4 : 6", "block 4:", "branch d ? 5 : 6",
                  "block 5:", "call builtins.yes()", "jump 6", "block 6:", "return null"}));
}

TEST(PythonConditions, AWalrusAssignsBeforeItIsTested) {
  EXPECT_EQ(of("(x := a()) is None"),
            (Code{"block 0:", "x = call a()", "branch operator.is(x, null) ? 1 : 2",
                  "block 1:", "call builtins.yes()", "jump 2", "block 2:", "return null"}));
}

TEST(PythonConditions, LoopsWithControlFlowInTheCondition) {
  const Lowered lowered("def f(a, b, c):\n    while a() if b else c(): d()\n");
  EXPECT_EQ(lowered.code("m.f"), (Code{"block 0:",
                                       "branch b ? 1 : 2",
                                       "block 1:",
                                       "%3 = call a()",
                                       "jump 3",
                                       "block 2:",
                                       "%3 = call c()",
                                       "jump 3",
                                       "block 3:",
                                       "branch %3 ? 4 : 5",
                                       "block 4:",
                                       "%4 := true",
                                       "jump 6",
                                       "block 5:",
                                       "%4 := false",
                                       "jump 6",
                                       "block 6 (loop header):",
                                       "branch %4 ? 7 : 13  (loop test)",
                                       "block 7 (in loop 6):",
                                       "call builtins.d()",
                                       "branch b ? 8 : 9",
                                       "block 8 (in loop 6):",
                                       "%5 = call a()",
                                       "jump 10",
                                       "block 9 (in loop 6):",
                                       "%5 = call c()",
                                       "jump 10",
                                       "block 10 (in loop 6):",
                                       "branch %5 ? 11 : 12",
                                       "block 11 (in loop 6):",
                                       "%4 := true",
                                       "jump 6",
                                       "block 12 (in loop 6):",
                                       "%4 := false",
                                       "jump 6",
                                       "block 13:",
                                       "return null"}));
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
