// Python finds modules along sys.path, which a static reader does not have. What it has is the tree: a folder
// without an __init__.py that holds packages or scripts is where an import can start. See module_index.h.
#include "analyzer/frontends/python/module_index.h"

#include <algorithm>

#include "analyzer/frontends/common/shared_directory.h"

namespace lockwright::frontends::python {
namespace {

std::string_view parent(std::string_view dotted) {
  const std::size_t dot = dotted.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : dotted.substr(0, dot);
}

std::string join(std::string_view base, std::string_view rest) {
  std::string result(base);
  if (!result.empty() && !rest.empty()) result += '.';
  result += rest;
  return result;
}

bool is_below(std::string_view name, std::string_view directory) {
  return directory.empty() ||
         (name.starts_with(directory) && name.size() > directory.size() && name[directory.size()] == '.');
}

}  // namespace

bool is_test_path(std::string_view path) {
  std::string_view rest = path;
  for (std::size_t slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    const std::string_view directory = rest.substr(0, slash);
    if (directory == "test" || directory == "tests") return true;
    rest.remove_prefix(slash + 1);
  }
  return rest == "conftest.py" || rest.starts_with("test_") || rest.ends_with("_test.py");
}

ModuleIndex::ModuleIndex(const std::vector<std::string_view>& paths) {
  const std::size_t shared = shared_directory(paths).size();
  if (shared > 0) above_ = paths.front().substr(0, shared - 1);
  std::replace(above_.begin(), above_.end(), '/', '.');
  for (std::size_t file = 0; file < paths.size(); ++file) {
    std::string name(paths[file].substr(shared));
    tests_.push_back(is_test_path(name));
    if (name.ends_with(".py")) name.resize(name.size() - 3);
    std::replace(name.begin(), name.end(), '/', '.');
    if (name.ends_with(".__init__")) {
      name.resize(name.size() - 9);
      packages_.insert(name);
    }
    for (std::string_view directory = parent(name); !directory.empty(); directory = parent(directory)) {
      if (!directories_.emplace(directory).second) break;
    }
    by_name_.emplace(name, file);
    names_.push_back(std::move(name));
  }
  const auto add_root = [&](std::string_view name) {
    const std::string_view directory = parent(name);
    if (packages_.contains(std::string(directory))) return;
    std::vector<std::string>& holders =
        roots_[std::string(name.substr(directory.empty() ? 0 : directory.size() + 1))];
    if (std::find(holders.begin(), holders.end(), directory) == holders.end())
      holders.emplace_back(directory);
  };
  for (const auto& [name, file] : by_name_) add_root(name);
  const std::vector<std::string> directories(directories_.begin(), directories_.end());
  for (const std::string& directory : directories) add_root(directory);
  for (auto& [name, holders] : roots_) std::sort(holders.begin(), holders.end());
}

std::optional<std::size_t> ModuleIndex::file_of(std::string_view module) const {
  const auto found = by_name_.find(module);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> ModuleIndex::module_of(std::string_view qualified_name) const {
  for (std::string_view name = qualified_name; !name.empty(); name = parent(name)) {
    if (by_name_.contains(name)) return std::string(name);
  }
  return std::nullopt;
}

bool ModuleIndex::exists(std::string_view module) const {
  return by_name_.contains(module) || directories_.contains(std::string(module));
}

std::optional<std::string> ModuleIndex::resolve(std::string_view from, int level,
                                                std::string_view dotted) const {
  if (level > 0) {
    std::string_view base = packages_.contains(std::string(from)) ? from : parent(from);
    for (int up = 1; up < level; ++up) base = parent(base);
    std::string name = join(base, dotted);
    if (exists(name)) return name;
    return std::nullopt;
  }
  const std::string_view top = dotted.substr(0, dotted.find('.'));
  const auto holders = roots_.find(std::string(top));
  if (holders == roots_.end()) return resolve_from_above(dotted);
  std::optional<std::string> best;
  std::size_t best_shared = 0;
  for (const std::string& root : holders->second) {
    std::string name = join(root, dotted);
    if (!exists(name)) continue;
    // A folder elsewhere counts only for what it has of a real package: any script may be called "types".
    const bool above = is_below(from, root);
    if (!above && !packages_.contains(join(root, top))) continue;
    const std::size_t shared = shared_prefix(from, root) * 2 + (above ? 1 : 0);
    if (!best || shared > best_shared) {
      best = std::move(name);
      best_shared = shared;
    }
  }
  return best;
}

std::optional<std::string> ModuleIndex::resolve_from_above(std::string_view dotted) const {
  for (std::size_t dot = dotted.find('.'); dot != std::string_view::npos; dot = dotted.find('.', dot + 1)) {
    const std::string_view name = dotted.substr(dot + 1);
    const bool above = ("." + above_).ends_with("." + std::string(dotted.substr(0, dot)));
    if (above && exists(name)) return std::string(name);
  }
  return std::nullopt;
}

}  // namespace lockwright::frontends::python
