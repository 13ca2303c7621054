// A package says where its modules are in several ways for several tools, and mostly names built files. All
// that it names is kept, in the order in which source is likely; the module index looks which of it is in the
// tree, built files standing for their sources.
#include "analyzer/frontends/typescript/package_json.h"

#include <algorithm>
#include <array>

#include "analyzer/frontends/typescript/json.h"
#include "analyzer/frontends/typescript/paths.h"

namespace lockwright::frontends::typescript {
namespace {

using Json = nlohmann::json;
using Targets = std::vector<std::pair<std::string, std::vector<std::string>>>;

constexpr int max_conditions = 6;  // within each other

/// All files under a target, whatever the conditions; those for sources first.
void collect(const Json& target, std::vector<std::string>& files, int depth = 0) {
  if (target.is_string()) {
    files.push_back(target.get<std::string>());
  } else if (depth < max_conditions && target.is_array()) {
    for (const Json& each : target) collect(each, files, depth + 1);
  } else if (depth < max_conditions && target.is_object()) {
    static constexpr std::array first = {"source", "development", "types", "import"};
    for (const char* condition : first) {
      if (const auto found = target.find(condition); found != target.end()) collect(*found, files, depth + 1);
    }
    for (const auto& [condition, each] : target.items()) {
      if (std::find(first.begin(), first.end(), condition) == first.end()) collect(each, files, depth + 1);
    }
  }
}

/// "exports": one target, or targets by subpath.
Targets targets(const Json& json, char mark) {
  Targets result;
  const auto by_name = [&] {
    return json.is_object() && !json.empty() && json.items().begin().key().starts_with(mark);
  };
  if (!by_name()) {
    result.emplace_back(".", std::vector<std::string>{});
    collect(json, result.back().second);
    return result;
  }
  for (const auto& [name, target] : json.items()) {
    result.emplace_back(name, std::vector<std::string>{});
    collect(target, result.back().second);
  }
  return result;
}

std::vector<std::string> matching(const Targets& all, std::string_view name) {
  TsConfig patterns;
  patterns.paths = all;
  return patterns.candidates(name);
}

}  // namespace

std::vector<std::string> Package::exported(std::string_view subpath) const {
  std::vector<std::string> result = matching(exports, subpath);
  if (subpath == ".") result.insert(result.end(), entries.begin(), entries.end());
  return result;
}

std::vector<std::string> Package::imported(std::string_view specifier) const {
  return matching(imports, specifier);
}

std::optional<Package> read_package(const std::string& directory, const ReadFile& read,
                                    const Complain& complain) {
  const std::string path = resolved(directory, "package.json");
  const std::optional<std::string> text = read(path);
  if (!text) return std::nullopt;
  Package result{.directory = directory, .name = {}, .entries = {}, .exports = {}, .imports = {}};
  const source::Result<Json> json = parse_json(*text);
  if (!json) {
    complain(path, json.error().message + ": imports are resolved without it");
    return result;
  }
  if (!json->is_object()) return result;
  if (const auto name = json->find("name"); name != json->end() && name->is_string())
    result.name = name->get<std::string>();
  for (const char* member : {"source", "types", "typings", "module", "main"}) {
    if (const auto entry = json->find(member); entry != json->end() && entry->is_string())
      result.entries.push_back(entry->get<std::string>());
  }
  if (const auto exports = json->find("exports"); exports != json->end())
    result.exports = targets(*exports, '.');
  if (const auto imports = json->find("imports"); imports != json->end() && imports->is_object())
    result.imports = targets(*imports, '#');
  return result;
}

}  // namespace lockwright::frontends::typescript
