// Text that does not parse, and text that is made to hurt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/typescript/lowered.h"

namespace lockwright::frontends::typescript::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string repeat(std::string_view text, int times) {
  std::string result;
  for (int count = 0; count < times; ++count) result += text;
  return result;
}

TEST(TypeScriptErrors, AnErrorCostsItsStatement) {
  const Lowered lowered(R"(
function f(a) {
  first();
  x = (1 2);
  second(() => { third(); y = (3 4); fourth(); });
}
function g() { fifth(); }
)");
  EXPECT_THAT(lowered.holes(), ElementsAre("x = (1 2);", "y = (3 4);"));
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("call globalThis.first()", "unknown",
                          "call globalThis.second(closure m.f.<locals>.<arrow@5>)"));
  EXPECT_THAT(lowered.instructions("m.f.<locals>.<arrow@5>"),
              ElementsAre("call globalThis.third()", "unknown", "call globalThis.fourth()"));
  EXPECT_THAT(lowered.instructions("m.g"), ElementsAre("call globalThis.fifth()"));
}

TEST(TypeScriptErrors, ABrokenHeadKeepsItsBlocks) {
  const Lowered lowered("function f(a) { if (a b) { x(); } else { y(); } z(); }");
  EXPECT_THAT(lowered.holes(), SizeIs(1));
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("unknown", "call globalThis.x()", "call globalThis.y()", "call globalThis.z()"));
}

TEST(TypeScriptErrors, ABrokenMemberKeepsTheClass) {
  const Lowered lowered("class A { x = (1 2); f() { g(); } }");
  EXPECT_THAT(lowered.holes(), SizeIs(1));
  EXPECT_THAT(lowered.instructions("m.A.f"), ElementsAre("call globalThis.g()"));
}

TEST(TypeScriptErrors, DeepNestingIsAHole) {
  for (const std::string_view pair : {"()", "[]"}) {
    const Lowered lowered("x = " + repeat(pair.substr(0, 1), 10000) + repeat(pair.substr(1), 10000) +
                          ";\nf();\n");
    EXPECT_THAT(lowered.holes(), SizeIs(Ge(1U))) << pair;
    EXPECT_THAT(lowered.instructions(), Contains("call globalThis.f()")) << pair;
  }
  for (const std::string_view prefix : {"{",
                                        "f(",
                                        "() => ",
                                        "!",
                                        "- ",
                                        "a ? b : ",
                                        "await ",
                                        "`${",
                                        "{a:",
                                        "({a:",
                                        "if (a) ",
                                        "for (;;) ",
                                        "function f() {",
                                        "class A { x = class ",
                                        "a = ",
                                        "new ",
                                        "<A>",
                                        "async () => await ",
                                        "[...",
                                        "x?.[",
                                        "{let [a = "}) {
    const Lowered lowered(repeat(prefix, 10000) + "a\nf()\n");
    EXPECT_EQ(lowered.module.name, "m") << prefix;
  }
}

TEST(TypeScriptErrors, LongChainsAreNone) {
  const Lowered sum("function f(a) { return a" + repeat(" + a()", 5000) + "; }");
  EXPECT_THAT(sum.holes(), IsEmpty());
  EXPECT_THAT(sum.instructions("m.f"), SizeIs(5000));
  const Lowered calls("x = a" + repeat(".b()", 10000) + ";\nf();\n");
  EXPECT_THAT(calls.instructions(), Contains("call globalThis.f()"));
  const Lowered tests("if (a" + repeat(" || b()", 10000) + ") f();\n");
  EXPECT_THAT(tests.instructions(), Contains("call globalThis.f()"));
  const Lowered branches("if (a) f();\n" + repeat("else if (b) f();\n", 10000));
  EXPECT_THAT(branches.instructions(), Contains("call globalThis.f()"));
  const Lowered generic("x = a" + repeat(" + f<T>(1)", 10000) + ";\n");
  EXPECT_THAT(generic.holes(), IsEmpty());
  EXPECT_THAT(generic.instructions(), SizeIs(10001));
  const Lowered optional("x = a" + repeat("?.b()", 300) + ";\nf();\n");
  EXPECT_THAT(optional.instructions(), Contains("call globalThis.f()"));
}

TEST(TypeScriptErrors, LongLines) {
  const Lowered lowered(repeat("var a=[1,2,{b:function(){return c(a)}}];", 25000));
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_EQ(lowered.module.functions.size(), 25001U);
}

TEST(TypeScriptErrors, AnyBytes) {
  EXPECT_THAT(Lowered(std::string("f();\n\0\0\n", 8)).instructions(), Contains("call globalThis.f()"));
  EXPECT_THAT(Lowered("x = '\xff\xfe';\nfunction f() { g(); }\n").instructions("m.f"),
              Contains("call globalThis.g()"));
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(static_cast<unsigned char>(byte));
  EXPECT_THAT(Lowered(repeat(all, 50)).holes(), SizeIs(Ge(1U)));
}

TEST(TypeScriptErrors, ByteOrderMarksLineEndsAndHashBangs) {
  const Lowered lowered(
      "\xef\xbb\xbf#!/usr/bin/env node\r\nimport fs from 'fs';\r\nif (x) {\r\n\tfs.open('a');\r\n}\r\n");
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_THAT(lowered.instructions(), Contains("call node:fs.open(\"a\")"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript::testing
