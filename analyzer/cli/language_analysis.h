// Where the stages are put together: modules, paths, rules, for the files of one language.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/language_modules.h"
#include "analyzer/models/model.h"
#include "analyzer/paths/demand.h"
#include "analyzer/paths/engine.h"
#include "analyzer/paths/program.h"
#include "analyzer/source/scan.h"

namespace lockwright::cli {

inline constexpr std::array languages = {source::Language::python, source::Language::typescript,
                                         source::Language::cpp};

/// The models of each language, in the order of `languages`.
using LanguageModels = std::vector<models::Models>;

/// The built-in models of the `wanted` languages (of the others there is nothing), and `own` ones after them,
/// which are looked through whichever languages are wanted.
[[nodiscard]] source::Result<LanguageModels> load_models(source::LanguageSet wanted,
                                                         const std::vector<OwnModels::Text>& own,
                                                         unsigned jobs);

/// The first look at all files: selects those with lock triggers and those with suppressions. Tests, where
/// nothing is judged, are looked through for suppressions alone.
void select_files(source::Scan& scan, const LanguageModels& models);

[[nodiscard]] bool has_selected(const source::Scan& scan, source::Language language);

/// Adds the suppressions in a file, if it is loaded.
void add_suppressions(const source::FileTable& files, source::FileId file, source::Suppressions& all);

/// What the stages after the search took and came to, in all languages together.
struct Totals {
  std::size_t parsed = 0, functions = 0, interesting = 0, paths = 0, truncated = 0;
  std::size_t clang_functions = 0, text_functions = 0, context_functions = 0, lost_functions = 0;  ///< C, C++
  std::size_t text_holes = 0;
  std::chrono::nanoseconds model_time{}, search_time{}, parse_time{}, path_time{}, rule_time{};
};

/// For --stats.
[[nodiscard]] std::vector<report::Stat> stats_of(const Totals& totals, const source::Scan& scan);

/// The analysis of the files of one language. Languages do not call each other, so each has a program of its
/// own. It can be run again when files have changed, and then does anew what hangs on these. Not thread-safe.
class LanguageAnalysis {
 public:
  /// Borrows the models and the scan.
  LanguageAnalysis(source::Language language, const models::Models& models, source::Scan& scan,
                   const source::DiscoveryOptions& discovery, const CppOptions& cpp);

  /// It will be run more than once.
  void remember() { modules_->remember(); }
  /// The scan has replaced the text of this file.
  void changed(source::FileId file);
  /// Whether all that hangs on a changed file is found again. Where declarations come with an include, it is
  /// not: such an analysis is to be made anew.
  [[nodiscard]] bool can_go_on() const { return language_ != source::Language::cpp; }

  /// The stages from modules to findings.
  void run(const std::vector<std::string>& rules, Progress& progress, Analysis& result, Totals& totals);

  /// How much is kept; grows with every run.
  [[nodiscard]] std::size_t term_count() const { return program_.terms.size(); }

 private:
  source::Language language_;
  source::Scan& scan_;
  std::vector<source::Note> notes_;  ///< about files that say what imports mean, and how files are compiled
  paths::Program program_;
  std::unique_ptr<LanguageModules> modules_;
  paths::Engine engine_;
  paths::Demand demand_;
};

}  // namespace lockwright::cli
