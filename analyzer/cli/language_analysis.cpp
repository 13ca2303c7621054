// See language_analysis.h.
#include "analyzer/cli/language_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analyzer/frontends/clang/frontend.h"
#include "analyzer/source/parallel.h"
#include "generated/embedded.h"
#include "rules/rule.h"

namespace lockwright::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// The models' name of a language.
std::string_view model_language(source::Language language) {
  switch (language) {
    case source::Language::python: return "python";
    case source::Language::typescript: return "typescript";
    case source::Language::cpp: return "cpp";
  }
  return "";
}

source::Result<models::Models> load_models_of(source::Language language, bool wanted,
                                              const std::vector<OwnModels::Text>& own) {
  models::Models models(model_language(language));
  for (const embedded::File& file : embedded::models()) {
    if (!wanted || !file.name.starts_with(model_language(language))) continue;
    if (auto added = models.add(file.text, file.name); !added) return added.error();
  }
  for (const OwnModels::Text& text : own) {
    if (auto added = models.add(text.json, text.origin); !added) return added.error();
  }
  return models;
}

/// Places where the text did not parse: the findings there may be incomplete, so it is said.
void note_holes(const paths::Program& program, const source::FileTable& files,
                std::vector<source::Note>& notes) {
  for (const auto& module : program.modules()) {
    if (module->holes.empty() || module->is_context) continue;
    const source::SourceFile* file = files.get(module->file);
    if (file == nullptr) continue;
    const std::uint32_t line = file->lines().position(module->holes.front().range.begin).line;
    const std::size_t more = module->holes.size() - 1;
    notes.push_back(
        {.path = std::string(file->path()),
         .line = line,
         .message = more == 0 ? std::string("syntax not understood here: analysed without this statement")
                              : fmt::format("syntax not understood here and in {} more places: analysed "
                                            "without these statements",
                                            more)});
  }
}

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

/// Whether the innermost function around `place` was read from its text alone.
bool without_types(const paths::Program& program, const source::Range& place) {
  const ir::Function* innermost = nullptr;
  for (const auto& module : program.modules()) {
    if (module->file != place.file) continue;
    for (const ir::Function& each : module->functions) {
      const bool around = each.range.begin <= place.begin && place.begin < each.range.end;
      if (around && (innermost == nullptr || each.range.begin >= innermost->range.begin)) innermost = &each;
    }
  }
  return innermost != nullptr && innermost->without_types;
}

/// Functions of C and C++, by who has read them; of files that were looked at for their own sake.
void count_functions(const paths::Program& program, Totals& totals) {
  for (const auto& module : program.modules()) {
    totals.text_holes += module->holes.size();
    for (const ir::Function& each : module->functions) {
      if (&each == &module->functions.front()) continue;
      if (each.cfg.blocks.empty()) {
        ++totals.lost_functions;
      } else if (each.without_types) {
        ++(module->is_context ? totals.context_functions : totals.text_functions);
      } else {
        ++totals.clang_functions;
      }
    }
  }
}

}  // namespace

std::vector<report::Stat> stats_of(const Totals& totals, const source::Scan& scan) {
  return {
      {"files seen", std::to_string(scan.stats().files_seen)},
      {"files parsed", std::to_string(totals.parsed)},
      {"functions", std::to_string(totals.functions)},
      {"functions of interest", std::to_string(totals.interesting)},
      {"paths", std::to_string(totals.paths)},
      {"functions truncated", std::to_string(totals.truncated)},
      {"Clang",
       frontends::compiler::clang_version().empty() ? "not built in" : frontends::compiler::clang_version()},
      {"C and C++ functions read with Clang", std::to_string(totals.clang_functions)},
      {"C and C++ functions read without types", std::to_string(totals.text_functions)},
      {"C and C++ functions of headers, without types", std::to_string(totals.context_functions)},
      {"C and C++ functions lost", std::to_string(totals.lost_functions)},
      {"C and C++ places not understood", std::to_string(totals.text_holes)},
      {"time: models", milliseconds(totals.model_time)},
      {"time: search", milliseconds(totals.search_time)},
      {"time: parse and link", milliseconds(totals.parse_time)},
      {"time: paths", milliseconds(totals.path_time)},
      {"time: rules", milliseconds(totals.rule_time)},
  };
}

source::Result<LanguageModels> load_models(source::LanguageSet wanted,
                                           const std::vector<OwnModels::Text>& own, unsigned jobs) {
  std::array<std::optional<source::Result<models::Models>>, languages.size()> loaded;
  constexpr std::size_t one_by_one = 1;
  source::parallel_for(
      source::effective_jobs(jobs), languages.size(),
      [&](std::size_t i, unsigned) {
        loaded[i] = load_models_of(languages[i], wanted.contains(languages[i]), own);
      },
      one_by_one);
  LanguageModels result;
  for (auto& each : loaded) {
    if (!*each) return each->error();
    result.push_back(std::move(**each));
  }
  return result;
}

void select_files(source::Scan& scan, const LanguageModels& models) {
  // One that nothing uses is reported wherever it stands.
  const source::Literal suppression{.text = "lockwright"};
  scan.set_aside(tests_in(scan.files()), source::Prefilter({suppression}));
  source::Prefilters triggers;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    std::vector<source::Literal> literals;
    for (const models::Trigger& trigger : models[i].lock_triggers())
      literals.push_back({.text = trigger.literal});
    literals.push_back(suppression);
    triggers.set(languages[i], source::Prefilter(std::move(literals)));
  }
  scan.widen(triggers);
}

bool has_selected(const source::Scan& scan, source::Language language) {
  return std::ranges::any_of(scan.selected(),
                             [&](source::FileId file) { return scan.files().language(file) == language; });
}

void add_suppressions(const source::FileTable& files, source::FileId id, source::Suppressions& all) {
  const source::SourceFile* file = files.get(id);
  if (file == nullptr) return;
  source::Suppressions found = source::find_suppressions(*file);
  std::ranges::move(found.items, std::back_inserter(all.items));
  std::ranges::move(found.problems, std::back_inserter(all.problems));
}

LanguageAnalysis::LanguageAnalysis(source::Language language, const models::Models& models,
                                   source::Scan& scan, const source::DiscoveryOptions& discovery,
                                   const CppOptions& cpp)
    : language_(language),
      scan_(scan),
      modules_(modules_of(language, models, scan, discovery, cpp, notes_)),
      engine_(program_, models),
      demand_(engine_, *modules_) {}

void LanguageAnalysis::changed(source::FileId file) {
  if (const std::optional<std::string> module = modules_->module_in(file)) demand_.changed(*module);
}

void LanguageAnalysis::run(const std::vector<std::string>& rules, Progress& progress, Analysis& result,
                           Totals& totals) {
  const Clock::time_point begin = Clock::now();
  progress.stage = "parsing";
  const std::vector<paths::FunctionId> functions = demand_.run();
  const Clock::time_point parsed = Clock::now();

  progress.stage = "following paths";
  const rules::Analysis analysis(engine_, program_, functions);
  const Clock::time_point followed = Clock::now();

  progress.stage = "judging";
  std::vector<findings::Finding> found = rules::run(analysis, rules);
  if (language_ == source::Language::cpp) {
    // No compiler has looked at it: what a name means was told by the text and the headers of the tree.
    for (findings::Finding& each : found) {
      if (without_types(program_, each.primary)) each.help += " (Read without a compiler's types.)";
    }
    count_functions(program_, totals);
  }
  std::ranges::move(found, std::back_inserter(result.findings));
  result.notes.insert(result.notes.end(), notes_.begin(), notes_.end());
  note_holes(program_, scan_.files(), result.notes);

  totals.parsed += modules_->parsed_count();
  totals.functions += program_.function_count();
  totals.interesting += functions.size();
  totals.paths += engine_.path_count();
  totals.truncated += engine_.truncated_count();
  totals.parse_time += parsed - begin;
  totals.path_time += followed - parsed;
  totals.rule_time += Clock::now() - followed;
}

}  // namespace lockwright::cli
