// A specifier is a path without an ending, with the wrong one (".js" for a ".ts" that will be compiled to
// it), or of a folder; or it is a name. Names are turned into paths by what tsconfig.json and package.json
// say, and a path into a file by trying what it may mean, in TypeScript's order. See module_index.h.
#include "analyzer/frontends/typescript/module_index.h"

#include <algorithm>
#include <array>
#include <set>

#include "analyzer/frontends/common/shared_directory.h"
#include "analyzer/frontends/typescript/paths.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr std::array<std::string_view, 8> endings = {".ts", ".tsx", ".mts", ".cts",
                                                     ".js", ".jsx", ".mjs", ".cjs"};

std::string_view ending_of(std::string_view path) {
  for (const std::string_view ending : endings) {
    if (path.ends_with(ending)) return ending;
  }
  return {};
}

/// The sources that a built file may come from: "a.ts" for "a.js" and "a.d.ts".
std::vector<std::string> sources_of(std::string_view path) {
  struct Built {
    std::string_view ending;
    std::array<std::string_view, 3> sources;
  };
  static constexpr std::array<Built, 7> built = {{{".d.ts", {".ts", ".tsx", ".js"}},
                                                  {".d.mts", {".mts", ".mjs", ""}},
                                                  {".d.cts", {".cts", ".cjs", ""}},
                                                  {".js", {".ts", ".tsx", ".jsx"}},
                                                  {".jsx", {".tsx", "", ""}},
                                                  {".mjs", {".mts", ".ts", ""}},
                                                  {".cjs", {".cts", ".ts", ""}}}};
  std::vector<std::string> result;
  for (const Built& each : built) {
    if (!path.ends_with(each.ending)) continue;
    const std::string_view stem = path.substr(0, path.size() - each.ending.size());
    for (const std::string_view source : each.sources) {
      if (!source.empty()) result.push_back(std::string(stem) + std::string(source));
    }
    break;
  }
  return result;
}

}  // namespace

ModuleIndex::ModuleIndex(const std::vector<std::string_view>& paths, const ReadFile& read,
                         const Complain& complain)
    : shared_(shared_directory(paths)), paths_(paths.begin(), paths.end()) {
  names_.reserve(paths_.size());
  for (const std::string& path : paths_) names_.push_back(path.substr(shared_.size()));
  for (std::size_t file = 0; file < paths_.size(); ++file) {
    by_path_.emplace(paths_[file], file);
    by_name_.emplace(names_[file], file);
  }
  read_configurations(read, complain);
}

void ModuleIndex::read_configurations(const ReadFile& read, const Complain& complain) {
  std::set<std::string, std::less<>> directories;
  for (const std::string& path : paths_) {
    for (std::string_view directory = directory_of(path);; directory = directory_of(directory)) {
      if (!directories.emplace(directory).second || directory.empty() || directory == "/") break;
    }
  }
  for (const std::string& directory : directories) {
    if (std::optional<Package> package = read_package(directory, read, complain)) {
      packages_.emplace(directory, std::move(*package));
    }
    for (const char* file : {"tsconfig.json", "jsconfig.json"}) {
      std::optional<TsConfig> found = read_tsconfig(resolved(directory, file), read, complain);
      if (found && !found->says_nothing()) configurations_.emplace(directory, std::move(*found));
    }
  }
  for (const auto& [directory, package] : packages_) {
    if (!package.name.empty()) packages_by_name_.emplace(package.name, &package);
  }
}

bool is_test_path(std::string_view path) {
  const std::vector<std::string_view> parts = components(path);
  static constexpr std::array<std::string_view, 5> folders = {"__tests__", "__mocks__", "test", "tests",
                                                              "e2e"};
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (std::find(folders.begin(), folders.end(), parts[i]) != folders.end()) return true;
  }
  const std::string_view last = parts.empty() ? std::string_view{} : parts.back();
  return last.find(".test.") != std::string_view::npos || last.find(".spec.") != std::string_view::npos;
}

bool ModuleIndex::is_tsx(std::size_t file) const {
  const std::string_view ending = ending_of(names_[file]);
  return ending != ".ts" && ending != ".mts" && ending != ".cts";
}

std::optional<std::size_t> ModuleIndex::file_of(std::string_view module) const {
  const auto found = by_name_.find(module);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> ModuleIndex::module_of(std::string_view qualified_name) const {
  for (std::size_t end = qualified_name.size(); end != std::string_view::npos && end > 0;
       end = qualified_name.rfind('.', end - 1)) {
    const std::string_view name = qualified_name.substr(0, end);
    if (by_name_.contains(name)) return std::string(name);
  }
  return std::nullopt;
}

std::vector<std::string> ModuleIndex::import_words(std::string_view module) const {
  std::vector<std::string> result;
  const std::optional<std::size_t> file = file_of(module);
  if (!file) return result;
  const std::string_view path = paths_[*file];
  const std::size_t slash = path.rfind('/');
  std::string_view stem = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  stem.remove_suffix(ending_of(stem).size());
  if (stem != "index") result.emplace_back(stem);
  const std::string_view directory = directory_of(path);
  if (stem == "index" && !directory.empty()) result.emplace_back(directory.substr(directory.rfind('/') + 1));
  for (const auto& [name, package] : packages_by_name_) {
    const bool inside = package->directory.empty() || path.starts_with(package->directory + "/");
    if (inside && in_package(*package, ".") == file) result.push_back(name);
  }
  return result;
}

std::optional<std::size_t> ModuleIndex::file_at(std::string_view path) const {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return std::nullopt;
  return found->second;
}

/// The module that a path without a certain ending means: a file, or a folder's index.
std::optional<std::size_t> ModuleIndex::module_at(const std::string& path) const {
  for (const std::string& source : sources_of(path)) {
    if (const auto found = file_at(source)) return found;
  }
  if (const auto found = file_at(path)) return found;
  for (const std::string_view ending : endings) {
    if (const auto found = file_at(path + std::string(ending))) return found;
  }
  if (const auto package = packages_.find(path); package != packages_.end()) {
    if (const auto found = first_of(package->second, package->second.entries)) return found;
  }
  for (const std::string_view ending : endings) {
    if (const auto found = file_at(resolved(path, "index" + std::string(ending)))) return found;
  }
  return std::nullopt;
}

/// What `file` of a package is made from: itself, or the file of the same name among its sources.
std::optional<std::size_t> ModuleIndex::source_of(const Package& package, std::string_view file) const {
  if (const auto found = module_at(resolved(package.directory, file))) return found;
  const std::vector<std::string_view> parts = components(file);
  for (std::size_t skipped = 1; skipped < parts.size(); ++skipped) {
    std::string rest;
    for (std::size_t i = skipped; i < parts.size(); ++i) {
      if (!rest.empty()) rest += '/';
      rest += parts[i];
    }
    for (const char* folder : {"src", ""}) {
      if (const auto found = module_at(resolved(resolved(package.directory, folder), rest))) return found;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> ModuleIndex::first_of(const Package& package,
                                                 const std::vector<std::string>& files) const {
  for (const std::string& file : files) {
    if (const auto found = source_of(package, file)) return found;
  }
  return std::nullopt;
}

/// `subpath`: "." or "./lock".
std::optional<std::size_t> ModuleIndex::in_package(const Package& package, std::string_view subpath) const {
  if (const auto found = first_of(package, package.exported(subpath))) return found;
  const std::string_view file = subpath == "." ? std::string_view("index") : subpath.substr(2);
  if (const auto found = source_of(package, file)) return found;
  return module_at(resolved(resolved(package.directory, "src"), file));
}

std::optional<std::size_t> ModuleIndex::by_configuration(std::string_view directory,
                                                         std::string_view specifier) const {
  for (;; directory = directory_of(directory)) {
    if (const auto found = configurations_.find(directory); found != configurations_.end()) {
      for (const std::string& path : found->second.candidates(specifier)) {
        if (const auto module = module_at(path)) return module;
      }
    }
    if (directory.empty() || directory == "/") return std::nullopt;
  }
}

std::optional<std::size_t> ModuleIndex::by_package(std::string_view directory,
                                                   std::string_view specifier) const {
  if (specifier.starts_with('#')) {
    for (;; directory = directory_of(directory)) {
      if (const auto found = packages_.find(directory); found != packages_.end()) {
        return first_of(found->second, found->second.imported(specifier));
      }
      if (directory.empty() || directory == "/") return std::nullopt;
    }
  }
  std::size_t end = specifier.find('/');
  if (specifier.starts_with('@') && end != std::string_view::npos) end = specifier.find('/', end + 1);
  const std::string_view name = specifier.substr(0, end);
  const std::string subpath = end == std::string_view::npos ? "." : "." + std::string(specifier.substr(end));
  const Package* nearest = nullptr;
  const auto [first, last] = packages_by_name_.equal_range(name);
  for (auto each = first; each != last; ++each) {
    const auto shared = [&](const Package* package) { return shared_prefix(package->directory, directory); };
    if (nearest == nullptr || shared(each->second) > shared(nearest)) nearest = each->second;
  }
  return nearest == nullptr ? std::nullopt : in_package(*nearest, subpath);
}

std::optional<std::size_t> ModuleIndex::look_up(std::string_view from, std::string_view specifier) const {
  specifier = specifier.substr(0, specifier.find('?'));  // "./worker?url": what a bundler makes of it
  const std::optional<std::size_t> importer = file_of(from);
  if (!importer || specifier.empty() || specifier.starts_with("node:")) return std::nullopt;
  const std::string_view directory = directory_of(paths_[*importer]);
  const bool relative =
      specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../");
  if (relative) return module_at(resolved(directory, specifier));
  if (specifier.starts_with('/')) return std::nullopt;
  if (const auto found = by_configuration(directory, specifier)) return found;
  return by_package(directory, specifier);
}

std::optional<std::string> ModuleIndex::resolve(std::string_view from_module,
                                                std::string_view specifier) const {
  const std::optional<std::size_t> found = look_up(from_module, specifier);
  if (!found) return std::nullopt;
  return names_[*found];
}

}  // namespace lockwright::frontends::typescript
