// Liveness (backwards, to the fixpoint) and natural loops (from each back edge backwards to its header).
#include "analyzer/paths/flow.h"

namespace lockwright::paths {
namespace {

std::size_t number(ir::BlockId id) {
  return static_cast<std::size_t>(id);
}

void successors(const ir::Block& block, std::vector<std::size_t>& result) {
  result.clear();
  const auto add = [&](ir::BlockId id) {
    if (id != ir::BlockId::none) result.push_back(number(id));
  };
  if (block.end.kind != ir::TerminatorKind::leave && block.end.kind != ir::TerminatorKind::raise) {
    add(block.end.then_block);
    if (block.end.kind != ir::TerminatorKind::jump) add(block.end.else_block);
    for (const ir::DispatchCase& each : block.end.cases) add(each.block);
  }
  add(block.landing);
}

/// What one block reads before it assigns, and what it assigns.
struct Uses {
  Bits read;
  Bits assigned;
};

void read(const ir::TermTable& terms, ir::Term term, Uses& uses) {
  if (term == ir::Term::none || (terms.kinds_in(term) & ir::kinds_of(ir::TermKind::local)) == 0) return;
  if (terms.kind(term) == ir::TermKind::local) {
    const auto local = static_cast<std::size_t>(terms.number(term));
    if (!uses.assigned.has(local)) uses.read.add(local);
    return;
  }
  for (const ir::Term operand : terms.operands(term)) read(terms, operand, uses);
}

Uses uses_of(const ir::TermTable& terms, const ir::Block& block, std::size_t locals) {
  Uses uses{Bits(locals), Bits(locals)};
  if (block.exception != ir::Local::none) uses.assigned.add(static_cast<std::size_t>(block.exception));
  for (const ir::Instruction& each : block.instructions) {
    read(terms, each.place, uses);
    read(terms, each.value, uses);
    read(terms, each.callee, uses);
    for (const ir::Argument& argument : each.arguments) read(terms, argument.value, uses);
    // What an instruction that raises would have assigned keeps its old value on the exceptional way.
    if (each.result != ir::Local::none &&
        (block.landing == ir::BlockId::none || each.kind == ir::InstructionKind::let)) {
      uses.assigned.add(static_cast<std::size_t>(each.result));
    }
  }
  read(terms, block.end.test, uses);
  read(terms, block.end.value, uses);
  if (block.end.exception != ir::Local::none) {
    const auto local = static_cast<std::size_t>(block.end.exception);
    if (!uses.assigned.has(local)) uses.read.add(local);
  }
  return uses;
}

}  // namespace

bool Bits::add(const Bits& other, const Bits& except) {
  bool changed = false;
  for (std::size_t word = 0; word < words_.size(); ++word) {
    const std::uint64_t more = other.words_[word] & ~except.words_[word] & ~words_[word];
    words_[word] |= more;
    changed |= more != 0;
  }
  return changed;
}

Flow::Flow(const ir::TermTable& terms, const ir::Function& function) {
  const std::vector<ir::Block>& blocks = function.cfg.blocks;
  const std::size_t locals = function.locals.size();
  std::vector<Uses> uses;
  std::vector<std::vector<std::size_t>> after(blocks.size());
  std::vector<std::vector<std::size_t>> before(blocks.size());
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    uses.push_back(uses_of(terms, blocks[block], locals));
    successors(blocks[block], after[block]);
    for (const std::size_t next : after[block]) before[next].push_back(block);
  }
  const Bits nothing(locals);
  for (const Uses& each : uses) live_.push_back(each.read);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t block = blocks.size(); block-- > 0;) {
      for (const std::size_t next : after[block])
        changed |= live_[block].add(live_[next], uses[block].assigned);
      // A landing block may be reached before anything in this block was assigned.
      if (blocks[block].landing != ir::BlockId::none) {
        changed |= live_[block].add(live_[number(blocks[block].landing)], nothing);
      }
    }
  }
  loops_.resize(blocks.size());
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (const std::size_t header : after[block]) {
      if (!blocks[header].loop_header || header > block) continue;
      Bits& members = loops_[header];
      if (!members.has(header)) members = Bits(blocks.size());
      members.add(header);
      std::vector<std::size_t> open{block};
      while (!open.empty()) {
        const std::size_t member = open.back();
        open.pop_back();
        if (members.has(member)) continue;
        members.add(member);
        open.insert(open.end(), before[member].begin(), before[member].end());
      }
    }
  }
}

bool Flow::in_loop(ir::BlockId header, ir::BlockId block) const {
  return loops_[number(header)].has(number(block));
}

}  // namespace lockwright::paths
