// Control flow as the language spells it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Code = std::vector<std::string>;

Code of(const std::string& body) {
  std::string text = "def f(a, b, c):\n";
  std::string line;
  for (const char each : body + "\n") {
    line += each;
    if (each != '\n') continue;
    text += "    " + line;
    line.clear();
  }
  return Lowered(text).code("m.f");
}

TEST(PythonStatements, For) {
  EXPECT_EQ(of("for x in a(): b(x)\nelse: c()"),
            (Code{"block 0:", "%3 = call a()", "%4 = call builtins.iter(%3)", "jump 1",
                  "block 1 (loop header):", "branch either ? 2 : 3  (loop test)",
                  "block 2 (in loop 1):", "x = call operator.next(%4)", "call b(x)", "jump 1",
                  "block 3:", "call c()", "return null"}));
  EXPECT_THAT(of("for x, a.b in c: pass"), Contains("store a.b := %6")) << "targets are unpacked";
}

TEST(PythonStatements, AsyncFor) {
  const Lowered lowered("async def f(a):\n    async for x in a: pass\n");
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("%1 = call builtins.aiter(a)", "x = await call operator.anext(%1)"));
}

TEST(PythonStatements, While) {
  EXPECT_EQ(of("while a: b()\nelse: c()"),
            (Code{"block 0:", "jump 1", "block 1 (loop header):", "branch a ? 2 : 3  (loop test)",
                  "block 2 (in loop 1):", "call b()", "jump 1", "block 3:", "call c()", "return null"}));
  EXPECT_EQ(
      of("while True:\n    if a: break\n    if b: continue\n    c()"),
      (Code{"block 0:", "jump 1", "block 1 (loop header):", "branch a ? 2 : 3", "block 2:", "return null",
            "block 3 (in loop 1):", "branch b ? 1 : 4", "block 4 (in loop 1):", "call c()", "jump 1"}));
}

TEST(PythonStatements, With) {
  EXPECT_EQ(of("with a(b) as x: c(x)"),
            (Code{"block 0:", "%3 = call a(b)", "x = call %3.__enter__()", "jump 1", "block 1:", "call c(x)",
                  "jump 2", "block 2:", "call %3.__exit__(exception=null)", "jump 4",
                  "block 3 (landing %5):", "%6 = call %3.__exit__(exception=%5)", "branch %6 ? 4 : 5",
                  "block 4:", "return null", "block 5:", "raise %5"}));
}

TEST(PythonStatements, WithSeveralItemsIsNested) {
  for (const std::string_view text : {"with a as x, b() as y: c()", "with (a as x, b() as y,): c()",
                                      "with a as x:\n    with b() as y: c()"}) {
    const Code code = of(std::string(text));
    EXPECT_THAT(code, Contains("%3 := a"));
    EXPECT_THAT(code, Contains("x = call %3.__enter__()"));
    EXPECT_THAT(code, Contains("%5 = call b()"));
    EXPECT_THAT(code, Contains("y = call %5.__enter__()"));
  }
  EXPECT_THAT(of("with (a() as x): c(x)"), Contains("x = call %3.__enter__()"));
}

TEST(PythonStatements, AsyncWith) {
  const Lowered lowered("async def f(a):\n    async with a() as (x, y): pass\n");
  const Code code = lowered.instructions("m.f");
  EXPECT_THAT(code, Contains("%2 = await call %1.__aenter__()"));
  EXPECT_THAT(code, Contains("x = call operator.getitem(%2, 0)"));
  EXPECT_THAT(code, Contains("await call %1.__aexit__(exception=null)"));
}

TEST(PythonStatements, RangesOfWithPointAtTheItem) {
  const Lowered lowered("with open('x') as f, lock: g()\n");
  std::set<std::string> seen;
  for (const ir::Block& block : lowered.module.functions[0].cfg.blocks) {
    for (const ir::Instruction& each : block.instructions) {
      if (lowered.print(each.callee).find("__") != std::string::npos) seen.emplace(lowered.text(each.range));
    }
  }
  EXPECT_THAT(seen, ElementsAre("lock", "open('x')"));
}

TEST(PythonStatements, Try) {
  EXPECT_EQ(
      of("try: a()\nexcept (OSError, b.E) as e: c(e)\nexcept ValueError: pass\nelse: b()\nfinally: c()"),
      (Code{"block 0:",
            "call a()",
            "jump 1",
            "block 1:",
            "call b()",
            "jump 4",
            "block 2 (landing %5):",
            "dispatch %5 { builtins.OSError, b.E -> 3, builtins.ValueError -> 4 } else 5",
            "block 3:",
            "e := %5",
            "call c(e)",
            "jump 4",
            "block 4:",
            "call c()",
            "return null",
            "block 5:",
            "raise %5",
            "block 6 (landing %4):",
            "call c()",
            "raise %4"}));
}

TEST(PythonStatements, CaughtTuplesWithAName) {
  const Lowered lowered("ERRORS = (OSError, ValueError)\ndef f():\n    try: a()\n    except ERRORS: b()\n");
  EXPECT_THAT(lowered.code("m.f"),
              Contains("dispatch %0 { builtins.OSError, builtins.ValueError -> 2 } else 4"));
}

TEST(PythonStatements, BareExceptAndReraise) {
  EXPECT_EQ(of("try: a()\nexcept: raise"),
            (Code{"block 0:", "call a()", "return null", "block 1 (landing %3):", "raise %3"}));
  EXPECT_THAT(of("try: a()\nexcept* OSError: b()"), Contains("dispatch %3 { builtins.OSError -> 2 } else 4"));
}

TEST(PythonStatements, Raise) {
  EXPECT_THAT(of("raise ValueError"), ElementsAre("raise new builtins.ValueError()"));
  EXPECT_THAT(of("raise ValueError(a())"), ElementsAre("%3 = call a()", "call builtins.ValueError(%3)",
                                                       "raise new builtins.ValueError()"));
  EXPECT_THAT(of("raise ValueError from a()"), ElementsAre("call a()", "raise new builtins.ValueError()"));
  EXPECT_THAT(of("raise a"), ElementsAre("raise a"));
  EXPECT_THAT(of("raise a()"), ElementsAre("%3 = call a()", "raise %3"));
  const Lowered lowered(R"(
from errors import Busy, make_error
class Own(Exception): pass
def f(): raise Own()
def g(): raise Busy(1)
def h(): raise make_error()
)");
  EXPECT_THAT(lowered.code("m.f"), Contains("raise new m.Own()"));
  EXPECT_THAT(lowered.code("m.g"), Contains("raise new errors.Busy()"));
  EXPECT_THAT(lowered.code("m.h"), Contains("raise %0"));
}

TEST(PythonStatements, Assert) {
  EXPECT_EQ(of("assert a, b()"), (Code{"block 0:", "branch a ? 1 : 2", "block 1:", "return null",
                                       "block 2:", "call b()", "raise new builtins.AssertionError()"}));
}

TEST(PythonStatements, Match) {
  EXPECT_EQ(of("match a:\n  case 1 | 'x': b()\n  case os.SEP: c()\n  case None: pass\n  case x: b(x)"),
            (Code{"block 0:",
                  "%3 := a",
                  "branch operator.eq(%3, 1) ? 2 : 1",
                  "block 1:",
                  "branch operator.eq(%3, \"x\") ? 2 : 3",
                  "block 2:",
                  "call b()",
                  "jump 7",
                  "block 3:",
                  "branch operator.eq(%3, builtins.os.SEP) ? 4 : 5",
                  "block 4:",
                  "call c()",
                  "jump 7",
                  "block 5:",
                  "branch operator.is(%3, null) ? 7 : 6",
                  "block 6:",
                  "x := %3",
                  "call b(x)",
                  "jump 7",
                  "block 7:",
                  "return null"}));
}

TEST(PythonStatements, MatchClassesGuardsAndShapes) {
  EXPECT_EQ(of("match a:\n  case Lock(x, path=y) as z if c(y): b(z)\n  case [x, *y, {'k': z, **w}]: b(x)\n  "
               "case _: c()"),
            (Code{"block 0:",
                  "%3 := a",
                  "%4 = call builtins.isinstance(%3, builtins.Lock)",
                  "branch %4 ? 1 : 3",
                  "block 1:",
                  "x := ?",
                  "y := %3.path",
                  "z := %3",
                  "%8 = call c(y)",
                  "branch %8 ? 2 : 3",
                  "block 2:",
                  "call b(z)",
                  "jump 7",
                  "block 3:",
                  "branch either ? 4 : 6",
                  "block 4:",
                  "branch either ? 5 : 6",
                  "block 5:",
                  "x := ?",
                  "y := ?",
                  "z := ?",
                  "w := ?",
                  "call b(x)",
                  "jump 7",
                  "block 6:",
                  "call c()",
                  "jump 7",
                  "block 7:",
                  "return null"}));
}

TEST(PythonStatements, Nothing) {
  EXPECT_THAT(of("'doc'\npass\na\na.b\n...\nimport os\nglobal g\ntype X = int"), ElementsAre("return null"));
  EXPECT_THAT(Lowered("").code(), ElementsAre("return null"));
  EXPECT_THAT(Lowered("# only a comment").holes(), IsEmpty());
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
