// What a file declares: the names that code in it, and in files that include it, may use.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "analyzer/frontends/cpp/syntax.h"

namespace lockwright::frontends::cpp {

/// What is written of a type, as far as it says how values behave.
struct Type {
  std::string name;     ///< qualified ("std.mutex"); of a smart pointer, of what it points to; "": a number
  bool scalar = false;  ///< built in: int, bool, char
  int pointers = 0;     ///< plain ones: they own nothing
  bool reference = false;
  bool array = false;
  bool owner = false;       ///< a smart pointer
  bool deduced = false;     ///< auto
  bool elaborated = false;  ///< "struct stat": the word stands before the name
  std::string deleter;      ///< of a smart pointer: the function that it calls in the end
};

struct Declaration {
  enum class Kind : std::uint8_t { function, variable, type, alias, space };
  Kind kind = Kind::variable;
  std::string name;                   ///< qualified, dotted: "ns.Class.member"
  Type type;                          ///< of variables; what functions return; what an alias means
  std::vector<std::string> bases;     ///< of types, as far as they could be looked up
  std::vector<std::string> fields;    ///< of types: names, in order
  std::vector<std::string> defaults;  ///< of functions: default arguments as they are written, "" for none
  std::optional<std::int64_t> value;  ///< of enumerators
  bool is_static = false;             ///< a member of the class and not of its objects
  bool is_local = false;              ///< nobody outside of the file can mean it
  bool never_raises = false;          ///< noexcept, or extern "C"
};

struct Macro {
  std::vector<std::string> parameters;
  bool takes_arguments = false;
  std::string value;
};

struct Declarations {
  std::unordered_map<std::string, Declaration> names;  ///< by qualified name
  std::unordered_map<std::string, Macro> macros;
  std::vector<std::string> used_spaces;  ///< of using namespace; of namespaces without a name
  std::vector<std::string> includes;     ///< as written, without quotes
  bool raises = false;                   ///< exceptions are thrown or caught in it
};

/// Names as code in some scope means them. Borrows the declarations.
class Names {
 public:
  /// `own` first: those of the file itself.
  explicit Names(std::vector<const Declarations*> all) : all_(std::move(all)) {}

  /// What `name` (dotted) means in the scope `from` ("ns.Class"); null: nothing that is declared here.
  [[nodiscard]] const Declaration* find(std::string_view from, std::string_view name) const;
  /// A member of a class, or of one of its bases.
  [[nodiscard]] const Declaration* member(std::string_view type, std::string_view name) const;
  /// The class that an alias stands for in the end.
  [[nodiscard]] Type resolved(Type type) const;
  [[nodiscard]] const Macro* macro(std::string_view name) const;

 private:
  [[nodiscard]] const Declaration* exact(const std::string& name) const;
  [[nodiscard]] const Declaration* member(std::string_view type, std::string_view name, int depth) const;

  std::vector<const Declarations*> all_;
};

/// unique_ptr, optional and their like: they stand for what they hold.
bool is_smart_pointer(std::string_view name);

/// Reads types as they are written.
class Types {
 public:
  explicit Types(const Names& names) : names_(names) {}
  /// `written` is the type, `declarator` what stands around the name; both may be missing.
  [[nodiscard]] Type read(std::string_view scope, Node written, Node declarator) const;

 private:
  [[nodiscard]] Type written_type(std::string_view scope, Node node) const;

  const Names& names_;
};

/// The name in a declarator, however deep; with its scope, if it is qualified.
Node name_of(Node declarator);
/// The function's declarator in a declarator; none: it declares no function.
Node function_of(Node declarator);
/// "a::b<T>::c" as "a.b.c".
std::string dotted(Node name);

/// `prefix` qualifies the names that nobody outside can mean.
std::shared_ptr<const Declarations> declarations_of(const Syntax& syntax, std::string_view prefix,
                                                    std::vector<const Declarations*> included);

}  // namespace lockwright::frontends::cpp
