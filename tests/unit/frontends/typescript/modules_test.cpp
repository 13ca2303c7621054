// Imports, exports and what names mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/typescript/lowered.h"

namespace lockwright::frontends::typescript::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(TypeScriptModules, NodesModulesHaveOneNameEach) {
  const Lowered lowered(R"(
import fs from "fs";
import * as fs2 from "node:fs";
import { promises as fsp, open } from "fs";
import fsp2, { rm as remove } from "node:fs/promises";
import process from "node:process";
const fs3 = require("fs");
const { readFile, promises: { } } = require("fs");
const { writeFile: write } = require("fs").promises;
const fsp3 = fs.promises;
const { stat } = fsp3;
fs.openSync(1); fs2.openSync(2); fs3.openSync(3); open(4);
fsp.open(5); fsp2.open(6); fs.promises.open(7); fsp3.open(8); remove(9); write(10); stat(11);
process.kill(12);
)");
  EXPECT_THAT(
      lowered.instructions(),
      IsSupersetOf({"call node:fs.openSync(1)", "call node:fs.openSync(2)", "call node:fs.openSync(3)",
                    "call node:fs.open(4)", "call node:fs/promises.open(5)", "call node:fs/promises.open(6)",
                    "call node:fs/promises.open(7)", "call node:fs/promises.open(8)",
                    "call node:fs/promises.rm(9)", "call node:fs/promises.writeFile(10)",
                    "call node:fs/promises.stat(11)", "call globalThis.process.kill(12)"}));
}

TEST(TypeScriptModules, PackagesKeepTheirNames) {
  const Lowered lowered(R"(
import lockfile, { unlock } from "proper-lockfile";
import * as ext from "fs-ext";
import type { Options } from "@scope/name";
import { x } from "@scope/name";
const other = await import("other");
const { deep } = (await import("deep")).default;
lockfile.lock("a"); unlock("b"); ext.flock(1); x(); other.y(); deep();
)");
  EXPECT_THAT(
      lowered.instructions(),
      ElementsAre("call proper-lockfile.lock(\"a\")", "call proper-lockfile.unlock(\"b\")",
                  "call fs-ext.flock(1)", "call @scope/name.x()", "call other.y()", "call deep.deep()"));
}

TEST(TypeScriptModules, ModulesOfTheTree) {
  const Lowered lowered(R"(
import held, { acquire as get, Manager } from "./lock.js";
import * as all from "../util";
import "./side";
const cjs = require("./cjs");
held(); get(); new Manager(); Manager.create(); all.f(); cjs.g(); cjs(); new cjs();
)",
                        FakeTree({"src/a/lock.ts", "src/util/index.ts", "src/a/side.ts", "src/a/cjs.ts"}),
                        "src/a/m.ts");
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("call src/a/lock.ts.default()", "call src/a/lock.ts.acquire()",
                          "call src/a/lock.ts.Manager()", "call src/a/lock.ts.Manager.create()",
                          "call src/util/index.ts.f()", "call src/a/cjs.ts.g()",
                          "call src/a/cjs.ts.default()", "call src/a/cjs.ts.default()"));
  EXPECT_THAT(lowered.module.imports,
              UnorderedElementsAre("src/a/lock.ts", "src/util/index.ts", "src/a/side.ts", "src/a/cjs.ts"));
}

TEST(TypeScriptModules, AModuleThatIsNotThereHasItsPath) {
  const Lowered lowered("import { f } from '../lib/x';\nf();\n", FakeTree({}), "src/a/m.ts");
  EXPECT_THAT(lowered.instructions(), ElementsAre("call src/lib/x.f()"));
}

TEST(TypeScriptModules, ExportsThatAreOtherNames) {
  const Lowered lowered(R"(
import { a } from "./a";
export { a, own, own as other };
export { b, c as d, default as e } from "./b";
export * from "./star";
export * as space from "./space";
export type { T } from "./b";
function own() {}
export default own;
)",
                        FakeTree({"a.ts", "b.ts", "star.ts", "space.ts"}));
  EXPECT_THAT(lowered.aliases(),
              UnorderedElementsAre(Pair("a", "a.ts.a"), Pair("other", "m.own"), Pair("b", "b.ts.b"),
                                   Pair("d", "b.ts.c"), Pair("e", "b.ts.default"), Pair("space", "space.ts"),
                                   Pair("T", "b.ts.T"), Pair("default", "m.own")));
  EXPECT_THAT(lowered.module.star_imports, ElementsAre("star.ts"));
}

TEST(TypeScriptModules, DefaultExports) {
  EXPECT_EQ(Lowered("export default async () => { f(); };").head("m.default"),
            "function m.default() [async]");
  EXPECT_EQ(Lowered("export default function () {}").head("m.default"), "function m.default()");
  EXPECT_THAT(Lowered("export default function named() {}").aliases(),
              ElementsAre(Pair("default", "m.named")));
  EXPECT_THAT(Lowered("export default class { lock() {} }").type("m.default").methods,
              ElementsAre(Pair("lock", ::testing::_)));
  EXPECT_THAT(Lowered("export default make();").instructions(),
              ElementsAre("%0 = call globalThis.make()", "store m.default := %0"));
  EXPECT_EQ(Lowered("export default { lock() {} };").head("m.default.lock"), "function m.default.lock()");
}

TEST(TypeScriptModules, CommonJs) {
  const Lowered lowered(R"(
const other = require("./other");
function release() {}
exports.lock = async function () { first(); };
exports.release = release;
module.exports.free = release;
exports.limit = 5;
use(exports.limit, module.exports.free);
)",
                        FakeTree({"other.ts"}));
  EXPECT_EQ(lowered.head("m.lock"), "function m.lock() [async]");
  EXPECT_THAT(lowered.aliases(), ElementsAre(Pair("free", "m.release")));
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("store m.limit := 5", "call globalThis.use(m.limit, m.free)"));

  const Lowered object(R"(
const other = require("./other");
const own = () => {};
module.exports = { own, taken: other.x, check() { f(); }, ...other };
)",
                       FakeTree({"other.ts"}));
  EXPECT_THAT(object.aliases(), ElementsAre(Pair("taken", "other.ts.x")));
  EXPECT_EQ(object.head("m.check"), "function m.check()");
  EXPECT_THAT(object.module.star_imports, ElementsAre("other.ts"));

  EXPECT_THAT(Lowered("function Lock() {}\nmodule.exports = Lock;").aliases(),
              ElementsAre(Pair("default", "m.Lock")));
  EXPECT_THAT(Lowered("module.exports = require('./lib');", FakeTree({"lib.ts"})).module.star_imports,
              ElementsAre("lib.ts"));
}

TEST(TypeScriptModules, ARequireThatMayFail) {
  const Lowered lowered(R"(
let ext = null;
try { ext = require("fs-ext"); } catch { ext = null; }
ext.flock(1);
)");
  EXPECT_THAT(lowered.instructions(),
              ElementsAre("call globalThis.require(\"fs-ext\")", "call fs-ext.flock(1)"));
}

TEST(TypeScriptModules, NamesThatNothingDeclares) {
  const Lowered lowered(R"(
setTimeout(f); globalThis.setTimeout(f); process.kill(process.pid, 0); Date.now(); __dirname;
use(process.env.HOME, __filename, import.meta.url, undefined, void 0);
const { pid } = process;
use(pid);
)");
  EXPECT_THAT(
      lowered.instructions(),
      ElementsAre(
          "call globalThis.setTimeout(globalThis.f)", "call globalThis.setTimeout(globalThis.f)",
          "call globalThis.process.kill(globalThis.process.pid, 0)", "call globalThis.Date.now()",
          "call globalThis.use(globalThis.process.env.HOME, m.__filename, m.import.meta.url, null, null)",
          "call globalThis.use(globalThis.process.pid)"));
}

TEST(TypeScriptModules, TypesAreNoCode) {
  const Lowered lowered(R"(
interface A { f(): void }
type B = A | null;
declare const x: number;
declare module "y" { export const z: number }
export type C = B;
abstract class D { abstract f(): void; abstract x: number; declare y: number; g(a?: A): void; g(a: A) { h(); } }
function over(a: string): void;
function over(a: number): void;
function over(a: any) { first(a as string, <B>a, a!, a satisfies B); }
)");
  EXPECT_THAT(lowered.instructions(), IsEmpty());
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_EQ(lowered.module.functions.size(), 3U);
  EXPECT_THAT(lowered.instructions("m.over"), ElementsAre("call globalThis.first(a, a, a, a)"));
  EXPECT_THAT(lowered.instructions("m.D.g"), ElementsAre("call globalThis.h()"));
}

TEST(TypeScriptModules, DeclaredTypes) {
  const Lowered lowered(R"(
import { Held } from "./held";
interface Local {}
class Own<T> {
  a: Held | null = null;
  b?: Map<string, Held>;
  c: Held | Own;
  d: string;
  e: T;
  f: Local;
}
async function f(a: Held, b: Own | undefined, c: () => Held, d: Held[]): Promise<Held> { let x: Own; return g(x); }
)",
                        FakeTree({"held.ts"}));
  const auto print = [&](ir::Term term) { return term == ir::Term::none ? "" : lowered.print(term); };
  const auto field = [&](std::string_view name) {
    return print(lowered.type("m.Own").fields.at(name).declared_type);
  };
  EXPECT_EQ(field("a"), "held.ts.Held");
  EXPECT_EQ(field("b"), "globalThis.Map");
  for (const std::string_view none : {"c", "d", "e", "f"}) EXPECT_EQ(field(none), "") << none;
  const ir::Function& f = lowered.function("m.f");
  std::vector<std::string> types;
  for (const ir::Parameter& each : f.parameters) types.push_back(print(each.declared_type));
  EXPECT_THAT(types, ElementsAre("held.ts.Held", "m.Own", "", ""));
  EXPECT_EQ(print(f.return_type), "held.ts.Held");
  EXPECT_THAT(f.locals, Contains(::testing::Field(&ir::Variable::name, "x")));
}

TEST(TypeScriptModules, EnumsAndNamespaces) {
  const Lowered lowered(R"(
export enum Color { Red, Green = 5, Blue, Name = "n" }
namespace Locks { export const held = new Map(); export function take() { use(held); } }
use(Color.Blue);
Locks.take();
)");
  EXPECT_THAT(
      lowered.instructions(),
      ElementsAre("store m.Color.Red := 0", "store m.Color.Green := 5", "store m.Color.Blue := 6",
                  "store m.Color.Name := \"n\"", "%0 = call globalThis.Map()", "store m.Locks.held := %0",
                  "call globalThis.use(m.Color.Blue)", "call m.Locks.take()"));
  EXPECT_THAT(lowered.instructions("m.Locks.take"), ElementsAre("call globalThis.use(m.Locks.held)"));
}

}  // namespace
}  // namespace lockwright::frontends::typescript::testing
