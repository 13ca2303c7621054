// Values, calls, assignments and conditions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/typescript/lowered.h"

namespace lockwright::frontends::typescript::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

std::vector<std::string> in_function(const std::string& body, std::string_view parameters = "a, b, c, o") {
  const Lowered lowered("async function f(" + std::string(parameters) + ") {\n" + body + "\n}\n");
  EXPECT_THAT(lowered.holes(), IsEmpty());
  return lowered.instructions("m.f");
}

/// What `expression` is, if it needs no code.
std::string value_of(const std::string& expression) {
  const Lowered lowered("const v = " + expression + ";");
  const std::vector<std::string> all = lowered.instructions();
  EXPECT_EQ(all.size(), 1U) << expression;
  return all.empty() ? "" : all.front().substr(std::string("store m.v := ").size());
}

TEST(TypeScriptExpressions, Literals) {
  EXPECT_EQ(value_of("0xff"), "255");
  EXPECT_EQ(value_of("1_000"), "1000");
  EXPECT_EQ(value_of("-5"), "-5");
  EXPECT_EQ(value_of("1e3"), "1000");
  EXPECT_EQ(value_of("10n"), "10");
  EXPECT_EQ(value_of("0.5"), "globalThis.Number(\"0.5\")");
  EXPECT_EQ(value_of(R"('a\x2fb\u{62}\u0063')"), "\"a/bbc\"");
  EXPECT_EQ(value_of("/a[/]b/g"), "\"/a[/]b/g\"");
  EXPECT_EQ(value_of("undefined"), "null");
  EXPECT_EQ(value_of("true"), "true");
  EXPECT_EQ(value_of("`${dir}/x.${ext}`"), "f\"{globalThis.dir}/x.{globalThis.ext}\"");
  EXPECT_EQ(value_of("` a `"), "\" a \"");
  EXPECT_EQ(value_of("dir + '/' + name"), "f\"{globalThis.dir}/{globalThis.name}\"");
}

TEST(TypeScriptExpressions, ObjectsAndArrays) {
  EXPECT_EQ(value_of("{ a: 1, 'b-c': x, d, ['e']: 2, [Symbol.dispose]: 3 }"),
            "new globalThis.Object(a=1, b-c=globalThis.x, d=globalThis.d, e=2, Symbol.dispose=3)");
  EXPECT_EQ(value_of("[1, ...x, 3]"), "new globalThis.Array(1, ?, 3)");
  // What a spread or a computed name may have changed is not known.
  EXPECT_EQ(value_of("{ a: 1, ...x, b: 2 }"), "new globalThis.Object(a=?, globalThis.x, b=2)");
  EXPECT_EQ(value_of("{ a: 1, a: 2 }"), "new globalThis.Object(a=2)");
}

TEST(TypeScriptExpressions, PropertiesAndElements) {
  EXPECT_THAT(in_function("use(a.b.c, a['b'], a[0], a[b], a?.b, a.b!.c, (a as any).b);"),
              ElementsAre("call globalThis.use(a.b.c, a.b, a[0], a[b], a.b, a.b.c, a.b)"));
}

TEST(TypeScriptExpressions, Calls) {
  EXPECT_THAT(in_function("const r = a.m(b, ...c); new o.X(r); new Y; a`t${b}`; a.b.c();"),
              ElementsAre("r = call a.m(b, ...c)", "call o.X(r)", "call globalThis.Y()", "call a(f\"t{b}\")",
                          "call a.b.c()"));
}

TEST(TypeScriptExpressions, OptionalCalls) {
  const Lowered lowered("function f(a) { const r = a?.lock.release(a.x)?.then(); a?.(); a.b?.(); }");
  EXPECT_THAT(lowered.code("m.f"), ElementsAreArray({"block 0:",
                                                     "branch operator.is(a, null) ? 1 : 2",
                                                     "block 1:",
                                                     "r := null",
                                                     "jump 5",
                                                     "block 2:",
                                                     "%2 = call a.lock.release(a.x)",
                                                     "branch operator.is(%2, null) ? 3 : 4",
                                                     "block 3:",
                                                     "r := null",
                                                     "jump 5",
                                                     "block 4:",
                                                     "r = call %2.then()",
                                                     "jump 5",
                                                     "block 5:",
                                                     "branch operator.is(a, null) ? 7 : 6",
                                                     "block 6:",
                                                     "call a()",
                                                     "jump 7",
                                                     "block 7:",
                                                     "branch operator.is(a.b, null) ? 9 : 8",
                                                     "block 8:",
                                                     "call a.b()",
                                                     "jump 9",
                                                     "block 9:",
                                                     "return null"}));
}

TEST(TypeScriptExpressions, Awaiting) {
  EXPECT_THAT(
      in_function("await a.m(); await b; await a?.(b); await new P(c); a.m(); void b.m(); "
                  "await (a.m() as any); await a.p.q; return a.m();"),
      ElementsAre("await call a.m()", "await b", "await call a(b)", "%4 = call globalThis.P(c)", "await %4",
                  "call a.m()", "call b.m()", "await call a.m()", "await a.p.q", "%5 = call a.m()"));
}

TEST(TypeScriptExpressions, GenericCallsThatTheGrammarNestsTooDeep) {
  EXPECT_THAT(
      in_function("await f<T>(); const x = await a.m<T>(1).then(b); use(!b<T>(2), 1 + c<T>(3)); "
                  "use(!await c<T>());"),
      ElementsAre("await call m.f()", "%5 = call a.m(1)", "x = await call %5.then(b)", "%6 = call b(2)",
                  "%7 = call c(3)", "call globalThis.use(operator.not(%6), operator.add(1, %7))",
                  "%8 = await call c()", "call globalThis.use(operator.not(%8))"));
}

TEST(TypeScriptExpressions, ImportedTypesThatTheGrammarDoesNotKnow) {
  EXPECT_THAT(
      in_function("const x = await f<typeof import('m')>(); let y: import(\"n\").Z[] = []; use(x, y);"),
      ElementsAre("x = await call m.f()", "y := new globalThis.Array()", "call globalThis.use(x, y)"));
}

TEST(TypeScriptExpressions, Operators) {
  EXPECT_THAT(
      in_function("use(a + b, a / b, a === b, a !== b, a == null, null !== a, a < b, !a, -a, ~a, "
                  "typeof a === 'string', typeof a === 'undefined', a >>> 1, a ** 2, a % 2, a & b | c);"),
      ElementsAre("call globalThis.use(operator.add(a, b), operator.truediv(a, b), operator.eq(a, b), "
                  "operator.ne(a, b), operator.is(a, null), operator.is_not(a, null), "
                  "operator.lt(a, b), operator.not(a), operator.neg(a), operator.invert(a), "
                  "operator.eq(operator.typeof(a), \"string\"), operator.is(a, null), "
                  "operator.rshift(a, 1), operator.pow(a, 2), operator.mod(a, 2), "
                  "operator.or(operator.and(a, b), c))"));
  EXPECT_THAT(
      in_function("const r = 'code' in a; use(a instanceof Error, #p in b); delete a.x; delete a[b];"),
      ElementsAre("r = call operator.contains(a, \"code\")",
                  "%5 = call builtins.isinstance(a, globalThis.Error)",
                  "%6 = call operator.contains(b, \"#p\")", "call globalThis.use(%5, %6)",
                  "call operator.delitem(a, \"x\")", "call operator.delitem(a, b)"));
}

TEST(TypeScriptExpressions, ShortCircuits) {
  const Lowered lowered("async function f(a, b) { const r = a ?? (await g()); a && b.m(); b || h(); }");
  EXPECT_THAT(lowered.code("m.f"),
              ElementsAreArray({"block 0:", "r := a", "branch operator.is(r, null) ? 1 : 2", "block 1:",
                                "r = await call globalThis.g()", "jump 2", "block 2:", "branch a ? 3 : 4",
                                "block 3:", "call b.m()", "jump 4", "block 4:", "branch b ? 6 : 5",
                                "block 5:", "call globalThis.h()", "jump 6", "block 6:", "return null"}));
}

TEST(TypeScriptExpressions, ConditionsKeepTheirShape) {
  const Lowered lowered("function f(a, b, c) { if (a && (!b || c())) { d(); } }");
  EXPECT_THAT(lowered.code("m.f"),
              ElementsAreArray({"block 0:", "branch a ? 1 : 4", "block 1:", "branch b ? 2 : 3",
                                "block 2:", "%3 = call c()", "branch %3 ? 3 : 4",
                                "block 3:", "call globalThis.d()", "jump 4", "block 4:", "return null"}));
}

TEST(TypeScriptExpressions, TernariesAndCommas) {
  const Lowered lowered("function f(a) { const r = a ? g() : (h(), 1); return r; }");
  EXPECT_THAT(
      lowered.code("m.f"),
      ElementsAreArray({"block 0:", "branch a ? 1 : 2", "block 1:", "r = call globalThis.g()", "jump 3",
                        "block 2:", "call globalThis.h()", "r := 1", "jump 3", "block 3:", "return r"}));
}

TEST(TypeScriptExpressions, Assignments) {
  EXPECT_THAT(in_function("a = b = g(); o.x = a; o[b] = 1; a += 1; o.n++; const old = a++; const now = ++a; "
                          "while ((a = next())) use(a);"),
              ElementsAre("b = call globalThis.g()", "a := b", "store o.x := a", "store o[b] := 1",
                          "a := operator.add(a, 1)", "store o.n := operator.add(o.n, 1)", "%5 := a",
                          "a := operator.add(%5, 1)", "old := %5", "a := operator.add(a, 1)", "now := a",
                          "a = call globalThis.next()", "call globalThis.use(a)"));
}

TEST(TypeScriptExpressions, LogicalAssignments) {
  const Lowered lowered("function f(a, o) { a ?\?= g(); o.x ||= h(); a &&= 1; }");
  EXPECT_THAT(lowered.code("m.f"),
              ElementsAreArray({"block 0:", "branch operator.is(a, null) ? 1 : 2",
                                "block 1:", "a = call globalThis.g()", "jump 2",
                                "block 2:", "branch o.x ? 4 : 3", "block 3:", "%2 = call globalThis.h()",
                                "store o.x := %2", "jump 4", "block 4:", "branch a ? 5 : 6",
                                "block 5:", "a := 1", "jump 6", "block 6:", "return null"}));
}

TEST(TypeScriptExpressions, Destructuring) {
  EXPECT_THAT(in_function("const { x, y: { z }, ['k']: k, ...rest } = await g(); const [p, , q] = a; "
                          "({ b, c: o.d } = a); [b, c] = [c, b]; use(x, z, k, rest, p, q);"),
              ElementsAre("%4 = await call globalThis.g()", "x := %4.x", "z := %4.y.z", "k := %4.k",
                          "rest := ?", "p := a[0]", "q := a[2]", "b := a.b", "store o.d := a.c",
                          "%11 := new globalThis.Array(c, b)", "b := %11[0]", "c := %11[1]",
                          "call globalThis.use(x, z, k, rest, p, q)"));
}

TEST(TypeScriptExpressions, ArgumentsKeepTheirValues) {
  EXPECT_THAT(in_function("use(a, a = 1, a++);"),
              ElementsAre("%4 := a", "a := 1", "%5 := a", "%6 := a", "a := operator.add(%6, 1)",
                          "call globalThis.use(%4, %5, %6)"));
}

TEST(TypeScriptExpressions, PromisesAreOrdinaryValues) {
  EXPECT_THAT(in_function("a.m().then((x) => x, b).catch(c).finally(() => o.close());"),
              ElementsAre("store activation.o := o", "%4 = call a.m()",
                          "%5 = call %4.then(closure m.f.<locals>.<arrow@2>, b)", "%6 = call %5.catch(c)",
                          "call %6.finally(closure m.f.<locals>.<arrow@2>@2[activation])"));
}

TEST(TypeScriptExpressions, ImportsThatAreNotAwaited) {
  EXPECT_THAT(in_function("import('fs').then((m) => m); import(a);"),
              ElementsAre("%4 = call globalThis.import(node:fs)",
                          "call %4.then(closure m.f.<locals>.<arrow@2>)", "%5 = call globalThis.import(a)"));
}

TEST(TypeScriptExpressions, Jsx) {
  const Lowered lowered("const v = <A x={f()} {...g()} y=\"1\"><b>{h()} text</b></A>;", FakeTree({}), "m",
                        true);
  EXPECT_THAT(lowered.instructions(), ElementsAre("call globalThis.f()", "call globalThis.g()",
                                                  "call globalThis.h()", "store m.v := ?"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript::testing
