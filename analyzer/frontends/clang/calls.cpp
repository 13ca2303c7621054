// Calls: of functions, methods, objects and operators; and what the language's own vocabulary of ownership
// means (std::move, what smart pointers do with what they own).
#include <algorithm>

#include "analyzer/frontends/clang/lowering.h"
#include "clang/AST/DeclTemplate.h"

namespace lockwright::frontends::compiler {
namespace {

/// What hands on its argument as it is.
bool is_cast(std::string_view name) {
  return name == "std.forward" || name == "std.ref" || name == "std.cref" || name == "std.as_const" ||
         name == "std.addressof" || name == "std.launder" || name == "std.__addressof" ||
         name == "__builtin_expect";
}

bool has_call(const clang::Stmt* node) {
  if (node == nullptr) return false;
  if (llvm::isa<clang::CallExpr>(node)) return true;
  return std::any_of(node->child_begin(), node->child_end(), has_call);
}

clang::BinaryOperatorKind binary_kind(clang::OverloadedOperatorKind kind) {
  switch (kind) {
    case clang::OO_PlusEqual: return clang::BO_AddAssign;
    case clang::OO_SlashEqual: return clang::BO_DivAssign;
    case clang::OO_PipeEqual: return clang::BO_OrAssign;
    case clang::OO_AmpEqual: return clang::BO_AndAssign;
    case clang::OO_MinusEqual: return clang::BO_SubAssign;
    default: return clang::BinaryOperator::getOverloadedOpcode(kind);
  }
}

}  // namespace

ir::Term Lowering::emit_call(ir::Term callee, std::span<const ir::Term> given,
                             const clang::FunctionDecl* function, source::Range where, Code& code,
                             Target target) {
  ir::Instruction made = call_instruction(callee, given, where);
  made.never_raises = unit_.input.is_c || !unit_.raises;
  bool ends = false;
  if (function != nullptr) {
    const auto* type = function->getType()->getAs<clang::FunctionProtoType>();
    made.never_raises |= function->isExternC() || (type != nullptr && type->isNothrow());
    ends = function->isNoReturn();
  }
  const ir::Term result = emit_result(std::move(made), code, target);
  // What does not come back, whether or not anybody knows what it does.
  if (ends) call_global("std.terminate", {}, where, code, Target{ir::Local::none, true});
  return result;
}

std::vector<ir::Term> Lowering::arguments(std::span<const Expression> nodes, Code& code) {
  while (!nodes.empty() && llvm::isa<clang::CXXDefaultArgExpr>(nodes.back()))
    nodes = nodes.first(nodes.size() - 1);
  std::size_t last_assignment = 0;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    if (assigns(nodes[index])) last_assignment = index;
  }
  std::vector<ir::Term> result;
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    ir::Term value = expression(nodes[index], code);
    if (index < last_assignment) value = snapshot(value, range(nodes[index]), code);
    result.push_back(value);
  }
  return result;
}

/// A variable that is moved from has nothing left to end.
ir::Term Lowering::moved(Expression node, Code& code) {
  const Expression of = stripped(node);
  const ir::Term value = snapshot(expression(of, code), range(of), code);
  if (!llvm::isa<clang::DeclRefExpr>(of) && !llvm::isa<clang::MemberExpr>(of)) return value;
  if (!meaning_.ends(meaning_.type(of->getType()))) return value;
  ir::Term kept = value;
  if (terms().kind(value) != ir::TermKind::local) {
    const ir::Local slot = temporary();
    let(slot, value, range(of), code);
    kept = terms().local(slot);
  }
  assign_to(of, terms().null(), range(of), code);
  return kept;
}

std::optional<ir::Term> Lowering::language_call(std::string_view callee, const clang::CallExpr& node,
                                                Code& code) {
  if (node.getNumArgs() == 0 && callee != "std.make_unique" && callee != "std.make_shared")
    return std::nullopt;
  if (is_cast(callee)) return expression(node.getArg(0), code);
  if (callee == "std.move" && node.getNumArgs() == 1) return moved(node.getArg(0), code);
  if (callee == "std.make_unique" || callee == "std.make_shared") {
    Type of = meaning_.type(node.getType());
    if (of.record == nullptr || !of.owner || of.array) return std::nullopt;
    of.owner = false;
    of.deleter.clear();
    return construct(of, {node.getArgs(), node.getNumArgs()}, range(&node), code, {});
  }
  if (callee == "std.exchange" && node.getNumArgs() == 2) {
    const ir::Local before = temporary();
    let(before, expression(node.getArg(0), code), range(node.getArg(0)), code);
    assign_to(node.getArg(0), expression(node.getArg(1), code), range(&node), code);
    return terms().local(before);
  }
  return std::nullopt;
}

/// get, release and reset of a smart pointer.
std::optional<ir::Term> Lowering::owner_call(const clang::CXXMemberCallExpr& node, Code& code) {
  const auto* callee = llvm::dyn_cast<clang::MemberExpr>(node.getCallee()->IgnoreParens());
  if (callee == nullptr) return std::nullopt;
  const Expression object = callee->getBase();
  const Type type = meaning_.type(object->getType());
  if (!type.owner || callee->isArrow()) return std::nullopt;
  const std::string name = Meaning::last_name(*callee->getMemberDecl());
  const source::Range where = range(&node);
  if (name == "get" || name == "value" || name == "has_value" || name == "(convert)")
    return expression(object, code);
  if (name == "release") {
    const ir::Local kept = temporary();
    let(kept, expression(object, code), where, code);
    assign_to(object, terms().null(), where, code);
    return terms().local(kept);
  }
  if (name == "reset" || name == "emplace") {
    std::span<const Expression> given(node.getArgs(), node.getNumArgs());
    ir::Term value = terms().null();
    if (name == "emplace") {
      Type plain = type;
      plain.owner = false;
      plain.reference = false;
      value = construct(plain, given, where, code, {});
    } else if (!given.empty() && !llvm::isa<clang::CXXDefaultArgExpr>(given[0])) {
      value = snapshot(expression(given[0], code), range(given[0]), code);
    }
    code.emit(destruction(type, expression(object, code), where));
    assign_to(object, value, where, code);
    return terms().null();
  }
  return std::nullopt;
}

ir::Term Lowering::call(const clang::CallExpr& node, Code& code, Target target) {
  const clang::FunctionDecl* function = node.getDirectCallee();
  const std::span<const Expression> given(node.getArgs(), node.getNumArgs());
  const source::Range where = range(&node);
  if (function == nullptr) {
    if (llvm::isa<clang::CXXPseudoDestructorExpr>(node.getCallee()->IgnoreParens())) return terms().unknown();
    ir::Term callee = expression(node.getCallee(), code);
    if (has_call(node.getCallee())) callee = snapshot(callee, range(node.getCallee()), code);
    return emit_call(callee, arguments(given, code), nullptr, where, code, target);
  }
  const std::string name = meaning_.name(*function);
  if (auto value = language_call(name, node, code)) return *value;
  const std::vector<ir::Term> values = arguments(given, code);
  return emit_call(global(name), values, function, where, code, target);
}

ir::Term Lowering::method_call(const clang::CXXMemberCallExpr& node, Code& code, Target target) {
  if (auto owned = owner_call(node, code)) return *owned;
  const auto* callee = llvm::dyn_cast<clang::MemberExpr>(node.getCallee()->IgnoreParens());
  const clang::CXXMethodDecl* method = node.getMethodDecl();
  const source::Range where = range(&node);
  const std::span<const Expression> given(node.getArgs(), node.getNumArgs());
  if (callee == nullptr || method == nullptr) {
    // (object.*method)(…)
    const ir::Term called = expression(node.getCallee(), code);
    return emit_call(called, arguments(given, code), nullptr, where, code, target);
  }
  const Expression object = callee->getBase();
  const ir::Term base = expression(object, code);
  const bool converts = llvm::isa<clang::CXXConversionDecl>(method);
  // An object of the library's that says itself whether it is something: the models know it.
  if (converts && meaning_.is_system(*method)) return base;
  const ir::Term receiver = has_call(object) ? snapshot(base, range(object), code) : base;
  std::vector<ir::Term> values = arguments(given, code);
  if (method->isStatic())
    return emit_call(global(meaning_.name(*method)), values, method, where, code, target);
  if (callee->hasQualifier()) {
    values.insert(values.begin(), receiver);  // object.Base::method()
    return emit_call(global(meaning_.name(*method)), values, method, where, code, target);
  }
  const ir::Term called = terms().field(receiver, Meaning::last_name(*method));
  const ir::Term result = emit_call(called, values, method, where, code, target);
  return result;
}

ir::Term Lowering::operator_call(const clang::CXXOperatorCallExpr& node, Code& code, Target target) {
  const source::Range where = range(&node);
  const clang::OverloadedOperatorKind kind = node.getOperator();
  const Expression first = node.getArg(0);
  const Expression second = node.getNumArgs() > 1 ? node.getArg(1) : nullptr;
  const clang::FunctionDecl* function = node.getDirectCallee();
  switch (kind) {
    case clang::OO_Call: {
      ir::Term callee = expression(first, code);
      if (has_call(first)) callee = snapshot(callee, range(first), code);
      const std::span<const Expression> given(node.getArgs() + 1, node.getNumArgs() - 1);
      return emit_call(callee, arguments(given, code), function, where, code, target);
    }
    case clang::OO_Equal: return assignment(first, second, where, code);
    case clang::OO_Arrow: return expression(first, code);
    case clang::OO_Subscript: {
      const ir::Term base = expression(first, code);
      return terms().index(base, expression(second, code));
    }
    case clang::OO_Star:
      if (second == nullptr) return expression(first, code);
      break;
    case clang::OO_Exclaim: {
      const ir::Term operands[] = {truth(first, code)};
      return terms().apply(global("operator.not"), operands);
    }
    case clang::OO_PlusPlus:
    case clang::OO_MinusMinus:
      return update(first, kind == clang::OO_PlusPlus, second == nullptr, where, code);
    case clang::OO_LessLess: {
      // out << value: written, and the stream is the value.
      const ir::Term left = expression(first, code);
      const ir::Term values[] = {expression(second, code)};
      ir::Instruction made = call_instruction(terms().field(left, "operator<<"), values, where);
      made.never_raises = true;
      code.emit(std::move(made));
      return left;
    }
    case clang::OO_GreaterGreater: {
      const ir::Term left = expression(first, code);
      const ir::Term values[] = {expression(second, code)};
      ir::Instruction made = call_instruction(terms().field(left, "operator>>"), values, where);
      made.never_raises = true;
      const ir::Term got = emit_result(std::move(made), code, {});
      if (llvm::isa<clang::DeclRefExpr>(stripped(second))) assign_to(second, got, where, code);
      return left;
    }
    default: break;
  }
  if (second == nullptr) {
    const ir::Term operands[] = {expression(first, code)};
    return terms().apply(global("operator.other"), operands);
  }
  if (node.isAssignmentOp()) return joined_assignment(binary_kind(kind), first, second, where, code);
  ir::Term left = expression(first, code);
  if (assigns(second)) left = snapshot(left, range(first), code);
  const ir::Term right = expression(second, code);
  if (kind == clang::OO_Plus || kind == clang::OO_Slash || node.isComparisonOp() || kind == clang::OO_Pipe ||
      kind == clang::OO_Amp || kind == clang::OO_Minus) {
    return operation(binary_kind(kind), left, right);
  }
  return apply("operator.other", left, right);
}

}  // namespace lockwright::frontends::compiler
