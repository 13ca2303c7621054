// Functions, closures, parameters and classes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/typescript/lowered.h"

namespace lockwright::frontends::typescript::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

TEST(TypeScriptFunctions, OneThatIsAssignedOnceIsANamedOne) {
  const Lowered lowered(R"(
export const acquire = async (path: string) => { await open(path); };
const release = function () { close(); };
function both() { acquire("a"); release(); later(); }
const later = () => {};
let changed = () => {};
changed = () => {};
)");
  EXPECT_EQ(lowered.head("m.acquire"), "function m.acquire(path) [async]");
  EXPECT_TRUE(lowered.function("m.acquire").starts_at_call);
  EXPECT_THAT(lowered.instructions("m.both"),
              ElementsAre("call m.acquire(\"a\")", "call m.release()", "call m.later()"));
  EXPECT_THAT(lowered.instructions(), ElementsAre("store m.changed := m.changed@7"));
}

TEST(TypeScriptFunctions, ClosuresShareVariables) {
  const Lowered lowered(R"(
async function take(path) {
  let held = await open(path);
  const unshared = 1;
  const release = async () => {
    const lock = held;
    held = undefined;
    await lock.close(path);
  };
  use(unshared);
  return { path, release, drop() { return release(); } };
}
)");
  EXPECT_THAT(lowered.instructions("m.take"),
              ElementsAre("store activation.path := path", "%1 = await call globalThis.open(activation.path)",
                          "store activation.held := %1", "unshared := 1", "call globalThis.use(unshared)"));
  EXPECT_THAT(lowered.code("m.take").back(),
              "return new globalThis.Object(path=activation.path, release=closure "
              "m.take.<locals>.release[activation], drop=closure m.take.<locals>.drop[activation])");
  EXPECT_THAT(
      lowered.instructions("m.take.<locals>.release"),
      ElementsAre("lock := frame.held", "store frame.held := null", "await call lock.close(frame.path)"));
  EXPECT_THAT(lowered.instructions("m.take.<locals>.drop"),
              ElementsAre("%0 = call closure m.take.<locals>.release[frame]()"));
}

TEST(TypeScriptFunctions, VariablesOfOneNameInSeveralBlocks) {
  const Lowered lowered(R"(
function f() {
  if (a) { const x = 1; run(() => x); } else { const x = 2; run(() => x); }
}
)");
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("store activation.x := 1",
                          "call globalThis.run(closure m.f.<locals>.<arrow@3>[activation])",
                          "store activation.x@2 := 2",
                          "call globalThis.run(closure m.f.<locals>.<arrow@3>@3[activation])"));
  EXPECT_EQ(lowered.code("m.f.<locals>.<arrow@3>@3").back(), "return frame.x@2");
}

TEST(TypeScriptFunctions, AVariableDeclaredBelowTheClosure) {
  const Lowered lowered(R"(
function f() {
  const inner = () => { const deep = () => later; return deep(); };
  var later = 1;
  hoisted();
  function hoisted() { later = 2; }
}
)");
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("store activation.later := 1", "call closure m.f.<locals>.hoisted[activation]()"));
  EXPECT_EQ(lowered.code("m.f.<locals>.inner.<locals>.deep").back(), "return frame.^.later");
}

TEST(TypeScriptFunctions, BlocksOfTheModule) {
  const Lowered lowered("for (const x of y) { on(() => x); }\nconst x = 1;\n");
  EXPECT_THAT(lowered.instructions(), Contains("store m.x@2 := %1"));
  EXPECT_THAT(lowered.instructions(), Contains("store m.x := 1"));
  EXPECT_EQ(lowered.code("m.<arrow@1>").back(), "return m.x@2");
}

TEST(TypeScriptFunctions, Parameters) {
  const Lowered lowered(R"(
function f(this: Window, a, b = 5, c = make(a), { d, e: { f: g }, h = 1, ...i }: P = {}, [j, , k], l?, ...m) {
  use(d, g, h, i, j, k, m);
}
)");
  using Kind = ir::Parameter::Kind;
  const ir::Function& f = lowered.function("m.f");
  std::vector<std::string> names;
  std::vector<std::string> defaults;
  for (const ir::Parameter& each : f.parameters) {
    names.emplace_back(each.name);
    defaults.push_back(each.default_value == ir::Term::none ? "" : lowered.print(each.default_value));
  }
  EXPECT_THAT(names, ElementsAre("a", "b", "c", "", "", "l", "m"));
  EXPECT_THAT(defaults, ElementsAre("", "5", "null", "globalThis.Object()", "", "null", ""));
  EXPECT_EQ(f.parameters.back().kind, Kind::rest);
  EXPECT_THAT(lowered.code("m.f"),
              ElementsAreArray({"block 0:", "branch operator.is(c, null) ? 1 : 2",
                                "block 1:", "c = call globalThis.make(a)", "jump 2", "block 2:", "d := %3.d",
                                "g := %3.e.f", "h := %3.h", "branch operator.is(h, null) ? 3 : 4",
                                "block 3:", "h := 1", "jump 4", "block 4:", "i := ?", "j := %4[0]",
                                "k := %4[2]", "call globalThis.use(d, g, h, i, j, k, m)", "return null"}));
}

TEST(TypeScriptFunctions, GeneratorsAndAsyncOnes) {
  const Lowered lowered(R"(
function* g() { const x = yield 1; yield* other(); }
async function* a() { yield; }
const o = { async *b() {}, async c() {} };
)");
  EXPECT_EQ(lowered.head("m.g"), "function m.g() [generator]");
  EXPECT_THAT(lowered.instructions("m.g"), ElementsAre("x = yield 1", "call globalThis.other()", "yield ?"));
  EXPECT_EQ(lowered.head("m.a"), "function m.a() [async, generator]");
  EXPECT_FALSE(lowered.function("m.a").starts_at_call);
  EXPECT_TRUE(lowered.function("m.o.c").is_async);
  EXPECT_TRUE(lowered.function("m.o.b").is_generator);
}

TEST(TypeScriptFunctions, CalledWhereTheyStand) {
  const Lowered lowered("(async () => { await f(); })();\nvoid (function () { g(); })();\n");
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("call closure m.<arrow@1>()", "call closure m.<function@2>()"));
  EXPECT_THAT(lowered.instructions("m.<arrow@1>"), ElementsAre("await call globalThis.f()"));
}

TEST(TypeScriptClasses, FieldsAndConstructors) {
  const Lowered lowered(R"(
class Lock extends Base {
  static count = next();
  #held = new Map();
  plain = 5;
  unset: string;
  constructor(private readonly path: string, other) {
    before();
    super(path);
    this.other = other;
  }
  static { register(this); }
}
class Small extends Base { x = f(); }
class None {}
)");
  EXPECT_THAT(lowered.instructions(), ElementsAre("%0 = call globalThis.next()", "store m.Lock.count := %0",
                                                  "call globalThis.register(m.Lock)"));
  EXPECT_THAT(lowered.instructions("m.Lock.constructor"),
              ElementsAre("call globalThis.before()", "call builtins.super(m.Lock, self).constructor(path)",
                          "store self.path := path", "%2 = call globalThis.Map()", "store self.#held := %2",
                          "store self.plain := 5", "store self.other := other"));
  EXPECT_EQ(lowered.head("m.Small.constructor"), "function m.Small.constructor(*args) [self]");
  EXPECT_THAT(lowered.instructions("m.Small.constructor"),
              ElementsAre("call builtins.super(m.Small, self).constructor(...args)",
                          "%1 = call globalThis.f()", "store self.x := %1"));
  EXPECT_THAT(lowered.type("m.None").methods, IsEmpty());
  EXPECT_EQ(lowered.print(lowered.type("m.Lock").bases.front()), "globalThis.Base");
}

TEST(TypeScriptClasses, Methods) {
  const Lowered lowered(R"(
class Lock extends Base {
  get path() { return this.dir; }
  set path(value) { this.dir = value; }
  static create() { return new this(Lock.count, this.count); }
  async [Symbol.asyncDispose]() { await this.#release(); }
  #release() { return super.release(); }
  later = async () => { await this.#release(); };
  run() { return [() => this.#release(), function () { return this; }]; }
}
)");
  const ir::Class& type = lowered.type("m.Lock");
  std::vector<std::string> names;
  for (const auto& [name, function] : type.methods) names.emplace_back(name);
  EXPECT_THAT(names, ElementsAre("#release", "Symbol.asyncDispose", "create", "later", "path", "run"));
  EXPECT_EQ(lowered.head("m.Lock.path"), "function m.Lock.path() [self, property]");
  EXPECT_THAT(lowered.instructions("m.Lock.path.set"), ElementsAre("store self.dir := value"));
  EXPECT_THAT(lowered.instructions("m.Lock.create"),
              ElementsAre("%0 = call m.Lock(m.Lock.count, m.Lock.count)"));
  EXPECT_THAT(lowered.instructions("m.Lock.Symbol.asyncDispose"), ElementsAre("await call self.#release()"));
  EXPECT_THAT(lowered.instructions("m.Lock.#release"),
              ElementsAre("%0 = call builtins.super(m.Lock, self).release()"));
  EXPECT_THAT(lowered.instructions("m.Lock.later"), ElementsAre("await call self.#release()"));
  EXPECT_THAT(lowered.instructions("m.Lock.run"), ElementsAre("store activation.this := self"));
  EXPECT_THAT(lowered.instructions("m.Lock.run.<locals>.<arrow@9>"),
              ElementsAre("%0 = call frame.this.#release()"));
}

TEST(TypeScriptClasses, FunctionsWithAPrototype) {
  const Lowered lowered(R"(
function Lock(path) { this.path = path; }
Lock.prototype.release = function free() { unlink(this.path); };
Lock.prototype.arrow = () => {};
function Other() {}
Other.prototype = { take() { return this.path; }, options: { nested() {} }, drop: function () {} };
new Lock("a").release();
)");
  EXPECT_EQ(lowered.head("m.Lock.constructor"), "function m.Lock.constructor(path) [self]");
  EXPECT_THAT(lowered.instructions("m.Lock.release"), ElementsAre("call globalThis.unlink(self.path)"));
  EXPECT_EQ(lowered.function("m.Lock.release").owner, "m.Lock");
  EXPECT_EQ(lowered.function("m.Lock.arrow").owner, "");
  EXPECT_EQ(lowered.code("m.Other.take").back(), "return self.path");
  EXPECT_EQ(lowered.function("m.Other.drop").owner, "m.Other");
  EXPECT_EQ(lowered.function("m.Other.options.nested").owner, "");
}

TEST(TypeScriptClasses, OnesInFunctionsAndExpressions) {
  const Lowered lowered(R"(
function f(dir) {
  class Inner { where() { return dir; } }
  return new Inner();
}
const Named = class { go() {} };
@decorated() class Decorated { @x() y = 1; @z method() { f(); } }
)");
  EXPECT_THAT(lowered.instructions("m.f"),
              ElementsAre("store activation.dir := dir", "%1 = call m.f.<locals>.Inner()"));
  EXPECT_EQ(lowered.type("m.Named").methods.size(), 1U);
  EXPECT_THAT(lowered.instructions("m.Decorated.method"), ElementsAre("call m.f()"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript::testing
