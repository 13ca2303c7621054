// TypeScript looks a bare specifier up in "paths" of the configuration that a file belongs to. Which file
// belongs to which configuration ("include", "files") is not asked here: the nearest one above it that says
// something about imports counts, which is the same wherever people have one configuration a package.
#include "analyzer/frontends/typescript/tsconfig.h"

#include <algorithm>

#include "analyzer/frontends/typescript/json.h"
#include "analyzer/frontends/typescript/paths.h"

namespace lockwright::frontends::typescript {
namespace {

using Json = nlohmann::json;

constexpr int max_extends = 8;

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> result;
  if (json.is_string()) result.push_back(json.get<std::string>());
  if (json.is_array()) {
    for (const Json& each : json) {
      if (each.is_string()) result.push_back(each.get<std::string>());
    }
  }
  return result;
}

const Json* member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

class Reader {
 public:
  Reader(const ReadFile& read, const Complain& complain) : read_(read), complain_(complain) {}

  std::optional<TsConfig> config(const std::string& path, int depth) {
    const std::optional<std::string> text = read_(path);
    if (!text) return std::nullopt;
    TsConfig result;
    const source::Result<Json> json = parse_json(*text);
    if (!json) {
      complain_(path, json.error().message + ": imports are resolved without it");
      return result;
    }
    const std::string directory(directory_of(path));
    if (depth < max_extends) {
      if (const Json* bases = member(*json, "extends")) {
        for (const std::string& base : texts(*bases)) extend(result, directory, base, depth);
      }
    }
    if (const Json* options = member(*json, "compilerOptions")) read_options(result, *options, directory);
    if (result.says_nothing() && depth < max_extends) {
      if (const Json* references = member(*json, "references"); references && references->is_array()) {
        for (const Json& each : *references) refer(result, directory, each, depth);
      }
    }
    return result;
  }

 private:
  /// What stands in a configuration itself counts before what it extends.
  static void read_options(TsConfig& result, const Json& options, const std::string& directory) {
    if (const Json* base = member(options, "baseUrl"); base && base->is_string()) {
      result.base_url = resolved(directory, base->get<std::string>());
    }
    const Json* paths = member(options, "paths");
    if (paths == nullptr || !paths->is_object()) return;
    result.paths.clear();
    const std::string base = result.base_url.value_or(directory);
    for (const auto& [pattern, targets] : paths->items()) {
      std::vector<std::string> places;
      for (std::string target : texts(targets)) {
        constexpr std::string_view own = "${configDir}";
        const bool from_own = target.starts_with(own);
        if (from_own) target.erase(0, target.starts_with("${configDir}/") ? own.size() + 1 : own.size());
        places.push_back(resolved(from_own ? directory : base, target));
      }
      result.paths.emplace_back(pattern, std::move(places));
    }
  }

  void extend(TsConfig& result, const std::string& directory, const std::string& base, int depth) {
    if (!base.starts_with('.') && !base.starts_with('/')) return;  // a package's: not in the tree
    const std::string path = resolved(directory, base);
    std::optional<TsConfig> found;
    for (const char* rest : {"", ".json", "/tsconfig.json"}) {
      if (!found) found = config(path + rest, depth + 1);
    }
    if (!found) return;
    if (found->base_url) result.base_url = std::move(found->base_url);
    if (!found->paths.empty()) result.paths = std::move(found->paths);
  }

  void refer(TsConfig& result, const std::string& directory, const Json& reference, int depth) {
    const Json* path = member(reference, "path");
    if (path == nullptr || !path->is_string()) return;
    const std::string place = resolved(directory, path->get<std::string>());
    // Those in folders of their own count for the files there.
    if (!place.ends_with(".json")) return;
    if (std::optional<TsConfig> found = config(place, depth + 1); found && result.says_nothing())
      result = std::move(*found);
  }

  const ReadFile& read_;
  const Complain& complain_;
};

/// What stands for the star of `pattern` in `text`; nothing when they do not match.
std::optional<std::string_view> star(std::string_view pattern, std::string_view text) {
  const std::size_t at = pattern.find('*');
  if (at == std::string_view::npos)
    return pattern == text ? std::optional<std::string_view>("") : std::nullopt;
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(at + 1);
  if (text.size() < before.size() + after.size()) return std::nullopt;
  if (!text.starts_with(before) || !text.ends_with(after)) return std::nullopt;
  return text.substr(at, text.size() - before.size() - after.size());
}

}  // namespace

std::vector<std::string> TsConfig::candidates(std::string_view specifier) const {
  const std::pair<std::string, std::vector<std::string>>* best = nullptr;
  const auto fixed = [](const std::string& pattern) {
    const std::size_t at = pattern.find('*');
    return at == std::string::npos ? pattern.size() + 1 : at;
  };
  for (const auto& each : paths) {
    if (star(each.first, specifier) && (best == nullptr || fixed(each.first) > fixed(best->first)))
      best = &each;
  }
  std::vector<std::string> result;
  if (best != nullptr) {
    const std::string_view middle = *star(best->first, specifier);
    for (std::string target : best->second) {
      if (const std::size_t at = target.find('*'); at != std::string::npos) target.replace(at, 1, middle);
      result.push_back(std::move(target));
    }
  }
  if (base_url) result.push_back(resolved(*base_url, specifier));
  return result;
}

std::optional<TsConfig> read_tsconfig(const std::string& path, const ReadFile& read,
                                      const Complain& complain) {
  return Reader(read, complain).config(path, 0);
}

}  // namespace lockwright::frontends::typescript
