// Which name means what: locals, globals, builtins, imports, and variables that closures share.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

using Code = std::vector<std::string>;

TEST(PythonNames, LocalsParametersModuleNamesAndBuiltins) {
  const Lowered lowered(R"(
LIMIT = 3
def f(a, b):
    c = a
    return open(c, LIMIT, b)
)");
  EXPECT_EQ(lowered.code("m.f"), (Code{"c := a", "%3 = call builtins.open(c, m.LIMIT, b)", "return %3"}));
  EXPECT_EQ(lowered.code(), (Code{"store m.LIMIT := 3", "return null"}));
}

TEST(PythonNames, EveryModuleHasItsOwnFileAndName) {
  const Lowered lowered("def f(): return __file__, __name__, print\n", FakeTree({"pkg.a"}), "pkg.a");
  EXPECT_THAT(lowered.code("pkg.a.f"),
              ElementsAre("return new builtins.tuple(pkg.a.__file__, pkg.a.__name__, builtins.print)"));
}

TEST(PythonNames, GlobalStatement) {
  const Lowered lowered(R"(
def f():
    global count
    count = 1
    return count
)");
  EXPECT_EQ(lowered.code("m.f"), (Code{"store m.count := 1", "return m.count"}));
}

TEST(PythonNames, CapturedVariablesLiveInTheActivation) {
  const Lowered lowered(R"(
def f(a, b):
    c = 1
    d = 2
    def g():
        nonlocal c
        c = a
        return c
    return c, d, b
)");
  EXPECT_EQ(lowered.code("m.f"), (Code{"store activation.a := a", "store activation.c := 1", "d := 2",
                                       "g := closure m.f.<locals>.g[activation]",
                                       "return new builtins.tuple(activation.c, d, b)"}));
  EXPECT_EQ(lowered.code("m.f.<locals>.g"), (Code{"store frame.c := frame.a", "return frame.c"}));
  EXPECT_EQ(lowered.function("m.f.<locals>.g").parent, ir::FunctionIndex{1});
}

TEST(PythonNames, FramesOfFunctionsFurtherOut) {
  const Lowered lowered(R"(
def f(a):
    def g(b):
        def h(): return a, b
        return h
    return g
)");
  EXPECT_EQ(lowered.code("m.f"), (Code{"store activation.a := a", "g := closure m.f.<locals>.g[activation]",
                                       "return closure m.f.<locals>.g[activation]"}));
  EXPECT_EQ(lowered.code("m.f.<locals>.g"), (Code{"store activation.^ := frame", "store activation.b := b",
                                                  "h := closure m.f.<locals>.g.<locals>.h[activation]",
                                                  "return closure m.f.<locals>.g.<locals>.h[activation]"}));
  EXPECT_EQ(lowered.code("m.f.<locals>.g.<locals>.h"),
            (Code{"return new builtins.tuple(frame.^.a, frame.b)"}));
}

TEST(PythonNames, FunctionsThatCaptureNothingHaveNoFrame) {
  const Lowered lowered(R"(
def f():
    def g(): return 1
    h = lambda x: x
    return g() + h(2)
)");
  EXPECT_EQ(lowered.code("m.f"),
            (Code{"g := closure m.f.<locals>.g", "h := closure m.f.<locals>.<lambda:4>",
                  "%2 = call closure m.f.<locals>.g()", "%3 = call h(2)", "return operator.add(%2, %3)"}));
}

TEST(PythonNames, ANestedFunctionMeansItselfFromAnywhere) {
  const Lowered lowered(R"(
def f(x):
    def g(): return x
    def h(): return g()
    return h
)");
  EXPECT_EQ(lowered.code("m.f.<locals>.h"), (Code{"%0 = call closure m.f.<locals>.g[frame]()", "return %0"}));
  EXPECT_THAT(lowered.code("m.f"), Contains("h := closure m.f.<locals>.h[activation]"));
}

TEST(PythonNames, AFunctionNameThatIsAssignedIsAVariable) {
  const Lowered lowered(R"(
def f(wrap):
    def g(): pass
    g = wrap(g)
    return g()
)");
  EXPECT_EQ(lowered.code("m.f"),
            (Code{"g := closure m.f.<locals>.g", "g = call wrap(g)", "%2 = call g()", "return %2"}));
}

TEST(PythonNames, LambdasOnOneLineHaveDifferentNames) {
  const Lowered lowered("a = [lambda: 1, lambda: 2]\n");
  EXPECT_THAT(lowered.code(),
              Contains("store m.a := new builtins.list(closure m.<lambda:1>, closure m.<lambda:1:2>)"));
}

TEST(PythonNames, ClassNamesAreNotVisibleInMethods) {
  const Lowered lowered(R"(
path = 1
class A:
    path = 2
    other = path
    def f(self): return path
)");
  EXPECT_EQ(lowered.code(),
            (Code{"store m.path := 1", "store m.A.path := 2", "store m.A.other := m.A.path", "return null"}));
  EXPECT_EQ(lowered.code("m.A.f"), (Code{"return m.path"}));
}

TEST(PythonNames, AttributesOfNamespacesAreNames) {
  const Lowered lowered(R"(
import os
from pathlib import Path as P
class A:
    limit = 3
    class B: pass
x = object()
os.path.join(P.home, A.limit, A.B.c, x.y.z, os.O_CREAT.real, dict.fromkeys)
)");
  EXPECT_THAT(lowered.code(), Contains("call os.path.join(pathlib.Path.home, m.A.limit, m.A.B.c, m.x.y.z, "
                                       "os.O_CREAT.real, builtins.dict.fromkeys)"));
}

TEST(PythonNames, ImportForms) {
  const Lowered lowered(R"(
import os, a.b.c, x.y as z
from concurrent import futures as f
def g():
    from shutil import move
    return os.sep, a.b.c.d, z.w, f.wait, move
)");
  EXPECT_EQ(lowered.code("m.g"), (Code{"return new builtins.tuple(os.sep, a.b.c.d, x.y.w, "
                                       "concurrent.futures.wait, shutil.move)"}));
  EXPECT_THAT(lowered.aliases(), UnorderedElementsAre(Pair("os", "os"), Pair("a", "a"), Pair("z", "x.y"),
                                                      Pair("f", "concurrent.futures")));
  EXPECT_THAT(lowered.module.imports, IsEmpty());
}

TEST(PythonNames, ModulesOfTheTreeHaveTheirUniqueNames) {
  const FakeTree tree({"src.pkg/", "src.pkg.locking", "src.pkg.app", "src.pkg.sub/", "src.pkg.sub.deep"});
  const Lowered lowered(R"(
import pkg.locking
import pkg.sub.deep as deep
from pkg import locking as l, VERSION
from . import locking
from .locking import Lock as K, helper
from .sub import deep as d, thing
from .missing import gone
from pkg import sub
f(pkg.locking.acquire, deep.x, l.y, locking.z, K.w, helper.v, d.u, thing, gone, sub.deep.t, VERSION.s, locking.manager.get)
)",
                        tree, "src.pkg.app");
  EXPECT_THAT(lowered.code(),
              Contains("call builtins.f(src.pkg.locking.acquire, src.pkg.sub.deep.x, src.pkg.locking.y, "
                       "src.pkg.locking.z, src.pkg.locking.Lock.w, src.pkg.locking.helper.v, "
                       "src.pkg.sub.deep.u, src.pkg.sub.thing, src.pkg.missing.gone, src.pkg.sub.deep.t, "
                       "src.pkg.VERSION.s, src.pkg.locking.manager.get)"));
  EXPECT_THAT(lowered.module.imports,
              UnorderedElementsAre("src.pkg", "src.pkg.locking", "src.pkg.sub", "src.pkg.sub.deep"));
  const ir::Instruction* call = nullptr;
  for (const ir::Instruction& each : lowered.module.functions.front().cfg.blocks.front().instructions) {
    if (each.kind == ir::InstructionKind::call) call = &each;
  }
  ASSERT_NE(call, nullptr);
  const auto kind = [&](std::size_t index) {
    return lowered.module.terms.kind(call->arguments[index].value);
  };
  EXPECT_EQ(kind(4), ir::TermKind::global) << "a class's attribute is a name";
  EXPECT_EQ(kind(5), ir::TermKind::field) << "a variable's is a field";
  EXPECT_EQ(kind(10), ir::TermKind::field) << "a constant's too";
  EXPECT_EQ(kind(11), ir::TermKind::field) << "and that of a variable in a module";
}

TEST(PythonNames, APackageWithoutInit) {
  const FakeTree tree({"src.tools.locking", "m"});
  const Lowered lowered("import src.tools.locking\nsrc.tools.locking.f(src.other)\n", tree);
  EXPECT_THAT(lowered.code(), Contains("call src.tools.locking.f(src.other)"));
  EXPECT_THAT(lowered.module.imports, ElementsAre("src.tools.locking"));
}

TEST(PythonNames, ReexportsOfAPackage) {
  const FakeTree tree({"pkg/", "pkg.locking"});
  const Lowered lowered("from .locking import Lock as L, g\nfrom . import locking\n", tree, "pkg", true);
  EXPECT_THAT(lowered.aliases(),
              UnorderedElementsAre(Pair("L", "pkg.locking.Lock"), Pair("g", "pkg.locking.g"),
                                   Pair("locking", "pkg.locking")));
}

TEST(PythonNames, TheImportIsWhatANameMeans) {
  const Lowered lowered(R"(
try:
    import fcntl
except ImportError:
    fcntl = None
def f():
    try:
        import msvcrt
    except ImportError:
        msvcrt = None
    if fcntl is None: return msvcrt.locking
    return fcntl.flock
)");
  EXPECT_THAT(lowered.code(), Contains("store m.fcntl := null"));
  EXPECT_THAT(lowered.code("m.f"), Contains("branch operator.is(fcntl, null) ? 4 : 5"));
  EXPECT_THAT(lowered.code("m.f"), Contains("return fcntl.flock"));
  EXPECT_THAT(lowered.code("m.f"), Contains("return msvcrt.locking"));
  EXPECT_THAT(lowered.aliases(), ElementsAre(Pair("fcntl", "fcntl")));
}

TEST(PythonNames, ImportsCanFailWhereThatIsHandled) {
  const Lowered lowered(
      "import a\ntry:\n    import b.c as d, e\n    from .f import g\nexcept ImportError: h()\n");
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("call builtins.__import__(\"b.c\")", "call builtins.__import__(\"e\")",
                          "call builtins.__import__(\".f\")", "call builtins.h()"));
}

TEST(PythonNames, ALocalImportThatIsReassignedIsAVariable) {
  const Lowered lowered("def f():\n    from a import b\n    b = b.c\n    return b\n");
  EXPECT_THAT(lowered.code("m.f"), Contains("return b"));
}

TEST(PythonNames, TypeCheckingImportsCountButNothingRuns) {
  const Lowered lowered(R"(
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from pathlib import Path
    g()
else:
    h()
def f(p: Path): pass
)");
  EXPECT_EQ(lowered.code(), (Code{"call builtins.h()", "return null"}));
  EXPECT_EQ(lowered.print(lowered.function("m.f").parameters[0].declared_type), "pathlib.Path");
}

TEST(PythonNames, StarImports) {
  const Lowered outside("from fcntl import *\nflock(LOCK_EX, open)\n");
  EXPECT_THAT(outside.code(), Contains("call fcntl.flock(fcntl.LOCK_EX, builtins.open)"));
  EXPECT_THAT(outside.module.star_imports, ElementsAre("fcntl"));

  const Lowered inside("from .a import *\nflock(ValueError)\n", FakeTree({"pkg/", "pkg.a"}), "pkg", true);
  EXPECT_THAT(inside.code(), Contains("call pkg.flock(builtins.ValueError)"));
  EXPECT_THAT(inside.module.star_imports, ElementsAre("pkg.a"));
  EXPECT_THAT(inside.module.imports, ElementsAre("pkg.a"));
}

TEST(PythonNames, ComprehensionsHaveTheirOwnVariables) {
  const Lowered lowered(R"(
def f(x, y):
    a = [g(v) for v in x]
    v = [w(x) for x in x]
    return x, [lambda: z for z in y]
)");
  const Code code = lowered.instructions("m.f");
  EXPECT_THAT(code, Contains("x%8 = call operator.next(%7)")) << "another x";
  EXPECT_THAT(code, Contains("%7 = call builtins.iter(x%0)")) << "the parameter";
  EXPECT_THAT(code, Contains(StartsWith("store activation.z := %"))) << "a lambda captures it";
  EXPECT_EQ(lowered.code("m.f.<locals>.<lambda:5>"), (Code{"return frame.z"}));
}

TEST(PythonNames, AWalrusInAComprehensionBindsOutside) {
  const Lowered lowered("def f(a):\n    any((b := x) for x in a)\n    return b\n");
  EXPECT_THAT(lowered.code("m.f"), Contains("return b"));
  EXPECT_THAT(lowered.code("m.f"), Not(Contains("return builtins.b")));
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
