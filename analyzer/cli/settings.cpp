// Merging: every setting has one place here in which the command line is laid over the configuration.
#include "analyzer/cli/settings.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "analyzer/cli/error_line.h"

namespace lockwright::cli {
namespace {

using MaybeError = std::optional<source::Error>;

MaybeError check_selectors(const std::vector<std::string>& selectors, std::string_view option,
                           std::span<const findings::RuleInfo> rules) {
  for (const std::string& selector : selectors) {
    if (findings::selects_any(selector, rules)) continue;
    const auto best = findings::nearest_selector(selector, rules);
    return error_about(fmt::format("unknown rule '{}'", selector), option,
                       best ? fmt::format("did you mean '{}'?", *best) : "'lockwright rules' lists them");
  }
  return std::nullopt;
}

MaybeError check_arguments(const CheckArguments& arguments, std::span<const findings::RuleInfo> rules) {
  if (arguments.select) {
    if (MaybeError error = check_selectors(*arguments.select, "--select", rules)) return error;
  }
  if (MaybeError error = check_selectors(arguments.ignore, "--ignore", rules)) return error;
  if (!arguments.per_file_ignores) return std::nullopt;
  for (const auto& [pattern, selectors] : arguments.per_file_ignores->items) {
    if (MaybeError error = check_selectors(selectors, "--per-file-ignores", rules)) return error;
  }
  return std::nullopt;
}

findings::SelectionLayer layer_of(const Config& config) {
  findings::SelectionLayer layer;
  if (config.select) layer.select = config.select->items;
  if (config.extend_select) layer.extend_select = config.extend_select->items;
  if (config.ignore) layer.ignore = config.ignore->items;
  if (config.severity) layer.severity = config.severity->items;
  return layer;
}

findings::SelectionLayer layer_of(const CheckArguments& arguments) {
  findings::SelectionLayer layer;
  layer.select = arguments.select;
  layer.ignore = arguments.ignore;
  return layer;
}

/// A pattern that was written for the working directory, as one for the directory `base` above it. Only
/// patterns with a slash before their end belong to a place at all.
std::string rebased(const std::string& pattern, const std::filesystem::path& working_directory,
                    const std::filesystem::path& base) {
  const std::filesystem::path below = working_directory.lexically_relative(base);
  if (below.empty() || below == "." || *below.begin() == "..") return pattern;
  const bool negated = pattern.starts_with('!');
  std::string_view rest = std::string_view(pattern).substr(negated ? 1 : 0);
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) return pattern;
  if (rest.starts_with("./")) rest.remove_prefix(2);
  if (rest.starts_with('/')) rest.remove_prefix(1);
  return fmt::format("{}/{}/{}", negated ? "!" : "", below.generic_string(), rest);
}

void add(std::vector<std::string>& patterns, const std::optional<PathPatterns>& more) {
  if (more) patterns.insert(patterns.end(), more->items.begin(), more->items.end());
}

source::DiscoveryOptions discovery_of(const CheckArguments& arguments, const Config& config,
                                      const std::filesystem::path& working_directory) {
  source::DiscoveryOptions discovery;
  for (const std::string& path : arguments.paths) {
    if (path != "-") discovery.roots.push_back(path);
  }
  const auto add_own = [&](const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns) {
      discovery.exclude.push_back(rebased(pattern, working_directory, config.directory));
    }
  };
  if (arguments.exclude || config.exclude) discovery.default_exclude.clear();
  if (arguments.exclude) {
    add_own(*arguments.exclude);
  } else {
    add(discovery.exclude, config.exclude);
  }
  add(discovery.exclude, config.extend_exclude);
  add_own(arguments.extend_exclude);
  discovery.exclude_base = config.directory.generic_string();
  discovery.respect_ignore_files = !arguments.no_ignore;
  discovery.jobs = arguments.jobs;
  discovery.working_directory = working_directory.generic_string();
  return discovery;
}

std::vector<findings::FileIgnores> file_ignores_of(const CheckArguments& arguments, const Config& config,
                                                   const std::filesystem::path& working_directory) {
  std::vector<findings::FileIgnores> ignores;
  if (arguments.per_file_ignores) {
    for (const auto& [pattern, selectors] : arguments.per_file_ignores->items) {
      const std::string own = rebased(pattern, working_directory, config.directory);
      ignores.push_back({source::IgnoreRules(std::vector{own}), selectors});
    }
  } else if (config.per_file_ignores) {
    for (const auto& [pattern, selectors] : config.per_file_ignores->items) {
      ignores.push_back({source::IgnoreRules(std::vector{pattern}), selectors});
    }
  }
  return ignores;
}

/// Where the search for a configuration starts: the first path, or the file that standard input stands for.
std::filesystem::path start_of(const CheckArguments& arguments) {
  const std::string& first = arguments.paths.front();
  return first == "-" ? arguments.stdin_filename.value_or(".") : first;
}

bool is_set(const char* value) {
  return value != nullptr && *value != '\0';
}

}  // namespace

source::Result<Settings> settle(const CheckArguments& arguments,
                                const std::filesystem::path& working_directory,
                                std::span<const findings::RuleInfo> rules) {
  if (const MaybeError error = check_arguments(arguments, rules)) return *error;
  const source::Result<Config> config =
      load_config({working_directory, start_of(arguments), arguments.config, arguments.isolated}, rules);
  if (!config) return config.error();

  findings::RulePolicy policy(rules, layer_of(*config), layer_of(arguments));
  AnalysisOptions analysis{.discovery = discovery_of(arguments, *config, working_directory),
                           .cpp = arguments.cpp,
                           .rules = policy.enabled_ids()};
  if (analysis.cpp.compile_commands)
    analysis.cpp.compile_commands = (working_directory / *analysis.cpp.compile_commands).generic_string();
  if (config->models) analysis.models = config->models->items;
  return Settings{.analysis = std::move(analysis),
                  .policy = std::move(policy),
                  .file_ignores = file_ignores_of(arguments, *config, working_directory),
                  .paths = findings::ProjectPaths(working_directory, config->directory),
                  .fail_on = arguments.fail_on.value_or(config->fail_on.value_or(FailOn::warning))};
}

bool wants_colour(ColourChoice choice, bool to_terminal,
                  const std::function<const char*(const char*)>& environment) {
  if (choice != ColourChoice::automatic) return choice == ColourChoice::always;
  if (is_set(environment("NO_COLOR"))) return false;
  const char* const forced = environment("FORCE_COLOR");
  if (is_set(forced)) return std::string_view(forced) != "0";
  const char* const terminal = environment("TERM");
  return to_terminal && !(terminal != nullptr && std::string_view(terminal) == "dumb");
}

}  // namespace lockwright::cli
