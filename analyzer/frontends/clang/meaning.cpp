// Names, types and places. What the tree declares has the name under which the syntactic frontend knows it
// (a file's own functions carry its name); the system's has the name that the models know: inline namespaces
// are left out, and basic_ofstream<char> is std.ofstream.
#include "analyzer/frontends/clang/meaning.h"

#include <algorithm>

#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"

namespace lockwright::frontends::compiler {
namespace {

constexpr int max_depth = 6;

std::string joined(std::string_view scope, std::string_view name) {
  return scope.empty() ? std::string(name) : std::string(scope) + "." + std::string(name);
}

/// A class of characters, whatever the characters are.
bool of_char(const clang::RecordDecl& record) {
  const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&record);
  return special != nullptr && special->getTemplateArgs().size() > 0 &&
         special->getTemplateArgs()[0].getKind() == clang::TemplateArgument::Type &&
         special->getTemplateArgs()[0].getAsType()->isCharType();
}

}  // namespace

bool Meaning::is_system(const clang::Decl& declaration) const {
  const clang::SourceLocation where = declaration.getLocation();
  return where.isInvalid() || sources().isInSystemHeader(sources().getExpansionLoc(where));
}

std::string Meaning::scope(const clang::DeclContext* scope) const {
  std::vector<std::string> parts;
  for (const clang::DeclContext* each = scope; each != nullptr; each = each->getParent()) {
    if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(each)) {
      if (space->isAnonymousNamespace() || (space->isInline() && is_system(*space))) continue;
      parts.push_back(space->getNameAsString());
    } else if (const auto* record = llvm::dyn_cast<clang::RecordDecl>(each)) {
      std::string name = record->getNameAsString();
      if (name.empty() && record->getTypedefNameForAnonDecl() != nullptr)
        name = record->getTypedefNameForAnonDecl()->getNameAsString();
      if (!name.empty()) parts.push_back(std::move(name));
    } else if (each->isFunctionOrMethod()) {
      break;  // a local class goes by its own name
    }
  }
  std::string result;
  for (auto each = parts.rbegin(); each != parts.rend(); ++each) result = joined(result, *each);
  return result;
}

std::string Meaning::last_name(const clang::NamedDecl& declaration) {
  if (llvm::isa<clang::CXXConstructorDecl>(declaration)) return std::string(cpp::constructor_name);
  if (llvm::isa<clang::CXXDestructorDecl>(declaration)) return std::string(cpp::destructor_name);
  if (llvm::isa<clang::CXXConversionDecl>(declaration)) return "(convert)";
  return declaration.getNameAsString();
}

std::string Meaning::name(const clang::NamedDecl& declaration) const {
  if (const auto* record = llvm::dyn_cast<clang::RecordDecl>(&declaration)) return record_name(*record);
  const std::string last = last_name(declaration);
  // A member's owner, with the name that the class has.
  const clang::DeclContext* around = declaration.getDeclContext();
  std::string before = scope(around);
  if (const auto* record = llvm::dyn_cast<clang::RecordDecl>(around);
      record != nullptr && !record->getName().empty())
    before = record_name(*record);
  const std::string plain = joined(before, last);
  if (is_system(declaration)) return plain;
  const cpp::Declaration* found = unit_.names.find(before, last);
  if (found == nullptr || found->kind == cpp::Declaration::Kind::space) return plain;
  const bool same = found->name == plain || found->name.ends_with("." + plain) ||
                    found->name.find("(local)") != std::string::npos;
  return same ? found->name : plain;
}

std::string Meaning::record_name(const clang::RecordDecl& record) const {
  std::string own = record.getNameAsString();
  if (own.empty() && record.getTypedefNameForAnonDecl() != nullptr)
    own = record.getTypedefNameForAnonDecl()->getNameAsString();
  if (own.empty()) return own;
  const std::string around = scope(record.getDeclContext());
  std::string plain = joined(around, own);
  if (is_system(record)) {
    constexpr std::string_view basic = "std.basic_";
    if (plain.starts_with(basic) && of_char(record)) plain = "std." + plain.substr(basic.size());
    return plain;
  }
  const cpp::Declaration* found = unit_.names.find(around, own);
  if (found == nullptr || found->kind != cpp::Declaration::Kind::type) return plain;
  return found->name == plain || found->name.find("(local)") != std::string::npos ? found->name : plain;
}

std::string Meaning::deleter_of(const clang::TemplateArgument& argument) const {
  if (argument.getKind() != clang::TemplateArgument::Type) return "";
  const clang::QualType by = argument.getAsType();
  clang::QualType written = by;
  if (const auto* pointer = llvm::dyn_cast<clang::PointerType>(written.getTypePtr()))
    written = pointer->getPointeeType();
  if (const auto* of = written->getAs<clang::DecltypeType>()) {
    const clang::Expr* named = of->getUnderlyingExpr()->IgnoreParenImpCasts();
    if (const auto* taken = llvm::dyn_cast<clang::UnaryOperator>(named))
      named = taken->getSubExpr()->IgnoreParens();
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(named)) return name(*reference->getDecl());
  }
  if (const clang::CXXRecordDecl* record = by->getAsCXXRecordDecl();
      record != nullptr && !is_system(*record)) {
    return record_name(*record) + ".operator()";
  }
  return "";
}

Type Meaning::type(clang::QualType type) const {
  Type result;
  if (type.isNull()) return result;
  if (type->isReferenceType()) {
    result.reference = true;
    type = type.getNonReferenceType();
  }
  for (int depth = 0; depth < max_depth; ++depth) {
    if (const clang::ArrayType* array = context_.getAsArrayType(type)) {
      result.array = true;
      type = array->getElementType();
    } else if (type->isPointerType()) {
      ++result.pointers;
      type = type->getPointeeType();
    } else {
      break;
    }
  }
  if (type->isScalarType() || type->isVoidType()) {
    result.scalar = true;
    return result;
  }
  const clang::RecordDecl* record = type->getAsRecordDecl();
  if (record == nullptr) return result;
  if (const clang::RecordDecl* defined = record->getDefinition()) record = defined;
  result.record = record;
  result.name = record_name(*record);
  if (cpp::is_smart_pointer(result.name)) {
    const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record);
    if (special == nullptr || special->getTemplateArgs().size() == 0) return result;
    // As it is written: decltype(&fclose) says more than the type that it is.
    const auto* written = type->getAs<clang::TemplateSpecializationType>();
    const auto argument = [&](unsigned index) -> const clang::TemplateArgument& {
      return written != nullptr && index < written->template_arguments().size()
                 ? written->template_arguments()[index]
                 : special->getTemplateArgs()[index];
    };
    if (argument(0).getKind() != clang::TemplateArgument::Type) return result;
    Type pointee = this->type(argument(0).getAsType());
    pointee.owner = true;
    pointee.pointers = 0;
    pointee.reference = result.reference;
    pointee.array = result.array;
    if (result.name == "std.unique_ptr" && special->getTemplateArgs().size() > 1) {
      pointee.deleter = deleter_of(argument(1));
    }
    if (result.pointers > 0) pointee.pointers = result.pointers;
    return pointee;
  }
  // FILE and its like: the name that people know.
  if (const auto* named = type->getAs<clang::TypedefType>()) {
    const clang::TypedefNameDecl* declared = named->getDecl();
    if (is_system(*declared) && declared->getDeclContext()->getRedeclContext()->isFileContext() &&
        !result.name.starts_with("std.")) {
      result.name = joined(scope(declared->getDeclContext()), declared->getNameAsString());
    }
  }
  return result;
}

bool Meaning::ends(const Type& type, int depth) const {
  if (!type.deleter.empty()) return true;
  if (unit_.input.is_c || type.record == nullptr || type.scalar || type.pointers > 0 || type.reference ||
      type.array || depth > 4) {
    return false;
  }
  const cpp::KnownTypes* known = unit_.input.known;
  if (known != nullptr && known->is_value(type.name)) return false;
  if (known != nullptr && known->is_made(type.name)) return true;
  if (type.name.starts_with("std.")) return false;
  const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(type.record);
  if (record == nullptr || !record->hasDefinition() || record->isInvalidDecl()) return false;
  if (const clang::CXXDestructorDecl* by = record->getDestructor(); by != nullptr && by->isUserProvided())
    return true;
  for (const clang::CXXBaseSpecifier& base : record->bases()) {
    if (ends(this->type(base.getType()), depth + 1)) return true;
  }
  return std::any_of(record->field_begin(), record->field_end(), [&](const clang::FieldDecl* field) {
    return ends(this->type(field->getType()), depth + 1);
  });
}

bool Meaning::is_made(const Type& type, const clang::CXXConstructorDecl* by) const {
  if (unit_.input.is_c || !type.is_object()) return false;
  const cpp::KnownTypes* known = unit_.input.known;
  if (known != nullptr && known->is_made(type.name)) return true;
  if (known != nullptr && known->is_value(type.name)) return false;
  if (type.name.starts_with("std.")) return false;
  return by != nullptr && by->isUserProvided();
}

ir::Term Meaning::class_of(const Type& type) const {
  if (type.name.empty() || type.scalar || type.array) return ir::Term::none;
  return unit_.module.terms.global(type.name);
}

std::optional<source::Range> Meaning::range(clang::SourceRange range) const {
  if (range.isInvalid()) return std::nullopt;
  const clang::SourceManager& all = sources();
  const clang::LangOptions& language = context_.getLangOpts();
  clang::CharSourceRange written =
      clang::Lexer::makeFileCharRange(clang::CharSourceRange::getTokenRange(range), all, language);
  if (written.isInvalid()) {
    written = clang::Lexer::makeFileCharRange(all.getExpansionRange(range), all, language);
  }
  if (written.isInvalid()) return std::nullopt;
  const auto [file, begin] = all.getDecomposedLoc(written.getBegin());
  const auto [end_file, end] = all.getDecomposedLoc(written.getEnd());
  if (file != all.getMainFileID() || end_file != file || end < begin) return std::nullopt;
  return source::Range{unit_.input.file, begin, end};
}

/// Whether all that a macro stands for lies between these two tokens, no arguments of it being among them.
bool Meaning::is_whole_expansion(clang::SourceLocation begin, clang::SourceLocation end) const {
  const clang::SourceManager& all = sources();
  if (all.getFileID(begin) != all.getFileID(end) || all.isMacroArgExpansion(end)) return false;
  const unsigned length =
      clang::Lexer::MeasureTokenLength(all.getSpellingLoc(end), all, context_.getLangOpts());
  return all.isAtStartOfImmediateMacroExpansion(begin) &&
         all.isAtEndOfImmediateMacroExpansion(end.getLocWithOffset(static_cast<int>(length)));
}

std::optional<std::string> Meaning::member_name(const clang::MemberExpr& inner,
                                                const clang::MemberExpr& outer) const {
  const clang::SourceLocation begin = inner.getMemberLoc();
  const clang::SourceLocation end = outer.getMemberLoc();
  if (!begin.isMacroID() || !end.isMacroID() || sources().isMacroArgExpansion(begin)) return std::nullopt;
  if (!sources().isInSystemHeader(sources().getSpellingLoc(begin)) || !is_whole_expansion(begin, end))
    return std::nullopt;
  return clang::Lexer::getImmediateMacroName(begin, sources(), context_.getLangOpts()).str();
}

std::optional<std::string> Meaning::constant_name(const clang::Expr& expression) const {
  clang::SourceLocation begin = expression.getBeginLoc();
  clang::SourceLocation end = expression.getEndLoc();
  const clang::SourceManager& all = sources();
  const clang::LangOptions& language = context_.getLangOpts();
  std::optional<std::string> found;
  while (begin.isMacroID() && end.isMacroID()) {
    if (all.isMacroArgExpansion(begin)) {
      if (!all.isMacroArgExpansion(end) || all.getFileID(begin) != all.getFileID(end)) break;
      begin = all.getImmediateSpellingLoc(begin);
      end = all.getImmediateSpellingLoc(end);
      continue;
    }
    if (!is_whole_expansion(begin, end)) break;  // LOCK_EX | LOCK_NB
    const clang::CharSourceRange use = all.getImmediateExpansionRange(begin);
    const bool with_arguments = use.getBegin() != use.getEnd();
    const bool of_system = all.isInSystemHeader(all.getSpellingLoc(begin));
    if (with_arguments) break;
    if (of_system) found = clang::Lexer::getImmediateMacroName(begin, all, language).str();
    begin = use.getBegin();
    end = use.getEnd();
  }
  return found;
}

}  // namespace lockwright::frontends::compiler
