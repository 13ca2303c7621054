// The JSON Schema of the configuration, for completion and checking in editors: one property a row of
// config_keys(), its shape by the type of the field.
#include <nlohmann/json.hpp>

#include "analyzer/cli/config_keys.h"

namespace lockwright::cli {
namespace {

using json = nlohmann::ordered_json;

json rule_selector() {
  return {{"$ref", "#/definitions/rule-selector"}};
}

json list_of(json items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

json one_of(std::span<const std::string_view> words) {
  json list = json::array();
  for (const std::string_view word : words) list.push_back(word);
  return {{"enum", list}};
}

json table_of(json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}

json rule_table_of(json values) {
  return {
      {"type", "object"}, {"propertyNames", rule_selector()}, {"additionalProperties", std::move(values)}};
}

/// The schema of a field's values.
struct SchemaOf {
  json operator()(std::optional<RuleSelectors> Config::*) const { return list_of(rule_selector()); }
  json operator()(std::optional<PathPatterns> Config::*) const {
    return list_of({{"type", "string"}, {"minLength", 1}});
  }
  json operator()(std::optional<PerFileIgnores> Config::*) const {
    return table_of(list_of(rule_selector()));
  }
  json operator()(std::optional<RuleSeverities> Config::*) const {
    return rule_table_of(one_of(severity_words()));
  }
  json operator()(std::optional<OwnModels> Config::*) const {
    return list_of(
        {{"anyOf", json::array({json{{"type", "string"}, {"minLength", 1}}, json{{"type", "object"}}})}});
  }
  json operator()(std::optional<FailOn> Config::*) const { return one_of(fail_on_words()); }
};

}  // namespace

std::string config_schema() {
  json properties = json::object();
  for (const ConfigKey& key : config_keys()) {
    json property = {{"description", key.summary}};
    property.update(std::visit(SchemaOf{}, key.field));
    properties[std::string(key.name)] = property;
  }
  const json selector = {
      {"description", "A rule by its id or name, the beginning of ids, or ALL."},
      {"type", "string"},
      {"pattern", "^(ALL|LW[0-9]*|[a-z][a-z0-9]*(-[a-z0-9]+)+)$"},
  };
  const json schema = {
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "Lockwright configuration"},
      {"description", "lockwright.toml, or the table [tool.lockwright] in pyproject.toml."},
      {"type", "object"},
      {"properties", properties},
      {"additionalProperties", false},
      {"definitions", {{"rule-selector", selector}}},
  };
  return schema.dump(2) + "\n";
}

}  // namespace lockwright::cli
