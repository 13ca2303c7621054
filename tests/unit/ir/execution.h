// Running code for tests: the same function once as a tree (what the frontend said) and once as a CFG (what
// the builder made of it). An oracle decides what calls return, what raises and how undecidable conditions
// come out; if the builder is right, both runs leave the same trace.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/ir/tree.h"

namespace lockwright::ir::testing {

struct Value {
  enum class Kind : std::uint8_t { null, integer, exception, unknown };
  Kind kind = Kind::null;
  std::int64_t number = 0;  ///< integer, exception: tells one from the other
  std::string type = {};    ///< exception: its class
};

std::string to_text(const Value& value);
bool is_true(const Value& value);

/// What both kinds of run share: variables, decisions and the trace.
class Execution {
 public:
  Execution(const TermTable& terms, std::uint64_t seed) : terms_(terms), seed_(seed) {}

  /// Does `instruction`; `exception`, if any, is passed as one more argument. False: it raised `raised`.
  bool step(const Instruction& instruction, Value& raised, const Value* exception = nullptr);
  /// Whether a condition holds; `range` says which it is when it has no term.
  bool decide(Term test, const source::Range& range);

  [[nodiscard]] Value value_of(Term term) const;
  [[nodiscard]] Value value_of(Local local) const;
  void set(Local local, const Value& value) { locals_[local] = value; }

  void note(std::string line) { trace_.push_back(std::move(line)); }
  /// The run has gone on for long enough, or goes round without doing anything.
  bool exhausted();
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }

 private:
  [[nodiscard]] std::uint64_t draw(std::uint64_t question) const;

  const TermTable& terms_;
  std::uint64_t seed_;
  std::map<Local, Value> locals_;
  std::vector<std::string> trace_;
  unsigned effects_ = 0;  // instructions with an effect so far; decisions depend on it, not on what was asked
  unsigned idle_ = 0;
  bool stopped_ = false;
};

/// Each returns the trace; the last line says how the function ended.
std::vector<std::string> run_tree(const Tree& tree, const TermTable& terms, std::uint64_t seed);
std::vector<std::string> run_cfg(const Cfg& cfg, const TermTable& terms, std::uint64_t seed);

}  // namespace lockwright::ir::testing
