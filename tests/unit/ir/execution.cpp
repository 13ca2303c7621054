#include "tests/unit/ir/execution.h"

#include <fmt/format.h>

#include "analyzer/ir/draft.h"

namespace lockwright::ir::testing {

std::string to_text(const Value& value) {
  switch (value.kind) {
    case Value::Kind::null: return "null";
    case Value::Kind::integer: return fmt::to_string(value.number);
    case Value::Kind::exception: return fmt::format("{}#{}", value.type, value.number);
    case Value::Kind::unknown: return "?";
  }
  return {};
}

bool is_true(const Value& value) {
  return value.kind == Value::Kind::exception || (value.kind == Value::Kind::integer && value.number != 0);
}

std::uint64_t Execution::draw(std::uint64_t question) const {
  std::uint64_t hash = seed_ * 0x9e3779b97f4a7c15U + question * 0xbf58476d1ce4e5b9U + effects_;
  for (int round = 0; round < 3; ++round) {
    hash ^= hash >> 31U;
    hash *= 0x94d049bb133111ebU;
  }
  return hash ^ (hash >> 29U);
}

bool Execution::step(const Instruction& instruction, Value& raised, const Value* exception) {
  if (!may_raise(instruction)) {
    if (instruction.kind == InstructionKind::let && instruction.result != Local::none) {
      set(instruction.result, value_of(instruction.value));
    }
    return true;
  }
  std::string line = fmt::format("{} at {}", static_cast<int>(instruction.kind),
                                 static_cast<std::uint32_t>(instruction.site));
  if (instruction.value != Term::none) line += fmt::format(" of {}", to_text(value_of(instruction.value)));
  for (const Argument& argument : instruction.arguments) {
    line += fmt::format(" {}={}", argument.name, to_text(value_of(argument.value)));
  }
  if (exception != nullptr) line += fmt::format(" exception={}", to_text(*exception));
  note(std::move(line));
  ++effects_;
  idle_ = 0;
  const std::uint64_t answer = draw(static_cast<std::uint64_t>(instruction.site));
  const std::uint64_t one_raises_in = 4 + seed_ % 4 * 10;
  if (answer % one_raises_in == 0) {
    raised = {
        .kind = Value::Kind::exception, .number = effects_, .type = fmt::format("E{}", answer / 100 % 3)};
    return false;
  }
  if (instruction.result != Local::none) {
    set(instruction.result,
        {.kind = Value::Kind::integer, .number = static_cast<std::int64_t>(answer / 100 % 3)});
  }
  return true;
}

bool Execution::decide(Term test, const source::Range& range) {
  if (test == Term::none) return draw(range.begin + 1000000) % 2 == 0;
  return is_true(value_of(test));
}

Value Execution::value_of(Local local) const {
  const auto found = locals_.find(local);
  return found == locals_.end() ? Value{.kind = Value::Kind::unknown} : found->second;
}

Value Execution::value_of(Term term) const {
  switch (terms_.kind(term)) {
    case TermKind::local: return value_of(static_cast<Local>(terms_.number(term)));
    case TermKind::integer:
    case TermKind::boolean: return {.kind = Value::Kind::integer, .number = terms_.number(term)};
    case TermKind::null: return {};
    case TermKind::make:
      return {.kind = Value::Kind::exception,
              .number = terms_.number(terms_.operands(term)[1]),
              .type = std::string(terms_.text(terms_.operands(term)[0]))};
    case TermKind::apply: {  // operator.eq, as the builder makes it
      const bool equal =
          value_of(terms_.operands(term)[1]).number == value_of(terms_.operands(term)[2]).number;
      return {.kind = Value::Kind::integer, .number = equal ? 1 : 0};
    }
    default: return {.kind = Value::Kind::unknown};
  }
}

bool Execution::exhausted() {
  if (++idle_ > 200 || effects_ > 60) stopped_ = true;
  return stopped_;
}

}  // namespace lockwright::ir::testing
