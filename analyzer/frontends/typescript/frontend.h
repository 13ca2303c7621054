// TypeScript and JavaScript: text to IR. Parses with tree-sitter, resolves names, lowers control flow. Knows
// no API.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/frontends/common/kept_tree.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::typescript {

/// Which modules the tree has. Thread contract: const calls from several threads.
class ModuleResolver {
 public:
  virtual ~ModuleResolver() = default;
  /// The unique name of the module that `specifier` ("./lock", "@/agents/lock", "proper-lockfile") means in
  /// the module `from_module` (a unique name); nothing when the tree has no such module.
  [[nodiscard]] virtual std::optional<std::string> resolve(std::string_view from_module,
                                                           std::string_view specifier) const = 0;
};

struct Input {
  source::FileId file{};
  std::string_view module_name;  ///< unique: its path with the ending, "src/agents/lock.ts"
  std::string_view text;
  bool is_test = false;      ///< *.test.*, *.spec.*, or below a folder of tests
  bool is_tsx = false;       ///< read with JSX and without <T>x casts: all but .ts, .mts, .cts
  KeptTree* kept = nullptr;  ///< of this file, for parsing after an edit; null: there will be none
};

/// Never fails: what does not parse becomes unknown instructions and a ParseHole. Thread-safe, if each call
/// has its own `kept`.
ir::Module parse(const Input& input, const ModuleResolver& resolver);

}  // namespace lockwright::frontends::typescript
