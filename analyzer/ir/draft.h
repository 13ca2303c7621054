// The control flow graph while it is being built. Private to the builder.
#pragma once

#include <vector>

#include "analyzer/ir/cfg.h"

namespace lockwright::ir {

/// blocks[0] is the entry. There may be blocks that nothing reaches, and blocks that only jump on.
struct Draft {
  std::vector<Block> blocks;
  /// For a loop header: the header of the loop around its loop; none for all other blocks.
  std::vector<BlockId> loop_around;
};

[[nodiscard]] bool may_raise(const Instruction& instruction);
[[nodiscard]] bool may_raise(const Block& block);

/// Brings a draft into the form that cfg.h promises; what it does to paths is nothing.
Cfg simplify(Draft draft);

}  // namespace lockwright::ir
