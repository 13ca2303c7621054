// Python: text to IR. Parses with tree-sitter, resolves names, lowers control flow. Knows no API.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/frontends/common/kept_tree.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::python {

/// Which modules the tree has. Thread contract: const calls from several threads.
class ModuleResolver {
 public:
  virtual ~ModuleResolver() = default;
  /// The unique name of the module that `dotted` ("claudeswarm.locking", "" for the package itself) means in
  /// the module `from` (a unique name) with `level` leading dots; nothing when the tree has no such module.
  [[nodiscard]] virtual std::optional<std::string> resolve(std::string_view from, int level,
                                                           std::string_view dotted) const = 0;
};

struct Input {
  source::FileId file{};
  std::string_view module_name;  ///< unique, dotted: "src.claudeswarm.locking"; a package's is its folder's
  std::string_view text;
  bool is_package = false;   ///< __init__.py
  bool is_test = false;      ///< test_*.py, *_test.py, conftest.py, or below a folder named tests or test
  KeptTree* kept = nullptr;  ///< of this file, for parsing after an edit; null: there will be none
};

/// Never fails: what does not parse becomes unknown instructions and a ParseHole. Thread-safe, if each call
/// has its own `kept`.
ir::Module parse(const Input& input, const ModuleResolver& resolver);

}  // namespace lockwright::frontends::python
