// Values as terms, calls as instructions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using Code = std::vector<std::string>;

/// What a function of a to e returns for an expression, and what it runs before.
Code of(const std::string& expression) {
  return Lowered("def f(a, b, c, d, e):\n    return " + expression + "\n").code("m.f");
}

TEST(PythonExpressions, PureOperatorsAreTerms) {
  EXPECT_THAT(of("a + b - c * d / e"),
              ElementsAre("return operator.sub(operator.add(a, b), operator.div(operator.mul(c, d), e))"));
  EXPECT_THAT(
      of("a // b % c ** d @ e"),
      ElementsAre("return operator.matmul(operator.mod(operator.floordiv(a, b), operator.pow(c, d)), e)"));
  EXPECT_THAT(of("a | (b & c) ^ d << e"),
              ElementsAre("return operator.or(a, operator.xor(operator.and(b, c), operator.lshift(d, e)))"));
  EXPECT_THAT(of("a >> ~b"), ElementsAre("return operator.rshift(a, operator.invert(b))"));
  EXPECT_THAT(of("-a"), ElementsAre("return operator.neg(a)"));
  EXPECT_THAT(of("+a"), ElementsAre("return operator.pos(a)"));
  EXPECT_THAT(of("not a"), ElementsAre("return operator.not(a)"));
  EXPECT_THAT(of("-1"), ElementsAre("return -1"));
}

TEST(PythonExpressions, FormatsOfLiteralsAreConcatenations) {
  EXPECT_THAT(of("'%s.%d' % (a, b)"), ElementsAre("return f\"{a}.{b}\""));
  EXPECT_THAT(of("'x%05d%%' % a"), ElementsAre("return f\"x{a}%\""));
  EXPECT_THAT(of("'{}/{{{}.lock'.format(a, b)"), ElementsAre("return f\"{a}/{{{b}.lock\""));
}

TEST(PythonExpressions, OtherFormatsAreNot) {
  EXPECT_THAT(of("'%s.%d' % a"), ElementsAre("return operator.mod(\"%s.%d\", a)"));
  EXPECT_THAT(of("'%(x)s' % a"), ElementsAre("return operator.mod(\"%(x)s\", a)"));
  EXPECT_THAT(of("'100%' % a"), ElementsAre("return operator.mod(\"100%\", a)"));
  EXPECT_THAT(of("a % b"), ElementsAre("return operator.mod(a, b)"));
  EXPECT_THAT(of("'{0}'.format(a)"), ElementsAre("%5 = call \"{0}\".format(a)", "return %5"));
  EXPECT_THAT(of("'{}{}'.format(a)"), ElementsAre("%5 = call \"{}{}\".format(a)", "return %5"));
  EXPECT_THAT(of("'{'.format(a)"), ElementsAre("%5 = call \"{\".format(a)", "return %5"));
}

TEST(PythonExpressions, ComparisonsAreTerms) {
  EXPECT_THAT(of("a == b"), ElementsAre("return operator.eq(a, b)"));
  EXPECT_THAT(of("a != b"), ElementsAre("return operator.ne(a, b)"));
  EXPECT_THAT(of("a < b"), ElementsAre("return operator.lt(a, b)"));
  EXPECT_THAT(of("a <= b"), ElementsAre("return operator.le(a, b)"));
  EXPECT_THAT(of("a > b"), ElementsAre("return operator.gt(a, b)"));
  EXPECT_THAT(of("a >= b"), ElementsAre("return operator.ge(a, b)"));
  EXPECT_THAT(of("a is b"), ElementsAre("return operator.is(a, b)"));
  EXPECT_THAT(of("a is not b"), ElementsAre("return operator.is_not(a, b)"));
}

TEST(PythonExpressions, MembershipAndSubscriptsAreCalls) {
  EXPECT_THAT(of("a in b"), ElementsAre("%5 = call operator.contains(b, a)", "return %5"));
  EXPECT_THAT(of("a not in b"), ElementsAre("%5 = call operator.contains(b, a)", "return operator.not(%5)"));
  EXPECT_THAT(of("a[b]"), ElementsAre("%5 = call operator.getitem(a, b)", "return %5"));
  EXPECT_THAT(of("a[b, c]"),
              ElementsAre("%5 = call operator.getitem(a, new builtins.tuple(b, c))", "return %5"));
  EXPECT_THAT(of("a[1:b]"),
              ElementsAre("%5 = call operator.getitem(a, new builtins.slice(1, b))", "return %5"));
  EXPECT_THAT(of("a[::b]"),
              ElementsAre("%5 = call operator.getitem(a, new builtins.slice(null, null, b))", "return %5"));
}

TEST(PythonExpressions, Calls) {
  EXPECT_THAT(of("a(b, *c, k=d, **e)"), ElementsAre("%5 = call a(b, ...c, k=d, **e)", "return %5"));
  EXPECT_THAT(of("a.b(c).d(e)"), ElementsAre("%5 = call a.b(c)", "%6 = call %5.d(e)", "return %6"));
  EXPECT_THAT(of("a(b(c), d(e))"),
              ElementsAre("%5 = call b(c)", "%6 = call d(e)", "%7 = call a(%5, %6)", "return %7"));
  EXPECT_THAT(of("(lambda x: x)(a)"),
              ElementsAre("%5 = call closure m.f.<locals>.<lambda:2>(a)", "return %5"));
  EXPECT_THAT(of("a[b](c)"), ElementsAre("%5 = call operator.getitem(a, b)", "%6 = call %5(c)", "return %6"));
}

TEST(PythonExpressions, SpreadsHoweverTheGrammarNestsThem) {
  EXPECT_THAT(of("a(*b.c(d), *e)"), ElementsAre("%5 = call b.c(d)", "%6 = call a(...%5, ...e)", "return %6"));
  EXPECT_THAT(of("[a, *b, *c.d()]"), ElementsAre("%5 = call c.d()", "return new builtins.list(a, ?, ?)"));
  const Lowered lowered("f(*a.b(c))\n");
  EXPECT_EQ(lowered.text(lowered.module.functions[0].cfg.blocks[0].instructions[0].range), "a.b(c)");
}

TEST(PythonExpressions, ARangeIsTheWholeCall) {
  const Lowered lowered("async def f(a):\n    x = await a.b(\n        c)\n");
  const ir::Instruction& call = lowered.function("m.f").cfg.blocks[0].instructions[0];
  EXPECT_EQ(lowered.text(call.range), "a.b(\n        c)");
  EXPECT_EQ(call.completion, ir::Completion::awaited);
}

TEST(PythonExpressions, EveryInstructionHasItsSite) {
  const Lowered lowered("a(b(), c())\nd = e()\n");
  std::set<ir::Site> sites;
  std::size_t count = 0;
  for (const ir::Block& block : lowered.module.functions[0].cfg.blocks) {
    for (const ir::Instruction& each : block.instructions) {
      sites.insert(each.site);
      ++count;
    }
  }
  EXPECT_EQ(sites.size(), count);
  EXPECT_GE(count, 4U);
}

TEST(PythonExpressions, Literals) {
  EXPECT_THAT(of("(1, True, False, None, ..., 'x')"),
              ElementsAre("return new builtins.tuple(1, true, false, null, builtins.Ellipsis, \"x\")"));
  EXPECT_THAT(of("[a, {b}, {c: d, **e}]"),
              ElementsAre("return new builtins.list(a, new builtins.set(b), new builtins.dict(c, d, ?, ?))"));
  EXPECT_THAT(of("()"), ElementsAre("return new builtins.tuple()"));
  EXPECT_THAT(of("1_000, 0x10, 0o17, 0b11, 5.0"),
              ElementsAre("return new builtins.tuple(1000, 16, 15, 3, 5)"));
  EXPECT_THAT(of("0.5"), ElementsAre("return builtins.float(\"0.5\")"));
}

TEST(PythonExpressions, Strings) {
  EXPECT_THAT(of(R"('a' "b\x41" r'\d' b'c')"), ElementsAre(R"(return "abA\\dc")"));
  EXPECT_THAT(of(R"(f"{a}/{b.c!r:>{d}}.lock{{}}" '{x}')"),
              ElementsAre(R"(return f"{a}/{b.c}.lock{{}}{{x}}")"));
  EXPECT_THAT(of(R"(f"{a(b)}-{c}")"), ElementsAre("%5 = call a(b)", R"(return f"{%5}-{c}")"));
  EXPECT_THAT(of(R"(f"{a=}")"), ElementsAre(R"(return f"a={a}")"));
  EXPECT_THAT(of(R"(f"{a["x"]}")"), ElementsAre("%5 = call operator.getitem(a, \"x\")", "return %5"));
  EXPECT_THAT(of(R"(f"{a}")"), ElementsAre("return a"));
  EXPECT_THAT(of("''"), ElementsAre("return \"\""));
  EXPECT_THAT(of("'''a\n  b'''"), ElementsAre(R"(return "a\n  b")"));
}

TEST(PythonExpressions, ShortCircuitsAsValues) {
  EXPECT_EQ(of("a or b(c)"), (Code{"block 0:", "%5 := a", "branch %5 ? 2 : 1", "block 1:", "%6 = call b(c)",
                                   "%5 := %6", "jump 2", "block 2:", "return %5"}));
  EXPECT_EQ(of("a and b"), (Code{"block 0:", "%5 := a", "branch %5 ? 1 : 2", "block 1:", "%5 := b", "jump 2",
                                 "block 2:", "return %5"}));
  EXPECT_EQ(of("a if b else c()"), (Code{"block 0:", "branch b ? 1 : 2", "block 1:", "%5 := a", "jump 3",
                                         "block 2:", "%5 = call c()", "jump 3", "block 3:", "return %5"}));
}

TEST(PythonExpressions, ChainsOfComparisonsAsValues) {
  EXPECT_EQ(of("a < b() <= c"),
            (Code{"block 0:", "%6 = call b()", "branch operator.lt(a, %6) ? 1 : 3",
                  "block 1:", "branch operator.le(%6, c) ? 2 : 3", "block 2:", "%5 := true", "jump 4",
                  "block 3:", "%5 := false", "jump 4", "block 4:", "return %5"}));
}

TEST(PythonExpressions, AWalrusAssignsFirst) {
  EXPECT_THAT(of("(x := a(b)) + x"), ElementsAre("x = call a(b)", "return operator.add(x, x)"));
  EXPECT_THAT(of("a(c, (c := b), c)"),
              ElementsAre("%5 := a", "%6 := c", "c := b", "%7 = call %5(%6, c, c)", "return %7"));
}

TEST(PythonExpressions, AwaitAndYield) {
  const Lowered lowered(R"(
async def f(a):
    await a
    b = await a.c()
    d = yield b
    yield
    return (await (a.e(d)))
def g(a):
    x = yield from a()
    return x
)");
  EXPECT_EQ(lowered.code("m.f"), (Code{"await a", "b = await call a.c()", "d = yield b", "yield null",
                                       "%3 = await call a.e(d)", "return %3"}));
  EXPECT_TRUE(lowered.function("m.f").is_async);
  EXPECT_TRUE(lowered.function("m.f").is_generator);
  EXPECT_THAT(lowered.instructions("m.g"), ElementsAre("call a()", "yield ?", "x := ?"));
  EXPECT_FALSE(lowered.function("m.g").is_async);
}

TEST(PythonExpressions, ComprehensionsRunWhereTheyStand) {
  const Lowered lowered("def f(a):\n    return [x.m(y) for x in a() if x.k() for y in x]\n");
  EXPECT_THAT(lowered.instructions("m.f"), Contains("%1 = call a()"));
  EXPECT_THAT(lowered.instructions("m.f"), Contains("x = call operator.next(%2)"));
  EXPECT_THAT(lowered.instructions("m.f"), Contains("%4 = call x.k()"));
  EXPECT_THAT(lowered.instructions("m.f"), Contains("y = call operator.next(%5)"));
  EXPECT_THAT(lowered.instructions("m.f"), Contains("%7 = call x.m(y)"));
  const Lowered async("async def f(a):\n    return {x: await y async for x, y in a}\n");
  EXPECT_THAT(async.instructions("m.f"), Contains("%2 = await call operator.anext(%1)"));
}

TEST(PythonExpressions, OldPrint) {
  const Lowered lowered("print 'x', f()\nprint >>g, a\nexec 'b'\n");
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("%0 = call builtins.f()", "call builtins.print(\"x\", %0)",
                          "call builtins.print(builtins.g, builtins.a)", "call builtins.exec(\"b\")"));
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
