// The table of configuration keys.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "analyzer/cli/config.h"

namespace lockwright::cli {

/// Where a key's value is kept. Its type says what the value may be: there is one parser (config_parse.cpp)
/// and one schema (config_schema.cpp) for each alternative, and none of them compiles if one is missing.
using ConfigField =
    std::variant<std::optional<RuleSelectors> Config::*, std::optional<PathPatterns> Config::*,
                 std::optional<PerFileIgnores> Config::*, std::optional<RuleSeverities> Config::*,
                 std::optional<OwnModels> Config::*, std::optional<FailOn> Config::*>;

/// One key.
struct ConfigKey {
  std::string_view name;     ///< "per-file-ignores"
  std::string_view summary;  ///< shown by editors: one sentence or two, plain text
  ConfigField field;
};

[[nodiscard]] std::span<const ConfigKey> config_keys();

/// The words for FailOn and Severity, in the order of the enumerations.
[[nodiscard]] std::span<const std::string_view> fail_on_words();
[[nodiscard]] std::span<const std::string_view> severity_words();

/// The value of a word, if it is one of them.
[[nodiscard]] std::optional<FailOn> fail_on_of(std::string_view word);
[[nodiscard]] std::optional<findings::Severity> severity_of(std::string_view word);

/// The JSON Schema (draft 7) of the configuration, as `lockwright config-schema` prints it.
[[nodiscard]] std::string config_schema();

}  // namespace lockwright::cli
