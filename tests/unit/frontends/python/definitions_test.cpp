// What functions and classes declare.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using Code = std::vector<std::string>;

std::vector<std::string> print(const Lowered& lowered, const std::vector<ir::Term>& terms) {
  std::vector<std::string> result;
  for (const ir::Term each : terms) result.push_back(lowered.print(each));
  return result;
}

TEST(PythonDefinitions, Parameters) {
  const Lowered lowered(R"(
from pathlib import Path
LIMIT = 1
def f(a, /, b: Path, c=LIMIT, d: "Path | None" = None, *args: int, e, g=(), h=make(), **kw): pass
)");
  const ir::Function& f = lowered.function("m.f");
  using Kind = ir::Parameter::Kind;
  ASSERT_EQ(f.parameters.size(), 9U);
  std::vector<std::string_view> names;
  std::vector<Kind> kinds;
  for (const ir::Parameter& each : f.parameters) {
    names.push_back(each.name);
    kinds.push_back(each.kind);
  }
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "d", "args", "e", "g", "h", "kw"));
  EXPECT_THAT(kinds,
              ElementsAre(Kind::plain, Kind::plain, Kind::plain, Kind::plain, Kind::rest, Kind::keyword_only,
                          Kind::keyword_only, Kind::keyword_only, Kind::keyword_rest));
  EXPECT_EQ(lowered.print(f.parameters[1].declared_type), "pathlib.Path");
  EXPECT_EQ(lowered.print(f.parameters[3].declared_type), "pathlib.Path");
  EXPECT_EQ(lowered.print(f.parameters[2].default_value), "m.LIMIT");
  EXPECT_EQ(lowered.print(f.parameters[3].default_value), "null");
  EXPECT_EQ(lowered.print(f.parameters[6].default_value), "builtins.tuple()");
  EXPECT_EQ(lowered.module.terms.kind(f.parameters[7].default_value), ir::TermKind::unknown);
  EXPECT_EQ(f.parameters[0].default_value, ir::Term::none);
  EXPECT_THAT(lowered.instructions(), Contains("%0 = call builtins.make()"))
      << "where the function is defined";
}

TEST(PythonDefinitions, TypesOfAnnotations) {
  const auto type = [](const std::string& annotation) {
    const Lowered lowered(
        "import typing\nfrom typing import *\nfrom typing import Optional, Union, Annotated, Final\n"
        "from pathlib import Path\nimport p.q\nclass A: pass\ndef f() -> " +
        annotation + ": pass\n");
    const ir::Term result = lowered.function("m.f").return_type;
    return result == ir::Term::none ? "-" : lowered.print(result);
  };
  EXPECT_EQ(type("Path"), "pathlib.Path");
  EXPECT_EQ(type("'Path'"), "pathlib.Path");
  EXPECT_EQ(type("Optional[Path]"), "pathlib.Path");
  EXPECT_EQ(type("typing.Optional['Path']"), "pathlib.Path");
  EXPECT_EQ(type("Path | None"), "pathlib.Path");
  EXPECT_EQ(type("None | 'Path'"), "pathlib.Path");
  EXPECT_EQ(type("'Path | None'"), "pathlib.Path");
  EXPECT_EQ(type("Union[Path, None]"), "pathlib.Path");
  EXPECT_EQ(type("Union[Path, str]"), "-");
  EXPECT_EQ(type("Path | str"), "-");
  EXPECT_EQ(type("Annotated[Path, 'x[', f(1)]"), "pathlib.Path");
  EXPECT_EQ(type("Final[p.q.R]"), "p.q.R");
  EXPECT_EQ(type("list[Path]"), "builtins.list");
  EXPECT_EQ(type("dict[str, list[Path]] | None"), "builtins.dict");
  EXPECT_EQ(type("typing.TextIO"), "typing.TextIO");
  EXPECT_EQ(type("A"), "m.A");
  EXPECT_EQ(type("None"), "-");
  EXPECT_EQ(type("'not a type'"), "-");
}

TEST(PythonDefinitions, Decorators) {
  const Lowered lowered(R"(
from contextlib import contextmanager
import app
@contextmanager
@app.route("/x", methods=["GET"])
@app.deco
def f(): yield
)");
  EXPECT_THAT(print(lowered, lowered.function("m.f").decorators),
              ElementsAre("contextlib.contextmanager", "app.route(\"/x\", methods=builtins.list(\"GET\"))",
                          "app.deco"));
  EXPECT_TRUE(lowered.function("m.f").is_generator);
}

TEST(PythonDefinitions, DecoratorsThatNameAVariableOfTheFunctionAround) {
  const Lowered lowered("def f(app):\n    @app.get('/')\n    def g(): pass\n");
  EXPECT_EQ(lowered.print(lowered.function("m.f.<locals>.g").decorators.at(0)), "?.get(\"/\")");
}

TEST(PythonDefinitions, Methods) {
  const Lowered lowered(R"(
class A(Base, Generic[T], metaclass=Meta):
    def m(self, x): return self.p, x
    @staticmethod
    def s(x): return x
    @classmethod
    def c(cls, x): return cls(x).m(cls.limit)
    @property
    def p(self): return self._p
    @p.setter
    def p(self, v): self._p = v
    async def a(this): await this.m(1)
    def __new__(cls): return super().__new__(cls)
)");
  EXPECT_EQ(lowered.head("m.A.m"), "function m.A.m(x) [self]");
  EXPECT_EQ(lowered.code("m.A.m"), (Code{"return new builtins.tuple(self.p, x)"}));
  EXPECT_EQ(lowered.head("m.A.s"), "function m.A.s(x)");
  EXPECT_EQ(lowered.head("m.A.c"), "function m.A.c(x)");
  EXPECT_EQ(lowered.code("m.A.c"), (Code{"%1 = call m.A(x)", "%2 = call %1.m(m.A.limit)", "return %2"}));
  EXPECT_TRUE(lowered.function("m.A.p").is_property);
  EXPECT_FALSE(lowered.function("m.A.p.setter").is_property);
  EXPECT_EQ(lowered.code("m.A.p.setter"), (Code{"store self._p := v", "return null"}));
  EXPECT_EQ(lowered.code("m.A.a"), (Code{"await call self.m(1)", "return null"}));
  EXPECT_EQ(lowered.code("m.A.__new__"),
            (Code{"%0 = call builtins.super(m.A, m.A).__new__(m.A)", "return %0"}));
  const ir::Class& a = lowered.type("m.A");
  EXPECT_THAT(print(lowered, a.bases), ElementsAre("builtins.Base", "builtins.Generic"));
  std::vector<std::string_view> names;
  for (const auto& [name, index] : a.methods) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("__new__", "a", "c", "m", "p", "s"));
  EXPECT_EQ(lowered.module.functions[static_cast<std::size_t>(a.methods.at("p"))].qualified_name, "m.A.p");
  EXPECT_EQ(lowered.function("m.A.m").owner, "m.A");
  EXPECT_EQ(lowered.function("m.A.m").parent, ir::FunctionIndex::none);
}

TEST(PythonDefinitions, SuperAndTheReceiverInClosures) {
  const Lowered lowered(R"(
class A(B):
    def m(self):
        super().m(1)
        super(B, self).m(2)
        def g(): return super().m(self.x)
        return g
)");
  EXPECT_THAT(
      lowered.instructions("m.A.m"),
      ElementsAre("store activation.self := self", "call builtins.super(m.A, self).m(1)",
                  "call builtins.super(builtins.B, self).m(2)", "g := closure m.A.m.<locals>.g[activation]"));
  EXPECT_THAT(lowered.instructions("m.A.m.<locals>.g"),
              ElementsAre("%0 = call builtins.super(m.A, frame.self).m(frame.self.x)"));
}

TEST(PythonDefinitions, AReceiverThatIsReassignedIsAVariable) {
  const Lowered lowered("class A:\n    def m(self):\n        self = self.next\n        return self\n");
  EXPECT_EQ(lowered.code("m.A.m"), (Code{"self := self", "self := self.next", "return self"}));
}

TEST(PythonDefinitions, Fields) {
  const Lowered lowered(R"(
from dataclasses import dataclass, field
from pathlib import Path
@dataclass
class A:
    path: Path
    limit: int = 3
    lock: "Lock" = field(default_factory=dict)
    name = "x"
    def __init__(self, p):
        self.file: Path | None = p
        self.other = p
)");
  const ir::Class& a = lowered.type("m.A");
  const auto type = [&](std::string_view field) { return lowered.print(a.fields.at(field).declared_type); };
  const auto value = [&](std::string_view field) { return lowered.print(a.fields.at(field).value); };
  EXPECT_EQ(type("path"), "pathlib.Path");
  EXPECT_EQ(a.fields.at("path").value, ir::Term::none);
  EXPECT_EQ(type("limit"), "builtins.int");
  EXPECT_EQ(value("limit"), "3");
  EXPECT_EQ(lowered.module.terms.kind(a.fields.at("lock").value), ir::TermKind::unknown);
  EXPECT_EQ(value("name"), "\"x\"");
  EXPECT_EQ(type("file"), "pathlib.Path");
  EXPECT_FALSE(a.fields.contains("other"));
  EXPECT_THAT(lowered.code("m.A.__init__"), Contains("store self.other := p"));
  EXPECT_THAT(
      lowered.instructions(),
      ElementsAre("store m.A.limit := 3", "%0 = call dataclasses.field(default_factory=builtins.dict)",
                  "store m.A.lock := %0", "store m.A.name := \"x\""));
}

TEST(PythonDefinitions, LocalClasses) {
  const Lowered lowered(R"(
def f(x):
    class A:
        y = x
        def m(self): return x, self.y
    return A()
)");
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("store activation.x := x", "store m.f.<locals>.A.y := activation.x",
                          "%1 = call m.f.<locals>.A()"));
  EXPECT_EQ(lowered.code("m.f.<locals>.A.m"), (Code{"return new builtins.tuple(frame.x, self.y)"}));
  EXPECT_EQ(lowered.function("m.f.<locals>.A.m").parent, ir::FunctionIndex{1});
}

TEST(PythonDefinitions, FunctionsAsValues) {
  const Lowered lowered("def f(): pass\nx = f\ng(f, A.m)\nclass A:\n    def m(self): pass\n");
  EXPECT_THAT(lowered.instructions(), ElementsAre("store m.x := m.f", "call builtins.g(m.f, m.A.m)"));
}

TEST(PythonDefinitions, TestsAndRanges) {
  const std::string text = "@d\nasync def f(a): pass\n";
  Input input;
  input.module_name = "m";
  input.text = text;
  input.is_test = true;
  const ir::Module module = parse(input, FakeTree({"m"}));
  const ir::Function& f = module.functions.at(1);
  EXPECT_TRUE(f.is_test);
  EXPECT_EQ(text.substr(f.range.begin, f.range.end - f.range.begin), "async def f(a): pass");
  EXPECT_EQ(text.substr(f.name_range.begin, f.name_range.end - f.name_range.begin), "f");
}

}  // namespace
}  // namespace lockwright::frontends::python::testing
