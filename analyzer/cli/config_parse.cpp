// Reading the configuration's TOML: each key is looked up in config_keys(), and the type of its field chooses
// the reader of its value. A reader either fills the field or says, with file and line, what it expected.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>

#include "analyzer/cli/config_keys.h"
#include "analyzer/cli/error_line.h"
#include "analyzer/cli/files.h"
#include "analyzer/findings/selection.h"

namespace lockwright::cli {
namespace {

using MaybeError = std::optional<source::Error>;

/// What readers need to know of the file they read from.
struct Place {
  const std::string& origin;
  const std::filesystem::path& directory;
  std::span<const findings::RuleInfo> rules;

  [[nodiscard]] std::string at(const toml::source_region& region) const {
    return fmt::format("{}:{}", origin, region.begin.line);
  }
};

std::string_view type_word(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer:
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "a boolean";
    default: return "a date or time";
  }
}

/// A TOML value as JSON. Dates and times, which JSON has not, become null.
nlohmann::json json_of(const toml::node& node) {
  nlohmann::json json;
  if (const toml::table* const table = node.as_table()) {
    json = nlohmann::json::object();
    for (const auto& [key, value] : *table) json[std::string(key.str())] = json_of(value);
  } else if (const toml::array* const array = node.as_array()) {
    json = nlohmann::json::array();
    for (const toml::node& item : *array) json.push_back(json_of(item));
  } else if (const auto* const text = node.as_string()) {
    json = text->get();
  } else if (const auto* const integer = node.as_integer()) {
    json = integer->get();
  } else if (const auto* const number = node.as_floating_point()) {
    json = number->get();
  } else if (const auto* const truth = node.as_boolean()) {
    json = truth->get();
  }
  return json;
}

source::Error wrong_type(const Place& place, std::string_view key, const toml::node& node,
                         std::string_view wanted) {
  return error_about(fmt::format("'{}' is {}", key, type_word(node)), place.at(node.source()),
                     fmt::format("make it {}", wanted));
}

MaybeError check_selector(const Place& place, std::string_view selector, const toml::source_region& region) {
  if (findings::selects_any(selector, place.rules)) return std::nullopt;
  const auto best = findings::nearest_selector(selector, place.rules);
  return error_about(fmt::format("unknown rule '{}'", selector), place.at(region),
                     best ? fmt::format("did you mean '{}'?", *best) : "'lockwright rules' lists them");
}

MaybeError read_strings(const Place& place, std::string_view key, const toml::node& node,
                        std::vector<std::string>& strings) {
  const toml::array* const list = node.as_array();
  if (list == nullptr) return wrong_type(place, key, node, "a list of strings");
  for (const toml::node& item : *list) {
    const toml::value<std::string>* const text = item.as_string();
    if (text == nullptr) return wrong_type(place, fmt::format("{}[]", key), item, "a string");
    if (text->get().empty()) {
      return error_about(fmt::format("empty string in '{}'", key), place.at(item.source()), "remove it");
    }
    strings.push_back(text->get());
  }
  return std::nullopt;
}

MaybeError read_selectors(const Place& place, std::string_view key, const toml::node& node,
                          std::vector<std::string>& selectors) {
  if (MaybeError error = read_strings(place, key, node, selectors)) return error;
  for (std::size_t i = 0; i < selectors.size(); ++i) {
    const toml::source_region& region = node.as_array()->get(i)->source();
    if (MaybeError error = check_selector(place, selectors[i], region)) return error;
  }
  return std::nullopt;
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, RuleSelectors& value) {
  return read_selectors(place, key, node, value.items);
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, PathPatterns& value) {
  return read_strings(place, key, node, value.items);
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, PerFileIgnores& value) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong_type(place, key, node, "a table: pattern = [rules]");
  for (const auto& [pattern, rules] : *table) {
    const std::string name = fmt::format("{}.\"{}\"", key, pattern.str());
    std::vector<std::string>& selectors = value.items[std::string(pattern.str())];
    if (MaybeError error = read_selectors(place, name, rules, selectors)) return error;
  }
  return std::nullopt;
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, RuleSeverities& value) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong_type(place, key, node, "a table: rule = \"severity\"");
  for (const auto& [rule, word_node] : *table) {
    if (MaybeError error = check_selector(place, rule.str(), rule.source())) return error;
    const toml::value<std::string>* const word = word_node.as_string();
    const std::string name = fmt::format("{}.{}", key, rule.str());
    if (word == nullptr) return wrong_type(place, name, word_node, "one of " + listed(severity_words()));
    const auto severity = severity_of(word->get());
    if (!severity) {
      return error_about(fmt::format("unknown severity '{}'", word->get()), place.at(word_node.source()),
                         suggestion(word->get(), severity_words(), "use " + listed(severity_words())));
    }
    value.items.emplace(rule.str(), *severity);
  }
  return std::nullopt;
}

MaybeError read_model_file(const Place& place, const std::string& name, const std::string& where,
                           OwnModels& value) {
  const std::filesystem::path path = place.directory / name;
  source::Result<std::string> text = read_file(path);
  if (!text) {
    return error_about(fmt::format("model file '{}' {}", name, text.error().message), where,
                       "its path is relative to the configuration's directory");
  }
  value.items.push_back({std::move(*text), path.generic_string()});
  return std::nullopt;
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, OwnModels& value) {
  const toml::array* const list = node.as_array();
  if (list == nullptr) return wrong_type(place, key, node, "a list of paths or of tables");
  for (const toml::node& item : *list) {
    const std::string where = place.at(item.source());
    if (item.is_table()) {
      value.items.push_back({json_of(item).dump(), where});
    } else if (const toml::value<std::string>* const name = item.as_string()) {
      if (MaybeError error = read_model_file(place, name->get(), where, value)) return error;
    } else {
      return wrong_type(place, fmt::format("{}[]", key), item, "a path or a table");
    }
  }
  return std::nullopt;
}

MaybeError read(const Place& place, std::string_view key, const toml::node& node, FailOn& value) {
  const toml::value<std::string>* const word = node.as_string();
  if (word == nullptr) return wrong_type(place, key, node, "one of " + listed(fail_on_words()));
  const auto known = fail_on_of(word->get());
  if (!known) {
    return error_about(fmt::format("'{}' is '{}'", key, word->get()), place.at(node.source()),
                       suggestion(word->get(), fail_on_words(), "use " + listed(fail_on_words())));
  }
  value = *known;
  return std::nullopt;
}

MaybeError unknown_key(const Place& place, const toml::key& key) {
  std::vector<std::string_view> names;
  for (const ConfigKey& known : config_keys()) names.push_back(known.name);
  return error_about(fmt::format("unknown key '{}'", key.str()), place.at(key.source()),
                     suggestion(key.str(), names, "known keys are " + listed(names)));
}

MaybeError read_table(const Place& place, const toml::table& table, Config& config) {
  for (const auto& [name, node] : table) {
    const auto keys = config_keys();
    const auto known = std::ranges::find(keys, name.str(), &ConfigKey::name);
    if (known == keys.end()) return unknown_key(place, name);
    const toml::node& value_node = node;
    MaybeError error = std::visit(
        [&](auto field) { return read(place, known->name, value_node, (config.*field).emplace()); },
        known->field);
    if (error) return error;
  }
  return std::nullopt;
}

}  // namespace

source::Result<std::optional<Config>> parse_config(std::string_view text, const std::filesystem::path& path,
                                                   const std::string& origin,
                                                   std::span<const findings::RuleInfo> rules) {
  const toml::parse_result document = toml::parse(text, origin);
  if (!document) {
    const toml::parse_error& error = document.error();
    return error_about(fmt::format("not valid TOML ({})", error.description()),
                       fmt::format("{}:{}", origin, error.source().begin.line),
                       "correct it, or pass --isolated to run without configuration");
  }
  const toml::table* table = &document.table();
  Config config;
  config.origin = origin;
  config.directory = path.parent_path();
  const Place place{origin, config.directory, rules};
  if (path.filename() == "pyproject.toml") {
    const toml::node_view<const toml::node> own = document.table()["tool"]["lockwright"];
    if (!own) return std::optional<Config>();
    if (!own.is_table()) return wrong_type(place, "tool.lockwright", *own.node(), "a table");
    table = own.as_table();
  }
  if (MaybeError error = read_table(place, *table, config)) return *error;
  return std::optional<Config>(std::move(config));
}

}  // namespace lockwright::cli
