// The fake engine: real discovery and real files, but findings made by searching for a word.
#include "tests/unit/cli/fake.h"

#include <iterator>

#include "tests/unit/report/sample.h"

namespace lockwright::cli::testing {
namespace {

source::Result<Analysis> analyse(const FakeRun& fake, const AnalysisOptions& options, Progress& progress) {
  progress.stage = "searching";
  source::DiscoveryOptions discovery = options.discovery;
  discovery.languages = {source::Language::python};
  const source::Discovery found = source::discover(discovery);
  Analysis analysis;
  analysis.notes = found.notes;
  analysis.notes.insert(analysis.notes.end(), fake.notes.begin(), fake.notes.end());
  analysis.files = std::make_unique<source::FileTable>(
      found.files, options.in_memory,
      source::FileTableOptions{.working_directory = options.discovery.working_directory});
  for (std::size_t i = 0; i < analysis.files->size(); ++i) {
    const auto id = static_cast<source::FileId>(i);
    const source::SourceFile* const file = analysis.files->load(id);
    if (file == nullptr) continue;
    source::Suppressions here = source::find_suppressions(*file);
    std::ranges::move(here.items, std::back_inserter(analysis.suppressions.items));
    const std::size_t at = file->text().find("nest()");
    if (at == std::string_view::npos) continue;
    const auto begin = static_cast<std::uint32_t>(at);
    analysis.findings.push_back(report::testing::finding_at({id, begin, begin + 4}, fake.rule));
    analysis.findings.back().severity = fake.severity;
  }
  analysis.stats = {{"files", std::to_string(analysis.files->size())}, {"functions", "7"}};
  return analysis;
}

}  // namespace

FakeRun::FakeRun() : working_directory(tree.path()) {
  tree.write("src/a.py", "nest()\n");
}

int FakeRun::run(const std::vector<std::string>& words) {
  seen.reset();
  std::istringstream input(in);
  std::ostringstream output;
  std::ostringstream errors;
  const Services services{
      .rules = report::testing::sample_rules().subspan(2),
      .analyse = [&](const AnalysisOptions& options, Progress& progress) -> source::Result<Analysis> {
        seen = options;
        if (engine_error) return *engine_error;
        return analyse(*this, options, progress);
      },
      .dump_ir = [](const std::string& path, const CppOptions& /*cpp*/) -> source::Result<std::string> {
        if (path == "bad.py") return source::Error{"file cannot be read: bad.py: name another"};
        return "ir of " + path + "\n";
      }};
  const Console console{.in = input,
                        .out = output,
                        .err = errors,
                        .out_is_terminal = out_is_terminal,
                        .err_is_terminal = err_is_terminal,
                        .width = 80,
                        .working_directory = working_directory,
                        .environment = [this](const char* name) -> const char* {
                          const auto found = environment.find(name);
                          return found == environment.end() ? nullptr : found->second.c_str();
                        }};
  const int code = cli::run(words, console, services);
  out = output.str();
  err = errors.str();
  return code;
}

}  // namespace lockwright::cli::testing
