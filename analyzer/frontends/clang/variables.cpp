// Variables of a function: what a declaration makes, and of what.
//
// An object of a class is made by a call of the class, when somebody wrote its constructor. A plain record or
// an array is the place that the variable has in this activation: its fields and its text hang on that.
#include <algorithm>

#include "analyzer/frontends/clang/lowering.h"

namespace lockwright::frontends::compiler {

std::vector<Variable> Lowering::declaration(const clang::DeclStmt& node, Code& code) {
  std::vector<Variable> made;
  for (const clang::Decl* each : node.decls()) {
    if (const auto* pattern = llvm::dyn_cast<clang::DecompositionDecl>(each)) {
      bindings(*pattern, code);
    } else if (const auto* declared = llvm::dyn_cast<clang::VarDecl>(each)) {
      if (!declared->hasExternalStorage()) made.push_back(variable(*declared, code));
    }
  }
  return made;
}

/// auto [a, b] = pair: elements by position.
void Lowering::bindings(const clang::DecompositionDecl& node, Code& code) {
  const source::Range where = meaning_.range(node.getSourceRange()).value_or(function_.name_range);
  const ir::Term value =
      node.getInit() != nullptr ? snapshot(expression(node.getInit(), code), where, code) : terms().unknown();
  std::int64_t position = 0;
  for (const clang::BindingDecl* each : node.bindings()) {
    const ir::Term element = terms().index(value, terms().integer(position++));
    Type type = meaning_.type(each->getType());
    type.reference = true;
    assign(declare(*each, std::move(type)), element, where, code);
  }
}

Variable Lowering::variable(const clang::VarDecl& node, Code& code) {
  const bool is_static = node.isStaticLocal() || node.getTSCSpec() != clang::TSCS_unspecified;
  Type type = meaning_.type(node.getType());
  const std::string name = node.getNameAsString();
  const source::Range where = meaning_.range(node.getSourceRange()).value_or(function_.name_range);
  Expression value = node.getInit();
  ir::Term made = ir::Term::none;
  const Expression plain = value != nullptr ? stripped(value) : nullptr;
  const auto* constructed = llvm::dyn_cast_or_null<clang::CXXConstructExpr>(plain);
  const bool by_default =
      constructed != nullptr &&
      std::all_of(constructed->arg_begin(), constructed->arg_end(),
                  [](const clang::Expr* each) { return llvm::isa<clang::CXXDefaultArgExpr>(each); });
  const bool is_place =
      type.array || (type.record != nullptr && type.pointers == 0 && !type.reference && !type.owner);
  if (by_default && type.array) {
    made = identity(name);
  } else if (by_default && type.is_object()) {
    made = meaning_.is_made(type, constructed->getConstructor()) ? construct(type, {}, where, code, {})
                                                                 : identity(name);
    if (is_static && !meaning_.is_made(type, constructed->getConstructor())) made = ir::Term::none;
  } else if (value != nullptr) {
    // Its own name means the new variable only behind its initial value; arrays and records are places.
    if (constructed != nullptr && type.owner && type.deleter.empty() && constructed->getNumArgs() > 1) {
      // unique_ptr<FILE, int (*)(FILE*)> file(open(), fclose)
      const Expression by = stripped(constructed->getArg(1));
      const Expression of = llvm::isa<clang::UnaryOperator>(by)
                                ? llvm::cast<clang::UnaryOperator>(by)->getSubExpr()->IgnoreParenImpCasts()
                                : by;
      if (const auto* function = llvm::dyn_cast<clang::DeclRefExpr>(of);
          function != nullptr && llvm::isa<clang::FunctionDecl>(function->getDecl())) {
        type.deleter = meaning_.name(*function->getDecl());
      }
    }
    made = initial_value(type, value, name, code, {});
  } else if (is_static) {
    made = is_place ? ir::Term::none : terms().null();
  } else if (is_place) {
    made = identity(name);
  }
  const ir::Term end = is_static || value == nullptr ? ir::Term::none : deferred(node, type, plain);
  Variable& declared = declare(node, std::move(type), is_static);
  if (end != ir::Term::none) {
    assign(declared, made, where, code);
    declared.ends = true;
    declared.at_end = end;
    return declared;
  }
  if (is_static) {
    // Made when control first comes here; what it holds may have been set by an earlier call.
    if (made == ir::Term::none || is_context_free(made)) return declared;
    Code once;
    assign(declared, made, where, once);
    code.add(ir::If{leaf(ir::Term::none, where), once.finish(), nullptr});
    return declared;
  }
  assign(declared, made == ir::Term::none ? terms().unknown() : made, where, code);
  return declared;
}

/// An object of a class whose code is not in the tree, made of one function: it will call that in the end.
ir::Term Lowering::deferred(const clang::VarDecl& node, const Type& type, Expression value) {
  if (last_closure_ == ir::Term::none || type.record == nullptr || type.scalar || type.pointers > 0)
    return ir::Term::none;
  std::vector<Expression> given;
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(value)) {
    given.assign(made->arg_begin(), made->arg_end());
  } else if (const auto* called = llvm::dyn_cast<clang::CallExpr>(value)) {
    given.assign(called->arg_begin(), called->arg_end());
  }
  std::erase_if(given, [](Expression each) { return llvm::isa<clang::CXXDefaultArgExpr>(each); });
  if (given.size() != 1 || !llvm::isa<clang::LambdaExpr>(stripped(given[0]))) return ir::Term::none;
  const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(type.record);
  if (record == nullptr || !record->hasDefinition() || record->hasTrivialDestructor()) return ir::Term::none;
  const cpp::Declaration* declared = unit_.names.find("", type.name);
  const bool in_tree = declared != nullptr && declared->kind == cpp::Declaration::Kind::type;
  const bool known = unit_.input.known != nullptr &&
                     (unit_.input.known->is_made(type.name) || unit_.input.known->is_value(type.name));
  (void)node;
  return in_tree || known || type.name.starts_with("std.") ? ir::Term::none : last_closure_;
}

ir::Term Lowering::identity(std::string_view name) {
  return terms().field(terms().activation(), "@" + std::string(name));
}

/// Fields that are given a value: .l_type = F_WRLCK, in a record's initial value.
ir::Term Lowering::record_value(const clang::InitListExpr& list, ir::Term object, Code& code) {
  const clang::RecordDecl* record = list.getType()->getAsRecordDecl();
  unsigned index = 0;
  const auto* with_bases = llvm::dyn_cast_or_null<clang::CXXRecordDecl>(record);
  if (with_bases != nullptr && with_bases->hasDefinition()) index = with_bases->getNumBases();
  if (record == nullptr) {
    for (const clang::Expr* each : list.inits()) discard(each, code);
    return object;
  }
  const auto set = [&](const clang::FieldDecl& field, Expression given) {
    if (given == nullptr || llvm::isa<clang::ImplicitValueInitExpr>(given)) return;
    const ir::Term place = field.getName().empty() ? object : terms().field(object, field.getNameAsString());
    const auto* inner = llvm::dyn_cast<clang::InitListExpr>(stripped(given));
    if (inner != nullptr && inner->getType()->isRecordType()) {
      record_value(*inner, place, code);
      return;
    }
    const Type type = meaning_.type(field.getType());
    store(place, initial_value(type, given, field.getNameAsString(), code, {}), range(given), code);
  };
  if (record->isUnion()) {
    if (list.getInitializedFieldInUnion() != nullptr && list.getNumInits() > 0)
      set(*list.getInitializedFieldInUnion(), list.getInit(0));
    return object;
  }
  for (const clang::FieldDecl* field : record->fields()) {
    if (field->isUnnamedBitField()) continue;
    if (index >= list.getNumInits()) break;
    set(*field, list.getInit(index++));
  }
  return object;
}

ir::Term Lowering::initial_value(const Type& type, Expression value, std::string_view name, Code& code,
                                 Target target) {
  const Expression plain = stripped(value);
  if (const auto* made = llvm::dyn_cast<clang::CXXDefaultInitExpr>(plain))
    return initial_value(type, made->getExpr(), name, code, target);
  if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(plain)) {
    if (list->isTransparent() && list->getNumInits() == 1)
      return initial_value(type, list->getInit(0), name, code, target);
    if (type.scalar || type.pointers > 0 || type.owner || type.reference) {
      if (list->getNumInits() == 1) return expression(list->getInit(0), code, target);
      if (list->getNumInits() == 0)
        return type.pointers > 0 || type.owner ? terms().null() : terms().integer(0);
    }
    return record_value(*list, identity(name), code);
  }
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(plain);
      made != nullptr && made->getNumArgs() == 0 && type.is_object() &&
      !meaning_.is_made(type, made->getConstructor())) {
    return identity(name);
  }
  return expression(value, code, target);
}

ir::Term Lowering::construct(const Type& type, std::span<const Expression> given, source::Range where,
                             Code& code, Target target) {
  const std::vector<ir::Term> values = arguments(given, code);
  if (type.owner) return values.empty() ? terms().null() : values.front();
  if (type.record == nullptr || type.reference || type.array || type.pointers > 0) {
    if (values.size() == 1) return values.front();
    return values.empty() ? (type.scalar ? terms().integer(0) : terms().null())
                          : terms().make(global("std.initializer_list"), values);
  }
  if (values.size() == 1) {
    const Type from = meaning_.type(given[0]->getType());
    if (from.name == type.name && from.pointers == 0 && !from.owner) return values.front();
  }
  return emit_call(global(type.name), values, nullptr, where, code, target);
}

}  // namespace lockwright::frontends::compiler
