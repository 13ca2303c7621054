// The configuration: what `lockwright.toml`, or `[tool.lockwright]` in a pyproject.toml, says.
//
// Every key is one row in `config_keys()` (config_keys.h). The parser, the error messages and the JSON Schema
// for editors (schemas/lockwright.schema.json) are all made from these rows, so they cannot drift apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/rule_info.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

/// The least severity that makes a run exit with 1.
enum class FailOn : std::uint8_t { error, warning, info, never };

/// Names of rules, as findings/selection.h understands them.
struct RuleSelectors {
  std::vector<std::string> items;
};

/// Patterns in gitignore syntax, relative to the configuration's directory.
struct PathPatterns {
  std::vector<std::string> items;
};

/// Rule selectors by path pattern, sorted by pattern.
struct PerFileIgnores {
  std::map<std::string, std::vector<std::string>> items;
};

/// Severities by rule selector.
struct RuleSeverities {
  std::map<std::string, findings::Severity> items;
};

/// The project's own API models, each in the format of `rules/models/*.json`: read from a file that the
/// configuration names, or written into the configuration itself as a table.
struct OwnModels {
  struct Text {
    std::string json;
    std::string origin;  ///< the file's path, or "lockwright.toml:14": for messages
  };
  std::vector<Text> items;
};

struct Config {
  std::string origin;               ///< the file's path as displayed; "" if there is none
  std::filesystem::path directory;  ///< the file's directory, else the working directory: the project's root

  std::optional<RuleSelectors> select;
  std::optional<RuleSelectors> extend_select;
  std::optional<RuleSelectors> ignore;
  std::optional<PerFileIgnores> per_file_ignores;
  std::optional<RuleSeverities> severity;
  std::optional<PathPatterns> exclude;
  std::optional<PathPatterns> extend_exclude;
  std::optional<OwnModels> models;
  std::optional<FailOn> fail_on;
};

/// Parses the text of a lockwright.toml, or of a pyproject.toml, told apart by the last part of `path`.
/// Nothing (no error) if it is a pyproject.toml without `[tool.lockwright]`. Errors name `origin` and the
/// line.
[[nodiscard]] source::Result<std::optional<Config>> parse_config(std::string_view text,
                                                                 const std::filesystem::path& path,
                                                                 const std::string& origin,
                                                                 std::span<const findings::RuleInfo> rules);

/// Where to look for the configuration.
struct ConfigRequest {
  std::filesystem::path working_directory;    ///< absolute
  std::filesystem::path start;                ///< the first path to be checked: a file or a directory
  std::optional<std::filesystem::path> file;  ///< `--config`: this one and no other
  bool isolated = false;                      ///< `--isolated`: none at all
};

/// The configuration in force: the nearest one in `start` or above it, lockwright.toml before pyproject.toml
/// in one directory. Without one, all fields are empty and `directory` is the working directory.
[[nodiscard]] source::Result<Config> load_config(const ConfigRequest& request,
                                                 std::span<const findings::RuleInfo> rules);

}  // namespace lockwright::cli
