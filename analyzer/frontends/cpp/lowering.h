// Lowering one function: its statements to a structured tree, its expressions to terms and instructions.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/frontends/cpp/scope_emitter.h"
#include "analyzer/frontends/cpp/unit.h"

namespace lockwright::frontends::cpp {

/// A function's definition and where it stands.
struct Definition {
  Node node;          ///< function_definition or lambda_expression
  std::string scope;  ///< what its names are looked up from: its class or namespace
  std::string owner;  ///< its class; "" for none
  ir::FunctionIndex index = ir::FunctionIndex::none;
};

using Variable = ScopedVariable<Type>;

class Lowering final : private ScopeEmitter<Type> {
 public:
  Lowering(Unit& unit, const Definition& definition, Lowering* enclosing = nullptr);

  void run();
  /// The initial values of namespace-scope variables; the module's own code.
  void run_module(const std::vector<std::pair<Node, std::string>>& declarations);
  /// What happens to an object's members and bases when nobody wrote a destructor.
  void run_destructor(const std::string& type);
  /// A value that needs no code: a default argument, a member's initial value. Unknown for all else.
  ir::Term constant(Node node);
  ir::Term constant(std::string_view text);

 private:
  class InScope;
  struct Jump {
    std::string_view label;
    bool takes_continue = false;
    std::string_view written;  ///< the label of a goto; "": of break and continue
    bool backwards = false;
  };

  // lowering.cpp: entry and body
  void prologue(Code& code);
  void body(Node node, Code& code);
  void initializers(Code& code);
  void destroy_members(const std::string& type, Code& code);
  void destroy_at_end(const Type& type, ir::Term value, source::Range range, Code& code);
  ir::Instruction destruction(const Type& type, ir::Term value, source::Range range) override;

  // names.cpp
  [[nodiscard]] source::Range range(Node node) const;
  Variable* find_variable(std::string_view name);
  std::optional<Variable> outer_variable(std::string_view name);
  Variable& declare(std::string_view name, Type type, bool is_static = false);
  ir::Term self();
  ir::Term name(Node node, Code& code, Target target);
  Type type_of(Node node);
  const Declaration* declared_callee(Node function);
  [[nodiscard]] const std::string& scope() const { return definition_.scope; }

  // statements.cpp
  void statements(std::span<const Node> nodes, Code& code);
  void statement(Node node, Code& code);
  void block(Node node, Code& code);
  void if_statement(Node node, Code& code);
  void while_statement(Node node, Code& code);
  void do_statement(Node node, Code& code);
  void for_statement(Node node, Code& code);
  void range_loop(Node node, Code& code);
  void switch_statement(Node node, Code& code);
  void try_statement(Node node, Code& code);
  void return_statement(Node node, Code& code);
  void conditional(Node node, Code& code);
  void jump_to(std::string_view label, Node node, Code& code);
  void labels(std::span<const Node> nodes, std::size_t label, Code& code);
  ir::ConditionPtr condition_clause(Node node, Code& before, std::vector<const Variable*>& made);
  void labelled(Jump jump, Code& code, const std::function<void(Code&)>& write);

  // variables.cpp: declarations in functions
  std::vector<Variable> declaration(Node node, Code& code);
  Variable declarator(Node written, Node declared, bool is_static, Code& code);
  ir::Term initial_value(const Type& type, Node value, std::string_view name, Code& code, Target target);
  ir::Term construct(const Type& type, Node arguments, source::Range range, Code& code, Target target);
  ir::Term identity(std::string_view name);
  void bindings(Node pattern, ir::Term value, Code& code);
  void designated(ir::Term object, Node list, Code& code);
  bool is_own_class(const Type& type, Node value);
  [[nodiscard]] ir::Local made_local(ir::Term term) const;

  // expressions.cpp
  ir::Term expression(Node node, Code& code, Target target = {});
  ir::Term expression_here(Node node, Code& code, Target target);
  void discard(Node node, Code& code);
  std::vector<ir::Term> expressions(Node list, Code& code);
  ir::Term literal(Node node);
  ir::Term binary(Node node, Code& code, Target target);
  ir::Term unary(Node node, Code& code, Target target);
  ir::Term pointer(Node node, Code& code);
  ir::Term update(Node node, Code& code);
  ir::Term assignment(Node node, Code& code, Target target);
  void assign_to(Node left, ir::Term value, source::Range range, Code& code);
  ir::Term choice(Node node, Code& code, Target target);
  ir::Term lambda(Node node, Code& code);
  ir::ConditionPtr condition(Node node, Code& before);
  ir::Term truth(Node node, Code& code);
  ir::Term compared(Kind operation, ir::Term left, ir::Term right);

  // calls.cpp
  ir::Term call(Node node, Code& code, Target target);
  ir::Term emit_call(ir::Term callee, std::span<const ir::Term> arguments, bool never_raises,
                     source::Range range, Code& code, Target target);
  std::optional<ir::Term> language_call(std::string_view callee, Node function, Node arguments, Code& code);
  std::optional<ir::Term> owner_call(Node function, Node arguments, Node node, Code& code);
  ir::Term moved(Node node, Code& code);
  std::vector<ir::Term> call_arguments(Node list, bool external, Code& code);
  std::optional<ir::Term> expand(std::string_view name, Node arguments, source::Range range, Code& code);

  Unit& unit_;
  const Definition& definition_;
  Lowering* enclosing_;
  std::vector<std::map<std::string, Variable, std::less<>>> scopes_;
  std::vector<Jump> jumps_;
  std::set<std::string_view> captured_;   ///< names that lambdas in here use
  std::set<std::string_view> addressed_;  ///< names whose address is taken
  bool captures_this_ = false;
  bool deep_ = false;              ///< a lambda in here reaches what is around this function
  std::string_view return_label_;  ///< main: where a return goes
  ir::Term last_closure_ = ir::Term::none;
  int expansions_ = 0;
  std::optional<source::Range> expanded_;  ///< in a macro's expansion: where the user wrote it
};

}  // namespace lockwright::frontends::cpp
