// Control flow graph of one function: blocks with a normal and an exceptional way out.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/ir/instruction.h"

namespace lockwright::ir {

enum class BlockId : std::uint32_t { none = 0xffffffff };

enum class TerminatorKind : std::uint8_t {
  jump,      ///< go to `then_block`
  branch,    ///< `test` true: then_block, false: else_block; test none: either
  dispatch,  ///< by the class of the exception in `exception`: the first matching case, else else_block
             ///< (a handler that catches everything, or a block that raises it again)
  leave,     ///< return `value`
  raise,     ///< raise `value`: to this block's `landing`, or out of the function
};

/// `except A, B:` in a dispatch. No types: catches everything.
struct DispatchCase {
  std::vector<Term> types = {};
  BlockId block = BlockId::none;
};

struct Terminator {
  TerminatorKind kind = TerminatorKind::jump;
  source::Range range = {};
  Term test = Term::none;
  Term value = Term::none;
  Local exception = Local::none;
  std::vector<DispatchCase> cases = {};
  BlockId then_block = BlockId::none;
  BlockId else_block = BlockId::none;
  /// branch only: then_block goes round a loop once more, else_block leaves it (loop bounds, reports); with
  /// leaves_on_true (`while not x`) it is the other way round.
  bool loop_test = false;
  bool leaves_on_true = false;
};

struct Block {
  std::vector<Instruction> instructions;
  Terminator end;
  /// Where an exception raised in this block goes; none: out of the function, or nothing in it raises. Only
  /// exceptions enter a landing block.
  BlockId landing = BlockId::none;
  /// In a landing block: the local that receives the exception.
  Local exception = Local::none;
  /// Loop headers are where back edges arrive; paths count their visits.
  bool loop_header = false;
  /// The innermost loop header this block belongs to; none outside of loops. A header belongs to itself. As
  /// the source has it: what stands in a loop's body belongs to the loop, also when it is about to leave.
  BlockId loop = BlockId::none;
};

struct Cfg {
  /// blocks[0] is the entry, and no loop header; every block can be reached from it. Edges lead to higher
  /// numbers, except those back to loop headers.
  std::vector<Block> blocks;
};

}  // namespace lockwright::ir
