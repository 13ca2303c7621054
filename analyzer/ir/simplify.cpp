// Makes a draft of a control flow graph small and orderly, without changing its paths.
//
// The lowering writes blocks freely: blocks that nobody reaches, blocks that do nothing but jump on, chains
// of blocks that could be one. The engine's work grows with the number of blocks, and people read dumps, so:
//
//   1. Loops that never go round (their body always leaves) are no loops: their headers become plain blocks.
//   2. Whoever goes to an empty block goes where that one jumps to instead; a branch with one target is a
//   jump.
//   3. A block that ends in a jump swallows the target when nobody else goes there.
//   4. The reachable blocks are numbered in reverse post-order: a block comes after all blocks that lead to
//   it,
//      except for the jump back of a loop.
#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

#include "analyzer/ir/draft.h"

namespace lockwright::ir {
namespace {

std::size_t row(BlockId id) {
  return static_cast<std::size_t>(id);
}

/// Calls `visit` with every edge out of `block`, as a reference to the BlockId that holds it; those that
/// should come late in the numbering first: out of a loop before into it, landings before everything.
template <typename AnyBlock, typename Visit>
void each_edge(AnyBlock& block, const Visit& visit) {
  const auto visit_some = [&](auto& target) {
    if (target != BlockId::none) visit(target);
  };
  auto& end = block.end;
  visit_some(block.landing);
  if (end.leaves_on_true) visit_some(end.then_block);
  visit_some(end.else_block);
  for (std::size_t i = end.cases.size(); i-- > 0;) visit_some(end.cases[i].block);
  if (!end.leaves_on_true) visit_some(end.then_block);
}

class Simplifier {
 public:
  explicit Simplifier(Draft draft)
      : blocks_(std::move(draft.blocks)), loop_around_(std::move(draft.loop_around)) {}

  Cfg run() {
    unmark_loops_without_return();
    skip_empty_blocks();
    merge_chains();
    return renumbered();
  }

 private:
  Block& block(BlockId id) { return blocks_[row(id)]; }

  /// The blocks that can be reached, each after all those it leads to (but for edges back to loop headers).
  [[nodiscard]] std::vector<BlockId> post_order() const {
    struct Visit {
      BlockId id;
      std::vector<BlockId> edges = {};
      std::size_t next = 0;
    };
    std::vector<BlockId> order;
    std::vector<bool> seen(blocks_.size());
    std::vector<Visit> open;
    const auto push = [&](BlockId id) {
      if (seen[row(id)]) return;
      seen[row(id)] = true;
      open.push_back({.id = id});
      each_edge(blocks_[row(id)], [&](BlockId to) { open.back().edges.push_back(to); });
    };
    push(BlockId{0});
    while (!open.empty()) {
      Visit& visit = open.back();
      if (visit.next < visit.edges.size()) {
        push(visit.edges[visit.next++]);
      } else {
        order.push_back(visit.id);
        open.pop_back();
      }
    }
    return order;
  }

  [[nodiscard]] bool inside(BlockId block, BlockId header) const {
    BlockId loop = blocks_[row(block)].loop;
    while (loop != BlockId::none && loop != header) loop = loop_around_[row(loop)];
    return loop == header;
  }

  void unmark_loops_without_return() {
    const std::vector<BlockId> order = post_order();
    std::vector<bool> goes_round(blocks_.size());
    for (const BlockId from : order) {
      each_edge(blocks_[row(from)], [&](BlockId to) {
        if (blocks_[row(to)].loop_header && inside(from, to)) goes_round[row(to)] = true;
      });
    }
    const auto real_loop_around = [&](BlockId loop) {
      while (loop != BlockId::none && !goes_round[row(loop)]) loop = loop_around_[row(loop)];
      return loop;
    };
    for (const BlockId id : order) {
      Block& member = block(id);
      if (member.loop == BlockId::none || goes_round[row(member.loop)]) continue;
      if (member.end.loop_test) member.end.loop_test = member.end.leaves_on_true = false;
      member.loop = real_loop_around(member.loop);
      member.loop_header = false;
    }
  }

  static bool only_jumps(const Block& block) {
    return block.instructions.empty() && block.end.kind == TerminatorKind::jump && !block.loop_header &&
           block.exception == Local::none;
  }

  void skip_empty_blocks() {
    std::vector<BlockId> instead(blocks_.size());
    for (std::size_t i = 0; i < instead.size(); ++i) instead[i] = static_cast<BlockId>(i);
    for (const BlockId id : post_order()) {
      Block& from = block(id);
      each_edge(from, [&](BlockId& to) { to = instead[row(to)]; });
      const BlockId target = only_target(from.end);
      if (target != BlockId::none) {
        from.end = {.kind = TerminatorKind::jump, .range = from.end.range, .then_block = target};
      }
      if (only_jumps(from)) instead[row(id)] = from.end.then_block;
    }
  }

  /// The block to which a branch or a dispatch goes in any case; none when there are several.
  static BlockId only_target(const Terminator& end) {
    if (end.kind == TerminatorKind::branch && end.then_block == end.else_block) return end.then_block;
    if (end.kind != TerminatorKind::dispatch) return BlockId::none;
    const bool all =
        std::ranges::all_of(end.cases, [&](const DispatchCase& one) { return one.block == end.else_block; });
    return all ? end.else_block : BlockId::none;
  }

  void merge_chains() {
    std::vector<unsigned> arrivals(blocks_.size());
    arrivals[0] = 1;
    std::vector<BlockId> order = post_order();
    for (const BlockId id : order) {
      each_edge(blocks_[row(id)], [&](BlockId to) { ++arrivals[row(to)]; });
    }
    std::vector<bool> swallowed(blocks_.size());
    for (const BlockId id : order | std::views::reverse) {
      if (swallowed[row(id)]) continue;
      Block& first = block(id);
      while (first.end.kind == TerminatorKind::jump) {
        const BlockId next = first.end.then_block;
        Block& second = block(next);
        if (next == id || arrivals[row(next)] != 1 || !mergeable(first, second)) break;
        std::ranges::move(second.instructions, std::back_inserter(first.instructions));
        if (second.landing != BlockId::none) first.landing = second.landing;
        first.end = std::move(second.end);
        swallowed[row(next)] = true;
      }
    }
  }

  /// Whether one block can hold both: `landing` is only set where something may raise, but unset may also
  /// mean that exceptions leave the function.
  static bool mergeable(const Block& first, const Block& second) {
    return !second.loop_header && second.exception == Local::none && first.loop == second.loop &&
           (first.landing == second.landing || !may_raise(first) || !may_raise(second));
  }

  Cfg renumbered() {
    std::vector<BlockId> order = post_order();
    std::ranges::reverse(order);
    std::vector<BlockId> number(blocks_.size(), BlockId::none);
    for (std::size_t i = 0; i < order.size(); ++i) number[row(order[i])] = static_cast<BlockId>(i);
    Cfg cfg;
    cfg.blocks.reserve(order.size());
    for (const BlockId id : order) {
      Block& moved = cfg.blocks.emplace_back(std::move(block(id)));
      each_edge(moved, [&](BlockId& to) { to = number[row(to)]; });
      if (moved.loop != BlockId::none) moved.loop = number[row(moved.loop)];
    }
    return cfg;
  }

  std::vector<Block> blocks_;
  std::vector<BlockId> loop_around_;
};

}  // namespace

bool may_raise(const Instruction& instruction) {
  switch (instruction.kind) {
    case InstructionKind::let:
    case InstructionKind::store: return false;
    case InstructionKind::call:
    case InstructionKind::unknown: return !instruction.never_raises;
    case InstructionKind::await:
    case InstructionKind::yield: return true;
  }
  return true;
}

bool may_raise(const Block& block) {
  return block.end.kind == TerminatorKind::raise ||
         std::ranges::any_of(block.instructions, [](const Instruction& i) { return may_raise(i); });
}

Cfg simplify(Draft draft) {
  return Simplifier(std::move(draft)).run();
}

}  // namespace lockwright::ir
