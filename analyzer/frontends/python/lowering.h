// Lowering of one function: from its syntax to the structured tree of the IR.
//
// One class, because everything in a function's text can hold everything else; its parts are in files of
// their own: expressions.cpp (values), operators.cpp, calls.cpp, strings.cpp, conditions.cpp (tests and short
// circuits), assignments.cpp, comprehensions.cpp, statements.cpp (simple ones, and what did not parse),
// blocks.cpp (if, loops, try, with), matching.cpp, definitions.cpp (functions and classes).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analyzer/frontends/common/emitter.h"
#include "analyzer/frontends/python/names.h"
#include "analyzer/frontends/python/unit.h"

namespace lockwright::frontends::python {

class Lowering : private Emitter {
 public:
  /// For the code of `scope`: a module, function or lambda.
  Lowering(Unit& unit, Names& names, ScopeId scope);

  /// Fills in the function's cfg (and the locals that its code needs).
  void run();

  /// What an expression names, without evaluating it: for decorators and bases. Calls become apply terms.
  ir::Term described(Node node);

 private:
  [[nodiscard]] source::Range range(Node node) const;

  // expressions.cpp
  ir::Term expression(Node node, Code& code, Target target = {});
  ir::Term expression_here(Node node, Code& code, Target target);
  void discard(Node node, Code& code);
  Meaning evaluate(Node node, Code& code);
  /// Values of several expressions, as they are when the last one has been evaluated.
  std::vector<ir::Term> expressions(std::span<const Node> nodes, Code& code);
  ir::Term collection(Node node, Code& code);
  ir::Term dictionary(Node node, Code& code);
  ir::Term subscript(Node node, Code& code, Target target);
  ir::Term subscript_key(Node subscript, Code& code);
  ir::Term slice(Node node, Code& code);
  ir::Term walrus(Node node, Code& code);
  ir::Term choice(Node node, Code& code, Target target);
  ir::Term await(Node node, Code& code, Target target);
  ir::Term yield(Node node, Code& code, Target target);
  ir::Term lambda(Node node, Code& code);

  // operators.cpp
  ir::Term binary(Node node, Code& code);
  ir::Term unary(Node node, Code& code);
  ir::Term comparison(Node node, Code& code, Target target);
  ir::Term short_circuit(Node node, Code& code);
  ir::Term compare(Kind operation, ir::Term left, ir::Term right, source::Range range, Code& code,
                   Target target);
  /// The operands of `a or b or c`, however it is nested to the left.
  static std::vector<Node> chain(Node node);

  // calls.cpp
  ir::Term call(Node node, Code& code, Target target, ir::Completion completion);
  bool is_super(Node call) const;
  ir::Term super(Node node, Code& code);
  void arguments(Node list, ir::Instruction& made, Code& code);

  // strings.cpp
  ir::Term string(Node node, Code& code);
  ir::Term percent(ir::Term format, ir::Term operand);
  ir::Term format(ir::Term callee, std::span<const ir::Argument> arguments);
  void string_parts(Node node, std::vector<ir::Term>& parts, std::string& text, Code& code);
  ir::Term number(Node node);

  // conditions.cpp
  /// Control flow that the first operand needs goes into `before`; nothing else does.
  ir::ConditionPtr condition(Node node, Code& before);
  ir::ConditionPtr short_circuit_condition(Node node, Code& before);
  ir::ConditionPtr comparison_condition(Node node, Code& before);

  // assignments.cpp
  void assignment(Node node, Code& code);
  void augmented(Node node, Code& code);
  /// The slot to which an assignment of an expression's result can go at once.
  Target target_of(Node target);
  void assign(Node target, ir::Term value, source::Range range, Code& code);
  void assign_name(Symbol symbol, ir::Term value, source::Range range, Code& code);
  void unpack(Node targets, ir::Term value, source::Range range, Code& code);
  void unpack_elements(Node targets, Node values, source::Range range, Code& code);
  void annotate(Node target, Node annotation, ir::Term value);
  void declare_field(Symbol name, ir::Term type, ir::Term value);
  void erase(Node target, Code& code);

  // comprehensions.cpp
  ir::Term comprehension(Node node, Code& code);
  ir::Term iterator(ir::Term iterable, source::Range range, bool is_async, Code& code);
  ir::Term next(ir::Term iterator, source::Range range, bool is_async, Code& code, Target target = {});

  // statements.cpp
  void block(Node node, Code& code);
  void statement(Node node, Code& code);
  void statement_here(Node node, Code& code);
  void recover(Node error, Code& code);
  void header_hole(Node compound, Code& code);
  void import_statement(Node node, Code& code);
  void raise_statement(Node node, Code& code);
  ir::Term raised(Node value, Code& code);
  bool names_class(const Meaning& meaning) const;
  void assert_statement(Node node, Code& code);
  void print_statement(Node node, Code& code);

  // blocks.cpp
  void if_statement(Node node, Code& code);
  void if_chain(Node head, std::span<const Node> rest, Code& code);
  void for_statement(Node node, Code& code);
  void while_statement(Node node, Code& code);
  void try_statement(Node node, Code& code);
  ir::Handler handler(Node clause);
  void caught_types(Node node, std::vector<ir::Term>& types, int depth = 0);
  void with_statement(Node node, Code& code);
  void with_items(std::span<const Node> items, Node body, bool is_async, Code& code);

  // matching.cpp
  void match_statement(Node node, Code& code);
  void match_cases(std::span<const Node> cases, ir::Term subject, Code& code);
  ir::ConditionPtr pattern(Node node, ir::Term subject, std::vector<ir::Instruction>& captures);
  ir::ConditionPtr patterns(Node parent, std::vector<ir::Instruction>& captures);
  ir::ConditionPtr class_pattern(Node node, ir::Term subject, std::vector<ir::Instruction>& captures);
  void capture(Node name, ir::Term value, std::vector<ir::Instruction>& captures);

  // definitions.cpp
  void prologue(Code& code);
  void function_definition(Node node, Code& code);
  void defaults(Node parameters, ScopeId function, Code& code);
  void class_definition(Node node, Code& code);

  Unit& unit_;
  Names& names_;
  ScopeId scope_;
  int handled_ = 0;  ///< how many try statements with handlers are around
};

/// Makes a Function for every function and lambda of the file and a Class for every class, all but their
/// code: names, parameters, types, decorators, bases, methods.
void declare(Unit& unit, Names& names);

}  // namespace lockwright::frontends::python
