// Suppressions, per-file ignores, fingerprints and baselines.
#include "analyzer/findings/triage.h"

#include <gtest/gtest.h>

#include <optional>

#include "analyzer/findings/fingerprint.h"
#include "tests/unit/report/sample.h"
#include "tests/unit/source/temp_tree.h"

namespace lockwright::findings {
namespace {

using report::testing::files_of;
using report::testing::finding_at;
using report::testing::range_of;
using report::testing::sample_rules;
using report::testing::suppressions_of;

/// A run over one file in which LW101 is found wherever its text says `nest()`.
struct Scene {
  explicit Scene(std::string text, std::string path = "src/a.py") : files(files_of({{path, text}})) {
    int count = 0;
    for (std::size_t found = text.find("nest()"); found != std::string::npos;
         found = text.find("nest()", found + 1)) {
      findings.push_back(finding_at(range_of(*files, path, "nest()", ++count)));
      findings.back().function = "a.f";
    }
  }

  [[nodiscard]] Triage judge() const {
    const RulePolicy policy(sample_rules(), configuration, {});
    return triage(findings, suppressions_of(*files), *files,
                  {.rules = sample_rules(),
                   .policy = policy,
                   .file_ignores = file_ignores,
                   .baseline = baseline ? &*baseline : nullptr,
                   .paths = paths});
  }

  /// "LW101:3 open", "LW001:1 open": rule, line, state.
  [[nodiscard]] std::vector<std::string> verdicts() const {
    std::vector<std::string> words;
    for (const Judged& judged : judge().findings) {
      const source::LineMap& lines = files->get(judged.finding.primary.file)->lines();
      const char* const states[] = {"open", "suppressed", "baselined"};
      words.push_back(judged.finding.rule + ":" +
                      std::to_string(lines.line_of(judged.finding.primary.begin)) + " " +
                      states[static_cast<std::size_t>(judged.state)]);
    }
    return words;
  }

  std::unique_ptr<source::FileTable> files;
  std::vector<Finding> findings;
  SelectionLayer configuration;
  std::vector<FileIgnores> file_ignores;
  std::optional<Baseline> baseline;
  ProjectPaths paths{"/srv/project", "/srv/project"};
};

using Verdicts = std::vector<std::string>;

std::vector<std::string> prints(const Scene& scene) {
  return fingerprints(scene.findings, *scene.files, scene.paths);
}

TEST(Suppressions, SilenceTheFindingsOfTheirLine) {
  const Scene scene("nest()  # lockwright: ignore[LW101] known\nnest()\n");
  EXPECT_EQ(scene.verdicts(), (Verdicts{"LW101:1 suppressed", "LW101:2 open"}));
  EXPECT_EQ(scene.judge().findings[0].reason, "known");
}

TEST(Suppressions, SilenceTheFindingsOfTheirStatement) {
  EXPECT_EQ(Scene("f(a,\n  nest(),\n)  # lockwright: ignore[nested-same-file-lock]\n").verdicts(),
            Verdicts{"LW101:2 suppressed"});
  EXPECT_EQ(Scene("# lockwright: ignore\nnest()\n").verdicts(), Verdicts{"LW101:2 suppressed"});
}

TEST(Suppressions, OfAWholeFile) {
  EXPECT_EQ(Scene("nest()\n# lockwright: ignore-file[LW101] generated\nnest()\n").verdicts(),
            (Verdicts{"LW101:1 suppressed", "LW101:3 suppressed"}));
}

TEST(Suppressions, UnusedOnesAreReported) {
  EXPECT_EQ(Scene("x = 1  # lockwright: ignore[LW101]\nnest()\n").verdicts(),
            (Verdicts{"LW001:1 open", "LW101:2 open"}));
  EXPECT_EQ(Scene("x = 1  # lockwright: ignore\n").verdicts(), Verdicts{"LW001:1 open"});
  EXPECT_EQ(Scene("nest()  # lockwright: ignore[LW302]\n").verdicts(),
            (Verdicts{"LW101:1 open", "LW001:1 open"}));
}

TEST(Suppressions, OfAListOnlyTheIdlePartIsReported) {
  const Scene scene("nest()  # lockwright: ignore[LW101,LW302]\n");
  EXPECT_EQ(scene.verdicts(), (Verdicts{"LW101:1 suppressed", "LW001:1 open"}));
  const Triage triage = scene.judge();
  EXPECT_EQ(scene.files->get(source::FileId{0})->text_at(triage.findings[1].finding.primary), "LW302");
  EXPECT_NE(triage.findings[1].finding.message.find("'LW302'"), std::string::npos);
}

TEST(Suppressions, OfARuleThatDoesNotRunIsNotUnused) {
  Scene scene("x = 1  # lockwright: ignore[LW101]\ny = 1  # lockwright: ignore\n");
  scene.configuration.ignore = {"LW101"};
  EXPECT_EQ(scene.verdicts(), Verdicts{}) << "nor is one of all rules, when one of them does not run";
  scene.configuration = {.ignore = {"LW001"}};
  EXPECT_EQ(scene.verdicts(), Verdicts{}) << "LW001 is a rule like any other";
}

TEST(Suppressions, MalformedOnesAreReportedAndSilenceNothing) {
  const Scene scene("nest()  # lockwright: ignore[LW101\n");
  EXPECT_EQ(scene.verdicts(), (Verdicts{"LW101:1 open", "LW002:1 open"}));
  const Finding finding = scene.judge().findings[1].finding;
  EXPECT_NE(finding.message.find("not closed"), std::string::npos) << finding.message;
  EXPECT_EQ(finding.help, "Write ignore[RULE].");
}

TEST(Suppressions, OfUnknownRulesNameTheNearest) {
  const Scene scene("nest()  # lockwright: ignore[LW1O1] x\n");
  EXPECT_EQ(scene.verdicts(), (Verdicts{"LW101:1 open", "LW002:1 open"}));
  EXPECT_EQ(scene.judge().findings[1].finding.help, "Write 'LW101', if that is what is meant.");
}

TEST(Suppressions, WhatIsSaidAboutThemCannotBeSuppressedByThem) {
  EXPECT_EQ(Scene("x = 1  # lockwright: ignore-file\n").verdicts(), Verdicts{"LW001:1 open"});
}

TEST(Triage, SeveritiesAreConfigured) {
  Scene scene("nest()\n");
  scene.configuration.severity = {{"LW101", Severity::info}};
  EXPECT_EQ(scene.judge().findings[0].finding.severity, Severity::info);
}

TEST(Triage, RulesThatDoNotRunAndUnknownOnesAreDropped) {
  Scene scene("nest()\n");
  scene.configuration.select = std::vector<std::string>{"LW102"};
  EXPECT_EQ(scene.verdicts(), Verdicts{});
  scene.configuration = {};
  scene.findings[0].rule = "LW555";
  EXPECT_EQ(scene.verdicts(), Verdicts{});
}

TEST(Triage, PerFileIgnores) {
  for (const char* const pattern : {"src/a.py", "src/", "*.py", "src/**", "/src"}) {
    Scene scene("nest()\ny  # lockwright: ignore[LW101]\n");
    scene.file_ignores.push_back({source::IgnoreRules(std::string_view(pattern)), {"LW1"}});
    EXPECT_EQ(scene.verdicts(), Verdicts{}) << pattern;
  }
  Scene scene("nest()\n");
  scene.file_ignores.push_back({source::IgnoreRules(std::string_view("tests/")), {"LW1"}});
  scene.file_ignores.push_back({source::IgnoreRules(std::string_view("src/")), {"LW3"}});
  EXPECT_EQ(scene.verdicts(), Verdicts{"LW101:1 open"});
}

TEST(Triage, PatternsAreRelativeToTheProjectsRoot) {
  Scene scene("nest()\n");
  scene.paths = ProjectPaths("/srv/project", "/srv");
  scene.file_ignores.push_back({source::IgnoreRules(std::string_view("/project/src/a.py")), {"LW1"}});
  EXPECT_EQ(scene.verdicts(), Verdicts{});
}

TEST(Fingerprints, SurviveUnrelatedEdits) {
  const auto before = prints(Scene("def f():\n  x =  nest()\n"));
  EXPECT_EQ(prints(Scene("import os\n\n\ndef f():\n\tif a:\n\t\tx = nest()\r\n")), before);
  EXPECT_EQ(before[0].size(), 32U);
}

TEST(Fingerprints, AreTheHashThatIsDocumented) {
  // printf 'lockwright/v1\000LW101\000src/a.py\000a.f\000x = nest()\0000\000' | sha256sum | cut -c1-32
  EXPECT_EQ(prints(Scene("x = nest()\n"))[0], "25ede9cc775a2bac69bcaf731c5ffedf");
}

TEST(Fingerprints, DifferByRulePathFunctionLineAndOccurrence) {
  const std::string base = prints(Scene("nest()\n"))[0];
  EXPECT_NE(prints(Scene("y = nest()\n"))[0], base);
  EXPECT_NE(prints(Scene("nest()\n", "src/b.py"))[0], base);
  Scene scene("nest()\n");
  scene.findings[0].function = "a.g";
  EXPECT_NE(prints(scene)[0], base);
  scene = Scene("nest()\n");
  scene.findings[0].rule = "LW102";
  EXPECT_NE(prints(scene)[0], base);
  const auto twice = prints(Scene("nest()\nnest()\n"));
  EXPECT_EQ(twice[0], base);
  EXPECT_NE(twice[1], base);
}

TEST(Fingerprints, DoNotDependOnTheWorkingDirectory) {
  Scene scene("nest()\n", "a.py");
  scene.paths = ProjectPaths("/srv/project/src", "/srv/project");
  EXPECT_EQ(prints(scene), prints(Scene("nest()\n", "src/a.py")));
}

Baseline baseline_of(const Scene& scene) {
  Baseline baseline;
  for (const Judged& judged : scene.judge().findings) {
    baseline.entries.push_back({"src/a.py", judged.finding.rule, judged.fingerprint, judged.finding.function,
                                judged.finding.message});
  }
  return baseline;
}

TEST(BaselineFile, RoundTripAcceptsWhatItLists) {
  Scene scene("nest()\n");
  const auto read = read_baseline(write_baseline(baseline_of(scene)), "b.json");
  ASSERT_TRUE(read) << read.error().message;
  scene.baseline = *read;
  EXPECT_EQ(scene.verdicts(), Verdicts{"LW101:1 baselined"});
  EXPECT_EQ(scene.judge().gone_from_baseline, 0U);
}

TEST(BaselineFile, NewFindingsStayOpen) {
  Scene scene("x = 0\nnest()\nnest()  # another line\n");
  scene.baseline = baseline_of(Scene("nest()\n"));
  EXPECT_EQ(scene.verdicts(), (Verdicts{"LW101:2 baselined", "LW101:3 open"}));
}

TEST(BaselineFile, EntriesThatAreGoneAreCounted) {
  Scene scene("nest()\n");
  scene.baseline = baseline_of(scene);
  scene.baseline->entries.push_back({"src/a.py", "LW101", "0123", "f", "m"});
  EXPECT_EQ(scene.judge().gone_from_baseline, 1U);
  scene.baseline->entries.back().rule = "LW999";
  EXPECT_EQ(scene.judge().gone_from_baseline, 0U) << "its rule did not run";
}

TEST(BaselineFile, OfFilesThatWereNotLookedAtNothingIsGone) {
  const source::testing::TempTree tree;
  tree.write("there.py");
  Scene scene("nest()\n");
  scene.paths = ProjectPaths(tree.path(), tree.path());
  scene.baseline = Baseline{{{"there.py", "LW101", "0123", "f", "m"}}};
  EXPECT_EQ(scene.judge().gone_from_baseline, 0U);
  scene.baseline->entries[0].path = "deleted.py";
  EXPECT_EQ(scene.judge().gone_from_baseline, 1U);
}

TEST(BaselineFile, Golden) {
  const Baseline baseline{{{"src/b.py", "LW101", "22", "f", "m"},
                           {"src/a.py", "LW302", "33", "C.g", "say \"hi\"\n\xFF"},
                           {"src/a.py", "LW101", "44", "", "m"}}};
  EXPECT_EQ(
      write_baseline(baseline),
      "{\n"
      "  \"lockwright-baseline\": 1,\n"
      "  \"findings\": [\n"
      R"(    {"path": "src/a.py", "rule": "LW101", "fingerprint": "44", "function": "", "message": "m"},)"
      "\n"
      R"(    {"path": "src/a.py", "rule": "LW302", "fingerprint": "33", "function": "C.g", "message": "say \"hi\"\n)"
      "\xEF\xBF\xBD\"},\n"
      R"(    {"path": "src/b.py", "rule": "LW101", "fingerprint": "22", "function": "f", "message": "m"})"
      "\n"
      "  ]\n"
      "}\n");
  EXPECT_EQ(write_baseline({}), "{\n  \"lockwright-baseline\": 1,\n  \"findings\": []\n}\n");
}

TEST(BaselineFile, BrokenOnesAreErrorsThatSayWhere) {
  const auto error = [](std::string_view text) {
    const auto read = read_baseline(text, "b.json");
    return read ? "" : read.error().message;
  };
  EXPECT_EQ(error("{\n\n  oops"),
            "baseline is not valid JSON: b.json:3: write it anew with --write-baseline");
  EXPECT_EQ(error("[]"),
            "not a baseline: no \"lockwright-baseline\" in it: b.json: write it anew with --write-baseline");
  EXPECT_EQ(
      error(R"({"lockwright-baseline": 2, "findings": []})"),
      "baseline has version 2, this release reads version 1: b.json: write it anew with --write-baseline");
  EXPECT_EQ(error(R"({"lockwright-baseline": 1})"),
            "baseline has no list \"findings\": b.json: write it anew with --write-baseline");
  EXPECT_EQ(error(R"({"lockwright-baseline": 1, "findings": [{"path": "a"}]})"),
            "baseline entry 1 is not complete: b.json: write it anew with --write-baseline");
  EXPECT_EQ(error(R"({"lockwright-baseline": 1, "findings": [7]})"),
            "baseline entry 1 is not complete: b.json: write it anew with --write-baseline");
}

}  // namespace
}  // namespace lockwright::findings
