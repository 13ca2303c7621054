// The program: all loaded modules, and what their names mean across files.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
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

  /// Adds a module; its terms are imported. REQUIRES: no module of that name is there.
  void add(ir::Module module);
  /// Puts another module in the place of the one of the same name. Its functions take over the numbers of
  /// those before. Whoever has looked at the old one has assumed that it stays, and views into it die.
  void replace(ir::Module module);
  /// Takes a module out, likewise. Its numbers stand for an empty function of a test until it comes back.
  void remove(std::string_view name);
  [[nodiscard]] bool has_module(std::string_view name) const;
  /// Grows with every module that is replaced or taken out.
  [[nodiscard]] std::size_t revision() const { return revision_; }

  /// Numbers of functions are less than this.
  [[nodiscard]] std::size_t function_count() const { return functions_.size(); }
  [[nodiscard]] const ir::Function& function(FunctionId id) const;
  [[nodiscard]] const ir::Module& module_of(FunctionId id) const;
  [[nodiscard]] FunctionId module_body(std::string_view module) const;
  [[nodiscard]] const std::vector<FunctionId>& functions_of(std::string_view module) const;
  [[nodiscard]] const ir::Class& type(ClassId id) const;
  /// Empty modules among them stand for none.
  [[nodiscard]] const std::vector<std::unique_ptr<ir::Module>>& modules() const { return modules_; }

  /// A module that was replaced or taken out, and the sites that were its.
  struct Replaced {
    std::string name;
    std::uint32_t first_site = 0;
    std::uint32_t sites = 0;
  };
  /// Those since the last time.
  std::vector<Replaced> take_replaced() { return std::exchange(replaced_, {}); }

  /// What has been taken for granted: about names, and that modules that were looked at stay as they are.
  mutable Assumptions assumptions;
  /// The assumptions that have become untrue since the last time.
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
  /// What is kept for a module while it is replaced, or away.
  struct Slot {
    std::vector<FunctionId> functions;  ///< all that it has ever had, in order
    std::vector<ClassId> classes;
    std::uint32_t first_site = 0;
    std::uint32_t sites = 0;         ///< there is room for so many
    std::size_t function_count = 0;  ///< of `functions`, those that it has now
    std::string name;
  };
  void put(std::uint32_t number, ir::Module module);
  void take_out(std::uint32_t number);
  void look_at(std::uint32_t module) const { assumptions.make(unchanged_[module]); }
  Symbol look_up(std::string_view name, int depth, std::unordered_set<std::string>& tried);
  void doubt_names(bool (*is_certain)(const Symbol&), std::optional<Assumptions::Id> assumed);
  Method find_method(ClassId type, std::string_view name, int depth);
  Method find_in_bases(ClassId type, std::string_view name, int depth);

  std::vector<std::unique_ptr<ir::Module>> modules_;
  std::deque<Slot> slots_;                  ///< by module; names stay where they are
  std::vector<Assumptions::Id> unchanged_;  ///< by module: that it stays as it is
  std::vector<FunctionPlace> functions_;
  std::vector<ClassPlace> classes_;
  std::vector<std::vector<FunctionId>> module_functions_;  ///< by module
  std::unordered_map<std::string_view, std::uint32_t> module_index_;
  std::unordered_map<std::string_view, FunctionId> function_index_;
  std::unordered_map<std::string_view, std::vector<FunctionId>> overloads_;  ///< those told apart by arity
  std::unordered_map<std::string_view, ClassId> class_index_;
  struct Resolved {
    Symbol symbol;
    Assumptions::Id meaning;               ///< that it means this
    std::vector<Assumptions::Id> assumed;  ///< what was looked at to find that out
  };
  std::unordered_map<std::string, Resolved, TextHash, std::equal_to<>> resolved_;
  std::unordered_map<std::string, Symbol> resolved_before_;    ///< with other modules
  std::unordered_map<std::string, std::uint32_t> slot_index_;  ///< modules that are away included
  std::vector<Assumptions::Id> fallen_;
  std::vector<Replaced> replaced_;
  std::size_t revision_ = 0;
  std::uint32_t next_site_ = 1;
};

}  // namespace lockwright::paths
