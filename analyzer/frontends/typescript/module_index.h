// Which TypeScript and JavaScript modules a tree has, and which of them an import means.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/frontends/typescript/frontend.h"
#include "analyzer/frontends/typescript/package_json.h"
#include "analyzer/frontends/typescript/tsconfig.h"

namespace lockwright::frontends::typescript {

/// Whether a file is a test, by its path below the directory that all files share: *.test.*, *.spec.*, or
/// below a folder of tests (__tests__, __mocks__, test, tests, e2e).
[[nodiscard]] bool is_test_path(std::string_view path);

/// The modules of a set of files. Immutable once made; const calls from several threads.
///
/// A module's unique name is its path below the directory that all files share, with its ending:
/// "src/agents/lock.ts". A specifier is looked up the way TypeScript and Node do, in the tree alone: relative
/// ones beside the importing module, the rest by the nearest tsconfig.json (or jsconfig.json) that says
/// something about imports, by "imports" of the nearest package.json, and by the names of the tree's
/// packages, whose built files stand for their sources.
class ModuleIndex final : public ModuleResolver {
 public:
  /// `paths`: displayed paths with '/' separators. `read` is asked for the package.json and tsconfig.json of
  /// every folder above a file, once, here; what is wrong with one goes to `complain`.
  ModuleIndex(const std::vector<std::string_view>& paths, const ReadFile& read, const Complain& complain);

  /// The unique name of the module in file number `file` of the paths.
  [[nodiscard]] const std::string& name(std::size_t file) const { return names_[file]; }
  /// As is_test_path() says.
  [[nodiscard]] bool is_test(std::size_t file) const { return is_test_path(names_[file]); }
  /// All but .ts, .mts and .cts are read with JSX.
  [[nodiscard]] bool is_tsx(std::size_t file) const;
  /// The number of the file that holds a module.
  [[nodiscard]] std::optional<std::size_t> file_of(std::string_view module) const;
  /// The module that a qualified name lies in: the longest that it begins with.
  [[nodiscard]] std::optional<std::string> module_of(std::string_view qualified_name) const;
  /// What stands in the text of every module that imports this one, in one of several ways: its file's name
  /// without ending, its folder's if it is an index, its package's if it is what that exports.
  [[nodiscard]] std::vector<std::string> import_words(std::string_view module) const;

  [[nodiscard]] std::optional<std::string> resolve(std::string_view from_module,
                                                   std::string_view specifier) const override;

 private:
  void read_configurations(const ReadFile& read, const Complain& complain);

  [[nodiscard]] std::optional<std::size_t> module_at(const std::string& path) const;
  [[nodiscard]] std::optional<std::size_t> file_at(std::string_view path) const;
  [[nodiscard]] std::optional<std::size_t> source_of(const Package& package, std::string_view file) const;
  [[nodiscard]] std::optional<std::size_t> first_of(const Package& package,
                                                    const std::vector<std::string>& files) const;
  [[nodiscard]] std::optional<std::size_t> in_package(const Package& package, std::string_view subpath) const;
  [[nodiscard]] std::optional<std::size_t> by_configuration(std::string_view directory,
                                                            std::string_view specifier) const;
  [[nodiscard]] std::optional<std::size_t> by_package(std::string_view directory,
                                                      std::string_view specifier) const;
  [[nodiscard]] std::optional<std::size_t> look_up(std::string_view from, std::string_view specifier) const;

  std::string shared_;              ///< the directory that all files share, with a '/' at the end, or ""
  std::vector<std::string> paths_;  ///< as displayed
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, std::size_t> by_path_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::map<std::string, TsConfig, std::less<>> configurations_;  ///< by directory
  std::map<std::string, Package, std::less<>> packages_;         ///< by directory
  std::multimap<std::string, const Package*, std::less<>> packages_by_name_;
};

}  // namespace lockwright::frontends::typescript
