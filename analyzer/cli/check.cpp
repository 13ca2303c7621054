// The check, step by step: settings come from the command line or else the configuration; the engine
// analyses; what it found is judged (findings/triage.h), repaired if that is wanted (fixing.h), shown
// (report/) and turned into an exit code.
#include "analyzer/cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <istream>
#include <iterator>
#include <ostream>
#include <set>

#include "analyzer/cli/error_line.h"
#include "analyzer/cli/files.h"
#include "analyzer/cli/fixing.h"
#include "analyzer/cli/progress_line.h"
#include "analyzer/cli/settings.h"
#include "analyzer/findings/triage.h"
#include "analyzer/source/discovery.h"
#include "analyzer/source/language.h"
#include "generated/version.h"

namespace lockwright::cli {
namespace {

constexpr std::string_view stdin_path = "-";

using MaybeError = std::optional<source::Error>;

bool reads_stdin(const CheckArguments& arguments) {
  return std::ranges::find(arguments.paths, stdin_path) != arguments.paths.end();
}

/// Standard input as a file, if it is one of the paths.
source::Result<std::vector<source::InMemoryFile>> read_stdin(const CheckArguments& arguments,
                                                             const Console& console) {
  std::vector<source::InMemoryFile> files;
  const std::optional<std::string>& name = arguments.stdin_filename;
  if (!reads_stdin(arguments)) {
    if (!name) return files;
    return error_about("standard input is not checked", "--stdin-filename", "give - as path");
  }
  if (!name) {
    return error_about("standard input has no name", "-", "say --stdin-filename NAME, with its ending");
  }
  if (!source::language_of(*name)) {
    return error_about(fmt::format("'{}' has no ending of a language that is analysed", *name),
                       "--stdin-filename", "name it for instance stdin.py");
  }
  std::string text{std::istreambuf_iterator<char>(console.in), {}};
  if (console.in.bad()) return error_about("standard input cannot be read", "-", "check what it comes from");
  files.push_back({source::display_path(*name, console.working_directory.generic_string()), std::move(text)});
  return files;
}

source::Result<std::optional<findings::Baseline>> load_baseline(const CheckArguments& arguments,
                                                                const Console& console) {
  if (!arguments.baseline) return std::optional<findings::Baseline>();
  const source::Result<std::string> text = read_file(console.working_directory / *arguments.baseline);
  if (!text) {
    return error_about("baseline " + text.error().message, *arguments.baseline,
                       "make one with --write-baseline");
  }
  source::Result<findings::Baseline> baseline = findings::read_baseline(*text, *arguments.baseline);
  if (!baseline) return baseline.error();
  return std::optional(std::move(*baseline));
}

/// Everything that is not suppressed becomes part of the new baseline, and is accepted from now on.
MaybeError store_baseline(const std::string& path, const Console& console,
                          const findings::ProjectPaths& paths, const source::FileTable& files,
                          findings::Triage& triage) {
  findings::Baseline baseline;
  for (findings::Judged& judged : triage.findings) {
    if (judged.state == findings::State::suppressed) continue;
    judged.state = findings::State::baselined;
    const findings::Finding& finding = judged.finding;
    baseline.entries.push_back({paths.of(files.path(finding.primary.file)), finding.rule, judged.fingerprint,
                                finding.function, finding.message});
  }
  triage.gone_from_baseline = 0;
  if (const MaybeError error =
          write_file(console.working_directory / path, findings::write_baseline(baseline))) {
    return error_about("baseline " + error->message, path, "name another file");
  }
  return std::nullopt;
}

report::Layout layout_of(const CheckArguments& arguments, const Console& console) {
  const bool to_terminal = console.out_is_terminal && !arguments.output_file;
  report::Layout layout;
  layout.colour = wants_colour(arguments.colour, to_terminal, console.environment);
  layout.summary = !arguments.quiet;
  if (to_terminal && console.width) layout.width = *console.width;
  return layout;
}

MaybeError deliver(const CheckArguments& arguments, const Console& console, const std::string& text) {
  if (!arguments.output_file) return print(console, text);
  if (const MaybeError error = write_file(console.working_directory / *arguments.output_file, text)) {
    return error_about("report " + error->message, *arguments.output_file, "name another file");
  }
  return std::nullopt;
}

void show_stats(const Console& console, std::span<const report::Stat> stats) {
  std::size_t widest = 0;
  for (const report::Stat& stat : stats) widest = std::max(widest, stat.name.size());
  for (const report::Stat& stat : stats) {
    console.err << fmt::format("{:<{}}  {}\n", stat.name, widest, stat.value);
  }
}

/// Paths that the user named and that cannot be used fail the run, after all others have been checked.
bool complain_of_bad_input(const Console& console, std::span<const source::Note> notes) {
  bool any = false;
  for (const source::Note& note : notes) {
    if (note.kind != source::NoteKind::bad_input) continue;
    complain(console, error_about("path " + note.message, note.path, "correct the path"));
    any = true;
  }
  return any;
}

/// `session` is for runs of several analyses; null for one alone.
source::Result<Analysis> analyse(const AnalysisOptions& options, const CheckArguments& arguments,
                                 const Console& console, const Services& services, Session* session) {
  Progress progress;
  const ProgressLine line(progress, console.err, console.err_is_terminal && !arguments.quiet);
  return session != nullptr ? session->analyse(options, progress) : services.analyse(options, progress);
}

bool fails(const findings::Triage& triage, FailOn threshold) {
  if (threshold == FailOn::never) return false;
  const findings::Severity least = threshold == FailOn::error     ? findings::Severity::error
                                   : threshold == FailOn::warning ? findings::Severity::warning
                                                                  : findings::Severity::info;
  return std::ranges::any_of(triage.findings, [&](const findings::Judged& judged) {
    return judged.state == findings::State::open && judged.finding.severity >= least;
  });
}

/// Proving fixes takes at least one more analysis: not for reports that do not show them.
bool needs_fixes(const CheckArguments& arguments) {
  const bool shown =
      arguments.format != report::Format::concise && arguments.format != report::Format::github;
  return arguments.fix || arguments.diff || shown;
}

/// What became of --fix and --diff.
struct Fixed {
  Repairs repairs;
  bool refused = false;  ///< some file could not be written
};

/// Repairs what the arguments say. `judgement` is then that of what the files say now, or would say.
source::Result<Fixed> fix(const CheckArguments& arguments, const Console& console, Judgement& judgement,
                          const AnalyseAgain& again) {
  Fixed fixed;
  if (!arguments.fix && !arguments.diff) return fixed;
  const Wanted wanted{.unsafe = arguments.unsafe_fixes, .library = arguments.use_library};
  fixed.repairs = repair(judgement, wanted, {}, again);
  if (arguments.diff) return fixed;
  const std::string directory = console.working_directory.generic_string();
  // A fix may change several files, all of them or none: so all are looked at before one is written.
  std::set<std::string> refused;
  for (const auto& [path, file] : fixed.repairs.files) {
    if (const MaybeError error = why_not_written(directory, path, file)) {
      complain(console, error_about("file " + error->message, path, "run again; it was not repaired"));
      refused.insert(path);
    }
  }
  fixed.refused = !refused.empty();
  if (fixed.refused) {
    source::Result<Judgement> now = again({});
    if (!now) return now.error();
    judgement = std::move(*now);
    find_fixes(judgement, again);
    fixed.repairs = repair(judgement, wanted, refused, again);
  }
  for (const auto& [path, file] : fixed.repairs.files) {
    MaybeError error = why_not_written(directory, path, file);
    if (!error) error = write_file(std::filesystem::path(directory) / path, file.after);
    if (error)
      return error_about("file " + error->message, path, "run again; files after it were not repaired");
  }
  return fixed;
}

}  // namespace

source::Result<int> check(const CheckArguments& arguments, const Console& console, const Services& services,
                          std::span<const findings::RuleInfo> rules) {
  const source::Result<Settings> settings = settle(arguments, console.working_directory, rules);
  if (!settings) return settings.error();
  const source::Result<std::optional<findings::Baseline>> baseline = load_baseline(arguments, console);
  if (!baseline) return baseline.error();
  source::Result<std::vector<source::InMemoryFile>> in_memory = read_stdin(arguments, console);
  if (!in_memory) return in_memory.error();

  AnalysisOptions options = settings->analysis;
  const std::unique_ptr<Session> session =
      needs_fixes(arguments) && services.session ? services.session() : nullptr;
  const AnalyseAgain again =
      [&](const std::vector<source::InMemoryFile>& texts) -> source::Result<Judgement> {
    options.in_memory = laid_over(*in_memory, texts);
    source::Result<Analysis> analysis = analyse(options, arguments, console, services, session.get());
    if (!analysis) return analysis.error();
    source::sort_notes(analysis->notes);
    findings::Triage triage =
        findings::triage(std::move(analysis->findings), analysis->suppressions, *analysis->files,
                         {.rules = rules,
                          .policy = settings->policy,
                          .file_ignores = settings->file_ignores,
                          .baseline = *baseline ? &**baseline : nullptr,
                          .paths = settings->paths});
    return Judgement{std::move(*analysis), std::move(triage)};
  };
  source::Result<Judgement> judgement = again({});
  if (!judgement) return judgement.error();
  if (needs_fixes(arguments)) find_fixes(*judgement, again);
  source::Result<Fixed> fixed = fix(arguments, console, *judgement, again);
  if (!fixed) return fixed.error();
  const Analysis& analysis = judgement->analysis;
  findings::Triage& triage = judgement->triage;
  if (arguments.write_baseline) {
    const MaybeError error =
        store_baseline(*arguments.write_baseline, console, settings->paths, *analysis.files, triage);
    if (error) return *error;
  }

  const bool failed = complain_of_bad_input(console, analysis.notes) || fixed->refused;
  if (arguments.diff) {
    const std::string diff = diff_of(fixed->repairs);
    if (const MaybeError error = deliver(arguments, console, diff)) return *error;
    if (failed) return exit_failure;
    return diff.empty() || arguments.exit_zero ? exit_clean : exit_findings;
  }
  const std::string root = console.working_directory.generic_string();
  const report::Report report{.findings = triage.findings,
                              .files = *analysis.files,
                              .rules = rules,
                              .notes = analysis.notes,
                              .stats = arguments.stats ? std::span<const report::Stat>(analysis.stats)
                                                       : std::span<const report::Stat>(),
                              .file_count = analysis.files->size(),
                              .gone_from_baseline = triage.gone_from_baseline,
                              .fixed = fixed->repairs.findings,
                              .fixed_files = fixed->repairs.files.size(),
                              .run_failed = failed,
                              .version = version,
                              .root = root};
  const MaybeError error =
      deliver(arguments, console, render(arguments.format, report, layout_of(arguments, console)));
  if (error) return *error;
  if (arguments.stats) show_stats(console, analysis.stats);
  if (failed) return exit_failure;
  return !arguments.exit_zero && fails(triage, settings->fail_on) ? exit_findings : exit_clean;
}

}  // namespace lockwright::cli
