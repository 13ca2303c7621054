// What the builder makes of a tree must mean what the tree means: random trees, run both ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "analyzer/ir/builder.h"
#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"
#include "tests/unit/ir/execution.h"
#include "tests/unit/ir/random_tree.h"
#include "tests/unit/ir/tree_maker.h"

namespace lockwright::ir::testing {
namespace {

std::size_t row(BlockId id) {
  return static_cast<std::size_t>(id);
}

std::vector<BlockId> targets(const Block& block) {
  std::vector<BlockId> found = {block.landing, block.end.then_block, block.end.else_block};
  for (const DispatchCase& one : block.end.cases) found.push_back(one.block);
  std::erase(found, BlockId::none);
  return found;
}

/// The loops of a graph by the definition of the textbooks, to compare the builder's answer with.
class NaturalLoops {
 public:
  explicit NaturalLoops(const Cfg& cfg) : cfg_(cfg), sources_(cfg.blocks.size()) {
    for (std::size_t i = 0; i < cfg.blocks.size(); ++i) {
      for (const BlockId to : targets(cfg.blocks[i])) sources_[row(to)].push_back(static_cast<BlockId>(i));
    }
  }

  /// The blocks from which `header` is reached again without leaving its loop.
  [[nodiscard]] std::vector<bool> members(BlockId header) const {
    std::vector<bool> inside(cfg_.blocks.size());
    std::vector<BlockId> open;
    inside[row(header)] = true;
    const auto add = [&](BlockId id) {
      if (!inside[row(id)]) open.push_back(id);
      inside[row(id)] = true;
    };
    for (const BlockId from : sources_[row(header)]) {
      if (from >= header) add(from);
    }
    while (!open.empty()) {
      const BlockId id = open.back();
      open.pop_back();
      for (const BlockId from : sources_[row(id)]) add(from);
    }
    return inside;
  }

  [[nodiscard]] bool goes_round(BlockId header) const {
    return std::ranges::any_of(sources_[row(header)], [&](BlockId from) { return from >= header; });
  }

 private:
  const Cfg& cfg_;
  std::vector<std::vector<BlockId>> sources_;
};

void expect_orderly(const Cfg& cfg) {
  const NaturalLoops loops(cfg);
  std::vector<std::vector<bool>> members(cfg.blocks.size());
  for (std::size_t i = 0; i < cfg.blocks.size(); ++i) {
    const auto id = static_cast<BlockId>(i);
    const Block& block = cfg.blocks[i];
    for (const BlockId to : targets(block)) {
      EXPECT_TRUE(to > id || cfg.blocks[row(to)].loop_header) << "edge back from " << i << " to " << row(to);
    }
    if (block.end.loop_test) {
      ASSERT_NE(block.loop, BlockId::none);
      const BlockId out = block.end.leaves_on_true ? block.end.then_block : block.end.else_block;
      EXPECT_NE(cfg.blocks[row(out)].loop, block.loop) << "loop test of block " << i;
    }
    if (block.loop_header) {
      EXPECT_TRUE(loops.goes_round(id)) << "header " << i;
      members[i] = loops.members(id);
      EXPECT_FALSE(members[i][0]) << "header " << i << " does not dominate its loop";
    }
  }
  for (std::size_t i = 0; i < cfg.blocks.size(); ++i) {
    const BlockId loop = cfg.blocks[i].loop;
    for (std::size_t header = 0; header < cfg.blocks.size(); ++header) {
      if (members[header].empty() || !members[header][i]) continue;
      // Block i is in this natural loop: then the loop it names is this one or one inside of it.
      ASSERT_NE(loop, BlockId::none) << "block " << i;
      EXPECT_TRUE(members[header][row(loop)]) << "block " << i << ", header " << header;
    }
  }
}

bool was_stopped(const std::vector<std::string>& trace) {
  return trace.back() == "stopped";
}

/// Runs that were stopped may have come differently far; what they did must still be the same.
void cut_to_common(std::vector<std::string>& a, std::vector<std::string>& b) {
  if (!was_stopped(a) && !was_stopped(b)) return;
  const std::size_t common = std::min(a.size(), b.size()) - 1;
  a.resize(common);
  b.resize(common);
}

void compare(std::uint64_t seed, unsigned size, unsigned finally_weight) {
  TreeMaker make;
  RandomTree random(make, seed, size, finally_weight);
  const TreePtr tree = random.body();
  build_cfg(*tree, make.terms(), make.function());
  ASSERT_EQ(verify(make.module), std::vector<std::string>{});
  expect_orderly(make.function().cfg);
  for (std::uint64_t oracle = 0; oracle < 24; ++oracle) {
    std::vector<std::string> expected = run_tree(*tree, make.terms(), oracle);
    std::vector<std::string> got = run_cfg(make.function().cfg, make.terms(), oracle);
    cut_to_common(expected, got);
    ASSERT_EQ(got, expected) << "oracle " << oracle;
  }
}

void compare_many(std::uint64_t first_seed, unsigned count, unsigned size, unsigned finally_weight) {
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    compare(seed, size, finally_weight);
    if (::testing::Test::HasFailure()) {
      TreeMaker make;
      RandomTree random(make, seed, size, finally_weight);
      build_cfg(*random.body(), make.terms(), make.function());
      FAIL() << "seed " << seed << "\n" << dump(make.module, make.function(), {});
    }
  }
}

TEST(BuilderRandomTest, SmallTreesMeanTheSameAsTheirGraphs) {
  compare_many(1, 6000, 6, 2);
}
TEST(BuilderRandomTest, MiddlingTreesMeanTheSameAsTheirGraphs) {
  compare_many(10000, 5000, 20, 2);
}
TEST(BuilderRandomTest, LargeTreesMeanTheSameAsTheirGraphs) {
  compare_many(20000, 1000, 80, 2);
}
TEST(BuilderRandomTest, NestedFinallyPartsMeanTheSameAsTheirGraphs) {
  compare_many(30000, 5000, 25, 15);
}

TEST(BuilderRandomTest, TheSameTreeGivesTheSameGraph) {
  const auto text = [](std::uint64_t seed) {
    TreeMaker make;
    RandomTree random(make, seed, 30, 5);
    build_cfg(*random.body(), make.terms(), make.function());
    return dump(make.module, {});
  };
  for (std::uint64_t seed = 0; seed < 50; ++seed) EXPECT_EQ(text(seed), text(seed));
}

}  // namespace
}  // namespace lockwright::ir::testing
