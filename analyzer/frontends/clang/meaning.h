// What Clang's declarations, types and places are called in the IR: the names that the syntactic frontend
// gives them too, so that functions read in either way call each other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/frontends/cpp/unit.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/Expr.h"

namespace lockwright::frontends::compiler {

/// A type, as far as it says how values behave; the counterpart of cpp::Type.
struct Type {
  std::string name;     ///< qualified ("std.mutex"); of a smart pointer, of what it points to; "": a number
  bool scalar = false;  ///< a number or an enumeration
  int pointers = 0;     ///< plain ones
  bool reference = false;
  bool array = false;
  bool owner = false;                         ///< a smart pointer
  std::string deleter;                        ///< of a smart pointer: the function that it calls in the end
  const clang::RecordDecl* record = nullptr;  ///< of a smart pointer: of what it points to

  [[nodiscard]] bool is_object() const {
    return record != nullptr && pointers == 0 && !reference && !array && !owner;
  }
};

class Meaning {
 public:
  Meaning(const cpp::Unit& unit, const clang::ASTContext& context) : unit_(unit), context_(context) {}

  [[nodiscard]] Type type(clang::QualType type) const;
  /// "ns.Class.member", "module.local_function", "std.string".
  [[nodiscard]] std::string name(const clang::NamedDecl& declaration) const;
  /// The last part of a function's name: "(init)", "~", "(convert)", "operator<<", "lock".
  [[nodiscard]] static std::string last_name(const clang::NamedDecl& declaration);
  /// Declared in a header of the system, or by the compiler.
  [[nodiscard]] bool is_system(const clang::Decl& declaration) const;

  /// Whether something happens when an object of this type goes out of scope.
  [[nodiscard]] bool ends(const Type& type) const { return ends(type, 0); }
  /// Whether making an object of this class is a call that says something.
  [[nodiscard]] bool is_made(const Type& type, const clang::CXXConstructorDecl* by) const;
  /// The class as a term; none for numbers and what has no name.
  [[nodiscard]] ir::Term class_of(const Type& type) const;

  /// Where the user wrote it: what a macro expands to stands where the macro is used. Nothing for what stands
  /// in other files.
  [[nodiscard]] std::optional<source::Range> range(clang::SourceRange range) const;
  /// The name of the system's macro whose whole expansion this is: LOCK_EX, errno.
  [[nodiscard]] std::optional<std::string> constant_name(const clang::Expr& expression) const;

  /// st_mtime, where the system makes a member of a member of that: st_mtim.tv_sec.
  [[nodiscard]] std::optional<std::string> member_name(const clang::MemberExpr& inner,
                                                       const clang::MemberExpr& outer) const;

  [[nodiscard]] const clang::ASTContext& context() const { return context_; }
  [[nodiscard]] const clang::SourceManager& sources() const { return context_.getSourceManager(); }

 private:
  [[nodiscard]] std::string scope(const clang::DeclContext* scope) const;
  [[nodiscard]] std::string record_name(const clang::RecordDecl& record) const;
  [[nodiscard]] std::string deleter_of(const clang::TemplateArgument& argument) const;
  [[nodiscard]] bool ends(const Type& type, int depth) const;
  [[nodiscard]] bool is_whole_expansion(clang::SourceLocation begin, clang::SourceLocation end) const;

  const cpp::Unit& unit_;
  const clang::ASTContext& context_;
};

}  // namespace lockwright::frontends::compiler
