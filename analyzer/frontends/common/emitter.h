// What the code of a function is made of, whatever the language: instructions, conditions, holes. A
// frontend's lowering is built on this.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyzer/frontends/common/code.h"
#include "analyzer/ir/module.h"
#include "analyzer/ir/tree.h"

namespace lockwright::frontends {

/// Where the result of a call, await or yield goes.
struct Target {
  ir::Local local = ir::Local::none;  ///< none: a new temporary
  bool dropped = false;               ///< nowhere
};

class Emitter {
 protected:
  /// `last_site`: how many sites the module has so far.
  Emitter(ir::Module& module, ir::Function& function, std::uint32_t& last_site)
      : function_(function), module_(module), last_site_(last_site) {}

  static constexpr int max_nesting = 500;
  static constexpr std::size_t max_chain = 250;

  /// Counts how deep the text is nested; false when it is too deep to go on.
  class Nesting {
   public:
    explicit Nesting(Emitter& emitter) : emitter_(emitter) { ++emitter.nesting_; }
    ~Nesting() { --emitter_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    explicit operator bool() const { return emitter_.nesting_ <= max_nesting; }

   private:
    Emitter& emitter_;
  };

  /// While one lives, the code belongs to another scope, if `inner` is one.
  template <typename Scope>
  class InScope {
   public:
    InScope(Scope& scope, Scope inner) : scope_(scope), outer_(scope) {
      if (inner != Scope::none) scope = inner;
    }
    ~InScope() { scope_ = outer_; }
    InScope(const InScope&) = delete;
    InScope& operator=(const InScope&) = delete;

   private:
    Scope& scope_;
    Scope outer_;
  };

  /// Values of several expressions, as they are when the last one has been evaluated: those before an
  /// assignment are taken down. `evaluate` gives a node's term, `range_of` its place.
  template <typename Node, typename Evaluate, typename RangeOf>
  std::vector<ir::Term> values_in_turn(std::span<const Node> nodes, Code& code, const Evaluate& evaluate,
                                       const RangeOf& range_of) {
    std::size_t last_assignment = 0;
    for (std::size_t index = 0; index < nodes.size(); ++index) {
      if (nodes[index].has_assignment()) last_assignment = index;
    }
    std::vector<ir::Term> result;
    result.reserve(nodes.size());
    for (std::size_t index = 0; index < nodes.size(); ++index) {
      ir::Term value = evaluate(nodes[index]);
      if (index < last_assignment) value = snapshot(value, range_of(nodes[index]), code);
      result.push_back(value);
    }
    return result;
  }

  // Instructions.
  ir::Instruction instruction(ir::InstructionKind kind, source::Range range);
  ir::Local temporary();
  /// Nothing when the value is already there.
  void let(ir::Local local, ir::Term value, source::Range range, Code& code);
  void store(ir::Term place, ir::Term value, source::Range range, Code& code);
  ir::Instruction call_instruction(ir::Term callee, std::span<const ir::Term> arguments, source::Range range);
  ir::Term call_global(std::string_view callee, std::span<const ir::Term> arguments, source::Range range,
                       Code& code, Target target = {});
  ir::Term emit_result(ir::Instruction made, Code& code, Target target);
  /// Text that is not understood: an unknown instruction and a ParseHole.
  void hole(source::Range range, Code& code);
  /// The value of a term now, whatever the variables in it become later.
  ir::Term snapshot(ir::Term value, source::Range range, Code& code);

  // Terms.
  [[nodiscard]] ir::TermTable& terms() const { return module_.terms; }
  [[nodiscard]] ir::Term global(std::string_view name) const { return module_.terms.global(name); }
  ir::Term apply(std::string_view operation, ir::Term left, ir::Term right);
  /// Says the same in every function: no slot, no receiver, no frame.
  [[nodiscard]] bool is_context_free(ir::Term term) const;

  // Conditions.
  ir::ConditionPtr leaf(ir::Term test, source::Range range, std::vector<ir::Instruction> before = {});
  static ir::ConditionPtr join(ir::Condition::Kind kind, ir::ConditionPtr left, ir::ConditionPtr right);
  static ir::ConditionPtr negation(ir::ConditionPtr operand);
  /// `left`, then what `right` needs first, then `right`: as a condition without control flow inside.
  ir::ConditionPtr sequence_condition(ir::Condition::Kind kind, ir::ConditionPtr left, Code right_before,
                                      ir::ConditionPtr right, source::Range range, Code& before);
  /// Assigns true or false to `result`.
  void decide(ir::ConditionPtr condition, ir::Local result, source::Range range, Code& code);

  ir::Function& function_;
  bool holes_raise_ = true;  ///< whether text that is not understood may raise

 private:
  ir::Module& module_;
  std::uint32_t& last_site_;
  int nesting_ = 0;
};

}  // namespace lockwright::frontends
