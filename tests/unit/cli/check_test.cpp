// `lockwright check` from its arguments to its exit code.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analyzer/cli/files.h"
#include "analyzer/cli/progress_line.h"
#include "tests/unit/cli/fake.h"

namespace lockwright::cli {
namespace {

using testing::FakeRun;
using Words = std::vector<std::string>;

std::string content(const std::string& path) {
  const auto text = read_file(path);
  return text ? *text : "(unreadable)";
}

TEST(Check, ExitCodesTellFindingsFromCleanRuns) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"check"}), exit_findings);
  EXPECT_TRUE(fake.out.starts_with("src/a.py:1:1: error LW101 nested-same-file-lock: `f` waits for itself\n"))
      << fake.out;
  EXPECT_TRUE(fake.out.ends_with("\nFound 1 error in 1 file\n")) << fake.out;
  EXPECT_EQ(fake.err, "");
  EXPECT_EQ(fake.run({"check", "--exit-zero"}), exit_clean);
  fake.tree.write("src/a.py", "fine()\n");
  EXPECT_EQ(fake.run({"check"}), exit_clean);
  EXPECT_EQ(fake.out, "Found nothing in 1 file\n");
  EXPECT_EQ(fake.run({"check", "--quiet"}), exit_clean);
  EXPECT_EQ(fake.out, "");
}

TEST(Check, FailOnSetsTheThreshold) {
  using findings::Severity;
  FakeRun fake;
  const auto codes = [&](Severity severity) {
    fake.severity = severity;
    Words words;
    std::string result;
    for (const char* const threshold : {"error", "warning", "info", "never"}) {
      result += std::to_string(fake.run({"check", "--fail-on", threshold}));
    }
    return result + "/" + std::to_string(fake.run({"check"}));
  };
  EXPECT_EQ(codes(Severity::error), "1110/1");
  EXPECT_EQ(codes(Severity::warning), "0110/1");
  EXPECT_EQ(codes(Severity::info), "0010/0");
}

TEST(Check, APathThatDoesNotExistFailsTheRunWhichGoesOn) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"check", "nope", "src"}), exit_failure);
  EXPECT_EQ(fake.err, "lockwright: error: path does not exist: nope: correct the path\n");
  EXPECT_NE(fake.out.find("src/a.py:1:1: error LW101"), std::string::npos);
  EXPECT_EQ(fake.run({"check", "nope", "src", "--output-format", "sarif"}), exit_failure);
  const auto run = nlohmann::json::parse(fake.out)["runs"][0];
  EXPECT_EQ(run["invocations"][0]["executionSuccessful"], false);
  EXPECT_EQ(run["results"].size(), 1U);
}

TEST(Check, WhatTheEngineCannotDoFailsTheRun) {
  FakeRun fake;
  fake.engine_error = source::Error{"model is wrong: own.json: correct it"};
  EXPECT_EQ(fake.run({"check"}), exit_failure);
  EXPECT_EQ(fake.err, "lockwright: error: model is wrong: own.json: correct it\n");
  EXPECT_EQ(fake.out, "");
}

TEST(Check, NotesAreShownAndDoNotFail) {
  FakeRun fake;
  fake.tree.write("src/a.py", "fine()\n");
  fake.notes = {{source::NoteKind::warning, "b.py", 3, "syntax not understood here"}};
  EXPECT_EQ(fake.run({"check"}), exit_clean);
  EXPECT_EQ(fake.out, "warning: b.py:3: syntax not understood here\nFound nothing in 1 file\n");
}

TEST(Check, TheEngineIsAskedForWhatTheOptionsSay) {
  FakeRun fake;
  fake.run({"check", "-j", "3", "--no-ignore", "--select", "LW1,LW302", "--ignore", "LW102", "src", "other"});
  ASSERT_TRUE(fake.seen);
  EXPECT_EQ(fake.seen->discovery.roots, (Words{"src", "other"}));
  EXPECT_EQ(fake.seen->discovery.jobs, 3U);
  EXPECT_FALSE(fake.seen->discovery.respect_ignore_files);
  EXPECT_EQ(fake.seen->rules, (Words{"LW101", "LW302"}));
  fake.run({"check"});
  EXPECT_EQ(fake.seen->discovery.roots, Words{"."});
  EXPECT_EQ(fake.seen->discovery.jobs, 0U);
  EXPECT_TRUE(fake.seen->discovery.respect_ignore_files);
  EXPECT_EQ(fake.seen->discovery.default_exclude, source::default_excludes());
}

TEST(Check, RepeatedListsAddUp) {
  FakeRun fake;
  fake.run({"check", "--select", "LW101", "--select", "LW302", "src"});
  ASSERT_TRUE(fake.seen);
  EXPECT_EQ(fake.seen->rules, (Words{"LW101", "LW302"}));
  EXPECT_EQ(fake.seen->discovery.roots, Words{"src"});
}

TEST(Check, ExcludeReplacesTheBuiltInListAndExtendExcludeAddsToIt) {
  FakeRun fake;
  fake.tree.write("gen/b.py", "nest()\n");
  fake.tree.write("node_modules/c.py", "nest()\n");
  const auto count = [&](Words words) {
    words.insert(words.begin(), {"check", "--output-format", "json"});
    fake.run(words);
    return nlohmann::json::parse(fake.out)["findings"].size();
  };
  EXPECT_EQ(count({}), 2U) << "node_modules is on the built-in list";
  EXPECT_EQ(count({"--extend-exclude", "gen"}), 1U);
  EXPECT_EQ(count({"--exclude", "gen"}), 2U) << "src and node_modules";
  EXPECT_EQ(count({"--exclude", "gen,src/*.py"}), 1U);
}

TEST(Check, PatternsOfTheCommandLineAreRelativeToTheWorkingDirectory) {
  FakeRun fake;
  fake.tree.write("lockwright.toml", "");
  fake.working_directory = fake.tree.path("src");
  EXPECT_EQ(fake.run({"check", "--exclude", "./a.py"}), exit_clean);
  EXPECT_EQ(fake.run({"check", "--exclude", "src/a.py"}), exit_findings);
  EXPECT_EQ(fake.run({"check", "--per-file-ignores", "/a.py:LW101"}), exit_clean);
}

TEST(Check, PerFileIgnores) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"check", "--per-file-ignores", "src/:LW1"}), exit_clean);
  EXPECT_EQ(fake.run({"check", "--per-file-ignores", "tests/:LW1", "src"}), exit_findings);
  EXPECT_EQ(fake.run({"check", "--per-file-ignores", "*.py:LW302,nested-same-file-lock"}), exit_clean);
}

TEST(Check, StandardInputIsAFileOfThatName) {
  FakeRun fake;
  fake.in = "x = 1\nnest()\n";
  EXPECT_EQ(fake.run({"check", "-", "--stdin-filename", "new.py", "--output-format", "concise"}),
            exit_findings);
  EXPECT_TRUE(fake.out.starts_with("new.py:2:1: error LW101")) << fake.out;
  EXPECT_TRUE(fake.out.ends_with("Found 1 error in 1 file\n")) << fake.out;
  EXPECT_EQ(fake.seen->discovery.roots, Words{});
  fake.run({"check", "-", "--stdin-filename", fake.tree.path("./src/new.py"), "--output-format", "concise"});
  EXPECT_TRUE(fake.out.starts_with("src/new.py:2:1: error LW101")) << fake.out;
}

TEST(Check, Suppressions) {
  FakeRun fake;
  fake.tree.write("src/a.py",
                  "nest()  # lockwright: ignore[LW101] known\nx = 1  # lockwright: ignore[LW101]\n");
  EXPECT_EQ(fake.run({"check", "--output-format", "concise"}), exit_findings);
  EXPECT_EQ(
      fake.out,
      "src/a.py:2:8: warning LW001 unused-suppression: this suppression silences nothing: it would hide the "
      "next real finding\n"
      "Found 1 warning in 1 file (1 suppressed)\n");
}

TEST(Check, BaselineRoundTrip) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"check", "--write-baseline", "base.json"}), exit_clean);
  EXPECT_EQ(fake.out, "Found nothing in 1 file (1 baselined)\n");
  EXPECT_EQ(fake.run({"check", "--baseline", "base.json"}), exit_clean);
  EXPECT_EQ(fake.out, "Found nothing in 1 file (1 baselined)\n");
  fake.tree.write("src/b.py", "nest()\n");
  EXPECT_EQ(fake.run({"check", "--baseline", "base.json"}), exit_findings);
  EXPECT_TRUE(fake.out.starts_with("src/b.py:1:1")) << fake.out;
  EXPECT_EQ(fake.run({"check", "--baseline", "base.json", "--write-baseline", "base.json"}), exit_clean);
  EXPECT_EQ(nlohmann::json::parse(content(fake.tree.path("base.json")))["findings"].size(), 2U);
  fake.tree.write("src/a.py", "fine()\n");
  EXPECT_EQ(fake.run({"check", "--baseline", "base.json"}), exit_clean);
  EXPECT_EQ(fake.out,
            "Found nothing in 2 files (1 baselined)\n"
            "1 entry of the baseline is no longer found: write it anew with --write-baseline\n");
}

TEST(Check, TheBaselineIsTheSameFromEveryDirectory) {
  FakeRun fake;
  fake.tree.write("lockwright.toml", "");
  EXPECT_EQ(fake.run({"check", "--write-baseline", "base.json"}), exit_clean);
  fake.working_directory = fake.tree.path("src");
  EXPECT_EQ(fake.run({"check", "--baseline", "../base.json"}), exit_clean);
  EXPECT_EQ(fake.out, "Found nothing in 1 file (1 baselined)\n");
}

TEST(Check, TheReportCanGoToAFile) {
  FakeRun fake;
  fake.out_is_terminal = true;
  EXPECT_EQ(fake.run({"check", "--output-file", "report.txt"}), exit_findings);
  EXPECT_EQ(fake.out, "");
  const std::string written = content(fake.tree.path("report.txt"));
  EXPECT_TRUE(written.starts_with("src/a.py:1:1: error")) << "and it is not coloured: " << written;
}

TEST(Check, StatsGoToStandardErrorAndIntoJson) {
  FakeRun fake;
  fake.run({"check", "--stats"});
  EXPECT_EQ(fake.err, "files      1\nfunctions  7\n");
  fake.run({"check", "--stats", "--output-format", "json"});
  EXPECT_EQ(nlohmann::json::parse(fake.out)["stats"]["functions"], "7");
  fake.run({"check", "--output-format", "json"});
  EXPECT_FALSE(nlohmann::json::parse(fake.out).contains("stats"));
}

TEST(Check, ColourFollowsTheFlagThenTheEnvironmentThenTheTerminal) {
  FakeRun fake;
  const auto coloured = [&](Words words = {}) {
    words.insert(words.begin(), "check");
    fake.run(words);
    return fake.out.find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(coloured());
  EXPECT_TRUE(coloured({"--color", "always"}));
  fake.environment["FORCE_COLOR"] = "1";
  EXPECT_TRUE(coloured());
  fake.environment["FORCE_COLOR"] = "0";
  fake.out_is_terminal = true;
  EXPECT_FALSE(coloured());
  fake.environment.clear();
  EXPECT_TRUE(coloured());
  EXPECT_FALSE(coloured({"--color", "never"}));
  fake.environment["NO_COLOR"] = "1";
  EXPECT_FALSE(coloured());
  fake.environment["NO_COLOR"] = "";
  EXPECT_TRUE(coloured()) << "an empty NO_COLOR does not count";
  fake.environment["NO_COLOR"] = "1";
  fake.environment["FORCE_COLOR"] = "1";
  EXPECT_FALSE(coloured());
  EXPECT_TRUE(coloured({"--color", "always"}));
  fake.environment = {{"TERM", "dumb"}};
  EXPECT_FALSE(coloured());
}

TEST(Check, TheReportIsTheSameEveryTime) {
  FakeRun fake;
  for (const char* const format : {"text", "concise", "json", "sarif", "github"}) {
    fake.run({"check", "--output-format", format, "--jobs", "1"});
    const std::string once = fake.out;
    fake.run({"check", "--output-format", format, "--jobs", "2"});
    EXPECT_EQ(fake.out, once) << format;
    EXPECT_NE(once.find("LW101"), std::string::npos) << format;
  }
}

/// Runs the line `lockwright <words>` and gives what stands after "lockwright: error: " if the run failed so.
std::string complaint(FakeRun& fake, const Words& words) {
  const int code = fake.run(words);
  constexpr std::string_view prefix = "lockwright: error: ";
  if (code != exit_failure || !fake.err.starts_with(prefix) || !fake.err.ends_with('\n')) {
    return "exit code " + std::to_string(code) + ": " + fake.err;
  }
  return fake.err.substr(prefix.size(), fake.err.size() - prefix.size() - 1);
}

TEST(CommandLine, EveryMistakeIsOneLine) {
  FakeRun fake;
  const auto error = [&](const Words& words) { return complaint(fake, words); };
  EXPECT_EQ(error({}), "no command: command line: see 'lockwright --help'");
  EXPECT_EQ(error({"chek"}), "unknown command 'chek': command line: did you mean 'check'?");
  EXPECT_EQ(error({"src/"}),
            "unknown command 'src/': command line: to check a path, say 'lockwright check src/'");
  EXPECT_EQ(error({"--versoin"}), "unknown option '--versoin': command line: did you mean '--version'?");
  EXPECT_EQ(error({"check", "--selct", "LW1"}),
            "unknown option '--selct': command line: did you mean '--select'?");
  EXPECT_EQ(error({"check", "--ouput-format=json"}),
            "unknown option '--ouput-format=json': command line: did you mean '--output-format'?");
  EXPECT_EQ(error({"check", "--frobnicate"}),
            "unknown option '--frobnicate': command line: see 'lockwright check --help'");
  EXPECT_EQ(error({"rules", "all"}), "unexpected word 'all': command line: leave it out");
  EXPECT_EQ(error({"check", "--select", "LW1O1"}), "unknown rule 'LW1O1': --select: did you mean 'LW101'?");
  EXPECT_EQ(error({"check", "--ignore", "banana"}),
            "unknown rule 'banana': --ignore: 'lockwright rules' lists them");
  EXPECT_EQ(error({"check", "--per-file-ignores", "x.py:LW7"}).substr(0, 40),
            "unknown rule 'LW7': --per-file-ignores: ");
  EXPECT_EQ(error({"check", "--per-file-ignores", "x.py"}),
            "'x.py' is no pattern with rules: --per-file-ignores: write GLOB:RULE[,RULE]");
  EXPECT_EQ(error({"check", "--output-format", "srif"}),
            "unknown value 'srif': --output-format: did you mean 'sarif'?");
  EXPECT_EQ(error({"check", "--color", "blue"}), "unknown value 'blue': --color: use auto, always, never");
  EXPECT_EQ(error({"check", "--fail-on", "eror"}), "unknown value 'eror': --fail-on: did you mean 'error'?");
  for (const char* const jobs : {"0", "-1", "x", "2x"}) {
    EXPECT_EQ(error({"check", std::string("--jobs=") + jobs}),
              std::string("'") + jobs + "' is no number of threads: --jobs: give 1 or more");
  }
  EXPECT_EQ(error({"check", "--config", "a.toml", "--isolated"}),
            "--config and --isolated exclude each other: command line: give one of them");
  EXPECT_EQ(error({"check", "--config", "a.toml"}),
            "configuration cannot be read (no such file or directory): a.toml: name another file");
  EXPECT_EQ(error({"check", "-"}),
            "standard input has no name: -: say --stdin-filename NAME, with its ending");
  EXPECT_EQ(error({"check", "--stdin-filename", "a.py"}),
            "standard input is not checked: --stdin-filename: give - as path");
  EXPECT_EQ(
      error({"check", "-", "--stdin-filename", "a.rb"}),
      "'a.rb' has no ending of a language that is analysed: --stdin-filename: name it for instance stdin.py");
  EXPECT_EQ(error({"check", "--baseline", "b.json"}),
            "baseline cannot be read (no such file or directory): b.json: make one with --write-baseline");
  EXPECT_EQ(error({"check", "--output-file", "no/where"}),
            "report cannot be written (no such file or directory): no/where: name another file");
  EXPECT_EQ(error({"check", "--write-baseline", "src"}),
            "baseline cannot be written (is a directory): src: name another file");
  EXPECT_EQ(error({"explain", "nested-same-lock"}),
            "unknown rule 'nested-same-lock': explain: did you mean 'nested-same-file-lock'?");
  EXPECT_EQ(error({"ir", "bad.py"}), "file cannot be read: bad.py: name another");
  EXPECT_EQ(error({"explain"}).find('\n'), std::string::npos);
  EXPECT_EQ(error({"check", "--select"}).find('\n'), std::string::npos);
  EXPECT_EQ(error({"che\nck\x1b"}), "unknown command 'che?ck?': command line: did you mean 'check'?");
}

TEST(CommandLine, NothingIsAnalysedWhenTheCommandLineIsWrong) {
  FakeRun fake;
  fake.run({"check", "--selct", "LW1"});
  EXPECT_FALSE(fake.seen);
}

TEST(CommandLine, ABrokenBaselineIsAnErrorBeforeTheAnalysis) {
  FakeRun fake;
  fake.tree.write("b.json", "{\n");
  EXPECT_EQ(complaint(fake, {"check", "--baseline", "b.json"}),
            "baseline is not valid JSON: b.json:2: write it anew with --write-baseline");
  EXPECT_FALSE(fake.seen);
}

TEST(CommandLine, HelpIsGroupedAndShort) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"--help"}), exit_clean);
  EXPECT_NE(fake.out.find("\n  check "), std::string::npos);
  EXPECT_EQ(fake.out.find("config-schema"), std::string::npos) << "hidden";
  EXPECT_LT(std::ranges::count(fake.out, '\n'), 20);
  EXPECT_EQ(fake.run({"check", "--help"}), exit_clean);
  for (const char* const group : {"Rules", "Files", "Output", "Failing"}) {
    EXPECT_NE(fake.out.find("\n\n" + std::string(group) + ":\n"), std::string::npos) << group;
  }
  EXPECT_LT(std::ranges::count(fake.out, '\n'), 55);
  EXPECT_EQ(fake.run({"explain", "--help"}), exit_clean);
  EXPECT_TRUE(fake.out.ends_with('\n'));
}

TEST(CommandLine, VersionRulesExplainIr) {
  FakeRun fake;
  EXPECT_EQ(fake.run({"--version"}), exit_clean);
  EXPECT_TRUE(fake.out.starts_with("lockwright 0.")) << fake.out;
  EXPECT_EQ(fake.run({"rules"}), exit_clean);
  EXPECT_NE(fake.out.find("LW101  error    nested-same-file-lock            A path locks a file twice.\n"),
            std::string::npos)
      << fake.out;
  EXPECT_TRUE(fake.out.starts_with("LW001  warning  unused-suppression ")) << fake.out;
  EXPECT_EQ(fake.run({"rules", "--output-format", "json"}), exit_clean);
  EXPECT_EQ(nlohmann::json::parse(fake.out)[2], nlohmann::json::parse(R"({"id": "LW101",
    "name": "nested-same-file-lock", "severity": "error", "cwe": [362, 667],
    "summary": "A path locks a file twice."})"));
  for (const char* const name : {"LW101", "nested-same-file-lock"}) {
    EXPECT_EQ(fake.run({"explain", name}), exit_clean);
    EXPECT_EQ(fake.out, "# LW101 nested-same-file-lock\n\nThe page of \"LW101\".\n");
  }
  EXPECT_EQ(fake.run({"explain", "LW001", "--output-format", "json"}), exit_clean);
  EXPECT_EQ(nlohmann::json::parse(fake.out)["name"], "unused-suppression");
  EXPECT_EQ(fake.run({"ir", "x.py"}), exit_clean);
  EXPECT_EQ(fake.out, "ir of x.py\n");
}

/// Prints to `out`; the exit code, and what stands on standard error.
std::pair<int, std::string> print_to(std::ostream& out) {
  const Services services{
      {}, nullptr, [](const std::string&, const CppOptions&) -> source::Result<std::string> {
        return std::string("text");
      }};
  const Words words = {"ir", "x.py"};
  std::istringstream in;
  std::ostringstream err;
  const int code =
      run(words, {.in = in, .out = out, .err = err, .width = {}, .working_directory = "/"}, services);
  return {code, err.str()};
}

TEST(Print, AFullDiskIsAnError) {
  std::ofstream full("/dev/full");
  ASSERT_TRUE(full.is_open());
  const auto [code, error] = print_to(full);
  EXPECT_EQ(code, exit_failure);
  EXPECT_EQ(
      error,
      "lockwright: error: the report cannot be written (no space left on device): standard output: check "
      "where it goes\n");
}

TEST(Print, AReaderThatIsGoneIsNone) {
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  {
    std::ofstream gone("/dev/fd/" + std::to_string(ends[1]));
    ASSERT_TRUE(gone.is_open());
    close(ends[0]);
    const auto [code, error] = print_to(gone);
    EXPECT_FALSE(gone.good()) << "nothing was written";
    EXPECT_EQ(code, exit_clean);
    EXPECT_EQ(error, "");
  }
  close(ends[1]);
  std::signal(SIGPIPE, old);
}

TEST(Files, AFileIsReplacedWholeAndKeepsItsMode) {
  const source::testing::TempTree tree;
  tree.write("f", "old");
  tree.mode("f", 0640);
  EXPECT_EQ(write_file(tree.path("f"), "new"), std::nullopt);
  EXPECT_EQ(content(tree.path("f")), "new");
  struct stat status{};
  ASSERT_EQ(stat(tree.path("f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree.path()), {}), 1)
      << "nothing is left beside it";
}

TEST(Files, ALinkStaysALinkAndADeviceADevice) {
  const source::testing::TempTree tree;
  tree.write("target", "old");
  tree.link("link", "target");
  EXPECT_EQ(write_file(tree.path("link"), "new"), std::nullopt);
  EXPECT_TRUE(std::filesystem::is_symlink(tree.path("link")));
  EXPECT_EQ(content(tree.path("target")), "new");
  EXPECT_EQ(write_file("/dev/null", "new"), std::nullopt);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST(Files, AFailedWriteSaysWhy) {
  const source::testing::TempTree tree;
  EXPECT_EQ(write_file(tree.path("no/f"), "x")->message, "cannot be written (no such file or directory)");
  EXPECT_EQ(write_file(tree.path(), "x")->message, "cannot be written (is a directory)");
  EXPECT_EQ(write_file("/dev/full", "x")->message, "cannot be written (no space left on device)");
  EXPECT_EQ(read_file(tree.path()).error().message, "cannot be read (is a directory)");
}

TEST(ProgressLine, IsShownAfterADelayAndErasedAtTheEnd) {
  Progress progress;
  progress.stage = "parsing";
  progress.done = 3;
  progress.total = 9;
  std::ostringstream out;
  {
    const ProgressLine line(progress, out, true, std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(out.str().starts_with("\r\x1b[Kparsing 3/9")) << out.str();
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

TEST(ProgressLine, AShortRunOrNoTerminalShowsNothing) {
  Progress progress;
  std::ostringstream out;
  {
    const ProgressLine line(progress, out, true, std::chrono::hours(1));
  }
  {
    const ProgressLine line(progress, out, false, std::chrono::milliseconds(0));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace lockwright::cli
