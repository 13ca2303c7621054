// What shapes of graphs do not show: sites, ranges, temporaries, and trees of unusual size.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "analyzer/ir/builder.h"
#include "analyzer/ir/verify.h"
#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

class BuilderDetailsTest : public ::testing::Test, protected TreeMaker {
 protected:
  const std::vector<Block>& build(const TreePtr& tree) {
    build_cfg(*tree, terms(), function());
    EXPECT_EQ(verify(module), std::vector<std::string>{});
    return function().cfg.blocks;
  }

  /// All instructions that call `name`, in the order of the blocks.
  std::vector<Instruction> calls_of(std::string_view name) {
    std::vector<Instruction> found;
    for (const Block& block : function().cfg.blocks) {
      std::ranges::copy_if(block.instructions, std::back_inserter(found), [&](const Instruction& one) {
        return one.callee != Term::none && terms().text(one.callee) == name;
      });
    }
    return found;
  }
};

TEST_F(BuilderDetailsTest, CopiesOfAFinallyPartHaveOneSite) {
  build(with_finally(seq(call("a"), branch(maybe(), give())), call("f")));
  const std::vector<Instruction> copies = calls_of("f");
  ASSERT_EQ(copies.size(), 3U);
  for (const Instruction& copy : copies) {
    EXPECT_EQ(copy.site, copies[0].site);
    EXPECT_EQ(copy.range, copies[0].range);
  }
}

TEST_F(BuilderDetailsTest, CopiesOfAScopeExitHaveOneSiteAndANamedArgument) {
  build(scope(call("a"), "exit"));
  const std::vector<Instruction> copies = calls_of("exit");
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[0].site, copies[1].site);
  ASSERT_EQ(copies[0].arguments.size(), 1U);
  EXPECT_EQ(copies[0].arguments[0].name.data(), terms().intern("exception").data());
  EXPECT_EQ(copies[0].arguments[0].value, terms().null());
  EXPECT_EQ(terms().kind(copies[1].arguments[0].value), TermKind::local);
}

TEST_F(BuilderDetailsTest, AScopeKeepsItsOwnResult) {
  const Local swallowed = variable("swallowed");
  Scope node;
  node.body = call("a");
  node.exit = call_instruction("exit", swallowed);
  node.may_swallow = true;
  const auto& blocks = build(std::make_unique<Tree>(Tree{std::move(node)}));
  const bool tested =
      std::ranges::any_of(blocks, [&](const Block& block) { return block.end.test == value(swallowed); });
  EXPECT_TRUE(tested);
  EXPECT_EQ(function().locals.size(), 2U);  // and the exception
}

TEST_F(BuilderDetailsTest, TerminatorsStandWhereTheSourceDoes) {
  ConditionPtr condition = test_of("t");
  const source::Range tested = condition->range;
  TreePtr give_tree = give(terms().integer(1));
  const source::Range returned = std::get<Return>(give_tree->node).range;
  TreePtr raise_tree = raise(terms().global("E"));
  const source::Range raised = std::get<Raise>(raise_tree->node).range;
  const auto& blocks = build(branch(std::move(condition), std::move(give_tree), std::move(raise_tree)));
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].end.range, tested);
  EXPECT_EQ(blocks[1].end.range, returned);
  EXPECT_EQ(blocks[2].end.range, raised);
}

TEST_F(BuilderDetailsTest, AReturnThroughAFinallyPartKeepsItsRange) {
  TreePtr give_tree = give(terms().integer(1));
  const source::Range returned = std::get<Return>(give_tree->node).range;
  const auto& blocks = build(with_finally(std::move(give_tree), call("f")));
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].end.kind, TerminatorKind::leave);
  EXPECT_EQ(blocks[0].end.range, returned);
}

TEST_F(BuilderDetailsTest, FallingOffTheEndReturnsAtTheEnd) {
  const auto& blocks = build(call("a"));
  EXPECT_EQ(blocks[0].end.value, terms().null());
  EXPECT_EQ(blocks[0].end.range.end, function().range.end);
  EXPECT_EQ(blocks[0].end.range.begin, function().range.end - 1);
}

TEST_F(BuilderDetailsTest, BuildingAgainReplacesTheGraph) {
  build(loop(nullptr, call("a")));
  EXPECT_EQ(build(call("b")).size(), 1U);
}

TEST_F(BuilderDetailsTest, NestedFinallyPartsDoNotMultiplyWithoutEnd) {
  TreePtr part = call("deep");
  for (int i = 0; i < 60; ++i) part = with_finally(branch(maybe(), give(), call("a")), std::move(part));
  EXPECT_LT(build(part).size(), 10000U);
}

TEST_F(BuilderDetailsTest, CleanupsNestedInBodiesGrowLinearly) {
  const auto nested = [&](int depth) {
    TreePtr body = seq(call("a"), branch(maybe(), give()));
    for (int i = 0; i < depth; ++i)
      body = i % 2 == 0 ? scope(std::move(body), "exit") : with_finally(std::move(body), call("f"));
    return build(body).size();
  };
  EXPECT_LE(nested(40), 2 * nested(20) + 5);
}

class DeepTrees : public BuilderDetailsTest {
 protected:
#ifdef __SANITIZE_ADDRESS__
  static constexpr int depth = 1000;  // its stack frames are many times larger
#else
  static constexpr int depth = 4000;
#endif
};

TEST_F(DeepTrees, Branches) {
  TreePtr tree = call("a");
  for (int i = 0; i < depth; ++i) tree = branch(maybe(), call("b"), std::move(tree));
  EXPECT_EQ(build(tree).size(), 2U * depth + 2);
}

TEST_F(DeepTrees, BranchesWithoutEffect) {
  TreePtr tree = seq();
  for (int i = 0; i < depth; ++i) tree = branch(maybe(), std::move(tree));
  EXPECT_EQ(build(tree).size(), 1U);
}

TEST_F(DeepTrees, Loops) {
  TreePtr tree = call("a");
  for (int i = 0; i < depth; ++i) tree = loop(maybe(), std::move(tree));
  EXPECT_EQ(build(tree).size(), depth + 3U);
}

TEST_F(DeepTrees, Cleanups) {
  TreePtr tree = seq(call("a"), give());
  for (int i = 0; i < depth; ++i) tree = scope(with_finally(std::move(tree), call("f")), "exit");
  EXPECT_EQ(build(tree).size(), 4U * depth + 1);
}

TEST_F(DeepTrees, Conditions) {
  ConditionPtr condition = test_of("t");
  for (int i = 0; i < depth; ++i) condition = negation(both(std::move(condition), test_of("u")));
  EXPECT_EQ(build(branch(std::move(condition), call("a"))).size(), depth + 3U);
}

TEST_F(DeepTrees, LongSequences) {
  std::vector<TreePtr> parts;
  for (int i = 0; i < 10 * depth; ++i) parts.push_back(branch(maybe(), call("a")));
  EXPECT_EQ(build(seq(std::move(parts))).size(), 20U * depth + 1);
}

}  // namespace
}  // namespace lockwright::ir::testing
