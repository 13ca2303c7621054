// What a session keeps hangs on three things, and goes with them: the options (settings), which files there
// are (module names and imports hang on all of them at once), and the texts. When options or files change,
// everything starts afresh; when texts do, the scan takes in the new ones and each language goes on from
// there (LanguageAnalysis::changed).
//
// Going on leaves things behind (names in tables, sites of functions that are no more). So every now and
// then, when nobody is waiting, a session starts afresh too.
#include "analyzer/cli/session.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "analyzer/cli/kept_reads.h"
#include "analyzer/cli/language_analysis.h"

namespace lockwright::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// After so many analyses a session starts afresh when there is time, and after so much growth in any case.
constexpr std::size_t analyses_before_rest = 100;
constexpr std::size_t growth_before_restart = 8;
constexpr std::size_t few_terms = 200'000;

bool same_discovery(const source::DiscoveryOptions& left, const source::DiscoveryOptions& right) {
  return left.roots == right.roots && left.exclude == right.exclude &&
         left.exclude_base == right.exclude_base && left.default_exclude == right.default_exclude &&
         left.respect_ignore_files == right.respect_ignore_files && left.jobs == right.jobs &&
         left.working_directory == right.working_directory;
}

bool same_models(const std::vector<OwnModels::Text>& left, const std::vector<OwnModels::Text>& right) {
  return std::ranges::equal(left, right, [](const OwnModels::Text& one, const OwnModels::Text& other) {
    return one.json == other.json && one.origin == other.origin;
  });
}

class KeepingSession final : public Session {
 public:
  source::Result<Analysis> analyse(const AnalysisOptions& options, Progress& progress) override {
    const bool same =
        same_discovery(options.discovery, discovery_) && same_models(options.models, own_models_);
    if (!same || outgrown()) scan_.reset();
    if (scan_) {
      progress.stage = "taking in changes";
      take_in(options.in_memory);
    }
    if (!scan_) {
      if (const auto error = start(options, progress)) return *error;
    }
    ++analyses_;
    return run(options, progress);
  }

  void disk_changed(std::span<const std::string> paths) override {
    if (paths.empty()) scan_.reset();
    for (const std::string& path : paths)
      on_disk_.insert(source::display_path(path, discovery_.working_directory));
  }

  bool rest() override {
    if (!scan_ || analyses_ < analyses_before_rest) return false;
    scan_.reset();
    return true;
  }

 private:
  [[nodiscard]] bool outgrown() const {
    std::size_t terms = 0;
    for (const auto& language : languages_) terms += language ? language->term_count() : 0;
    return terms > few_terms + growth_before_restart * terms_at_start_;
  }

  /// Reads everything.
  std::optional<source::Error> start(const AnalysisOptions& options, Progress& progress) {
    const Clock::time_point begin = Clock::now();
    for (auto& language : languages_) language.reset();
    kept_reads_ = std::make_shared<KeptReads>();
    discovery_ = options.discovery;
    own_models_ = options.models;
    progress.stage = "searching";
    source::ScanOptions scanning{.discovery = discovery_, .in_memory = {}, .selects_early = true};
    for (const source::Language language : languages) scanning.discovery.languages.add(language);
    // A text that is not on disk yet makes a file. One that is, and is left out by the settings, does not.
    for (const source::InMemoryFile& text : options.in_memory) {
      if (!is_on_disk(text.path)) scanning.in_memory.push_back(text);
    }
    texts_.clear();
    for (const source::InMemoryFile& text : scanning.in_memory) texts_[text.path] = text.text;
    auto scan = std::make_unique<source::Scan>(std::move(scanning));

    const Clock::time_point found = Clock::now();
    source::Result<LanguageModels> models =
        load_models(scan->languages(), options.models, options.discovery.jobs);
    if (!models) return models.error();
    models_ = std::move(*models);
    start_.model_time = Clock::now() - found;

    select_files(*scan, models_);
    scan_ = std::move(scan);
    start_.search_time = Clock::now() - begin - start_.model_time;
    suppressions_.assign(scan_->files().size(), std::nullopt);
    on_disk_.clear();
    analyses_ = 0;
    terms_at_start_ = 0;
    take_in(options.in_memory);
    return std::nullopt;
  }

  /// Brings the texts up to date. Gives up the scan where that takes more.
  void take_in(const std::vector<source::InMemoryFile>& in_memory) {
    std::vector<source::FileTable::Change> changes;
    std::map<std::string, std::string> before = std::exchange(texts_, {});
    const source::FileTable& files = scan_->files();
    for (const source::InMemoryFile& text : in_memory) {
      const std::optional<source::FileId> id = files.find(text.path);
      if (!id) {
        if (!is_on_disk(text.path)) return scan_.reset();
        continue;  // left out by the settings
      }
      const auto was = before.find(text.path);
      if (was == before.end() || was->second != text.text) changes.push_back({*id, text.text});
      texts_[text.path] = text.text;
      if (was != before.end()) before.erase(was);
    }
    for (const auto& [path, text] : before) on_disk_.insert(path);
    for (const std::string& path : std::exchange(on_disk_, {})) {
      if (texts_.contains(path)) continue;
      const std::optional<source::FileId> id = files.find(path);
      // What is new or gone, and what is no source but may say what imports mean, changes more than a text.
      if (!id || !is_on_disk(path)) return scan_.reset();
      changes.push_back({*id, std::nullopt});
    }
    if (!changes.empty()) replace(changes);
  }

  void replace(const std::vector<source::FileTable::Change>& changes) {
    scan_->replace(changes);
    for (const source::FileTable::Change& change : changes) {
      suppressions_[static_cast<std::size_t>(change.file)].reset();
      for (std::size_t i = 0; i < languages.size(); ++i) {
        if (languages_[i] == nullptr || scan_->files().language(change.file) != languages[i]) continue;
        if (languages_[i]->can_go_on()) {
          languages_[i]->changed(change.file);
        } else {
          languages_[i].reset();
        }
      }
    }
  }

  [[nodiscard]] bool is_on_disk(const std::string& displayed_path) const {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::path(discovery_.working_directory) / displayed_path,
                                   ignored);
  }

  Analysis run(const AnalysisOptions& options, Progress& progress) {
    Analysis result;
    Totals totals = std::exchange(start_, {});
    std::size_t terms = 0;
    CppOptions cpp = options.cpp;
    cpp.kept = kept_reads_;
    for (std::size_t i = 0; i < languages.size(); ++i) {
      if (languages_[i] == nullptr && has_selected(*scan_, languages[i])) {
        languages_[i] =
            std::make_unique<LanguageAnalysis>(languages[i], models_[i], *scan_, options.discovery, cpp);
        if (languages_[i]->can_go_on()) languages_[i]->remember();
      }
      if (languages_[i] == nullptr) continue;
      languages_[i]->run(options.rules, progress, result, totals);
      terms += languages_[i]->term_count();
    }
    if (terms_at_start_ == 0) terms_at_start_ = terms;
    for (std::size_t i = 0; i < suppressions_.size(); ++i) {
      std::optional<source::Suppressions>& known = suppressions_[i];
      if (!known) {
        known.emplace();
        add_suppressions(scan_->files(), static_cast<source::FileId>(i), *known);
      }
      result.suppressions.items.insert(result.suppressions.items.end(), known->items.begin(),
                                       known->items.end());
      result.suppressions.problems.insert(result.suppressions.problems.end(), known->problems.begin(),
                                          known->problems.end());
    }
    std::ranges::move(scan_->notes(), std::back_inserter(result.notes));
    result.stats = stats_of(totals, *scan_);
    result.files = scan_->share_files();
    return result;
  }

  source::DiscoveryOptions discovery_;
  std::vector<OwnModels::Text> own_models_;
  LanguageModels models_;
  std::unique_ptr<source::Scan> scan_;
  std::shared_ptr<KeptReads> kept_reads_;
  std::array<std::unique_ptr<LanguageAnalysis>, languages.size()> languages_;  ///< they use the scan
  std::map<std::string, std::string> texts_;  ///< in the place of files, by displayed path
  std::set<std::string> on_disk_;             ///< what is to be read again
  std::vector<std::optional<source::Suppressions>> suppressions_;  ///< by file
  Totals start_;  ///< of the next analysis: what it took to read everything
  std::size_t analyses_ = 0;
  std::size_t terms_at_start_ = 0;
};

}  // namespace

std::unique_ptr<Session> make_session() {
  return std::make_unique<KeepingSession>();
}

}  // namespace lockwright::cli
