// Where the stages are put together: files, modules, paths, rules. Each line of analyse() is a stage of the
// pipeline; what a stage does is its own business.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/language_modules.h"
#include "analyzer/frontends/clang/frontend.h"
#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"
#include "analyzer/models/model.h"
#include "analyzer/paths/engine.h"
#include "analyzer/source/parallel.h"
#include "generated/embedded.h"
#include "rules/rule.h"

namespace lockwright::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::string milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f} ms", std::chrono::duration<double, std::milli>(time).count());
}

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

constexpr std::array languages = {source::Language::python, source::Language::typescript,
                                  source::Language::cpp};

/// The models' name of a language.
std::string_view model_language(source::Language language) {
  switch (language) {
    case source::Language::python: return "python";
    case source::Language::typescript: return "typescript";
    case source::Language::cpp: return "cpp";
  }
  return "";
}

source::Result<models::Models> load_models(source::Language language,
                                           const std::vector<OwnModels::Text>& own) {
  models::Models models(model_language(language));
  for (const embedded::File& file : embedded::models()) {
    if (!file.name.starts_with(model_language(language))) continue;
    if (auto added = models.add(file.text, file.name); !added) return added.error();
  }
  for (const OwnModels::Text& text : own) {
    if (auto added = models.add(text.json, text.origin); !added) return added.error();
  }
  return models;
}

source::Prefilter prefilter(const std::vector<std::string>& literals) {
  std::vector<source::Literal> all;
  for (const std::string& literal : literals) all.push_back({.text = literal});
  return source::Prefilter(std::move(all));
}

/// Places where the text did not parse: the findings there may be incomplete, so it is said.
void note_holes(const paths::Program& program, const source::FileTable& files,
                std::vector<source::Note>& notes) {
  for (const auto& module : program.modules()) {
    const source::SourceFile* file = files.get(module->file);
    if (module->holes.empty() || module->is_context || file == nullptr) continue;
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

/// What the stages after the search took and came to, in all languages together.
struct Totals {
  std::size_t parsed = 0, functions = 0, interesting = 0, paths = 0, truncated = 0;
  std::size_t clang_functions = 0, text_functions = 0, context_functions = 0, lost_functions = 0;  ///< C, C++
  std::size_t text_holes = 0;
  std::chrono::nanoseconds parse_time{}, path_time{}, rule_time{};
};

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

bool has_selected(const source::Scan& scan, source::Language language) {
  return std::ranges::any_of(scan.selected(),
                             [&](source::FileId file) { return scan.files().language(file) == language; });
}

/// The stages from modules to findings, for the files of one language. Languages do not call each other, so
/// each has a program of its own.
void analyse_language(source::Language language, const models::Models& models, source::Scan& scan,
                      const AnalysisOptions& options, Progress& progress, Analysis& result, Totals& totals) {
  const Clock::time_point begin = Clock::now();
  progress.stage = "parsing";
  paths::Program program;
  const std::unique_ptr<LanguageModules> modules =
      modules_of(language, models, scan, options.discovery, options.cpp, result.notes);
  paths::Engine engine(program, models);
  const std::vector<paths::FunctionId> functions = paths::load_relevant(engine, *modules);
  const Clock::time_point parsed = Clock::now();

  progress.stage = "following paths";
  const rules::Analysis analysis(engine, program, functions);
  const Clock::time_point followed = Clock::now();

  progress.stage = "judging";
  std::vector<findings::Finding> found = rules::run(analysis, options.rules);
  if (language == source::Language::cpp) {
    // No compiler has looked at it: what a name means was told by the text and the headers of the tree.
    for (findings::Finding& each : found) {
      if (without_types(program, each.primary)) each.help += " (Read without a compiler's types.)";
    }
    count_functions(program, totals);
  }
  std::move(found.begin(), found.end(), std::back_inserter(result.findings));
  note_holes(program, scan.files(), result.notes);

  totals.parsed += modules->parsed_count();
  totals.functions += program.function_count();
  totals.interesting += functions.size();
  totals.paths += engine.path_count();
  totals.truncated += engine.truncated_count();
  totals.parse_time += parsed - begin;
  totals.path_time += followed - parsed;
  totals.rule_time += Clock::now() - followed;
}

source::Result<Analysis> analyse(const AnalysisOptions& options, Progress& progress) {
  const Clock::time_point begin = Clock::now();
  std::array<std::optional<source::Result<models::Models>>, languages.size()> loaded;
  source::parallel_for(
      source::effective_jobs(options.discovery.jobs), languages.size(),
      [&](std::size_t i, unsigned) { loaded[i] = load_models(languages[i], options.models); });
  for (const auto& each : loaded) {
    if (!*each) return each->error();
  }
  const auto models_of = [&](std::size_t i) -> const models::Models& { return **loaded[i]; };
  const Clock::time_point modelled = Clock::now();

  progress.stage = "searching";
  source::ScanOptions scanning{.discovery = options.discovery, .in_memory = options.in_memory};
  source::Prefilters triggers;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    scanning.discovery.languages.add(languages[i]);
    std::vector<std::string> literals;
    for (const models::Trigger& trigger : models_of(i).lock_triggers()) literals.push_back(trigger.literal);
    literals.emplace_back("lockwright");  // a suppression that nothing uses is reported wherever it stands
    triggers.set(languages[i], prefilter(literals));
  }
  source::Scan scan(std::move(scanning), triggers);
  const Clock::time_point searched = Clock::now();

  Analysis result;
  Totals totals;
  for (std::size_t i = 0; i < languages.size(); ++i) {
    if (has_selected(scan, languages[i]))
      analyse_language(languages[i], models_of(i), scan, options, progress, result, totals);
  }

  for (std::size_t number = 0; number < scan.files().size(); ++number) {
    const source::SourceFile* file = scan.files().get(static_cast<source::FileId>(number));
    if (file == nullptr) continue;
    source::Suppressions found = source::find_suppressions(*file);
    std::move(found.items.begin(), found.items.end(), std::back_inserter(result.suppressions.items));
    std::move(found.problems.begin(), found.problems.end(), std::back_inserter(result.suppressions.problems));
  }
  std::ranges::move(scan.notes(), std::back_inserter(result.notes));
  const source::ScanStats& stats = scan.stats();
  result.stats = {
      {"files seen", std::to_string(stats.files_seen)},
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
      {"time: models", milliseconds(modelled - begin)},
      {"time: search", milliseconds(searched - modelled)},
      {"time: parse and link", milliseconds(totals.parse_time)},
      {"time: paths", milliseconds(totals.path_time)},
      {"time: rules", milliseconds(totals.rule_time)},
  };
  result.files = scan.release_files();
  return result;
}

source::Result<std::string> dump_ir(const std::string& path, const CppOptions& cpp) {
  source::ScanOptions scanning;
  scanning.discovery.roots = {path};
  for (const source::Language language : languages) scanning.discovery.languages.add(language);
  const source::DiscoveryOptions discovery = scanning.discovery;
  source::Scan scan(std::move(scanning), prefilter({}));
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
  const source::Result<models::Models> models = load_models(language, {});
  if (!models) return models.error();
  const ir::Module module = modules_of(language, *models, scan, discovery, cpp, notes)->parse_file(file);
  const source::LineMap& lines = scan.files().get(file)->lines();
  std::string text =
      ir::dump(module, [&](const source::Range& range) { return lines.position(range.begin).line; });
  for (const std::string& violation : ir::verify(module)) text += fmt::format("INVALID {}\n", violation);
  return text;
}

}  // namespace

Services real_services() {
  static const std::vector<findings::RuleInfo> rules = rule_infos();
  return {.rules = rules, .analyse = analyse, .dump_ir = dump_ir};
}

}  // namespace lockwright::cli
