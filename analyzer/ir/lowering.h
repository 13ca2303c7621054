// Walks a tree and writes the blocks it stands for. Private to the builder.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/ir/draft.h"
#include "analyzer/ir/module.h"
#include "analyzer/ir/tree.h"

namespace lockwright::ir {

class Lowering {
 public:
  Lowering(TermTable& terms, Function& function);

  Draft run(const Tree& body);

 private:
  struct Frame;

  /// Where control goes when it leaves what it is in: to `target`, which stands in `frame`; target none: out
  /// of the function, with a value.
  struct Way {
    BlockId target = BlockId::none;
    const Frame* frame = nullptr;
    friend bool operator==(const Way&, const Way&) = default;
  };

  /// One way out through a cleanup, and the block where its copy of the cleanup begins.
  struct Exit {
    Way way;
    source::Range range = {};
    BlockId entry = BlockId::none;
  };

  /// What break, continue and return meet on their way outwards: loops, which they may aim at, and cleanups
  /// (finally parts, scope exits), which have to run when they are passed.
  struct Frame {
    enum class Kind : std::uint8_t { loop, cleanup };
    Kind kind = Kind::loop;
    Frame* outer = nullptr;
    BlockId loop = BlockId::none;  ///< the header of the loop in which code after this frame's end stands

    std::string_view label = {};
    BlockId break_target = BlockId::none;
    BlockId continue_target = BlockId::none;

    std::vector<Exit> exits = {};
    Local returned = Local::none;  ///< holds the value of a return while the cleanup runs
  };

  /// What a statement's surroundings mean for it.
  struct Context {
    Frame* frames = nullptr;          ///< the innermost one
    BlockId landing = BlockId::none;  ///< where exceptions go
    BlockId loop = BlockId::none;     ///< the innermost loop's header
    Local caught = Local::none;       ///< the exception that the innermost handler handles
  };

  // lowering.cpp: blocks and edges
  BlockId new_block();
  BlockId new_block_in(BlockId loop);
  BlockId new_landing();
  Local new_temporary();
  Block& block(BlockId id);
  [[nodiscard]] bool dead() const { return current_ == BlockId::none; }
  [[nodiscard]] bool reached(BlockId id) const;
  BlockId reach(BlockId id);
  void enter(BlockId id);
  void append(Instruction instruction);
  void let(Local result, Term value, source::Range range);
  Terminator& end_block(TerminatorKind kind);
  void jump(BlockId target);
  void raise(Term value);

  // lowering.cpp: statements that stay inside
  void lower(const Tree& tree);
  void lower(const Sequence& sequence);
  void lower(const Straight& straight);
  void lower(const If& branch);
  void lower(const Loop& loop);
  void lower(const Condition* condition, BlockId yes, BlockId no, BlockId loop_exit = BlockId::none);
  void lower_test(const Condition* condition, BlockId yes, BlockId no, BlockId loop_exit);

  // lowering_exits.cpp: statements that leave, and those that see them leave
  void lower(const Try& attempt);
  void lower(const Scope& scope);
  void lower(const Return& statement);
  void lower(const Raise& statement);
  void lower(const Break& statement);
  void lower(const Continue& statement);
  void lower_handlers(const std::vector<Handler>& handlers, BlockId landing, const Way& afterwards);

  void leave(const Way& way);
  void leave_with(Term value, source::Range range);
  void leave_with(Local temporary, source::Range range);
  void resume(const Exit& exit, const Frame& frame);
  const Frame* loop_named(std::string_view label) const;
  Frame* cleanup_before(const Frame* end) const;
  BlockId entry_of(Frame& cleanup, const Way& way, source::Range range);
  void lower_scope_exit(const Scope& scope, const Frame& frame, BlockId landing, BlockId after);
  void lower_finally(const Tree& part, const Frame& frame, BlockId landing);
  void lower_finally_once(const Tree& part, const Frame& frame, BlockId landing);

  TermTable& terms_;
  Function& function_;
  Draft draft_;
  std::vector<bool> reached_;  // by block: something goes there
  Context context_;
  BlockId current_ = BlockId::none;  // being written; none: control does not come here
  source::Range here_;               // what was lowered last, for what the builder adds
  unsigned finally_depth_ = 0;       // finally parts around this place
};

}  // namespace lockwright::ir
