// Control flow: the shapes that statements become.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/typescript/lowered.h"

namespace lockwright::frontends::typescript::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Code = std::vector<std::string>;

Code in_function(const std::string& body) {
  return Lowered("async function f(a, b, c) { " + body + " }").code("m.f");
}

TEST(TypeScriptStatements, If) {
  EXPECT_THAT(in_function("if (a) x(); else if (b) y(); else { z(); }"),
              ElementsAreArray({"block 0:", "branch a ? 1 : 2", "block 1:", "call globalThis.x()", "jump 5",
                                "block 2:", "branch b ? 3 : 4", "block 3:", "call globalThis.y()", "jump 5",
                                "block 4:", "call globalThis.z()", "jump 5", "block 5:", "return null"}));
}

TEST(TypeScriptStatements, Loops) {
  EXPECT_THAT(in_function("for (let i = 0, n = g(); i < n; i++) { if (a) continue; if (b) break; x(i); }"),
              ElementsAreArray(
                  {"block 0:", "i := 0", "n = call globalThis.g()", "jump 1",
                   "block 1 (loop header):", "branch operator.lt(i, n) ? 2 : 6  (loop test)",
                   "block 2 (in loop 1):", "branch a ? 5 : 3", "block 3 (in loop 1):", "branch b ? 6 : 4",
                   "block 4 (in loop 1):", "call globalThis.x(i)", "jump 5",
                   "block 5 (in loop 1):", "i := operator.add(i, 1)", "jump 1", "block 6:", "return null"}));
  EXPECT_THAT(
      in_function("while (a) x(); do { y(); } while (b);"),
      ElementsAreArray({"block 0:", "jump 1", "block 1 (loop header):", "branch a ? 2 : 3  (loop test)",
                        "block 2 (in loop 1):", "call globalThis.x()", "jump 1", "block 3:", "jump 4",
                        "block 4 (loop header):", "call globalThis.y()", "branch b ? 4 : 5  (loop test)",
                        "block 5:", "return null"}));
  EXPECT_THAT(
      in_function("for (;;) { x(); }"),
      ElementsAreArray({"block 0:", "jump 1", "block 1 (loop header):", "call globalThis.x()", "jump 1"}));
}

TEST(TypeScriptStatements, LoopsOverElements) {
  EXPECT_THAT(
      in_function("for (const [k, v] of a.entries()) use(k, v);"),
      ElementsAreArray({"block 0:", "%3 = call a.entries()", "%4 = call builtins.iter(%3)", "jump 1",
                        "block 1 (loop header):", "branch either ? 2 : 3  (loop test)",
                        "block 2 (in loop 1):", "%5 = call operator.next(%4)", "k := %5[0]", "v := %5[1]",
                        "call globalThis.use(k, v)", "jump 1", "block 3:", "return null"}));
  EXPECT_THAT(in_function("for await (const x of a) use(x);"), Contains("x = await call operator.anext(%3)"));
  EXPECT_THAT(in_function("for (b in a) use(b);"),
              Contains("%3 = call builtins.iter(globalThis.Object.keys(a))"));
}

TEST(TypeScriptStatements, ConditionsOfLoopsThatNeedCode) {
  EXPECT_THAT(in_function("while (a ? g() : b) x();"),
              ElementsAreArray({"block 0:", "branch a ? 1 : 2", "block 1:", "%4 = call globalThis.g()",
                                "jump 3", "block 2:", "%4 := b", "jump 3", "block 3:", "branch %4 ? 4 : 5",
                                "block 4:", "%3 := true", "jump 6", "block 5:", "%3 := false", "jump 6",
                                "block 6 (loop header):", "branch %3 ? 7 : 8  (loop test)"}));
}

TEST(TypeScriptStatements, Switches) {
  EXPECT_THAT(
      in_function("switch (a) { default: d(); break; case 1: case 2: x(); return; case 3: y(); }"),
      ElementsAreArray({"block 0:", "%3 := a", "branch operator.eq(%3, 1) ? 2 : 1", "block 1:",
                        "branch operator.eq(%3, 2) ? 2 : 3", "block 2:", "call globalThis.x()", "return null",
                        "block 3:", "branch operator.eq(%3, 3) ? 4 : 5", "block 4:", "call globalThis.y()",
                        "jump 6", "block 5:", "call globalThis.d()", "jump 6", "block 6:", "return null"}));
}

TEST(TypeScriptStatements, SwitchesThatFallThrough) {
  EXPECT_THAT(in_function("switch (g()) { case 1: x(); default: y(); break; case 2: z(); }"),
              ElementsAreArray({"block 0:",
                                "%3 = call globalThis.g()",
                                "%4 := %3",
                                "%5 := false",
                                "branch operator.eq(%4, 1) ? 1 : 2",
                                "block 1:",
                                "call globalThis.x()",
                                "%5 := true",
                                "jump 2",
                                "block 2:",
                                "branch %5 ? 4 : 3",
                                "block 3:",
                                "branch operator.eq(%4, 2) ? 5 : 4",
                                "block 4:",
                                "call globalThis.y()",
                                "jump 7",
                                "block 5:",
                                "branch operator.eq(%4, 2) ? 6 : 7",
                                "block 6:",
                                "call globalThis.z()",
                                "jump 7",
                                "block 7:",
                                "return null"}));
}

TEST(TypeScriptStatements, ContinueInASwitchGoesOnWithTheLoop) {
  EXPECT_THAT(
      in_function("while (a) { switch (b) { case 1: continue; case 2: break; } x(); }"),
      ElementsAreArray({"block 0:", "jump 1", "block 1 (loop header):", "branch a ? 2 : 4  (loop test)",
                        "block 2 (in loop 1):", "%3 := b", "branch operator.eq(%3, 1) ? 1 : 3",
                        "block 3 (in loop 1):", "call globalThis.x()", "jump 1", "block 4:", "return null"}));
}

TEST(TypeScriptStatements, Labels) {
  EXPECT_THAT(in_function("outer: for (;;) { for (;;) { if (a) continue outer; if (b) break outer; x(); } }"),
              ElementsAreArray({"block 0:", "jump 1", "block 1 (loop header):", "jump 2",
                                "block 2 (in loop 1, loop header):", "branch a ? 1 : 3",
                                "block 3 (in loop 2):", "branch b ? 5 : 4", "block 4 (in loop 2):",
                                "call globalThis.x()", "jump 2", "block 5:", "return null"}));
  EXPECT_THAT(in_function("done: { if (a) break done; x(); } y();"),
              ElementsAreArray({"block 0:", "branch a ? 2 : 1", "block 1:", "call globalThis.x()", "jump 2",
                                "block 2:", "call globalThis.y()", "return null"}));
}

TEST(TypeScriptStatements, TryCatchFinally) {
  EXPECT_THAT(
      in_function("try { x(); } catch (e) { y(e.code); } finally { z(); }"),
      ElementsAreArray({"block 0:", "call globalThis.x()", "jump 1", "block 1:", "call globalThis.z()",
                        "return null", "block 2 (landing e):", "call globalThis.y(e.code)", "jump 1",
                        "block 3 (landing %4):", "call globalThis.z()", "raise %4"}));
  EXPECT_THAT(in_function("try { x(); } catch { y(); }"), Contains("call globalThis.y()"));
  EXPECT_THAT(in_function("try { x(); } catch ({ code }) { y(code); }"), Contains("code := %3.code"));
}

TEST(TypeScriptStatements, Throw) {
  EXPECT_THAT(in_function("if (a) throw new Error('x'); if (b) throw b; throw make();"),
              ElementsAreArray({"block 0:", "branch a ? 1 : 2", "block 1:", "call globalThis.Error(\"x\")",
                                "raise new globalThis.Error()", "block 2:", "branch b ? 3 : 4", "block 3:",
                                "raise b", "block 4:", "%3 = call globalThis.make()", "raise %3"}));
}

TEST(TypeScriptStatements, Using) {
  EXPECT_THAT(
      in_function("x(); { using h: Handle = open(a); h.read(); } await using l = await lock(b); y(l);"),
      ElementsAreArray({"block 0:", "call globalThis.x()", "%3 = call globalThis.open(a)", "h := %3",
                        "call h.read()", "jump 1", "block 1:", "call %3.Symbol.dispose(exception=null)",
                        "%5 = await call globalThis.lock(b)", "l := %5", "call globalThis.y(l)", "jump 2",
                        "block 2:", "await call %5.Symbol.asyncDispose(exception=null)", "return null"}));
}

TEST(TypeScriptStatements, ConditionsOnTheWayOut) {
  const Lowered lowered(R"(
async function take(path, timeout) {
  const start = Date.now();
  while (Date.now() - start < timeout) {
    try {
      return await open(path, "wx");
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      await sleep(100);
    }
  }
  return null;
}
)");
  EXPECT_THAT(
      lowered.instructions("m.take"),
      ElementsAre("start = call globalThis.Date.now()", "%3 = call globalThis.Date.now()",
                  "%4 = await call globalThis.open(path, \"wx\")", "await call globalThis.sleep(100)"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript::testing
