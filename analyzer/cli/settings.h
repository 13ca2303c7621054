// What a check is to do, once the command line and the configuration have had their say.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/arguments.h"
#include "analyzer/cli/config.h"
#include "analyzer/findings/project_paths.h"
#include "analyzer/findings/selection.h"
#include "analyzer/findings/triage.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

struct Settings {
  AnalysisOptions analysis;  ///< but for `in_memory`
  findings::RulePolicy policy;
  std::vector<findings::FileIgnores> file_ignores;
  findings::ProjectPaths paths;
  FailOn fail_on = FailOn::warning;
};

/// Loads the configuration and lays the command line over it: an option replaces the key of the same name,
/// `--ignore` and `--extend-exclude` add to theirs. The error is a line for the user.
[[nodiscard]] source::Result<Settings> settle(const CheckArguments& arguments,
                                              const std::filesystem::path& working_directory,
                                              std::span<const findings::RuleInfo> rules);

/// Whether text is coloured: as the user says; or else not if NO_COLOR is set, always if FORCE_COLOR is, and
/// otherwise on a terminal that is not dumb. (An empty variable counts as not set, FORCE_COLOR=0 too.)
[[nodiscard]] bool wants_colour(ColourChoice choice, bool to_terminal,
                                const std::function<const char*(const char*)>& environment);

}  // namespace lockwright::cli
