// Expressions: what is a value becomes a term, what happens becomes an instruction; in the same words as the
// syntactic frontend: pointers to objects and the objects themselves are one term, `x == 0`, `x == NULL` and
// `!x` are one condition, and a constant of the system is its macro's name.
#include <algorithm>

#include "analyzer/frontends/clang/lowering.h"

namespace lockwright::frontends::compiler {
namespace {

std::string_view operator_name(clang::BinaryOperatorKind kind) {
  switch (kind) {
    case clang::BO_Add:
    case clang::BO_AddAssign: return "operator.add";
    case clang::BO_Sub:
    case clang::BO_SubAssign: return "operator.sub";
    case clang::BO_Mul:
    case clang::BO_MulAssign: return "operator.mul";
    case clang::BO_Div:
    case clang::BO_DivAssign: return "operator.div";
    case clang::BO_Rem:
    case clang::BO_RemAssign: return "operator.mod";
    case clang::BO_Or:
    case clang::BO_OrAssign: return "operator.or";
    case clang::BO_And:
    case clang::BO_AndAssign: return "operator.and";
    case clang::BO_Xor:
    case clang::BO_XorAssign: return "operator.xor";
    case clang::BO_Shl:
    case clang::BO_ShlAssign: return "operator.lshift";
    case clang::BO_Shr:
    case clang::BO_ShrAssign: return "operator.rshift";
    case clang::BO_LT: return "operator.lt";
    case clang::BO_LE: return "operator.le";
    case clang::BO_EQ: return "operator.eq";
    case clang::BO_NE: return "operator.ne";
    case clang::BO_GE: return "operator.ge";
    case clang::BO_GT: return "operator.gt";
    default: return "operator.other";
  }
}

const clang::Expr* stripped_once(const clang::Expr* node) {
  if (const auto* of = llvm::dyn_cast<clang::ParenExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::FullExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::CXXBindTemporaryExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(node)) return of->getReplacement();
  if (const auto* of = llvm::dyn_cast<clang::CXXStdInitializerListExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::CXXDefaultInitExpr>(node)) return of->getExpr();
  if (const auto* of = llvm::dyn_cast<clang::ImplicitCastExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(node)) return of->getSubExpr();
  if (const auto* of = llvm::dyn_cast<clang::ExplicitCastExpr>(node)) return of->getSubExpr();
  // A copy is what it is copied from.
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(node);
      made != nullptr && made->getConstructor()->isCopyOrMoveConstructor() && made->getNumArgs() > 0) {
    return made->getArg(0);
  }
  return node;
}

}  // namespace

bool assigns(const clang::Stmt* node) {
  if (node == nullptr || llvm::isa<clang::LambdaExpr>(node)) return false;
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(node);
      binary != nullptr && binary->isAssignmentOp())
    return true;
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(node);
      unary != nullptr && unary->isIncrementDecrementOp())
    return true;
  return std::any_of(node->child_begin(), node->child_end(), assigns);
}

const clang::Expr* stripped(const clang::Expr* node) {
  for (;;) {
    const clang::Expr* inner = stripped_once(node);
    if (inner == node || inner == nullptr) return node;
    node = inner;
  }
}

ir::Term Lowering::expression(Expression node, Code& code, Target target) {
  if (node == nullptr) return terms().unknown();
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return terms().unknown();
  }
  if (node->getBeginLoc().isMacroID()) {
    if (const std::optional<std::string> name = meaning_.constant_name(*node)) {
      if (*name == "NULL" || *name == "nullptr") return terms().null();
      if (*name == "true" || *name == "false") return terms().boolean(*name == "true");
      return global(*name);
    }
  }
  const Expression inner = stripped_once(node);
  if (inner != node && inner != nullptr) {
    const auto* cast = llvm::dyn_cast<clang::CastExpr>(node);
    if (cast != nullptr && cast->getCastKind() == clang::CK_NullToPointer &&
        !inner->HasSideEffects(meaning_.context()))
      return terms().null();
    return expression(inner, code, target);
  }
  return expression_here(node, code, target);
}

ir::Term Lowering::expression_here(Expression node, Code& code, Target target) {
  switch (node->getStmtClass()) {
    case clang::Stmt::DeclRefExprClass: return reference(llvm::cast<clang::DeclRefExpr>(*node));
    case clang::Stmt::MemberExprClass: return member(llvm::cast<clang::MemberExpr>(*node), code);
    case clang::Stmt::CXXThisExprClass: return self();
    case clang::Stmt::IntegerLiteralClass: {
      const llvm::APInt value = llvm::cast<clang::IntegerLiteral>(node)->getValue();
      return value.getActiveBits() < 64 ? terms().integer(static_cast<std::int64_t>(value.getZExtValue()))
                                        : terms().unknown();
    }
    case clang::Stmt::CharacterLiteralClass:
      return terms().integer(llvm::cast<clang::CharacterLiteral>(node)->getValue());
    case clang::Stmt::CXXBoolLiteralExprClass:
      return terms().boolean(llvm::cast<clang::CXXBoolLiteralExpr>(node)->getValue());
    case clang::Stmt::FloatingLiteralClass: {
      const double value = llvm::cast<clang::FloatingLiteral>(node)->getValueAsApproximateDouble();
      if (value > -1e15 && value < 1e15 && value == static_cast<double>(static_cast<std::int64_t>(value)))
        return terms().integer(static_cast<std::int64_t>(value));
      return terms().apply(global("builtins.float"), std::vector{terms().string(std::to_string(value))});
    }
    case clang::Stmt::StringLiteralClass: {
      const auto& text = llvm::cast<clang::StringLiteral>(*node);
      return text.getCharByteWidth() == 1 ? terms().string(text.getString()) : terms().unknown();
    }
    case clang::Stmt::PredefinedExprClass: {
      const clang::StringLiteral* name = llvm::cast<clang::PredefinedExpr>(node)->getFunctionName();
      return name != nullptr ? terms().string(name->getString()) : terms().unknown();
    }
    case clang::Stmt::CXXNullPtrLiteralExprClass:
    case clang::Stmt::GNUNullExprClass: return terms().null();
    case clang::Stmt::ImplicitValueInitExprClass:
    case clang::Stmt::CXXScalarValueInitExprClass:
      return node->getType()->isPointerType() ? terms().null() : terms().integer(0);
    case clang::Stmt::ArraySubscriptExprClass: {
      const auto& of = llvm::cast<clang::ArraySubscriptExpr>(*node);
      const ir::Term base = expression(of.getBase(), code);
      return terms().index(base, expression(of.getIdx(), code));
    }
    case clang::Stmt::UserDefinedLiteralClass: {
      const auto& literal = llvm::cast<clang::UserDefinedLiteral>(*node);
      return literal.getNumArgs() > 0 ? expression(literal.getArg(0), code) : terms().unknown();
    }
    case clang::Stmt::CXXOperatorCallExprClass:
      return operator_call(llvm::cast<clang::CXXOperatorCallExpr>(*node), code, target);
    case clang::Stmt::CXXMemberCallExprClass:
      return method_call(llvm::cast<clang::CXXMemberCallExpr>(*node), code, target);
    case clang::Stmt::CallExprClass: return call(llvm::cast<clang::CallExpr>(*node), code, target);
    case clang::Stmt::CXXConstructExprClass:
    case clang::Stmt::CXXTemporaryObjectExprClass: {
      const auto& made = llvm::cast<clang::CXXConstructExpr>(*node);
      const Type type = meaning_.type(made.getType());
      std::vector<Expression> given(made.arg_begin(), made.arg_end());
      std::erase_if(given, [](Expression each) { return llvm::isa<clang::CXXDefaultArgExpr>(each); });
      // Text from text, silently: the same value.
      const bool silent = !llvm::isa<clang::CXXTemporaryObjectExpr>(made) && given.size() == 1 &&
                          !meaning_.ends(type) && !meaning_.is_made(type, nullptr) &&
                          meaning_.is_system(*made.getConstructor());
      if (silent) return expression(given[0], code, target);
      return construct(type, given, range(node), code, target);
    }
    case clang::Stmt::CXXNewExprClass: {
      const auto& made = llvm::cast<clang::CXXNewExpr>(*node);
      const Type type = meaning_.type(made.getAllocatedType());
      const Expression given = made.getInitializer();
      if (made.isArray() || type.record == nullptr) {
        if (given != nullptr) discard(given, code);
        return terms().unknown();
      }
      const auto* by = given != nullptr ? llvm::dyn_cast<clang::CXXConstructExpr>(stripped(given)) : nullptr;
      if (by == nullptr) return construct(type, {}, range(node), code, target);
      std::vector<Expression> values(by->arg_begin(), by->arg_end());
      std::erase_if(values, [](Expression each) { return llvm::isa<clang::CXXDefaultArgExpr>(each); });
      return construct(type, values, range(node), code, target);
    }
    case clang::Stmt::CXXDeleteExprClass: {
      const ir::Term object = expression(llvm::cast<clang::CXXDeleteExpr>(node)->getArgument(), code);
      ir::Instruction made = call_instruction(terms().field(object, cpp::destructor_name), {}, range(node));
      made.never_raises = true;
      code.emit(std::move(made));
      return terms().null();
    }
    case clang::Stmt::BinaryOperatorClass:
    case clang::Stmt::CompoundAssignOperatorClass:
      return binary(llvm::cast<clang::BinaryOperator>(*node), code, target);
    case clang::Stmt::UnaryOperatorClass: return unary(llvm::cast<clang::UnaryOperator>(*node), code, target);
    case clang::Stmt::ConditionalOperatorClass:
    case clang::Stmt::BinaryConditionalOperatorClass:
      return choice(llvm::cast<clang::AbstractConditionalOperator>(*node), code, target);
    case clang::Stmt::OpaqueValueExprClass: {
      const auto* value = llvm::cast<clang::OpaqueValueExpr>(node);
      const auto known = opaque_.find(value);
      if (known != opaque_.end()) return known->second;
      return value->getSourceExpr() != nullptr ? expression(value->getSourceExpr(), code) : terms().unknown();
    }
    case clang::Stmt::InitListExprClass: {
      const auto& list = llvm::cast<clang::InitListExpr>(*node);
      if (list.getType()->isRecordType())
        return record_value(list, identity("literal" + std::to_string(range(node).begin)), code);
      const std::vector<ir::Term> values = arguments({list.getInits(), list.getNumInits()}, code);
      if (list.getType()->isScalarType() && values.size() == 1) return values.front();
      return terms().make(global("std.initializer_list"), values);
    }
    case clang::Stmt::CompoundLiteralExprClass:
      return expression(llvm::cast<clang::CompoundLiteralExpr>(node)->getInitializer(), code);
    case clang::Stmt::LambdaExprClass: return lambda(llvm::cast<clang::LambdaExpr>(*node), code);
    case clang::Stmt::CXXThrowExprClass:
      raise(llvm::cast<clang::CXXThrowExpr>(*node), code);
      return terms().unknown();
    case clang::Stmt::CoawaitExprClass: {
      ir::Instruction made = instruction(ir::InstructionKind::await, range(node));
      made.value = expression(llvm::cast<clang::CoawaitExpr>(node)->getOperand(), code);
      return emit_result(std::move(made), code, target);
    }
    case clang::Stmt::StmtExprClass: {
      // ({ … }): its last expression is its value.
      const clang::CompoundStmt* body = llvm::cast<clang::StmtExpr>(node)->getSubStmt();
      const auto* last = body->body_empty() ? nullptr : llvm::dyn_cast<clang::Expr>(body->body_back());
      if (last == nullptr || last->getType()->isVoidType()) {
        block(body, code);
        return terms().unknown();
      }
      const ir::Local result = temporary();
      const std::vector<Statement> nodes(body->body_begin(), body->body_end());
      for (Statement each : std::span(nodes).first(nodes.size() - 1)) {
        if (const auto* declares = llvm::dyn_cast<clang::DeclStmt>(each)) {
          declaration(*declares, code);
        } else {
          statement(each, code);
        }
      }
      let(result, expression(last, code), range(last), code);
      return terms().local(result);
    }
    default: return terms().unknown();  // sizeof, offsetof, requires and the like: nothing happens
  }
}

/// Evaluates for the effect alone.
void Lowering::discard(Expression node, Code& code) {
  expression(node, code, Target{ir::Local::none, true});
}

ir::Term Lowering::reference(const clang::DeclRefExpr& node) {
  const clang::ValueDecl* declared = node.getDecl();
  if (const auto variable = seen_variable(declared)) return value_of(*variable);
  if (const auto* constant = llvm::dyn_cast<clang::EnumConstantDecl>(declared);
      constant != nullptr && !meaning_.is_system(*constant)) {
    return terms().integer(constant->getInitVal().getExtValue());
  }
  if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declared);
      variable != nullptr && variable->isLocalVarDeclOrParm())
    return terms().unknown();
  if (llvm::isa<clang::BindingDecl>(declared) || llvm::isa<clang::NonTypeTemplateParmDecl>(declared))
    return terms().unknown();
  return global(meaning_.name(*declared));
}

ir::Term Lowering::member(const clang::MemberExpr& node, Code& code) {
  const clang::ValueDecl* declared = node.getMemberDecl();
  const bool is_static = llvm::isa<clang::VarDecl>(declared) || llvm::isa<clang::EnumConstantDecl>(declared);
  if (is_static) return global(meaning_.name(*declared));
  if (const auto* inner = llvm::dyn_cast<clang::MemberExpr>(node.getBase()->IgnoreParenImpCasts())) {
    if (const auto name = meaning_.member_name(*inner, node))
      return terms().field(expression(inner->getBase(), code), *name);
  }
  const ir::Term base = expression(node.getBase(), code);
  return declared->getName().empty() && llvm::isa<clang::FieldDecl>(declared)
             ? base
             : terms().field(base, Meaning::last_name(*declared));
}

ir::Term Lowering::compared(bool equal, ir::Term left, ir::Term right) {
  const auto is_nothing = [&](ir::Term term) {
    const ir::TermKind kind = terms().kind(term);
    return kind == ir::TermKind::null || (kind == ir::TermKind::integer && terms().number(term) == 0) ||
           (kind == ir::TermKind::boolean && terms().number(term) == 0);
  };
  if (is_nothing(left)) std::swap(left, right);
  if (is_nothing(right)) {
    const ir::Term operands[] = {left};
    return equal ? terms().apply(global("operator.not"), operands) : left;
  }
  return apply(equal ? "operator.eq" : "operator.ne", left, right);
}

/// Of values that have been evaluated.
ir::Term Lowering::operation(clang::BinaryOperatorKind kind, ir::Term left, ir::Term right) {
  const auto is_text = [&](ir::Term term) {
    return terms().kind(term) == ir::TermKind::string || terms().kind(term) == ir::TermKind::concat;
  };
  switch (kind) {
    case clang::BO_EQ: return compared(true, left, right);
    case clang::BO_NE: return compared(false, left, right);
    case clang::BO_Add:
      if (is_text(left) || is_text(right)) {
        const ir::Term parts[] = {left, right};
        return terms().concat(parts);
      }
      break;
    case clang::BO_Div:
      if (is_text(left) || is_text(right)) {
        const ir::Term parts[] = {left, terms().string("/"), right};
        return terms().concat(parts);
      }
      break;
    default: break;
  }
  return apply(operator_name(kind), left, right);
}

ir::Term Lowering::binary(const clang::BinaryOperator& node, Code& code, Target target) {
  const clang::BinaryOperatorKind kind = node.getOpcode();
  if (kind == clang::BO_Comma) {
    discard(node.getLHS(), code);
    return expression(node.getRHS(), code, target);
  }
  if (node.isLogicalOp()) return truth(&node, code);
  if (kind == clang::BO_Assign) return assignment(node.getLHS(), node.getRHS(), range(&node), code);
  if (node.isAssignmentOp()) return joined_assignment(kind, node.getLHS(), node.getRHS(), range(&node), code);
  ir::Term left = expression(node.getLHS(), code);
  if (assigns(node.getRHS())) left = snapshot(left, range(node.getLHS()), code);
  return operation(kind, left, expression(node.getRHS(), code));
}

ir::Term Lowering::unary(const clang::UnaryOperator& node, Code& code, Target target) {
  const Expression operand = node.getSubExpr();
  switch (node.getOpcode()) {
    case clang::UO_AddrOf: return address_of(operand, code);
    case clang::UO_Deref: {
      const Type type = meaning_.type(operand->getType());
      const ir::Term value = expression(operand, code);
      const bool boxed = !type.owner && !type.array &&
                         (type.pointers > 1 || (type.pointers == 1 && type.scalar)) &&
                         !operand->getType()->isFunctionPointerType();
      return boxed ? terms().field(value, "*") : value;
    }
    case clang::UO_PreInc:
    case clang::UO_PreDec:
    case clang::UO_PostInc:
    case clang::UO_PostDec: return update(operand, node.isIncrementOp(), node.isPrefix(), range(&node), code);
    case clang::UO_LNot: {
      const ir::Term operands[] = {truth(operand, code)};
      return terms().apply(global("operator.not"), operands);
    }
    case clang::UO_Coawait: {
      ir::Instruction made = instruction(ir::InstructionKind::await, range(&node));
      made.value = expression(operand, code);
      return emit_result(std::move(made), code, target);
    }
    default: break;
  }
  const ir::Term value = expression(operand, code, target);
  if (node.getOpcode() == clang::UO_Minus && terms().kind(value) == ir::TermKind::integer)
    return terms().integer(-terms().number(value));
  if (node.getOpcode() == clang::UO_Plus || node.getOpcode() == clang::UO_Extension) return value;
  const ir::Term operands[] = {value};
  return terms().apply(global(node.getOpcode() == clang::UO_Minus ? "operator.neg" : "operator.invert"),
                       operands);
}

ir::Term Lowering::address_of(Expression operand, Code& code) {
  const Expression of = operand->IgnoreParenImpCasts();
  if (const auto* named = llvm::dyn_cast<clang::DeclRefExpr>(of)) {
    if (const auto variable = seen_variable(named->getDecl()); variable && variable->box != ir::Term::none)
      return variable->box;
  }
  return expression(operand, code);
}

ir::Term Lowering::update(Expression operand, bool increment, bool prefix, source::Range where, Code& code) {
  const ir::Term before = snapshot(expression(operand, code), where, code);
  const ir::Term after = apply(increment ? "operator.add" : "operator.sub", before, terms().integer(1));
  assign_to(operand, after, where, code);
  return prefix ? after : before;
}

void Lowering::assign_to(Expression left, ir::Term value, source::Range where, Code& code) {
  left = stripped(left);
  if (const auto* named = llvm::dyn_cast<clang::DeclRefExpr>(left)) {
    if (const auto variable = seen_variable(named->getDecl())) {
      assign(*variable, value, where, code);
      return;
    }
    const ir::Term place = reference(*named);
    if (terms().kind(place) == ir::TermKind::global) store(place, value, where, code);
    return;
  }
  // errno = 0: the name of a place of the system's.
  const ir::Term place = expression(left, code);
  const ir::TermKind kind = terms().kind(place);
  if (kind == ir::TermKind::field || kind == ir::TermKind::index || kind == ir::TermKind::global)
    store(place, value, where, code);
}

ir::Term Lowering::assignment(Expression left, Expression right, source::Range where, Code& code) {
  const Type type = meaning_.type(left->getType());
  const auto* named = llvm::dyn_cast<clang::DeclRefExpr>(stripped(left));
  Variable* variable = named != nullptr ? find_variable(named->getDecl()) : nullptr;
  const bool ends = meaning_.ends(type);
  const bool listed = llvm::isa<clang::InitListExpr>(stripped(right));
  const bool in_slot = variable != nullptr && variable->local != ir::Local::none && !ends && !listed;
  ir::Term value =
      listed
          ? initial_value(type, right, named != nullptr ? named->getDecl()->getNameAsString() : "", code, {})
          : expression(right, code, in_slot ? Target{variable->local, false} : Target{});
  if (ends) {
    // What was there before goes.
    value = snapshot(value, where, code);
    Code none;
    code.emit(destruction(type, expression(left, none), where));
  }
  if (left->getBeginLoc().isMacroID() && meaning_.constant_name(*left)) {
    store(global(*meaning_.constant_name(*left)), value, where, code);
  } else {
    assign_to(left, value, where, code);
  }
  return value;
}

/// x += y.
ir::Term Lowering::joined_assignment(clang::BinaryOperatorKind kind, Expression left, Expression right,
                                     source::Range where, Code& code) {
  const ir::Term before = expression(left, code);
  const ir::Term operand = expression(right, code);
  const auto is_text = [&](ir::Term term) {
    return terms().kind(term) == ir::TermKind::string || terms().kind(term) == ir::TermKind::concat;
  };
  const Type type = meaning_.type(left->getType());
  ir::Term after = ir::Term::none;
  if (kind == clang::BO_AddAssign && (is_text(operand) || is_text(before) || type.name == "std.string")) {
    const ir::Term parts[] = {before, operand};
    after = terms().concat(parts);
  } else if (kind == clang::BO_DivAssign && (is_text(operand) || !type.name.empty())) {
    const ir::Term parts[] = {before, terms().string("/"), operand};
    after = terms().concat(parts);
  } else {
    after = apply(operator_name(kind), before, operand);
  }
  assign_to(left, after, where, code);
  return after;
}

/// `test ? a : b`, and GNU's `a ?: b`.
ir::Term Lowering::choice(const clang::AbstractConditionalOperator& node, Code& code, Target target) {
  const ir::Local result = target.local == ir::Local::none && !target.dropped ? temporary() : target.local;
  const auto branch = [&](Expression value) {
    Code branch_code;
    const ir::Term term = expression(value, branch_code, Target{result, target.dropped});
    if (!target.dropped) let(result, term, range(value), branch_code);
    return branch_code.finish();
  };
  if (const auto* either = llvm::dyn_cast<clang::BinaryConditionalOperator>(&node))
    opaque_[either->getOpaqueValue()] =
        snapshot(expression(either->getCommon(), code), range(either->getCommon()), code);
  ir::ConditionPtr decided = condition(node.getCond(), code);
  ir::TreePtr then_part = branch(node.getTrueExpr());
  ir::TreePtr else_part = branch(node.getFalseExpr());
  code.add(ir::If{std::move(decided), std::move(then_part), std::move(else_part)});
  return target.dropped ? terms().unknown() : terms().local(result);
}

/// The value of a condition where no branch hangs on it.
ir::Term Lowering::truth(Expression node, Code& code) {
  const auto* inner = llvm::dyn_cast<clang::BinaryOperator>(stripped(node));
  if (inner == nullptr || !inner->isLogicalOp()) return expression(node, code);
  const ir::Local result = temporary();
  Code before;
  ir::ConditionPtr decided = condition(inner, before);
  code.add(std::move(before));
  decide(std::move(decided), result, range(inner), code);
  return terms().local(result);
}

ir::ConditionPtr Lowering::condition(Expression node, Code& before) {
  const Expression inner = stripped(node);
  const Nesting nesting(*this);
  if (nesting) {
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(inner);
        unary != nullptr && unary->getOpcode() == clang::UO_LNot)
      return negation(condition(unary->getSubExpr(), before));
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(inner);
        call != nullptr && call->getBuiltinCallee() == clang::Builtin::BI__builtin_expect) {
      return condition(call->getArg(0), before);
    }
    if (const auto* both = llvm::dyn_cast<clang::BinaryOperator>(inner);
        both != nullptr && both->isLogicalOp()) {
      ir::ConditionPtr left = condition(both->getLHS(), before);
      Code right_before;
      ir::ConditionPtr right = condition(both->getRHS(), right_before);
      const bool all = both->getOpcode() == clang::BO_LAnd;
      return sequence_condition(all ? ir::Condition::Kind::both : ir::Condition::Kind::either,
                                std::move(left), std::move(right_before), std::move(right), range(inner),
                                before);
    }
  }
  Code code;
  const ir::Term test = expression(node, code);
  if (code.straight()) return leaf(test, range(inner), code.take_row());
  before.add(std::move(code));
  return leaf(test, range(inner));
}

void Lowering::raise(const clang::CXXThrowExpr& node, Code& code) {
  const Expression value = node.getSubExpr();
  if (value == nullptr) {
    code.add(ir::Raise{ir::Term::none, range(&node)});
    return;
  }
  // An object of the class that is named: what its constructor does is nothing to locks.
  const Type type = meaning_.type(value->getType());
  const Expression inner = stripped(value);
  ir::Term raised = ir::Term::none;
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(inner)) {
    arguments({made->getArgs(), made->getNumArgs()}, code);
    raised = terms().make(global(type.name), {});
  } else if (llvm::isa<clang::CallExpr>(inner) && !type.name.empty()) {
    expression(value, code);
    raised = terms().make(global(type.name), {});
  } else {
    raised = expression(value, code);
  }
  code.add(ir::Raise{raised, range(&node)});
}

/// A function of its own, which shares the variables that it names.
ir::Term Lowering::lambda(const clang::LambdaExpr& node, Code& code) {
  std::vector<ir::Function>& functions = unit_.module.functions;
  const auto place = meaning_.range(node.getSourceRange());
  if (functions.size() == functions.capacity() || !place) return terms().unknown();
  // [x = value]: made here, under a name that nobody writes.
  for (const clang::LambdaCapture& each : node.captures()) {
    if (!each.capturesVariable() || !node.isInitCapture(&each)) continue;
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(each.getCapturedVar());
    if (variable == nullptr || variable->getInit() == nullptr) continue;
    Variable made;
    made.type = meaning_.type(variable->getType());
    made.place = terms().field(terms().activation(), "=" + variable->getNameAsString());
    store(made.place, expression(variable->getInit(), code), range(variable->getInit()), code);
    variables_.insert_or_assign(variable, std::move(made));
  }
  const Body inner{.function = node.getCallOperator(),
                   .owner = body_.owner,
                   .index = static_cast<ir::FunctionIndex>(functions.size())};
  ir::Function& made = functions.emplace_back();
  made.name = "<lambda>";
  made.qualified_name =
      terms().intern(std::string(function_.qualified_name) + ".<lambda" + std::to_string(place->begin) + ">");
  made.parent = body_.index;
  made.range = *place;
  made.name_range = {place->file, place->begin, place->begin + 1};
  made.is_test = unit_.input.is_test;
  made.by_arity = true;
  for (const clang::ParmVarDecl* each : node.getCallOperator()->parameters()) {
    ir::Parameter parameter;
    parameter.name = terms().intern(each->getNameAsString());
    parameter.declared_type = meaning_.class_of(meaning_.type(each->getType()));
    made.locals.push_back({parameter.name, parameter.declared_type});
    made.parameters.push_back(parameter);
  }
  Lowering(unit_, meaning_, inner, this).run();
  last_closure_ =
      terms().closure(functions[static_cast<std::size_t>(inner.index)].qualified_name, terms().activation());
  return last_closure_;
}

}  // namespace lockwright::frontends::compiler
