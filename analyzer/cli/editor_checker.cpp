// A check for the editor is `check` with three differences: texts come from the editor, a configuration that
// cannot be used leaves the last good one in force, and fixes are proved only when they are asked for, and
// only for the file at hand.
#include "analyzer/cli/editor_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "analyzer/cli/fixing.h"
#include "analyzer/cli/settings.h"
#include "analyzer/source/discovery.h"

namespace lockwright::cli {
namespace {

namespace fs = std::filesystem;

CheckArguments arguments_of(const lsp::ClientSettings& settings, const std::string& file) {
  CheckArguments arguments;
  arguments.paths = {file.empty() ? "." : file};
  arguments.select = settings.select;
  arguments.ignore = settings.ignore;
  arguments.extend_exclude = settings.exclude;
  arguments.config = settings.configuration;
  arguments.cpp.clang = false;  // which takes seconds, and people type
  return arguments;
}

/// The file that an error about the configuration names, and the line: the editor shows the error there.
lsp::ConfigurationProblem problem_of(const std::string& message, const fs::path& folder,
                                     const std::optional<std::string>& configured) {
  lsp::ConfigurationProblem problem{"", 1, message};
  const auto is_named = [&](const std::string& shown, const fs::path& file) {
    const std::size_t at = message.find(": " + shown);
    if (at == std::string::npos) return false;
    problem.file = file.generic_string();
    const char* const rest = message.data() + at + 2 + shown.size();
    const char* const end = message.data() + message.size();
    if (rest != end && *rest == ':') std::from_chars(rest + 1, end, problem.line);
    problem.line = std::max(problem.line, 1U);
    return true;
  };
  if (configured) {
    static_cast<void>(is_named(*configured, (folder / *configured).lexically_normal()));
    return problem;
  }
  for (fs::path directory = folder;; directory = directory.parent_path()) {
    for (const char* const name : {"lockwright.toml", "pyproject.toml"}) {
      const fs::path file = directory / name;
      const std::string shown = directory == folder ? std::string(name) : file.generic_string();
      if (is_named(shown, file)) return problem;
    }
    if (directory == directory.parent_path()) return problem;
  }
}

class EditorChecker final : public lsp::Checker {
 public:
  EditorChecker(const Services& services, std::span<const findings::RuleInfo> rules, std::string folder,
                std::string file)
      : services_(services),
        rules_(rules),
        folder_(std::move(folder)),
        file_(std::move(file)),
        session_(services.session()) {}

  [[nodiscard]] const std::string& root() const override { return folder_; }

  std::optional<lsp::ConfigurationProblem> configure(const lsp::ClientSettings& settings) override {
    CheckArguments arguments = arguments_of(settings, file_);
    source::Result<Settings> settled = settle(arguments, folder_, rules_);
    if (settled) {
      settings_ = std::move(*settled);
      return std::nullopt;
    }
    if (!settings_) {
      arguments = arguments_of({}, file_);
      arguments.isolated = true;
      if (source::Result<Settings> defaults = settle(arguments, folder_, rules_))
        settings_ = std::move(*defaults);
    }
    return problem_of(settled.error().message, folder_, settings.configuration);
  }

  void disk_changed(std::span<const std::string> paths) override { session_->disk_changed(paths); }

  source::Result<lsp::Checked> check(const std::vector<lsp::OpenText>& open,
                                     const std::function<void(const char*)>& stage) override {
    open_.clear();
    for (const lsp::OpenText& each : open) {
      const std::string path = source::display_path(each.path, folder_);
      if (source::language_of(path)) open_.push_back({path, *each.text});
    }
    source::Result<Judgement> judgement = judged(open_, stage);
    if (!judgement) return judgement.error();
    judgement_ = std::move(*judgement);
    return lsp::Checked{judgement_->analysis.files, judgement_->triage.findings, judgement_->analysis.notes};
  }

  void find_fixes(lsp::Checked& checked, std::string_view displayed_path,
                  const lsp::Cancelled& cancelled) override {
    if (!judgement_) return;
    Judgement about = confined(*judgement_, displayed_path);
    cli::find_fixes(about, analyse_again(displayed_path, cancelled));
    for (std::size_t i = 0; i < checked.findings.size(); ++i) {
      if (is_in(about.triage.findings[i].finding, *about.analysis.files, displayed_path))
        checked.findings[i].fixes = about.triage.findings[i].fixes;
    }
  }

  std::optional<std::string> repaired(const lsp::Checked& checked, std::string_view displayed_path,
                                      const lsp::Cancelled& cancelled) override {
    if (!judgement_) return std::nullopt;
    const AnalyseAgain again = analyse_again(displayed_path, cancelled);
    Judgement about = confined(*judgement_, displayed_path);
    cli::find_fixes(about, again);
    std::set<std::string> others;
    for (std::size_t i = 0; i < checked.files->size(); ++i) {
      const std::string_view path = checked.files->path(static_cast<source::FileId>(i));
      if (path != displayed_path) others.emplace(path);
    }
    const Repairs repairs = repair(about, Wanted{}, others, again);
    const auto found = repairs.files.find(std::string(displayed_path));
    if (found == repairs.files.end() || cancelled()) return std::nullopt;
    return found->second.after;
  }

  bool rest() override { return session_->rest(); }

 private:
  static bool is_in(const findings::Finding& finding, const source::FileTable& files,
                    std::string_view displayed_path) {
    return files.path(finding.primary.file) == displayed_path;
  }

  /// The judgement with the findings of one file alone still open, so that nothing else is repaired; the
  /// others stay where they are, for a fix must not touch them.
  static Judgement confined(Judgement judgement, std::string_view displayed_path) {
    for (findings::Judged& judged : judgement.triage.findings) {
      if (!is_in(judged.finding, *judgement.analysis.files, displayed_path) &&
          judged.state == findings::State::open)
        judged.state = findings::State::baselined;
    }
    return judgement;
  }

  AnalyseAgain analyse_again(std::string_view displayed_path, const lsp::Cancelled& cancelled) {
    return [this, path = std::string(displayed_path),
            cancelled](const std::vector<source::InMemoryFile>& texts) -> source::Result<Judgement> {
      if (cancelled()) return source::Error{"cancelled"};
      source::Result<Judgement> judgement = judged(laid_over(open_, texts), {});
      if (!judgement) return judgement.error();
      return confined(std::move(*judgement), path);
    };
  }

  source::Result<Judgement> judged(std::vector<source::InMemoryFile> texts,
                                   const std::function<void(const char*)>& stage) {
    if (!settings_) return source::Error{"there are no settings"};
    AnalysisOptions options = settings_->analysis;
    options.in_memory = std::move(texts);
    Progress progress;
    if (stage) stage("looking through files");
    source::Result<Analysis> analysis = session_->analyse(options, progress);
    if (!analysis) return analysis.error();
    source::sort_notes(analysis->notes);
    findings::Triage triage =
        findings::triage(std::move(analysis->findings), analysis->suppressions, *analysis->files,
                         {.rules = rules_,
                          .policy = settings_->policy,
                          .file_ignores = settings_->file_ignores,
                          .baseline = nullptr,
                          .paths = settings_->paths});
    return Judgement{std::move(*analysis), std::move(triage)};
  }

  const Services& services_;
  std::span<const findings::RuleInfo> rules_;
  std::string folder_;
  std::string file_;
  std::unique_ptr<Session> session_;
  std::optional<Settings> settings_;
  std::vector<source::InMemoryFile> open_;
  std::optional<Judgement> judgement_;
};

}  // namespace

lsp::Analyzer editor_analyzer(const Services& services, std::span<const findings::RuleInfo> rules) {
  return {rules, [&services, rules](const std::string& folder, const std::string& file) {
            return std::make_unique<EditorChecker>(services, rules, folder, file);
          }};
}

}  // namespace lockwright::cli
