// Lowering of one function: from its syntax to the structured tree of the IR.
//
// One class, because everything in a function's text can hold everything else; its parts are in files of
// their own: expressions.cpp (values), chains.cpp (properties, calls, await), operators.cpp, literals.cpp,
// conditions.cpp, assignments.cpp, statements.cpp (simple ones, and what did not parse), blocks.cpp (if,
// loops, try, using), switches.cpp, definitions.cpp (functions and classes), exports.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analyzer/frontends/common/emitter.h"
#include "analyzer/frontends/typescript/names.h"
#include "analyzer/frontends/typescript/unit.h"

namespace lockwright::frontends::typescript {

class Lowering : private Emitter {
 public:
  /// For the code of `scope`: a module or function.
  Lowering(Unit& unit, Names& names, ScopeId scope);

  /// Fills in the function's cfg (and the locals that its code needs).
  void run();

  /// The value of an expression without effects; unknown for all others.
  ir::Term constant(Node node);

 private:
  /// Where break and continue can go: a loop, a switch, a labelled statement.
  struct Jump {
    std::string_view written;  ///< the source's label
    std::string_view label;    ///< the IR's: every such place has its own
    bool is_loop = false;
    bool takes_break = false;  ///< one without a label
  };
  /// While one lives, break and continue can aim at it.
  class InJump {
   public:
    InJump(Lowering& lowering, std::string_view written, bool is_loop, bool takes_break);
    ~InJump() { lowering_.jumps_.pop_back(); }
    InJump(const InJump&) = delete;
    InJump& operator=(const InJump&) = delete;

    [[nodiscard]] std::string_view label() const { return lowering_.jumps_.back().label; }

   private:
    Lowering& lowering_;
  };

  /// What `?.` in a chain of properties and calls guards: what follows it runs only if there is something.
  struct Guard {
    ir::ConditionPtr test;
    Code before;
  };
  struct Chain {
    bool guarded = false;  ///< a call follows a `?.`
    std::vector<Guard> guards = {};
  };

  [[nodiscard]] source::Range range(Node node) const { return unit_.range(node); }
  ir::Term is_null(ir::Term value) { return apply("operator.is", value, terms().null()); }

  // lowering.cpp
  void prologue(Code& code);
  void parameter(std::uint32_t position, Node pattern, Node value, Code& code);
  void constructor_body(Node body, Code& code);
  void initial_values(Code& code);

  // expressions.cpp
  ir::Term expression(Node node, Code& code, Target target = {});
  ir::Term expression_here(Node node, Code& code, Target target);
  void discard(Node node, Code& code);
  Meaning evaluate(Node node, Code& code);
  /// Values of several expressions, as they are when the last one has been evaluated.
  std::vector<ir::Term> expressions(std::span<const Node> nodes, Code& code);
  ir::Term array(Node node, Code& code);
  ir::Term object(Node node, Code& code);
  ir::Term choice(Node node, Code& code, Target target);
  ir::Term sequence(Node node, Code& code, Target target);
  ir::Term yield(Node node, Code& code, Target target);
  ir::Term function_value(Node node);
  ir::Term jsx(Node node, Code& code);

  // chains.cpp
  ir::Term await(Node node, Code& code, Target target);
  ir::Term chain(Node node, Code& code, Target target, ir::Completion completion);
  Meaning link(Node node, Code& code, Chain& chain);
  Meaning link_member(Node node, Code& code, Chain& chain);
  Meaning link_element(Node node, Code& code, Chain& chain);
  Meaning link_call(Node node, Code& code, Chain& chain, Target target, ir::Completion completion);
  ir::Term required(Node call, Node source, Code& code);
  ir::Term super_object();
  ir::Term imported_module_value(Node call, Code& code);
  void guard(ir::Term value, source::Range range, Code& code, Chain& chain);
  ir::Term creation(Node node, Code& code, Target target);
  void arguments(Node list, ir::Instruction& made, Code& code);
  bool is_export(Node left);

  // operators.cpp
  ir::Term binary(Node node, Code& code, Target target);
  ir::Term unary(Node node, Code& code, Target target);
  ir::Term update(Node node, Code& code, Target target);
  ir::Term arithmetic(Kind operation, ir::Term left, ir::Term right);
  ir::Term compare(Kind operation, ir::Term left, ir::Term right, source::Range range, Code& code,
                   Target target);
  ir::Term short_circuit(Node node, Code& code, Target target);
  /// The operands of `a || b || c`, however it is nested to the left.
  static std::vector<Node> operands_of(Node node);
  /// Whether `value` settles `value OPERATION …` otherwise than to itself, so that the rest counts.
  ir::ConditionPtr goes_on(Kind operation, ir::Term value, source::Range range);

  // literals.cpp
  ir::Term template_string(Node node, Code& code);
  ir::Term string(Node node);
  ir::Term number(Node node);

  // conditions.cpp
  /// Control flow that the first operand needs goes into `before`; nothing else does.
  ir::ConditionPtr condition(Node node, Code& before);
  ir::ConditionPtr short_circuit_condition(Node node, Code& before);

  // assignments.cpp
  void declaration(Node node, Code& code);
  ir::Term assignment(Node node, Code& code, Target target);
  ir::Term augmented(Node node, Code& code, Target target);
  /// The slot to which an assignment of an expression's result can go at once.
  Target target_of(Node target);
  void assign(Node target, ir::Term value, source::Range range, Code& code);
  void assign_name(Symbol symbol, ir::Term value, source::Range range, Code& code);
  void assign_place(const Place& place, ir::Term value, source::Range range, Code& code);
  void unpack_object(Node pattern, ir::Term value, source::Range range, Code& code);
  void unpack_array(Node pattern, ir::Term value, source::Range range, Code& code);
  void assign_with_default(Node target, Node otherwise, ir::Term value, source::Range range, Code& code);
  /// What an assignment to `target` writes to; none: nothing with a name.
  ir::Term place_of(Node target, Code& code);

  // statements.cpp
  void block(Node node, Code& code);
  void statements(std::span<const Node> nodes, Code& code);
  void statement(Node node, Code& code);
  void statement_here(Node node, Code& code);
  void recover(Node error, Code& code);
  void header_hole(Node compound, Code& code);
  void throw_statement(Node node, Code& code);
  void jump_statement(Node node, Code& code);
  void hoist(std::span<const Node> nodes, Code& code);

  // blocks.cpp
  void if_statement(Node node, Code& code);
  void for_statement(Node node, Code& code);
  void for_each_statement(Node node, Code& code);
  void while_statement(Node node, Code& code);
  void loop_condition(Node test, ir::Loop& loop, Code& step, Code& code);
  void do_statement(Node node, Code& code);
  void labeled_statement(Node node, Code& code);
  void try_statement(Node node, Code& code);
  ir::Handler handler(Node clause);
  /// `using x = …` and the statements that follow it.
  void using_statement(Node declared, bool is_async, std::span<const Node> rest, Code& code);

  // switches.cpp
  struct Case;
  void switch_statement(Node node, Code& code);
  std::vector<Case> cases_of(Node body);
  ir::ConditionPtr case_test(const Case& one, ir::Term value, Code& before);

  // definitions.cpp
  void class_definition(Node node, Code& code);
  void declare_field(Node member, ir::Class& type);
  void enumeration(Node node, Code& code);

  // exports.cpp
  void export_statement(Node node, Code& code);
  void export_clause(Node clause, Node source);
  void export_as(std::string_view name, const Meaning& meaning);
  void export_value(std::string_view name, Node value, source::Range range, Code& code);
  void export_members(Node object);

  Unit& unit_;
  Names& names_;
  ScopeId scope_;
  std::vector<Jump> jumps_;
  std::string_view pending_label_;  ///< of the statement to come
  int handled_ = 0;                 ///< how many try statements with handlers are around
};

/// Makes a Function for every function of the file and a Class for every class, all but their code: names,
/// parameters, types, bases, methods.
void declare(Unit& unit, Names& names);

/// The class that a type annotation names, as a global; none when it names no single one. `is_result`: of
/// an async function, so Promise<X> is X.
ir::Term declared_type(Names& names, Unit& unit, ScopeId scope, Node annotation, bool is_result = false);

}  // namespace lockwright::frontends::typescript
