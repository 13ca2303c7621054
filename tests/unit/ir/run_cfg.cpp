// Runs a control flow graph block by block.
#include "tests/unit/ir/execution.h"

namespace lockwright::ir::testing {
namespace {

class CfgRun {
 public:
  CfgRun(const Cfg& cfg, const TermTable& terms, std::uint64_t seed)
      : cfg_(cfg), terms_(terms), run_(terms, seed) {}

  std::vector<std::string> start() {
    while (at_ != BlockId::none) {
      if (run_.exhausted()) {
        run_.note("stopped");
        break;
      }
      run_block(cfg_.blocks[static_cast<std::size_t>(at_)]);
    }
    return run_.trace();
  }

 private:
  void run_block(const Block& block) {
    Value raised;
    for (const Instruction& instruction : block.instructions) {
      if (!run_.step(instruction, raised)) return land(block, raised);
    }
    const Terminator& end = block.end;
    switch (end.kind) {
      case TerminatorKind::jump: return go(end.then_block);
      case TerminatorKind::branch:
        return go(run_.decide(end.test, end.range) ? end.then_block : end.else_block);
      case TerminatorKind::dispatch: return go(matching(end, run_.value_of(end.exception)));
      case TerminatorKind::leave:
        run_.note("returned " + to_text(run_.value_of(end.value)));
        at_ = BlockId::none;
        return;
      case TerminatorKind::raise: return land(block, run_.value_of(end.value));
    }
  }

  [[nodiscard]] BlockId matching(const Terminator& end, const Value& exception) const {
    for (const DispatchCase& one : end.cases) {
      for (const Term type : one.types) {
        if (exception.kind == Value::Kind::exception && terms_.text(type) == exception.type) return one.block;
      }
    }
    return end.else_block;
  }

  void go(BlockId target) {
    if (cfg_.blocks[static_cast<std::size_t>(target)].loop_header && at_ >= target) run_.note("round");
    at_ = target;
  }

  void land(const Block& block, const Value& raised) {
    at_ = block.landing;
    if (at_ == BlockId::none) {
      run_.note("raised " + to_text(raised));
    } else {
      run_.set(cfg_.blocks[static_cast<std::size_t>(at_)].exception, raised);
    }
  }

  const Cfg& cfg_;
  const TermTable& terms_;
  Execution run_;
  BlockId at_{0};
};

}  // namespace

std::vector<std::string> run_cfg(const Cfg& cfg, const TermTable& terms, std::uint64_t seed) {
  return CfgRun(cfg, terms, seed).start();
}

}  // namespace lockwright::ir::testing
