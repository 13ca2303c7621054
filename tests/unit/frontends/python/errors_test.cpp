// Text that does not parse, and text that is made to hurt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "analyzer/frontends/python/comments.h"
#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string repeat(std::string_view text, int times) {
  std::string result;
  for (int count = 0; count < times; ++count) result += text;
  return result;
}

TEST(PythonErrors, AnErrorCostsItsStatement) {
  const Lowered lowered(R"(
def f(a):
    first()
    x = (1 2)
    second()
def g(): third()
)");
  EXPECT_THAT(lowered.holes(), ElementsAre("x = (1 2)"));
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("call builtins.first()", "unknown", "call builtins.second()"));
  EXPECT_THAT(lowered.instructions("m.g"), ElementsAre("call builtins.third()"));
}

TEST(PythonErrors, ABrokenHeadKeepsItsBlocks) {
  const Lowered lowered("def f(a):\n    if a b:\n        x()\n    else:\n        y()\n    z()\n");
  EXPECT_THAT(lowered.holes(), SizeIs(1));
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("unknown", "call builtins.x()", "call builtins.y()", "call builtins.z()"));
}

TEST(PythonErrors, AnUnclosedBracket) {
  const Lowered lowered("def f():\n    a = [\n    b()\ndef g():\n    c()\n");
  EXPECT_THAT(lowered.holes(), Contains(::testing::StartsWith("a = [")));
  EXPECT_THAT(lowered.instructions("m.g"), ElementsAre("call builtins.c()"));
}

TEST(PythonErrors, AnUnclosedParameterList) {
  const Lowered lowered("def f(a:\n    b()\ndef g():\n    c()\n");
  EXPECT_THAT(lowered.holes(), SizeIs(::testing::Ge(1U)));
  EXPECT_THAT(lowered.instructions("m.g"), Contains("call builtins.c()"));
}

TEST(PythonErrors, AnUnclosedString) {
  const Lowered lowered("def f(): a()\nx = '''\n");
  EXPECT_THAT(lowered.holes(), SizeIs(::testing::Ge(1U)));
  EXPECT_THAT(lowered.instructions("m.f"), ElementsAre("call builtins.a()"));
}

TEST(PythonErrors, AnOpenBracketEndsWhereAStatementMustBegin) {
  const Lowered lowered(R"(
class A:
    def f(self):
        first()
        x = call(1,
        return second(x)
    def g(self):
        y = {"a": [1, 2
        with third(): pass
def h(): fourth()
)");
  EXPECT_THAT(lowered.holes(), ElementsAre("x = call(1,", "y = {\"a\": [1, 2"));
  EXPECT_THAT(lowered.instructions("m.A.f"),
              ElementsAre("call builtins.first()", "unknown", "%0 = call builtins.second(builtins.x)"));
  EXPECT_THAT(lowered.instructions("m.A.g"), Contains("%0 = call builtins.third()"));
  EXPECT_THAT(lowered.instructions("m.h"), ElementsAre("call builtins.fourth()"));
}

TEST(PythonErrors, DeepNestingIsAHole) {
  for (const std::string_view pair : {"()", "[]", "{}"}) {
    const Lowered lowered("x = " + repeat(pair.substr(0, 1), 10000) + repeat(pair.substr(1), 10000) +
                          "\nf()\n");
    EXPECT_THAT(lowered.holes(), SizeIs(::testing::Ge(1U))) << pair;
    EXPECT_THAT(lowered.instructions(), Contains("call builtins.f()")) << pair;
  }
  for (const std::string_view prefix :
       {"f(", "lambda: ", "not ", "-", "a if b else ", "await ", "[a for b in "}) {
    const Lowered lowered("x = " + repeat(prefix, 10000) + "a\nf()\n");
    EXPECT_EQ(lowered.module.name, "m") << prefix;
  }
}

TEST(PythonErrors, LongChainsAreNone) {
  const Lowered sum("def f(a):\n    return a" + repeat(" + a()", 5000) + "\n");
  EXPECT_THAT(sum.holes(), IsEmpty());
  EXPECT_THAT(sum.instructions("m.f"), SizeIs(5000));
  const Lowered calls("x = a" + repeat(".b()", 10000) + "\nf()\n");
  EXPECT_THAT(calls.instructions(), Contains("call builtins.f()"));
  const Lowered tests("if a" + repeat(" or b()", 10000) + ": f()\n");
  EXPECT_THAT(tests.instructions(), Contains("call builtins.f()"));
  const Lowered branches("if a: f()\n" + repeat("elif b: f()\n", 10000));
  EXPECT_THAT(branches.instructions(), Contains("call builtins.f()"));
}

TEST(PythonErrors, AnyBytes) {
  EXPECT_THAT(Lowered(std::string("f()\n\0\0\n", 7)).instructions(), Contains("call builtins.f()"));
  EXPECT_THAT(Lowered("x = '\xff\xfe' \xff\ndef f(): g()\n").instructions("m.f"),
              Contains("call builtins.g()"));
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(static_cast<unsigned char>(byte));
  EXPECT_THAT(Lowered(repeat(all, 50)).holes(), SizeIs(::testing::Ge(1U)));
}

TEST(PythonErrors, ByteOrderMarksAndLineEnds) {
  const Lowered lowered("\xef\xbb\xbfimport os\r\nif x:\r\n\tos.open('a')\r\n");
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_THAT(lowered.instructions(), Contains("call os.open(\"a\")"));
}

TEST(PythonErrors, LongCommentsAreNotShownToTheParser) {
  const std::string comment = repeat("    # don't \"\"\"\n", 20'000);
  const std::string before = "def f(p):\n    first()\n" + comment + "    second('''a\n";
  const std::string text = before + comment + "b''')  # c\n" + comment + "third()\n";
  const std::string shown = without_long_comments(text);
  EXPECT_EQ(shown.size(), text.size());
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(shown.find("# don't"), before.size() + 4) << "what looks like one in a string is none";
  EXPECT_EQ(shown.rfind("# c\n"), text.rfind("# c\n"));
  EXPECT_EQ(without_long_comments("# one\n# two\nf()\n"), "");
  const Lowered lowered(text);
  EXPECT_THAT(lowered.instructions("m.f"), SizeIs(2));
  EXPECT_THAT(lowered.instructions(), ElementsAre("call builtins.third()"));
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
