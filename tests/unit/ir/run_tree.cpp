// The reference: what trees mean, written down as directly as possible, with no thought of blocks and edges.
#include <optional>
#include <variant>

#include "tests/unit/ir/execution.h"

namespace lockwright::ir::testing {
namespace {

/// How a statement ended.
struct Outcome {
  enum class Kind : std::uint8_t { normal, give, raise, brk, cont, stop };
  Kind kind = Kind::normal;
  Value value = {};            ///< give, raise
  const void* loop = nullptr;  ///< brk, cont: the loop meant
};

/// Loops around a statement, innermost first.
struct Loops {
  const Loop* loop = nullptr;
  const Loops* outer = nullptr;
};

struct Around {
  const Loops* loops = nullptr;
  std::optional<Value> caught = std::nullopt;
};

class TreeRun {
 public:
  TreeRun(const TermTable& terms, std::uint64_t seed) : run_(terms, seed), terms_(terms) {}

  std::vector<std::string> start(const Tree& tree) {
    const Outcome outcome = execute(tree, {});
    if (run_.stopped()) {
      run_.note("stopped");
    } else if (outcome.kind == Outcome::Kind::raise) {
      run_.note("raised " + to_text(outcome.value));
    } else {
      run_.note("returned " + to_text(outcome.value));
    }
    return run_.trace();
  }

 private:
  static Outcome unknown_raise() {
    return {.kind = Outcome::Kind::raise, .value = {.kind = Value::Kind::unknown}};
  }

  Outcome execute(const TreePtr& tree, const Around& around) {
    return tree ? execute(*tree, around) : Outcome{};
  }

  Outcome execute(const Tree& tree, const Around& around) {
    if (run_.exhausted()) return {.kind = Outcome::Kind::stop};
    return std::visit([&](const auto& node) { return execute(node, around); }, tree.node);
  }

  Outcome execute(const Sequence& sequence, const Around& around) {
    for (const TreePtr& part : sequence.parts) {
      if (Outcome outcome = execute(part, around); outcome.kind != Outcome::Kind::normal) return outcome;
    }
    return {};
  }

  Outcome execute(const std::vector<Instruction>& instructions) {
    for (const Instruction& instruction : instructions) {
      Value raised;
      if (!run_.step(instruction, raised)) return {.kind = Outcome::Kind::raise, .value = raised};
    }
    return {};
  }

  Outcome execute(const Straight& straight, const Around&) { return execute(straight.instructions); }

  Outcome decide(const Condition* condition, bool& holds) {
    if (condition == nullptr) {
      holds = true;
      return {};
    }
    using enum Condition::Kind;
    switch (condition->kind) {
      case leaf: {
        Outcome outcome = execute(condition->before);
        if (outcome.kind == Outcome::Kind::normal) holds = run_.decide(condition->test, condition->range);
        return outcome;
      }
      case negation: {
        Outcome outcome = decide(condition->operands[0].get(), holds);
        holds = !holds;
        return outcome;
      }
      case both:
      case either: {
        Outcome outcome = decide(condition->operands[0].get(), holds);
        if (outcome.kind != Outcome::Kind::normal || holds == (condition->kind == either)) return outcome;
        return decide(condition->operands[1].get(), holds);
      }
    }
    return {};
  }

  Outcome execute(const If& branch, const Around& around) {
    bool holds = false;
    Outcome outcome = decide(branch.condition.get(), holds);
    if (outcome.kind != Outcome::Kind::normal) return outcome;
    return execute(holds ? branch.then_part : branch.else_part, around);
  }

  Outcome execute(const Loop& loop, const Around& around) {
    const Loops loops{&loop, around.loops};
    Around inside = around;
    inside.loops = &loops;
    for (bool first = true;; first = false) {
      if (run_.exhausted()) return {.kind = Outcome::Kind::stop};
      bool holds = true;
      if (loop.test_first || !first) {
        Outcome outcome = decide(loop.condition.get(), holds);
        if (outcome.kind != Outcome::Kind::normal) return outcome;
      }
      if (!holds) return execute(loop.else_part, around);
      if (!loop.test_first && !first) run_.note("round");
      Outcome outcome = execute(loop.body, inside);
      if (outcome.kind == Outcome::Kind::brk && outcome.loop == &loop) return {};
      const bool goes_on = outcome.kind == Outcome::Kind::normal ||
                           (outcome.kind == Outcome::Kind::cont && outcome.loop == &loop);
      if (!goes_on) return outcome;
      outcome = execute(loop.step, around);
      if (outcome.kind != Outcome::Kind::normal) return outcome;
      if (loop.test_first) run_.note("round");
    }
  }

  [[nodiscard]] bool catches(const Handler& handler, const Value& exception) const {
    if (handler.types.empty()) return true;
    for (const Term type : handler.types) {
      if (exception.kind == Value::Kind::exception && terms_.text(type) == exception.type) return true;
    }
    return false;
  }

  Outcome execute(const Try& attempt, const Around& around) {
    const Outcome outcome = guarded(attempt, around);
    if (run_.stopped()) return outcome;
    const Outcome cleanup = execute(attempt.finally_part, around);
    return cleanup.kind == Outcome::Kind::normal ? outcome : cleanup;
  }

  Outcome guarded(const Try& attempt, const Around& around) {
    Outcome outcome = execute(attempt.body, around);
    if (outcome.kind == Outcome::Kind::normal) return execute(attempt.else_part, around);
    if (outcome.kind != Outcome::Kind::raise) return outcome;
    for (const Handler& handler : attempt.handlers) {
      if (!catches(handler, outcome.value)) continue;
      if (handler.exception != Local::none) run_.set(handler.exception, outcome.value);
      Around inside = around;
      inside.caught = outcome.value;
      return execute(handler.body, inside);
    }
    return outcome;
  }

  Outcome execute(const Scope& scope, const Around& around) {
    const Outcome outcome = execute(scope.body, around);
    if (run_.stopped()) return outcome;
    const bool raised = outcome.kind == Outcome::Kind::raise;
    Instruction exit = scope.exit;
    if (exit.result == Local::none) exit.result = Local{1000000};  // one that no function has
    const Value exception = raised ? outcome.value : Value{};
    Value raised_by_exit;
    if (!run_.step(exit, raised_by_exit, &exception)) {
      return {.kind = Outcome::Kind::raise, .value = raised_by_exit};
    }
    if (raised && scope.may_swallow && is_true(run_.value_of(exit.result))) return {};
    return outcome;
  }

  Outcome execute(const Return& statement, const Around&) {
    return {.kind = Outcome::Kind::give,
            .value = statement.value == Term::none ? Value{} : run_.value_of(statement.value)};
  }

  Outcome execute(const Raise& statement, const Around& around) {
    if (statement.value != Term::none) {
      return {.kind = Outcome::Kind::raise, .value = run_.value_of(statement.value)};
    }
    if (around.caught) return {.kind = Outcome::Kind::raise, .value = *around.caught};
    return unknown_raise();
  }

  static Outcome leave_loop(Outcome::Kind kind, std::string_view label, const Around& around) {
    for (const Loops* loops = around.loops; loops != nullptr; loops = loops->outer) {
      if (label.empty() || loops->loop->label == label) return {.kind = kind, .loop = loops->loop};
    }
    return unknown_raise();
  }

  Outcome execute(const Break& statement, const Around& around) {
    return leave_loop(Outcome::Kind::brk, statement.label, around);
  }
  Outcome execute(const Continue& statement, const Around& around) {
    return leave_loop(Outcome::Kind::cont, statement.label, around);
  }

  Execution run_;
  const TermTable& terms_;
};

}  // namespace

std::vector<std::string> run_tree(const Tree& tree, const TermTable& terms, std::uint64_t seed) {
  return TreeRun(terms, seed).start(tree);
}

}  // namespace lockwright::ir::testing
