// Lowering one function that Clang has understood: its statements to a structured tree, its expressions to
// terms and instructions. What comes out looks like what the syntactic frontend makes of the same function,
// but for what types, overloads and macros tell.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/frontends/clang/meaning.h"
#include "analyzer/frontends/cpp/scope_emitter.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"

namespace lockwright::frontends::compiler {

/// A function's definition: of its own, or a lambda in one.
struct Body {
  const clang::FunctionDecl* function = nullptr;
  std::string_view owner;  ///< its class; "" for none
  ir::FunctionIndex index = ir::FunctionIndex::none;
};

using Variable = cpp::ScopedVariable<Type>;

class Lowering final : private cpp::ScopeEmitter<Type> {
 public:
  Lowering(cpp::Unit& unit, const Meaning& meaning, const Body& body, Lowering* enclosing = nullptr);

  void run();

 private:
  using Statement = const clang::Stmt*;
  using Expression = const clang::Expr*;
  using Statements = std::span<const clang::Stmt* const>;

  struct Jump {
    std::string_view label;
    bool takes_continue = false;
    const clang::LabelDecl* written = nullptr;  ///< of a goto; null: of break and continue
    bool backwards = false;
    bool takes_break = true;
  };

  // lowering.cpp: entry, frame, variables
  void prologue(Code& code);
  void initializers(Code& code);
  void destroy_members(Code& code);
  ir::Instruction destruction(const Type& type, ir::Term value, source::Range range) override;
  [[nodiscard]] source::Range range(Statement node) const;
  Variable* find_variable(const clang::ValueDecl* declared);
  std::optional<Variable> seen_variable(const clang::ValueDecl* declared);
  Variable& declare(const clang::ValueDecl& declared, Type type, bool is_static = false);
  ir::Term self();

  // variables.cpp
  std::vector<Variable> declaration(const clang::DeclStmt& node, Code& code);
  Variable variable(const clang::VarDecl& node, Code& code);
  void bindings(const clang::DecompositionDecl& node, Code& code);
  ir::Term initial_value(const Type& type, Expression value, std::string_view name, Code& code,
                         Target target);
  ir::Term construct(const Type& type, std::span<const Expression> arguments, source::Range range, Code& code,
                     Target target);
  ir::Term record_value(const clang::InitListExpr& list, ir::Term object, Code& code);
  ir::Term identity(std::string_view name);
  ir::Term deferred(const clang::VarDecl& node, const Type& type, Expression value);

  // statements.cpp
  void statements(Statements nodes, Code& code);
  void statement(Statement node, Code& code);
  void block(Statement node, Code& code);
  void if_statement(const clang::IfStmt& node, Code& code);
  void while_statement(const clang::WhileStmt& node, Code& code);
  void do_statement(const clang::DoStmt& node, Code& code);
  void for_statement(const clang::ForStmt& node, Code& code);
  void range_loop(const clang::CXXForRangeStmt& node, Code& code);
  void switch_statement(const clang::SwitchStmt& node, Code& code);
  void try_statement(const clang::CXXTryStmt& node, Code& code);
  void return_statement(Statement node, Expression value, Code& code);
  void labels(Statements nodes, std::size_t label, Code& code);
  void jump_to(const clang::LabelDecl* label, Statement node, Code& code);
  void labelled(Jump jump, Code& code, const std::function<void(Code&)>& write);

  // expressions.cpp
  ir::Term expression(Expression node, Code& code, Target target = {});
  ir::Term expression_here(Expression node, Code& code, Target target);
  void discard(Expression node, Code& code);
  ir::Term reference(const clang::DeclRefExpr& node);
  ir::Term member(const clang::MemberExpr& node, Code& code);
  ir::Term binary(const clang::BinaryOperator& node, Code& code, Target target);
  ir::Term unary(const clang::UnaryOperator& node, Code& code, Target target);
  ir::Term address_of(Expression operand, Code& code);
  ir::Term update(Expression operand, bool increment, bool prefix, source::Range range, Code& code);
  ir::Term assignment(Expression left, Expression right, source::Range range, Code& code);
  ir::Term joined_assignment(clang::BinaryOperatorKind operation, Expression left, Expression right,
                             source::Range range, Code& code);
  void assign_to(Expression left, ir::Term value, source::Range range, Code& code);
  ir::Term choice(const clang::AbstractConditionalOperator& node, Code& code, Target target);
  ir::Term lambda(const clang::LambdaExpr& node, Code& code);
  ir::ConditionPtr condition(Expression node, Code& before);
  ir::Term truth(Expression node, Code& code);
  ir::Term compared(bool equal, ir::Term left, ir::Term right);
  ir::Term operation(clang::BinaryOperatorKind kind, ir::Term left, ir::Term right);
  void raise(const clang::CXXThrowExpr& node, Code& code);

  // calls.cpp
  ir::Term call(const clang::CallExpr& node, Code& code, Target target);
  ir::Term method_call(const clang::CXXMemberCallExpr& node, Code& code, Target target);
  ir::Term operator_call(const clang::CXXOperatorCallExpr& node, Code& code, Target target);
  ir::Term emit_call(ir::Term callee, std::span<const ir::Term> arguments,
                     const clang::FunctionDecl* function, source::Range range, Code& code, Target target);
  std::optional<ir::Term> language_call(std::string_view callee, const clang::CallExpr& node, Code& code);
  std::optional<ir::Term> owner_call(const clang::CXXMemberCallExpr& node, Code& code);
  ir::Term moved(Expression node, Code& code);
  std::vector<ir::Term> arguments(std::span<const Expression> nodes, Code& code);

  cpp::Unit& unit_;
  const Meaning& meaning_;
  const Body body_;
  Lowering* enclosing_;
  std::map<const clang::ValueDecl*, Variable> variables_;
  std::map<const clang::OpaqueValueExpr*, ir::Term> opaque_;
  std::vector<Jump> jumps_;
  std::set<const clang::ValueDecl*> captured_;   ///< variables that lambdas in here use
  std::set<const clang::ValueDecl*> addressed_;  ///< variables whose address is taken
  bool has_lambda_ = false;
  std::string_view return_label_;  ///< main: where a return goes
  ir::Term last_closure_ = ir::Term::none;
  ir::Term made_in_ = ir::Term::none;  ///< the record that a list of initial values fills
};

/// Without what the language adds silently: parentheses, implicit conversions, temporaries, copies that are
/// left out.
const clang::Expr* stripped(const clang::Expr* node);

/// Whether an assignment of a variable stands in here, as a part of an expression.
bool assigns(const clang::Stmt* node);

/// Whether all of a function's body is something that can be lowered.
bool is_understood(const clang::Stmt* body);

}  // namespace lockwright::frontends::compiler
