// Which Python modules a tree has, and which of them an import means.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analyzer/frontends/python/frontend.h"

namespace lockwright::frontends::python {

/// Whether a file is a test, by its path below the directory that all files share: test_*.py, *_test.py,
/// conftest.py, or below a folder named tests or test.
[[nodiscard]] bool is_test_path(std::string_view path);

/// The modules of a set of files. Immutable once made; const calls from several threads.
///
/// A module's unique name is its path with dots, below the directory that all files share:
/// "src.pkg.locking"; a package's is its folder's. An absolute import is looked for below every directory
/// that could stand in sys.path: the folders above the importing file, and those that hold a top-level
/// package, as long as they are not packages themselves; the one nearest to the importing file wins.
class ModuleIndex final : public ModuleResolver {
 public:
  /// `paths`: displayed paths with '/' separators.
  explicit ModuleIndex(const std::vector<std::string_view>& paths);

  /// The unique name of the module in file number `file` of the paths.
  [[nodiscard]] const std::string& name(std::size_t file) const { return names_[file]; }
  [[nodiscard]] bool is_package(std::size_t file) const { return packages_.contains(names_[file]); }
  /// As is_test_path() says.
  [[nodiscard]] bool is_test(std::size_t file) const { return tests_[file]; }
  /// The number of the file that holds a module.
  [[nodiscard]] std::optional<std::size_t> file_of(std::string_view module) const;
  /// The module that a qualified name lies in.
  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const;

  [[nodiscard]] std::optional<std::string> resolve(std::string_view from, int level,
                                                   std::string_view dotted) const override;

 private:
  [[nodiscard]] bool exists(std::string_view module) const;
  /// An import that starts above the tree: all files lie in src/, and one says `from src.pkg import f`.
  [[nodiscard]] std::optional<std::string> resolve_from_above(std::string_view dotted) const;

  std::string above_;  ///< the folder that all files share, dotted
  std::vector<std::string> names_;
  std::vector<bool> tests_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::unordered_set<std::string> packages_;                         ///< folders with an __init__.py
  std::unordered_set<std::string> directories_;                      ///< all folders, by dotted name
  std::unordered_map<std::string, std::vector<std::string>> roots_;  ///< top-level name -> folders holding it
};

}  // namespace lockwright::frontends::python
