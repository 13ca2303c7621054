// What main.cpp gives to the command line: one analysis of a tree, from files to findings. Each line of
// analyse_all() is a stage of the pipeline; those of one language are in language_analysis.h.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/language_analysis.h"
#include "analyzer/cli/session.h"
#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"
#include "generated/embedded.h"
#include "rules/rule.h"

namespace lockwright::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<findings::RuleInfo> rule_infos() {
  std::vector<findings::RuleInfo> result;
  for (const rules::Rule& rule : rules::all_rules()) {
    std::string_view page;
    for (const embedded::File& file : embedded::rule_pages()) {
      if (file.name == rule.name) page = file.text;
    }
    result.push_back({rule.id, rule.name, rule.summary, rule.severity, rule.cwe, page});
  }
  return result;
}

source::Result<Analysis> analyse_all(const AnalysisOptions& options, Progress& progress) {
  Totals totals;
  const Clock::time_point begin = Clock::now();
  progress.stage = "searching";
  source::ScanOptions scanning{.discovery = options.discovery, .in_memory = options.in_memory};
  for (const source::Language language : languages) scanning.discovery.languages.add(language);
  source::Scan scan(std::move(scanning));

  const Clock::time_point found = Clock::now();
  const source::Result<LanguageModels> models =
      load_models(scan.languages(), options.models, options.discovery.jobs);
  if (!models) return models.error();
  totals.model_time = Clock::now() - found;

  select_files(scan, *models);
  totals.search_time = Clock::now() - begin - totals.model_time;

  // What imports mean in a language is found out while the one before it is analysed.
  std::vector<std::future<std::unique_ptr<LanguageAnalysis>>> analyses;
  constexpr auto when_asked = std::launch::deferred;
  // Also when asked, if the system has no more threads to give.
  const auto early = options.discovery.jobs == 1 ? when_asked : when_asked | std::launch::async;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    if (!has_selected(scan, languages[i])) continue;
    analyses.push_back(std::async(analyses.empty() ? when_asked : early, [&, i] {
      return std::make_unique<LanguageAnalysis>(languages[i], (*models)[i], scan, options.discovery,
                                                options.cpp);
    }));
  }
  Analysis result;
  for (auto& analysis : analyses) analysis.get()->run(options.rules, progress, result, totals);
  for (std::size_t number = 0; number < scan.files().size(); ++number)
    add_suppressions(scan.files(), static_cast<source::FileId>(number), result.suppressions);
  std::ranges::move(scan.notes(), std::back_inserter(result.notes));
  result.stats = stats_of(totals, scan);
  result.files = scan.share_files();
  return result;
}

source::Result<std::string> dump_ir(const std::string& path, const CppOptions& cpp) {
  source::ScanOptions scanning;
  scanning.discovery.roots = {path};
  for (const source::Language language : languages) scanning.discovery.languages.add(language);
  const source::DiscoveryOptions discovery = scanning.discovery;
  source::Scan scan(std::move(scanning), source::Prefilter({}));
  for (const source::Note& note : scan.notes()) {
    if (note.kind != source::NoteKind::warning)
      return source::Error{fmt::format("{}: {}", note.path, note.message)};
  }
  const source::FileId file{0};
  if (scan.files().size() != 1 || scan.files().load(file) == nullptr) {
    const std::vector<source::Note> notes = scan.notes();
    return source::Error{
        notes.empty() ? fmt::format("{}: not one source file: name a Python, TypeScript or C++ file", path)
                      : fmt::format("{}: {}", notes[0].path, notes[0].message)};
  }
  std::vector<source::Note> notes;
  const source::Language language = scan.files().language(file);
  const source::Result<LanguageModels> models = load_models({language}, {}, 1);
  if (!models) return models.error();
  const models::Models& own =
      (*models)[static_cast<std::size_t>(std::ranges::find(languages, language) - languages.begin())];
  const ir::Module module = modules_of(language, own, scan, discovery, cpp, notes)->parse_file(file);
  const source::LineMap& lines = scan.files().get(file)->lines();
  std::string text =
      ir::dump(module, [&](const source::Range& range) { return lines.position(range.begin).line; });
  for (const std::string& violation : ir::verify(module)) text += fmt::format("INVALID {}\n", violation);
  return text;
}

}  // namespace

Services real_services() {
  static const std::vector<findings::RuleInfo> rules = rule_infos();
  return {.rules = rules, .analyse = analyse_all, .dump_ir = dump_ir, .session = make_session};
}

}  // namespace lockwright::cli
