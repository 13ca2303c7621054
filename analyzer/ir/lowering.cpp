// From tree to blocks, the part that stays inside: straight-line code, conditions and loops.
//
// The walk keeps the block it is writing (`current_`). A statement that ends the path, such as return, leaves
// none, and what follows is skipped: it can never run. A new block begins where two ways meet, where a branch
// goes, and where the surroundings of the code change (see Context), because a block has only one landing.
//
// Short circuits disappear here: `a and b` is a branch on a that leads to a branch on b.
#include "analyzer/ir/lowering.h"

#include <optional>
#include <utility>
#include <variant>

namespace lockwright::ir {
namespace {

/// What a constant is worth as a condition, in all languages alike.
std::optional<bool> truth(const TermTable& terms, Term term) {
  if (term == Term::none) return std::nullopt;
  switch (terms.kind(term)) {
    case TermKind::boolean:
    case TermKind::integer: return terms.number(term) != 0;
    case TermKind::null: return false;
    default: return std::nullopt;
  }
}

}  // namespace

Lowering::Lowering(TermTable& terms, Function& function) : terms_(terms), function_(function) {
  here_ = {.file = function.range.file, .begin = function.range.begin, .end = function.range.begin};
}

Draft Lowering::run(const Tree& body) {
  enter(reach(new_block()));
  lower(body);
  if (!dead()) {
    here_ = function_.range;
    here_.begin = here_.end > here_.begin ? here_.end - 1 : here_.begin;
    end_block(TerminatorKind::leave).value = terms_.null();
  }
  return std::move(draft_);
}

BlockId Lowering::new_block() {
  return new_block_in(context_.loop);
}

BlockId Lowering::new_block_in(BlockId loop) {
  const auto id = static_cast<BlockId>(draft_.blocks.size());
  draft_.blocks.emplace_back().loop = loop;
  draft_.loop_around.push_back(BlockId::none);
  reached_.push_back(false);
  return id;
}

BlockId Lowering::new_landing() {
  const BlockId id = new_block();
  block(id).exception = new_temporary();
  return id;
}

Local Lowering::new_temporary() {
  function_.locals.emplace_back();
  return static_cast<Local>(function_.locals.size() - 1);
}

Block& Lowering::block(BlockId id) {
  return draft_.blocks[static_cast<std::size_t>(id)];
}

bool Lowering::reached(BlockId id) const {
  return reached_[static_cast<std::size_t>(id)];
}

/// Notes that something goes to `id`.
BlockId Lowering::reach(BlockId id) {
  if (id != BlockId::none) reached_[static_cast<std::size_t>(id)] = true;
  return id;
}

/// Goes on writing at `id`, unless nothing goes there.
void Lowering::enter(BlockId id) {
  current_ = reached(id) ? id : BlockId::none;
}

void Lowering::append(Instruction instruction) {
  here_ = instruction.range;
  if (may_raise(instruction)) block(current_).landing = reach(context_.landing);
  block(current_).instructions.push_back(std::move(instruction));
}

void Lowering::let(Local result, Term value, source::Range range) {
  Instruction instruction;
  instruction.kind = InstructionKind::let;
  instruction.range = range;
  instruction.result = result;
  instruction.value = value;
  append(std::move(instruction));
}

/// Ends the current block; the caller fills in the rest, valid until the next block is made.
Terminator& Lowering::end_block(TerminatorKind kind) {
  Terminator& end = block(current_).end;
  end.kind = kind;
  end.range = here_;
  current_ = BlockId::none;
  return end;
}

void Lowering::jump(BlockId target) {
  if (!dead()) end_block(TerminatorKind::jump).then_block = reach(target);
}

void Lowering::raise(Term value) {
  block(current_).landing = reach(context_.landing);
  end_block(TerminatorKind::raise).value = value;
}

void Lowering::lower(const Tree& tree) {
  if (dead()) return;
  std::visit([this](const auto& node) { lower(node); }, tree.node);
}

void Lowering::lower(const Sequence& sequence) {
  for (const TreePtr& part : sequence.parts) {
    if (part) lower(*part);
  }
}

void Lowering::lower(const Straight& straight) {
  for (const Instruction& instruction : straight.instructions) append(instruction);
}

void Lowering::lower(const If& branch) {
  const BlockId after = new_block();
  const BlockId yes = branch.then_part ? new_block() : after;
  const BlockId no = branch.else_part ? new_block() : after;
  lower(branch.condition.get(), yes, no);
  if (branch.then_part) {
    enter(yes);
    lower(*branch.then_part);
    jump(after);
  }
  if (branch.else_part) {
    enter(no);
    lower(*branch.else_part);
    jump(after);
  }
  enter(after);
}

void Lowering::lower(const Loop& loop) {
  const Context outside = context_;
  const BlockId after = new_block();
  const BlockId ended = loop.else_part ? new_block() : after;  // where the condition sends who leaves
  const BlockId header = new_block();
  block(header).loop_header = true;
  block(header).loop = header;
  draft_.loop_around[static_cast<std::size_t>(header)] = outside.loop;
  jump(header);
  enter(header);

  context_.loop = header;
  const BlockId again = new_block();  // the step, and in do-while the condition
  if (loop.test_first && loop.condition) {
    const BlockId body = new_block();
    lower(loop.condition.get(), body, ended, ended);
    enter(body);
  }
  Frame frame{.kind = Frame::Kind::loop,
              .outer = outside.frames,
              .loop = outside.loop,
              .label = loop.label,
              .break_target = after,
              .continue_target = again};
  context_.frames = &frame;
  if (loop.body) lower(*loop.body);
  context_.frames = outside.frames;

  jump(again);
  enter(again);
  if (loop.step) lower(*loop.step);
  if (!loop.test_first && loop.condition) {
    lower(loop.condition.get(), header, ended, ended);
  } else {
    jump(header);
  }

  context_ = outside;
  if (loop.else_part) {
    enter(ended);
    lower(*loop.else_part);
    jump(after);
  }
  enter(after);
}

/// Ends the current block so that control goes to `yes` or `no`. A missing condition can go either way.
/// `loop_exit`: which of the two leaves the loop that this condition decides about.
void Lowering::lower(const Condition* condition, BlockId yes, BlockId no, BlockId loop_exit) {
  if (dead()) return;
  if (condition == nullptr || condition->kind == Condition::Kind::leaf) {
    lower_test(condition, yes, no, loop_exit);
    return;
  }
  const auto& operands = condition->operands;
  if (condition->kind == Condition::Kind::negation) {
    lower(operands.front().get(), no, yes, loop_exit);
    return;
  }
  const bool both = condition->kind == Condition::Kind::both;
  for (std::size_t i = 0; i + 1 < operands.size(); ++i) {
    const BlockId next = new_block();
    lower(operands[i].get(), both ? next : yes, both ? no : next, loop_exit);
    enter(next);
  }
  lower(operands.back().get(), yes, no, loop_exit);
}

void Lowering::lower_test(const Condition* condition, BlockId yes, BlockId no, BlockId loop_exit) {
  Term test = Term::none;
  if (condition != nullptr) {
    for (const Instruction& instruction : condition->before) append(instruction);
    here_ = condition->range;
    test = condition->test;
  }
  if (const auto known = truth(terms_, test)) {
    jump(*known ? yes : no);
    return;
  }
  Terminator& end = end_block(TerminatorKind::branch);
  end.test = test;
  end.then_block = reach(yes);
  end.else_block = reach(no);
  end.loop_test = loop_exit != BlockId::none && (yes == loop_exit) != (no == loop_exit);
  end.leaves_on_true = end.loop_test && yes == loop_exit;
}

}  // namespace lockwright::ir
