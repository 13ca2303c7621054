// Where values go: slots, places, and the parts of what is unpacked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::ElementsAre;

using Code = std::vector<std::string>;

Code of(const std::string& statement) {
  Code code = Lowered("def f(a, b, c, d, e):\n    " + statement + "\n    return x, y\n").code("m.f");
  code.pop_back();  // the return keeps x and y alive, nothing more
  return code;
}

TEST(PythonAssignments, Plain) {
  EXPECT_THAT(of("x = a; y = b()"), ElementsAre("x := a", "y = call b()"));
  EXPECT_THAT(of("a.b.c = d"), ElementsAre("store a.b.c := d"));
  EXPECT_THAT(of("a[b] = d"), ElementsAre("store a[b] := d"));
  EXPECT_THAT(of("a()[b] = c()"), ElementsAre("%5 = call c()", "%6 = call a()", "store %6[b] := %5"));
  EXPECT_THAT(of("x = y = a()"), ElementsAre("x = call a()", "y := x"));
  EXPECT_THAT(of("a.b = a = c"), ElementsAre("%5 := c", "store a.b := %5", "a := %5"));
}

TEST(PythonAssignments, Unpacking) {
  EXPECT_THAT(of("x, y = a()"), ElementsAre("%5 = call a()", "x = call operator.getitem(%5, 0)",
                                            "y = call operator.getitem(%5, 1)"));
  EXPECT_THAT(of("x, y = y, x"), ElementsAre("%7 := y", "%8 := x", "x := %7", "y := %8"));
  EXPECT_THAT(of("x, y = 1, a()"), ElementsAre("%5 = call a()", "x := 1", "y := %5"));
  EXPECT_THAT(of("x, *a.b, y = c"), ElementsAre("%5 := c", "x = call operator.getitem(%5, 0)",
                                                "store a.b := ?", "y = call operator.getitem(%5, -1)"));
  EXPECT_THAT(
      of("[x, (y, a)] = c()"),
      ElementsAre("%5 = call c()", "x = call operator.getitem(%5, 0)", "%7 = call operator.getitem(%5, 1)",
                  "y = call operator.getitem(%7, 0)", "a = call operator.getitem(%7, 1)"));
  EXPECT_THAT(of("(x) = a"), ElementsAre("x := a"));
}

TEST(PythonAssignments, Augmented) {
  EXPECT_THAT(of("a += b"), ElementsAre("a := operator.add(a, b)"));
  EXPECT_THAT(of("a.b |= c()"), ElementsAre("%5 = call c()", "store a.b := operator.or(a.b, %5)"));
  EXPECT_THAT(of("a[b] //= c"),
              ElementsAre("%5 = call operator.getitem(a, b)", "store a[b] := operator.floordiv(%5, c)"));
}

TEST(PythonAssignments, Deletion) {
  EXPECT_THAT(of("del a, b.c, d[e]"), ElementsAre("a := ?", "store b.c := ?", "call operator.delitem(d, e)"));
  EXPECT_THAT(of("del (a, b)"), ElementsAre("a := ?", "b := ?"));
}

TEST(PythonAssignments, AFunctionThatLooksLikeATypeAlias) {
  EXPECT_THAT(of("type(a).b = c()"),
              ElementsAre("%5 = call c()", "%6 = call builtins.type(a)", "store %6.b := %5"));
  const Lowered alias("type X = f(1)\ntype(a).b = type\ntype Y[T] = int\n");
  EXPECT_THAT(alias.instructions(),
              ElementsAre("%0 = call builtins.type(builtins.a)", "store %0.b := builtins.type"));
}

TEST(PythonAssignments, Annotations) {
  const Lowered lowered(R"(
from pathlib import Path
import typing as t
def f(a, b):
    x: Path = a
    y: t.Optional["Path"]
    z: int | None = b()
    return x, y, z
)");
  const ir::Function& function = lowered.function("m.f");
  std::map<std::string_view, std::string> types;
  for (const ir::Variable& each : function.locals) {
    if (each.declared_type != ir::Term::none) types.emplace(each.name, lowered.print(each.declared_type));
  }
  EXPECT_EQ(types["x"], "pathlib.Path");
  EXPECT_EQ(types["y"], "pathlib.Path");
  EXPECT_EQ(types["z"], "builtins.int");
  EXPECT_EQ(lowered.instructions("m.f"), (Code{"x := a", "z = call b()"}));
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
