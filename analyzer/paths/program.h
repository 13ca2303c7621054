// The program: all loaded modules, and what their names mean across files.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/ir/term.h"
#include "analyzer/paths/assumptions.h"

namespace lockwright::paths {

/// A function of the program. Numbered in order of loading.
enum class FunctionId : std::uint32_t { none = 0xffffffff };
/// A class of the program.
enum class ClassId : std::uint32_t { none = 0xffffffff };

/// What a qualified name stands for once aliases and re-exports are followed.
struct Symbol {
  enum class Kind : std::uint8_t {
    external,  ///< nothing of the loaded modules: `name` is what to look up in the models
    function,
    type,
    variable,  ///< a module-level or class-level variable of a loaded module
  };
  Kind kind = Kind::external;
  FunctionId function = FunctionId::none;
  ClassId type = ClassId::none;
  std::string name;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

/// A method found along a class's bases.
struct Method {
  FunctionId function = FunctionId::none;
  std::string external_base;  ///< no such method in the tree, but this base class is not of the tree
};

/// Owner of the modules and of the one TermTable that all their terms are moved into. Not thread-safe.
class Program {
 public:
  ir::TermTable terms;

  /// Adds a module; its terms are imported. REQUIRES: no module of that name has been added.
  void add(ir::Module module);
  [[nodiscard]] bool has_module(std::string_view name) const;

  [[nodiscard]] std::size_t function_count() const { return functions_.size(); }
  [[nodiscard]] const ir::Function& function(FunctionId id) const;
  [[nodiscard]] const ir::Module& module_of(FunctionId id) const;
  [[nodiscard]] FunctionId module_body(std::string_view module) const;
  [[nodiscard]] const std::vector<FunctionId>& functions_of(std::string_view module) const;
  [[nodiscard]] const ir::Class& type(ClassId id) const;
  [[nodiscard]] const std::vector<std::unique_ptr<ir::Module>>& modules() const { return modules_; }

  /// What has been taken for granted about names.
  Assumptions assumptions;
  /// The assumptions about names that modules added since the last time have made untrue.
  std::vector<Assumptions::Id> fallen_assumptions();

  /// A number for `site` of the module of `id` that is unique in the program.
  [[nodiscard]] std::uint32_t site(FunctionId id, ir::Site site) const;

  /// What a qualified name means. Cached. That it is nobody's function or class is an assumption.
  const Symbol& resolve(std::string_view qualified_name);
  [[nodiscard]] FunctionId function_named(std::string_view qualified_name) const;
  [[nodiscard]] ClassId class_named(std::string_view qualified_name) const;
  /// Of the functions that share the name of `function`, the one that takes so many arguments; `function`
  /// itself where there is one only, or none fits.
  [[nodiscard]] FunctionId overload(FunctionId function, std::size_t arguments) const;
  [[nodiscard]] bool is_overloaded(FunctionId function) const;
  Method find_method(ClassId type, std::string_view name);
  /// The method after `current` in the order of `type`'s bases: what super().name means.
  Method find_super_method(ClassId current, std::string_view name);
  /// The declared type of a field along the bases, resolved to a global; none when nothing says it.
  ir::Term declared_field_type(ClassId type, std::string_view field);
  bool is_subclass(std::string_view derived, std::string_view base,
                   const std::function<bool(std::string_view, std::string_view)>& external);

 private:
  struct FunctionPlace {
    std::uint32_t module;
    std::uint32_t index;
  };
  struct ClassPlace {
    std::uint32_t module;
    std::uint32_t index;
  };
  Symbol look_up(std::string_view name, int depth);
  void doubt_names();
  Method find_method(ClassId type, std::string_view name, int depth);
  Method find_in_bases(ClassId type, std::string_view name, int depth);

  std::vector<std::unique_ptr<ir::Module>> modules_;
  std::vector<std::uint32_t> first_site_;  ///< per module
  std::vector<FunctionPlace> functions_;
  std::vector<ClassPlace> classes_;
  std::vector<std::vector<FunctionId>> module_functions_;
  std::unordered_map<std::string_view, std::uint32_t> module_index_;
  std::unordered_map<std::string_view, FunctionId> function_index_;
  std::unordered_map<std::string_view, std::vector<FunctionId>> overloads_;  ///< those told apart by arity
  std::unordered_map<std::string_view, ClassId> class_index_;
  struct Resolved {
    Symbol symbol;
    std::optional<Assumptions::Id> unless;  ///< it may mean something else once more is known
  };
  std::unordered_map<std::string, Resolved> resolved_;
  std::unordered_map<std::string, Symbol> resolved_before_;  ///< with fewer modules, and not for certain
  std::uint32_t next_site_ = 1;
};

}  // namespace lockwright::paths
