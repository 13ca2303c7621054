// The verifier finds each kind of damage in a module that was sound before.
#include "analyzer/ir/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VerifyTest : public ::testing::Test, protected TreeMaker {
 protected:
  VerifyTest() {
    const Local path = variable("path");
    const Local x = variable("x");
    function().parameters.push_back({.name = terms().intern("path")});
    Instruction store = call_instruction("unused");
    store.kind = InstructionKind::store;
    store.callee = Term::none;
    store.place = terms().field(terms().self(), "held");
    store.value = value(x);
    Instruction awaiting = store;
    awaiting.kind = InstructionKind::await;
    awaiting.place = Term::none;
    lowered(seq(with_handler(call("a", x), handler({"E"}, let(x, value(path)))),
                loop(test_of("t"), straight(store)), straight(awaiting), give(value(x))));
    Class& type = module.classes.emplace_back();
    type.name = terms().intern("C");
    type.qualified_name = terms().intern("m.C");
    type.range = function().range;
    Function method = function();
    method.owner = module.classes[0].qualified_name;
    method.qualified_name = terms().intern("m.C.g");
    module.functions.push_back(method);
    module.classes[0].methods[terms().intern("g")] = FunctionIndex{1};
    EXPECT_THAT(verify(module), IsEmpty());
  }

  Block& block(std::size_t i) { return function().cfg.blocks.at(i); }
  Instruction& instruction(InstructionKind kind) {
    for (Block& each : function().cfg.blocks) {
      for (Instruction& one : each.instructions) {
        if (one.kind == kind) return one;
      }
    }
    throw std::out_of_range("no such instruction");
  }
  Term foreign() { return static_cast<Term>(terms().size() + 5); }
  std::vector<std::string> complaints() { return verify(module); }
};

TEST_F(VerifyTest, TargetsExist) {
  block(0).end.then_block = BlockId{17};
  EXPECT_THAT(complaints(), Contains("m.f: block 0: jumps to block 17 of 7"));
}

TEST_F(VerifyTest, TargetsAreThere) {
  block(0).end.kind = TerminatorKind::branch;
  EXPECT_THAT(complaints(), Contains("m.f: block 0: branches to block none of 7"));
}

TEST_F(VerifyTest, DispatchTargetsExist) {
  block(1).end.cases[0].block = BlockId{9};
  EXPECT_THAT(complaints(), Contains("m.f: block 1: dispatches to block 9 of 7"));
}

TEST_F(VerifyTest, DispatchesHaveAnException) {
  block(1).end.exception = Local::none;
  EXPECT_THAT(complaints(), Contains("m.f: block 1: the dispatched exception is missing"));
}

TEST_F(VerifyTest, BlocksAreReachable) {
  function().cfg.blocks.push_back(block(6));
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 7: cannot be reached"));
}

TEST_F(VerifyTest, ThereIsABlock) {
  function().cfg.blocks.clear();
  EXPECT_THAT(complaints(), ElementsAre("m.f: has no blocks"));
}

TEST_F(VerifyTest, LandingsExist) {
  block(0).landing = BlockId{40};
  EXPECT_THAT(complaints(), Contains("m.f: block 0: lands in block 40 of 7"));
}

TEST_F(VerifyTest, LandingsReceive) {
  block(1).exception = Local::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: lands in block 1, which receives no exception"));
}

TEST_F(VerifyTest, OnlyExceptionsEnterLandings) {
  block(0).end.then_block = BlockId{1};
  EXPECT_THAT(complaints(), Contains("m.f: block 0: jumps to block 1, which only exceptions may enter"));
}

TEST_F(VerifyTest, OnlyBlocksThatRaiseLand) {
  block(2).landing = BlockId{1};
  EXPECT_THAT(complaints(), Contains("m.f: block 2: has a landing, but nothing in it raises"));
}

TEST_F(VerifyTest, LoopsHaveHeaders) {
  block(0).loop = BlockId{2};
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: is in the loop of block 2, which is no loop header"));
}

TEST_F(VerifyTest, HeadersAreInTheirLoops) {
  block(3).loop = BlockId::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 3: is a loop header outside of its own loop"));
}

TEST_F(VerifyTest, TheEntryIsNoHeader) {
  block(0).loop_header = true;
  block(0).loop = BlockId{0};
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: is the entry and a loop header"));
}

TEST_F(VerifyTest, OnlyLoopsGoBack) {
  block(4).end.then_block = BlockId{2};
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 4: leads back to block 2, which is no loop header"));
}

TEST_F(VerifyTest, LocalsAreInRange) {
  instruction(InstructionKind::call).result = Local{9};
  block(1).exception = Local{8};
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: instruction 0: the result is local 9 of 3",
                                        "m.f: block 1: the exception is local 8 of 3"));
}

TEST_F(VerifyTest, LocalsInsideOfTermsAreInRange) {
  instruction(InstructionKind::let).value = terms().field(terms().local(Local{30}), "x");
  instruction(InstructionKind::store).value = terms().param(1);
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 2: instruction 0: the value mentions local 30 of 3",
                                        "m.f: block 4: instruction 0: the value mentions parameter 1 of 1"));
}

TEST_F(VerifyTest, LetsStoresAndAwaitsHaveAValue) {
  instruction(InstructionKind::let).value = Term::none;
  instruction(InstructionKind::store).value = Term::none;
  instruction(InstructionKind::await).value = Term::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 2: instruction 0: the value is missing",
                                        "m.f: block 4: instruction 0: the value is missing",
                                        "m.f: block 5: instruction 0: the value is missing"));
}

TEST_F(VerifyTest, CallsHaveACallee) {
  instruction(InstructionKind::call).callee = Term::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: instruction 0: the callee is missing"));
}

TEST_F(VerifyTest, ArgumentsAreThere) {
  instruction(InstructionKind::call).arguments.emplace_back();
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 0: instruction 0: an argument is missing"));
}

TEST_F(VerifyTest, StoresGoToPlaces) {
  instruction(InstructionKind::store).place = value(Local{0});
  EXPECT_THAT(complaints(),
              ElementsAre("m.f: block 4: instruction 0: stores to what is no field, index or global"));
  instruction(InstructionKind::store).place = Term::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 4: instruction 0: the place is missing"));
}

TEST_F(VerifyTest, ReturnsAndRaisesHaveAValue) {
  block(5).end.value = Term::none;
  block(6).end.value = Term::none;
  EXPECT_THAT(complaints(), ElementsAre("m.f: block 5: the value to return is missing",
                                        "m.f: block 6: the exception to raise is missing"));
}

TEST_F(VerifyTest, TermsComeFromTheModulesTable) {
  const std::string text =
      " is term " + std::to_string(terms().size() + 5) + " of " + std::to_string(terms().size());
  block(3).end.test = foreign();
  function().decorators.push_back(foreign());
  module.aliases[terms().intern("alias")] = foreign();
  module.classes[0].bases.push_back(foreign());
  EXPECT_THAT(complaints(), ElementsAre("m: an alias" + text, "class m.C: a base" + text,
                                        "m.f: a decorator" + text, "m.f: block 3: the test" + text));
}

TEST_F(VerifyTest, ParametersComeFirst) {
  std::swap(function().locals[0], function().locals[1]);
  EXPECT_THAT(complaints(), ElementsAre("m.f: parameter 0 (path) is not local 0"));
}

TEST_F(VerifyTest, MethodsBelongToTheirClass) {
  module.classes[0].methods[terms().intern("h")] = FunctionIndex{0};
  module.classes[0].methods[terms().intern("i")] = FunctionIndex{2};
  EXPECT_THAT(complaints(), ElementsAre("class m.C: method h belongs to no class",
                                        "class m.C: method i is function 2 of 2"));
}

TEST_F(VerifyTest, ParentsExist) {
  function().parent = FunctionIndex{5};
  EXPECT_THAT(complaints(), ElementsAre("m.f: its parent is function 5 of 2"));
}

TEST_F(VerifyTest, RangesLieInTheFile) {
  instruction(InstructionKind::call).range.file = source::FileId{3};
  block(5).end.range.file = source::FileId{3};
  EXPECT_THAT(complaints(),
              ElementsAre("m.f: block 0: instruction 0: instruction: the range lies in another file",
                          "m.f: block 5: the block's end: the range lies in another file"));
}

TEST_F(VerifyTest, RangesAreNotInverted) {
  function().name_range.begin = function().name_range.end + 1;
  module.holes.push_back({.range = {.file = module.file, .begin = 2, .end = 1}});
  EXPECT_THAT(complaints(), ElementsAre("m: a hole: the range ends before it begins",
                                        "m.f: name: the range ends before it begins"));
}

TEST_F(VerifyTest, ThereIsAModuleFunction) {
  Module empty;
  empty.name = "e";
  EXPECT_THAT(verify(empty), ElementsAre("e: has no function for its own code"));
}

}  // namespace
}  // namespace lockwright::ir::testing
