// The frame of a function's lowering: entry, variables, and what happens to an object at its end. See the
// syntactic frontend's lowering.cpp and names.cpp: places and destructors mean the same here.
#include "analyzer/frontends/clang/lowering.h"

#include <algorithm>

#include "analyzer/ir/builder.h"
#include "clang/AST/StmtObjC.h"
#include "clang/Basic/SourceManager.h"

namespace lockwright::frontends::compiler {
namespace {

/// Variables that are used below lambdas, and those whose address is taken. `own`: declared in the innermost
/// lambda around here, or in a lambda around that.
struct Uses {
  std::set<const clang::ValueDecl*>& captured;
  std::set<const clang::ValueDecl*>& addressed;
  bool lambda = false;

  void find(const clang::Stmt* node, bool inside) {
    if (node == nullptr) return;
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(node); name != nullptr && inside)
      captured.insert(name->getDecl());
    if (const auto* of = llvm::dyn_cast<clang::UnaryOperator>(node);
        of != nullptr && of->getOpcode() == clang::UO_AddrOf) {
      if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(of->getSubExpr()->IgnoreParenImpCasts()))
        addressed.insert(name->getDecl());
    }
    if (const auto* made = llvm::dyn_cast<clang::LambdaExpr>(node)) {
      lambda = true;
      for (const clang::LambdaCapture& each : made->captures()) {
        if (each.capturesVariable() && !made->isInitCapture(&each)) captured.insert(each.getCapturedVar());
        if (each.capturesVariable() && made->isInitCapture(&each)) {
          if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(each.getCapturedVar()))
            find(variable->getInit(), inside);
        }
      }
      find(made->getBody(), true);
      return;
    }
    for (const clang::Stmt* each : node->children()) find(each, inside);
  }
};

bool has_return(const clang::Stmt* node) {
  if (node == nullptr || llvm::isa<clang::LambdaExpr>(node)) return false;
  if (llvm::isa<clang::ReturnStmt>(node)) return true;
  return std::any_of(node->child_begin(), node->child_end(), has_return);
}

/// Deeper, recursion over it might not end well.
constexpr int max_depth = 1500;

bool is_understood(const clang::Stmt* body, int depth) {
  if (body == nullptr) return true;
  if (depth > max_depth) return false;
  if (const auto* expression = llvm::dyn_cast<clang::Expr>(body)) {
    if (expression->containsErrors() || expression->isTypeDependent() ||
        expression->isInstantiationDependent())
      return false;
  }
  if (const auto* declares = llvm::dyn_cast<clang::DeclStmt>(body)) {
    for (const clang::Decl* each : declares->decls()) {
      if (each->isInvalidDecl()) return false;
    }
  }
  if (llvm::isa<clang::IndirectGotoStmt>(body) || llvm::isa<clang::SEHTryStmt>(body) ||
      llvm::isa<clang::RecoveryExpr>(body) || llvm::isa<clang::TypoExpr>(body) ||
      llvm::isa<clang::ObjCAtTryStmt>(body)) {
    return false;
  }
  if (const auto* made = llvm::dyn_cast<clang::LambdaExpr>(body)) {
    if (made->isGenericLambda()) return false;
    return is_understood(made->getBody(), depth + 1);
  }
  return std::all_of(body->child_begin(), body->child_end(),
                     [&](const clang::Stmt* each) { return is_understood(each, depth + 1); });
}

}  // namespace

bool is_understood(const clang::Stmt* body) {
  return is_understood(body, 0);
}

Lowering::Lowering(cpp::Unit& unit, const Meaning& meaning, const Body& body, Lowering* enclosing)
    : ScopeEmitter(unit.module, unit.module.functions[static_cast<std::size_t>(body.index)], unit.last_site),
      unit_(unit),
      meaning_(meaning),
      body_(body),
      enclosing_(enclosing) {
  holes_raise_ = unit.raises && !unit.input.is_c;
}

void Lowering::run() {
  Uses uses{captured_, addressed_};
  const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(body_.function);
  if (constructor != nullptr) {
    for (const clang::CXXCtorInitializer* each : constructor->inits()) uses.find(each->getInit(), false);
  }
  const clang::Stmt* written = body_.function->getBody();
  uses.find(written, false);
  has_lambda_ = uses.lambda;
  Code code;
  prologue(code);
  const bool destroys = llvm::isa<clang::CXXDestructorDecl>(body_.function);
  const bool is_main = function_.qualified_name == "main";
  Code inside;
  if (constructor != nullptr) initializers(inside);
  if (is_main && has_return(written)) {
    Code main_body;
    labelled({.takes_break = false}, main_body, [&](Code& part) {
      return_label_ = jumps_.back().label;
      statement(written, part);
    });
    inside.add(std::move(main_body));
  } else {
    statement(written, inside);
  }
  if (destroys) destroy_members(inside);
  const auto* type = body_.function->getType()->getAs<clang::FunctionProtoType>();
  const bool quiet = destroys || is_main || (type != nullptr && type->isNothrow() && enclosing_ == nullptr);
  std::vector<ir::TreePtr> parts;
  parts.push_back(code.finish());
  parts.push_back(quiet && !unit_.input.is_c ? without_raising(std::move(inside)) : inside.finish());
  if (is_main) {
    Code rest;
    call_global("exit", {}, function_.name_range, rest, Target{ir::Local::none, true});
    parts.push_back(rest.finish());
  }
  ir::build_cfg(ir::Tree{ir::Sequence{std::move(parts)}}, terms(), function_);
}

void Lowering::prologue(Code& code) {
  const source::Range where = function_.name_range;
  if (enclosing_ != nullptr && has_lambda_)
    store(terms().field(terms().activation(), "^"), terms().frame(), where, code);
  if (has_lambda_ && enclosing_ == nullptr && function_.has_receiver)
    store(terms().field(terms().activation(), "this"), terms().self(), where, code);
  std::uint32_t position = 0;
  for (const clang::ParmVarDecl* each : body_.function->parameters()) {
    if (position >= function_.parameters.size()) break;
    const auto local = static_cast<ir::Local>(position++);
    Type type = meaning_.type(each->getType());
    if (const ir::Term known = meaning_.class_of(type); known != ir::Term::none) {
      function_.locals[static_cast<std::size_t>(local)].declared_type = known;
      function_.parameters[static_cast<std::size_t>(local)].declared_type = known;
    }
    const bool pointed = addressed_.contains(each) && (type.scalar || type.pointers > 0);
    if (pointed || captured_.contains(each)) {
      assign(declare(*each, std::move(type)), terms().local(local), where, code);
    } else {
      variables_[each] = Variable{.local = local, .type = std::move(type)};
    }
  }
}

/// Of bases and members, as the constructor writes them. A constructor that only calls another one of its
/// class gives nothing itself.
void Lowering::initializers(Code& code) {
  const auto& constructor = llvm::cast<clang::CXXConstructorDecl>(*body_.function);
  for (const clang::CXXCtorInitializer* each : constructor.inits()) {
    if (!each->isWritten()) continue;
    const source::Range where = meaning_.range(each->getSourceRange()).value_or(function_.name_range);
    const clang::Expr* given = each->getInit();
    if (each->isBaseInitializer() || each->isDelegatingInitializer()) {
      const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(stripped(given));
      std::vector<ir::Term> values{self()};
      const clang::CXXConstructorDecl* by = made != nullptr ? made->getConstructor() : nullptr;
      if (made != nullptr) {
        const std::vector<ir::Term> more = arguments({made->getArgs(), made->getNumArgs()}, code);
        values.insert(values.end(), more.begin(), more.end());
      }
      const Type of =
          meaning_.type(clang::QualType(each->isBaseInitializer() ? each->getBaseClass() : nullptr, 0));
      const std::string owner = each->isBaseInitializer() ? of.name : std::string(body_.owner);
      if (owner.empty() || (of.record != nullptr && meaning_.is_system(*of.record))) continue;
      emit_call(global(owner + "." + std::string(cpp::constructor_name)), values, by, where, code,
                Target{ir::Local::none, true});
      continue;
    }
    const clang::FieldDecl* field = each->getAnyMember();
    const std::string name = field->getNameAsString();
    const Type type = meaning_.type(field->getType());
    store(terms().field(self(), name), initial_value(type, given, name, code, {}), where, code);
  }
}

ir::Instruction Lowering::destruction(const Type& type, ir::Term value, source::Range where) {
  ir::Instruction made;
  if (type.deleter.empty()) {
    made = call_instruction(terms().field(value, cpp::destructor_name), {}, where);
  } else {
    const ir::Term arguments[] = {value};
    made = call_instruction(global(type.deleter), arguments, where);
  }
  made.never_raises = true;
  return made;
}

void Lowering::destroy_members(Code& code) {
  const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(body_.function->getDeclContext());
  if (record == nullptr) return;
  const source::Range where = function_.name_range;
  std::vector<const clang::FieldDecl*> fields(record->field_begin(), record->field_end());
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    const Type type = meaning_.type((*field)->getType());
    if (!meaning_.ends(type)) continue;
    code.emit(destruction(type, terms().field(terms().self(), (*field)->getNameAsString()), where));
  }
  std::vector<Type> bases;
  for (const clang::CXXBaseSpecifier& each : record->bases()) bases.push_back(meaning_.type(each.getType()));
  for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
    if (!meaning_.ends(*base)) continue;
    const ir::Term arguments[] = {terms().self()};
    ir::Instruction made =
        call_instruction(global(base->name + "." + std::string(cpp::destructor_name)), arguments, where);
    made.never_raises = true;
    code.emit(std::move(made));
  }
}

source::Range Lowering::range(Statement node) const {
  return meaning_.range(node->getSourceRange()).value_or(function_.name_range);
}

Variable* Lowering::find_variable(const clang::ValueDecl* declared) {
  const auto found = variables_.find(declared);
  return found == variables_.end() ? nullptr : &found->second;
}

/// A variable of this function, or of one around it as this one reaches it.
std::optional<Variable> Lowering::seen_variable(const clang::ValueDecl* declared) {
  if (const Variable* own = find_variable(declared)) return *own;
  ir::Term frame = terms().frame();
  for (Lowering* outer = enclosing_; outer != nullptr; outer = outer->enclosing_) {
    if (const Variable* found = outer->find_variable(declared)) {
      if (found->local != ir::Local::none) return std::nullopt;
      const auto here = [&](ir::Term place) {
        return terms().rewrite(place, ir::kinds_of(ir::TermKind::activation), [&](ir::Term part) {
          return terms().kind(part) == ir::TermKind::activation ? frame : part;
        });
      };
      Variable result = *found;
      result.place = here(found->place);
      if (found->box != ir::Term::none) result.box = here(found->box);
      return result;
    }
    frame = terms().field(frame, "^");
  }
  return std::nullopt;
}

Variable& Lowering::declare(const clang::ValueDecl& declared, Type type, bool is_static) {
  Variable made;
  const std::string name = declared.getNameAsString();
  const bool pointed =
      addressed_.contains(&declared) && !type.array && !type.owner && (type.scalar || type.pointers > 0);
  if (is_static) {
    made.place = global(std::string(function_.qualified_name) + "." + name);
    if (pointed) {
      made.box = made.place;
      made.place = terms().field(made.box, "*");
    }
  } else if (pointed) {
    made.box = terms().field(terms().activation(), "&" + name);
    made.place = terms().field(made.box, "*");
  } else if (captured_.contains(&declared)) {
    made.place = terms().field(terms().activation(), name);
  } else {
    made.local = static_cast<ir::Local>(function_.locals.size());
    function_.locals.push_back({terms().intern(name), meaning_.class_of(type)});
  }
  made.ends = !is_static && meaning_.ends(type);
  made.type = std::move(type);
  return variables_.insert_or_assign(&declared, std::move(made)).first->second;
}

ir::Term Lowering::self() {
  ir::Term frame = terms().frame();
  const Lowering* at = this;
  for (; at->enclosing_ != nullptr; at = at->enclosing_) {
    if (at != this) frame = terms().field(frame, "^");
  }
  return at == this ? terms().self() : terms().field(frame, "this");
}

}  // namespace lockwright::frontends::compiler
