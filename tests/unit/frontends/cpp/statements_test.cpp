// Control flow of C and C++: goto, switch, scopes, exceptions, conditional compilation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/cpp/lowered.h"

namespace lockwright::frontends::cpp::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::Not;

using Code = std::vector<std::string>;

Code in_c(const std::string& body) {
  return Lowered("int f(int a, int b) { " + body + " }", true).code("f");
}
/// Somebody throws, so whatever is not known may.
Code in_cpp(const std::string& body) {
  return Lowered("void t() { throw 1; } int f(int a, int b) { " + body + " }").code("f");
}

TEST(CppStatements, GotoForwards) {
  EXPECT_THAT(in_c("if (a) goto out; x(); out: y(); return 0;"),
              ElementsAreArray({"block 0:", "branch a ? 2 : 1", "block 1:", "call x()", "jump 2",
                                "block 2:", "call y()", "return 0"}));
}

TEST(CppStatements, GotoBackwards) {
  EXPECT_THAT(in_c("again: x(); if (a) goto again; return 0;"),
              ElementsAreArray({"block 0:", "jump 1", "block 1 (loop header):", "call x()",
                                "branch a ? 1 : 2", "block 2 (in loop 1):", "return 0"}));
}

TEST(CppStatements, GotoThatLeadsNowhereIsAHole) {
  const Lowered lowered("int f(int a) { if (a) { inner: x(); } goto inner; return 0; }", true);
  EXPECT_THAT(lowered.holes(), ElementsAre("goto inner;"));
}

TEST(CppStatements, SwitchFallsThrough) {
  const Code code = in_c("switch (a) { case 1: x(); case 2: y(); break; default: z(); } return 0;");
  EXPECT_THAT(code, Contains("branch operator.eq(%2, 1) ? 2 : 3"));
  EXPECT_THAT(code, Contains("call x()"));
  EXPECT_THAT(code, Contains("call y()"));
  EXPECT_THAT(code, Contains("call z()"));
}

TEST(CppStatements, ComparingWithNothingIsNegation) {
  EXPECT_THAT(in_c("if (a == 0) x(); if (a != NULL) y(); if (!a) z(); return 0;"),
              ElementsAreArray({"block 0:", "branch operator.not(a) ? 1 : 2", "block 1:", "call x()",
                                "jump 2", "block 2:", "branch a ? 3 : 4", "block 3:", "call y()", "jump 4",
                                "block 4:", "branch a ? 6 : 5", "block 5:", "call z()", "jump 6",
                                "block 6:", "return 0"}));
}

TEST(CppStatements, DestructorsRunOnEveryWayOut) {
  EXPECT_THAT(in_cpp("Guard g(a); if (b) return 1; x(); return 2;"),
              ElementsAreArray({"block 0:", "%2 = call Guard(a)", "g := %2", "branch b ? 1 : 2",
                                "block 1:", "%5 := 1", "jump 3", "block 2:", "call x()", "%5 := 2", "jump 3",
                                "block 3:", "call g.~(exception=null)", "return %5",
                                "block 4 (landing %4):", "call g.~(exception=%4)", "raise %4"}));
}

TEST(CppStatements, WhatIsReturnedIsNotDestroyed) {
  const Code code = in_cpp("Guard g(a); return g;");
  EXPECT_THAT(code, Contains("g := null"));
}

TEST(CppStatements, NothingEndsInC) {
  EXPECT_THAT(in_c("Guard g; x(&g); return 0;"), Not(Contains("call g.~(exception=null)")));
}

TEST(CppStatements, NothingRaisesInC) {
  EXPECT_THAT(in_c("x(); y(); return 0;"), ElementsAre("call x()", "call y()", "return 0"));
}

TEST(CppStatements, NothingRaisesWhereNobodyThrows) {
  EXPECT_THAT(Lowered("int f() { Guard g(1); x(); return 0; }").code("f"), Not(Contains("raise %3")));
}

TEST(CppStatements, NoexceptEndsTheProcess) {
  const Lowered lowered("void t() { throw 1; } void f() noexcept { x(); }");
  EXPECT_THAT(lowered.code("f"), Contains("call std.terminate()"));
}

TEST(CppStatements, TryAndCatch) {
  const Code code =
      in_cpp("try { x(); } catch (const std::exception& e) { y(); } catch (...) { z(); throw; } return 0;");
  EXPECT_THAT(code, Contains("dispatch %5 { std.exception -> 2 } else 4"));
  EXPECT_THAT(code, Contains("raise %5"));
}

TEST(CppStatements, MainEndsTheProcess) {
  EXPECT_THAT(Lowered("int main(void) { x(); return 0; }", true).code("main"), Contains("call exit()"));
}

TEST(CppStatements, BranchesOfThePreprocessorAreBranches) {
  const Code code = in_c("\n#ifdef HAVE_FLOCK\nx();\n#else\ny();\n#endif\nreturn 0;");
  EXPECT_THAT(code, Contains("branch (defined).HAVE_FLOCK ? 1 : 2"));
}

TEST(CppStatements, TornBranchesAreOne) {
  const Lowered lowered(
      "int f(int a) {\n#ifdef A\n  if (a) {\n#else\n  if (!a) {\n#endif\n    x();\n  }\n  return 0;\n}\n",
      true);
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_THAT(lowered.code("f"), Contains("branch a ? 1 : 2"));
}

TEST(CppStatements, WhatNeverCompilesIsGone) {
  EXPECT_THAT(in_c("\n#if 0\nx();\n#endif\nreturn 0;"), ElementsAre("return 0"));
}

TEST(CppStatements, DeferringMacros) {
  const Code code = in_cpp("DEFER(close(a)); x(); return 0;");
  EXPECT_THAT(code, Contains(::testing::HasSubstr("call closure f.<lambda")));
  const Code block = in_cpp("SCOPE_EXIT { close(a); }; x(); return 0;");
  EXPECT_THAT(block, Contains(::testing::HasSubstr("call closure f.<lambda")));
}

}  // namespace
}  // namespace lockwright::frontends::cpp::testing
