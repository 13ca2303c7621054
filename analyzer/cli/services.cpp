// Where the stages are put together: files, modules, paths, rules. Each line of analyse() is a stage of the
// pipeline; what a stage does is its own business.
#include <fmt/format.h>

#include <chrono>

#include "analyzer/cli/analysis.h"
#include "analyzer/cli/python_modules.h"
#include "analyzer/ir/dump.h"
#include "analyzer/ir/verify.h"
#include "analyzer/models/model.h"
#include "analyzer/paths/engine.h"
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

source::Result<models::Models> load_models(const std::vector<OwnModels::Text>& own) {
  models::Models models("python");
  for (const embedded::File& file : embedded::models()) {
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
    if (module->holes.empty() || file == nullptr) continue;
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

source::Result<Analysis> analyse(const AnalysisOptions& options, Progress& progress) {
  const Clock::time_point begin = Clock::now();
  source::Result<models::Models> models = load_models(options.models);
  if (!models) return models.error();
  const Clock::time_point modelled = Clock::now();

  progress.stage = "searching";
  source::ScanOptions scanning{.discovery = options.discovery, .in_memory = options.in_memory};
  scanning.discovery.languages = {source::Language::python};
  std::vector<std::string> literals;
  for (const models::Trigger& trigger : models->lock_triggers()) literals.push_back(trigger.literal);
  literals.emplace_back("lockwright");  // a suppression that nothing uses is reported wherever it stands
  source::Scan scan(std::move(scanning), prefilter(literals));
  const Clock::time_point searched = Clock::now();

  progress.stage = "parsing";
  paths::Program program;
  PythonModules modules(scan, options.discovery.jobs);
  paths::Engine engine(program, *models);
  const std::vector<paths::FunctionId> functions = paths::load_relevant(engine, modules);
  const Clock::time_point parsed = Clock::now();

  progress.stage = "following paths";
  const rules::Analysis analysis(engine, program, functions);
  const Clock::time_point followed = Clock::now();

  progress.stage = "judging";
  Analysis result;
  result.findings = rules::run(analysis, options.rules);
  const Clock::time_point judged = Clock::now();

  for (std::size_t number = 0; number < scan.files().size(); ++number) {
    const source::SourceFile* file = scan.files().get(static_cast<source::FileId>(number));
    if (file == nullptr) continue;
    source::Suppressions found = source::find_suppressions(*file);
    std::move(found.items.begin(), found.items.end(), std::back_inserter(result.suppressions.items));
    std::move(found.problems.begin(), found.problems.end(), std::back_inserter(result.suppressions.problems));
  }
  result.notes = scan.notes();
  note_holes(program, scan.files(), result.notes);
  const source::ScanStats& stats = scan.stats();
  result.stats = {
      {"files seen", std::to_string(stats.files_seen)},
      {"files parsed", std::to_string(modules.parsed_count())},
      {"functions", std::to_string(program.function_count())},
      {"functions of interest", std::to_string(functions.size())},
      {"paths", std::to_string(engine.path_count())},
      {"functions truncated", std::to_string(engine.truncated_count())},
      {"time: models", milliseconds(modelled - begin)},
      {"time: search", milliseconds(searched - modelled)},
      {"time: parse and link", milliseconds(parsed - searched)},
      {"time: paths", milliseconds(followed - parsed)},
      {"time: rules", milliseconds(judged - followed)},
  };
  result.files = scan.release_files();
  return result;
}

source::Result<std::string> dump_ir(const std::string& path) {
  source::ScanOptions scanning;
  scanning.discovery.roots = {path};
  scanning.discovery.languages = {source::Language::python};
  source::Scan scan(std::move(scanning), prefilter({}));
  for (const source::Note& note : scan.notes()) {
    if (note.kind != source::NoteKind::warning)
      return source::Error{fmt::format("{}: {}", note.path, note.message)};
  }
  if (scan.files().size() != 1 || scan.files().load(source::FileId{0}) == nullptr) {
    const std::vector<source::Note> notes = scan.notes();
    return source::Error{notes.empty() ? fmt::format("{}: not one source file: name a Python file", path)
                                       : fmt::format("{}: {}", notes[0].path, notes[0].message)};
  }
  PythonModules modules(scan, 1);
  const ir::Module module = modules.parse_file(source::FileId{0});
  const source::LineMap& lines = scan.files().get(source::FileId{0})->lines();
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
