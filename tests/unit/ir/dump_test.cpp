#include "analyzer/ir/dump.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "analyzer/ir/builder.h"
#include "analyzer/ir/verify.h"
#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

class DumpTest : public ::testing::Test, protected TreeMaker {
 protected:
  Term global(std::string_view name) { return terms().global(name); }
  Term apply(Term function, std::vector<Term> arguments) { return terms().apply(function, arguments); }

  Instruction at(std::uint32_t line, Instruction instruction) {
    instruction.range = {.file = module.file, .begin = line, .end = line};
    return instruction;
  }
};

std::uint32_t line_of(const source::Range& range) {
  return range.begin;
}

TEST_F(DumpTest, Function) {
  Function& release = function();
  release.qualified_name = terms().intern("pkg.locking.LockManager.release");
  release.owner = terms().intern("pkg.locking.LockManager");
  release.has_receiver = true;
  release.range = {.file = module.file, .begin = 40, .end = 61};
  const Local path = variable("path");
  variable("owner");
  release.parameters.push_back({.name = terms().intern("path"), .declared_type = global("pathlib.Path")});
  release.parameters.push_back({.name = terms().intern("owner"), .default_value = terms().null()});
  const Local fd = variable("fd");
  const Local error = variable("e");
  release.locals[static_cast<std::size_t>(fd)].declared_type = global("builtins.int");
  const Local got = variable("");

  Instruction lock = at(42, call_instruction("fcntl.flock", got));
  lock.arguments.push_back({.value = value(fd)});
  lock.arguments.push_back(
      {.value = apply(global("operator.or"), {global("fcntl.LOCK_EX"), global("fcntl.LOCK_NB")})});
  Instruction store = at(43, {.kind = InstructionKind::store});
  store.place = terms().field(terms().self(), "_held");
  store.value = terms().boolean(true);
  Instruction let = at(41, {.kind = InstructionKind::let});
  let.result = fd;
  let.value = terms().field(terms().self(), "_fd");
  ConditionPtr condition = test(value(got));
  condition->range.begin = condition->range.end = 44;
  Return give{.value = value(path), .range = {.file = module.file, .begin = 45, .end = 45}};
  Handler handled =
      handler({"builtins.OSError", "builtins.ValueError"}, straight(at(47, call_instruction("log"))), error);
  handled.range.begin = handled.range.end = 46;

  const TreePtr tree =
      seq(straight(let), with_handler(seq(straight(lock), straight(store),
                                          branch(std::move(condition), std::make_unique<Tree>(Tree{give}))),
                                      std::move(handled)));
  build_cfg(*tree, terms(), release);
  EXPECT_EQ(verify(module), std::vector<std::string>{});
  EXPECT_EQ(dump(module, release, line_of),
            R"(function pkg.locking.LockManager.release(path: pathlib.Path, owner = null) [self]  40
  local fd: builtins.int
  block 0:
    fd := self._fd                                                                41
    %4 = call fcntl.flock(fd, operator.or(fcntl.LOCK_EX, fcntl.LOCK_NB))          42  !2
    store self._held := true                                                      43
    branch %4 ? 1 : 4                                                             44
  block 1:
    return path                                                                   45
  block 2 (landing %5):
    dispatch %5 { builtins.OSError, builtins.ValueError -> 3 } else 5             46
  block 3:
    e := %5                                                                       46
    call log()                                                                    47
    jump 4
  block 4:
    return null                                                                   60
  block 5:
    raise %5                                                                      46
)");
}

TEST_F(DumpTest, EveryInstruction) {
  const Local x = variable("x");
  const Local other = variable("x");  // a second variable of that name, in another scope of the source
  Instruction call = call_instruction("f", x);
  call.completion = Completion::awaited;
  call.arguments.push_back({.value = value(other), .spread = true});
  call.arguments.push_back({.value = value(x), .name = "key"});
  Instruction dropped{.kind = InstructionKind::let, .range = call.range, .value = value(x)};
  Instruction await{.kind = InstructionKind::await, .range = call.range, .value = value(x)};
  await.result = other;
  Instruction yield{.kind = InstructionKind::yield, .range = call.range};
  Instruction unknown{.kind = InstructionKind::unknown, .range = call.range};
  EXPECT_EQ(lowered(with_finally(
                seq(straight(call), straight(dropped), straight(await), straight(yield), straight(unknown)),
                this->call("g"))),
            R"(
  block 0:
    x%0 = await call f(...x%1, key=x%0) !2
    _ := x%0
    x%1 = await x%0 !2
    yield !2
    unknown !2
    jump 1
  block 1:
    call g()
    return null
  block 2 (landing %2):
    call g()
    raise %2
)");
}

TEST_F(DumpTest, Module) {
  Module& m = module;
  m.imports.push_back(terms().intern("pkg.a"));
  m.star_imports.push_back(terms().intern("pkg.b"));
  m.aliases[terms().intern("g")] = global("pkg.a.f");
  m.holes.push_back({.range = {.file = m.file, .begin = 8, .end = 9}});
  function().name = function().qualified_name = terms().intern("<module>");
  function().cfg.blocks.emplace_back();
  function().cfg.blocks[0].end = {
      .kind = TerminatorKind::leave, .range = function().range, .value = terms().null()};
  Function method = function();
  method.qualified_name = terms().intern("m.C.run");
  method.is_async = method.has_receiver = method.is_generator = method.is_property = method.is_test = true;
  method.decorators.push_back(apply(global("retry"), {terms().integer(3)}));
  method.return_type = global("builtins.str");
  for (const std::string_view name : {"a", "b", "c", "d"}) {
    const auto kind = static_cast<Parameter::Kind>(method.parameters.size());
    method.parameters.push_back({.name = terms().intern(name), .kind = kind});
    method.locals.push_back({.name = terms().intern(name)});
  }
  m.functions.push_back(std::move(method));
  Class& type = m.classes.emplace_back();
  type.name = terms().intern("C");
  type.qualified_name = terms().intern("m.C");
  type.bases = {global("m.Base"), global("abc.ABC")};
  type.methods[terms().intern("run")] = FunctionIndex{1};
  type.fields[terms().intern("lock")] = {.declared_type = global("threading.Lock"),
                                         .value = terms().make(global("threading.Lock"), {})};
  EXPECT_EQ(dump(m, line_of), R"(module m
import pkg.a
import pkg.b.*
alias g = pkg.a.f
hole                                                                              8

class m.C(m.Base, abc.ABC)                                                        0
  field lock: threading.Lock = new threading.Lock()
  method run = m.C.run

function <module>()                                                               0
  block 0:
    return null                                                                   0

function m.C.run(a, kw b, *c, **d) -> builtins.str [self, async, generator, property, test]  0
  decorator retry(3)
  block 0:
    return null                                                                   0
)");
}

TEST_F(DumpTest, SurvivesWhatTheVerifierComplainsAbout) {
  Block& block = function().cfg.blocks.emplace_back();
  block.landing = BlockId{9};
  block.loop = BlockId{7};
  block.end.kind = TerminatorKind::dispatch;
  block.end.cases.emplace_back();
  Instruction call{.kind = InstructionKind::call, .result = Local{12}};
  call.callee = value(Local{13});
  block.instructions.push_back(call);
  EXPECT_EQ(dump(module, function(), {}), R"(function m.f()
  block 0 (in loop 7):
    %12 = call %13()                                                              !9
    dispatch none { * -> none } else none
)");
}

}  // namespace
}  // namespace lockwright::ir::testing
