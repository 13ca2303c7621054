// The table of configuration keys: to add a key, add a field to Config and a row here, then write the schema
// anew with `lockwright config-schema > schemas/lockwright.schema.json`.
#include "analyzer/cli/config_keys.h"

#include <algorithm>
#include <array>

namespace lockwright::cli {
namespace {

constexpr std::array<std::string_view, 4> fail_on_names = {"error", "warning", "info", "never"};
constexpr std::array<std::string_view, 4> severity_names = {"off", "info", "warning", "error"};

template <typename Value>
std::optional<Value> value_of(std::span<const std::string_view> words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Value>(found - words.begin());
}

}  // namespace

std::span<const ConfigKey> config_keys() {
  static const std::array<ConfigKey, 9> keys{{
      {"select",
       "The rules to run, by id (LW101), name (nested-same-file-lock), beginning of the id (LW1) or ALL. "
       "Without it, every rule that is on by default.",
       &Config::select},
      {"extend-select", "Rules to run besides those of 'select'.", &Config::extend_select},
      {"ignore", "Rules not to run. The more specific of 'select' and 'ignore' wins.", &Config::ignore},
      {"per-file-ignores",
       "Rules whose findings are dropped in the files that a pattern matches (gitignore syntax, relative to "
       "this file's directory).",
       &Config::per_file_ignores},
      {"severity", "What severity a rule's findings have. 'off' does not run the rule.", &Config::severity},
      {"exclude",
       "Files and directories to leave out, instead of the built-in list (gitignore syntax, relative to this "
       "file's directory).",
       &Config::exclude},
      {"extend-exclude", "Files and directories to leave out besides those of 'exclude'.",
       &Config::extend_exclude},
      {"models",
       "What the project's own lock functions mean: paths of JSON files in the format of rules/models, "
       "relative "
       "to this file's directory, or the content of such a file as a table.",
       &Config::models},
      {"fail-on", "The least severity that makes a run exit with 1.", &Config::fail_on},
  }};
  return keys;
}

std::span<const std::string_view> fail_on_words() {
  return fail_on_names;
}

std::span<const std::string_view> severity_words() {
  return severity_names;
}

std::optional<FailOn> fail_on_of(std::string_view word) {
  return value_of<FailOn>(fail_on_names, word);
}

std::optional<findings::Severity> severity_of(std::string_view word) {
  return value_of<findings::Severity>(severity_names, word);
}

}  // namespace lockwright::cli
