// Imports: which modules the file names, and what the names it takes from them mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/frontends/python/meaning.h"
#include "analyzer/frontends/python/unit.h"

namespace lockwright::frontends::python {

class Imports {
 public:
  /// Resolves every import of the file and records them in the module (aliases, star_imports, imports).
  explicit Imports(Unit& unit);

  /// What the import with that index in Scopes::imports binds.
  [[nodiscard]] const Meaning& meaning(std::uint32_t import) const { return meanings_[import]; }
  /// What `name` means in a namespace (nature module or external); a field of `base` is for the caller.
  [[nodiscard]] Meaning member(const Meaning& base, std::string_view name);
  /// The module of the only star import, if this tree does not have it: unknown names are likely its own.
  [[nodiscard]] std::string_view only_star() const { return only_star_; }

 private:
  struct Target {
    int level = 0;
    std::string dotted;
  };

  [[nodiscard]] Target target(Node module_name) const;
  const std::optional<std::string>& resolve(int level, std::string_view dotted);
  /// The module that is `name` below the module `package`, if the tree has it.
  const std::optional<std::string>& submodule(std::string_view package, std::string_view name);
  [[nodiscard]] std::string absolute(const Target& target) const;
  Meaning import_module(Node item);
  Meaning import_from(Node statement, Node item);
  Meaning external(std::string_view qualified_name);
  void record(std::string_view module);

  Unit& unit_;
  std::vector<Meaning> meanings_;
  std::unordered_map<std::string, std::optional<std::string>> resolved_;  // "2.a.b": level and name
  std::unordered_map<std::string, std::optional<std::string>> submodules_;
  std::unordered_set<std::string> recorded_;
  std::string only_star_;
};

}  // namespace lockwright::frontends::python
