// Imports: which modules the file names, and what they are called in the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "analyzer/frontends/typescript/meaning.h"
#include "analyzer/frontends/typescript/unit.h"

namespace lockwright::frontends::typescript {

class Imports {
 public:
  explicit Imports(Unit& unit) : unit_(unit) {}

  /// The module that `specifier` names, as a namespace; recorded in Module::imports if the tree has it.
  Meaning module(std::string_view specifier);
  /// What `import x from` binds.
  Meaning standard(const Meaning& module);
  /// What `name` means in a namespace (nature module, external or type).
  Meaning member(const Meaning& base, std::string_view name);
  /// What a module is when it is not asked for a name: called, inherited from. CommonJS lets
  /// `module.exports` be one thing.
  Meaning as_value(const Meaning& meaning);

 private:
  Meaning external(std::string_view name) const;

  Unit& unit_;
  std::unordered_map<std::string, Meaning> modules_;  // by specifier
  std::unordered_set<std::string> recorded_;
};

}  // namespace lockwright::frontends::typescript
