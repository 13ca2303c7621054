// The formats for tools: JSON, SARIF, GitHub annotations.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "analyzer/report/report.h"
#include "analyzer/report/uri.h"
#include "tests/unit/report/sample.h"

namespace lockwright::report {
namespace {

using nlohmann::json;
using testing::Sample;

json sarif_run(const Report& report) {
  return json::parse(render_sarif(report))["runs"][0];
}

TEST(GithubReport, Golden) {
  const Sample sample;
  EXPECT_EQ(render_github(sample.report()),
            "::warning file=src/p#ol.py,line=2,endLine=2,col=5,endColumn=23,title=LW302 "
            "map-delete-before-async-cleanup::the entry of `key` is erased, 100%25 too early%0A1. A erases "
            "the entry "
            "(src/p#ol.py:2)%0A2. B takes the lock (src/p#ol.py:5)%0A3. A closes B's lock "
            "(src/p#ol.py:3)%0Ahelp: Erase "
            "the entry after the clean-up.\n"
            "::error file=src/store.py,line=4,endLine=4,col=22,endColumn=37,title=LW102 "
            "truncating-open-before-lock::`path` is emptied before it is locked%0A1. opens and empties path "
            "(src/store.py:4)%0A2. locks path (src/store.py:5)%0Ahelp: Open `path` with \"r+\".\n"
            "::warning file=src/big.py,title=Lockwright::is 50.0 MB large: skipped\n"
            "::warning file=src/odd.py,line=7,title=Lockwright::syntax not understood here\n");
}

TEST(GithubReport, SeparatorsInPathsAreEscapedAndSeveralLinesHaveNoColumns) {
  Sample sample;
  sample.files = testing::files_of({{"a,b:c%.py", "f(\n)\n"}});
  sample.judged = {{testing::finding_at({source::FileId{0}, 0, 4}), findings::State::open, "", ""}};
  sample.judged[0].finding.severity = findings::Severity::info;
  sample.notes.clear();
  EXPECT_EQ(render_github(sample.report()),
            "::notice file=a%2Cb%3Ac%25.py,line=1,endLine=2,title=LW101 nested-same-file-lock::`f` waits for "
            "itself%0A1. does it (a,b:c%25.py:1)\n");
}

TEST(JsonReport, Golden) {
  const Sample sample;
  const json report = json::parse(render_json(sample.report()));
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["tool"], json::parse(R"({"name": "lockwright", "version": "1.2.3"})"));
  ASSERT_EQ(report["findings"].size(), 4U);
  EXPECT_EQ(report["findings"][1], json::parse(R"({
    "rule": "LW102", "name": "truncating-open-before-lock", "severity": "error",
    "message": "`path` is emptied before it is locked", "help": "Open `path` with \"r+\".",
    "path": "src/store.py", "range": {"start": {"line": 4, "column": 22}, "end": {"line": 4, "column": 37}},
    "function": "store.save", "fingerprint": "bbbb", "state": "open",
    "witness": [
      {"actor": "A", "text": "opens and empties path", "path": "src/store.py",
       "range": {"start": {"line": 4, "column": 22}, "end": {"line": 4, "column": 37}},
       "through": [{"name": "save", "path": "src/store.py",
                    "range": {"start": {"line": 8, "column": 2}, "end": {"line": 8, "column": 29}}}]},
      {"actor": "A", "text": "locks path", "path": "src/store.py",
       "range": {"start": {"line": 5, "column": 2}, "end": {"line": 5, "column": 36}},
       "through": [{"name": "save", "path": "src/store.py",
                    "range": {"start": {"line": 8, "column": 2}, "end": {"line": 8, "column": 29}}}]}],
    "fixes": []})"));
  EXPECT_EQ(report["findings"][0]["witness"][1]["actor"], "B");
  EXPECT_EQ(report["findings"][2]["state"], "suppressed");
  EXPECT_EQ(report["findings"][2]["reason"], "on purpose");
  EXPECT_EQ(report["findings"][3]["state"], "baselined");
  EXPECT_EQ(report["notes"], json::parse(R"([
    {"level": "warning", "path": "src/big.py", "message": "is 50.0 MB large: skipped"},
    {"level": "warning", "path": "src/odd.py", "line": 7, "message": "syntax not understood here"}])"));
  EXPECT_EQ(report["summary"], json::parse(R"({"files": 120, "errors": 1, "warnings": 1, "infos": 0,
    "suppressed": 1, "baselined": 1, "gone_from_baseline": 0})"));
  EXPECT_FALSE(report.contains("stats"));
}

TEST(JsonReport, FixesHaveTheirEdits) {
  Sample sample;
  sample.judged[1].fixes.push_back({.title = "Say \"a\"",
                                    .applicability = findings::Applicability::unsafe,
                                    .edits = {{sample.judged[1].finding.primary, "x"}}});
  EXPECT_EQ(json::parse(render_json(sample.report()))["findings"][1]["fixes"], json::parse(R"([
    {"title": "Say \"a\"", "applicability": "unsafe", "edits": [
      {"path": "src/store.py", "range": {"start": {"line": 4, "column": 22}, "end": {"line": 4, "column": 37}},
       "text": "x"}]}])"));
}

TEST(JsonReport, StatsOnlyWhenThereAreSome) {
  const Sample sample;
  const std::vector<Stat> stats = {{"files", "120"}, {"functions", "7"}};
  Report report = sample.report();
  report.stats = stats;
  EXPECT_EQ(json::parse(render_json(report))["stats"], json::parse(R"({"files": "120", "functions": "7"})"));
}

TEST(JsonReport, BytesThatAreNotUtf8DoNotBreakIt) {
  Sample sample;
  sample.notes[0].path = "\xFF.py";
  sample.judged[0].finding.message = "`\x80`";
  EXPECT_EQ(json::parse(render_json(sample.report()))["findings"][0]["message"], "`\xEF\xBF\xBD`");
  EXPECT_EQ(sarif_run(sample.report())["results"][0]["message"]["text"],
            "`\xEF\xBF\xBD`.\nErase the entry after the clean-up.");
}

TEST(SarifReport, TheRunSaysWhatItIs) {
  const Sample sample;
  const json log = json::parse(render_sarif(sample.report()));
  EXPECT_EQ(log["version"], "2.1.0");
  const json& run = log["runs"][0];
  EXPECT_EQ(run["columnKind"], "utf16CodeUnits");
  EXPECT_EQ(run["tool"]["driver"]["name"], "Lockwright");
  EXPECT_EQ(run["tool"]["driver"]["semanticVersion"], "1.2.3");
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), testing::sample_rules().size());
}

TEST(SarifReport, ARuleHasItsPageItsLevelAndItsTags) {
  const json rules = sarif_run(Sample().report())["tool"]["driver"]["rules"];
  const json& rule = rules[2];
  EXPECT_EQ(rule["id"], "LW101");
  EXPECT_EQ(rule["name"], "NestedSameFileLock");
  EXPECT_EQ(rule["shortDescription"]["text"], "A path locks a file twice.");
  EXPECT_EQ(rule["help"]["markdown"], "# LW101 nested-same-file-lock\n\nThe page of \"LW101\".\n");
  EXPECT_EQ(rule["help"]["text"], rule["help"]["markdown"]);
  EXPECT_TRUE(rule["helpUri"].get<std::string>().ends_with("/rules/nested-same-file-lock/rule.md"));
  EXPECT_EQ(rule["defaultConfiguration"], json::parse(R"({"enabled": true, "level": "error"})"));
  EXPECT_EQ(rule["properties"]["tags"],
            json::parse(R"(["concurrency", "file-locks", "external/cwe/cwe-362", "external/cwe/cwe-667"])"));
  EXPECT_EQ(rules[4]["defaultConfiguration"]["level"], "warning");
  EXPECT_EQ(rules[5]["defaultConfiguration"], json::parse(R"({"enabled": false, "level": "note"})"));
}

TEST(SarifReport, AResultPointsAtItsRuleAndPlace) {
  const json results = sarif_run(Sample().report())["results"];
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[1]["ruleId"], "LW102");
  EXPECT_EQ(results[1]["ruleIndex"], 3);
  EXPECT_EQ(results[1]["level"], "error");
  EXPECT_EQ(results[1]["message"]["text"],
            "`path` is emptied before it is locked.\nOpen `path` with \"r+\".");
  EXPECT_EQ(results[1]["locations"], json::parse(R"json([{
    "physicalLocation": {
      "artifactLocation": {"uri": "src/store.py", "uriBaseId": "%SRCROOT%"},
      "region": {"startLine": 4, "startColumn": 22, "endLine": 4, "endColumn": 37,
                 "snippet": {"text": "open(path, \"w\")"}}},
    "logicalLocations": [{"fullyQualifiedName": "store.save", "kind": "function"}]}])json"));
  EXPECT_EQ(results[1]["partialFingerprints"],
            json::parse(R"({"lockwright/v1": "bbbb", "primaryLocationLineHash": "bbbb:1"})"));
  EXPECT_EQ(results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/p%23ol.py");
}

TEST(SarifReport, AnInterleavingHasAThreadForEachActor) {
  const json flows = sarif_run(Sample().report())["results"][0]["codeFlows"];
  ASSERT_EQ(flows.size(), 1U);
  const json& threads = flows[0]["threadFlows"];
  ASSERT_EQ(threads.size(), 2U);
  EXPECT_EQ(threads[0]["id"], "A");
  EXPECT_EQ(threads[1]["id"], "B");
  ASSERT_EQ(threads[0]["locations"].size(), 2U);
  ASSERT_EQ(threads[1]["locations"].size(), 1U);
  EXPECT_EQ(threads[0]["locations"][0]["executionOrder"], 1);
  EXPECT_EQ(threads[1]["locations"][0]["executionOrder"], 2);
  EXPECT_EQ(threads[0]["locations"][1]["executionOrder"], 3);
  EXPECT_EQ(threads[1]["locations"][0]["location"]["message"]["text"], "takes the lock.");
  EXPECT_EQ(threads[1]["locations"][0]["location"]["physicalLocation"]["region"]["startLine"], 5);
}

TEST(SarifReport, CallsComeBeforeTheStepThatTheyLeadTo) {
  const json thread =
      sarif_run(Sample().report())["results"][1]["codeFlows"][0]["threadFlows"][0]["locations"];
  ASSERT_EQ(thread.size(), 4U);
  EXPECT_EQ(thread[0]["location"]["message"]["text"], "calls save.");
  EXPECT_EQ(thread[0]["nestingLevel"], 0);
  EXPECT_EQ(thread[1]["nestingLevel"], 1);
  EXPECT_EQ(thread[1]["location"]["message"]["text"], "opens and empties path.");
  EXPECT_EQ(thread[3]["executionOrder"], 4);
}

TEST(SarifReport, WhatDoesNotCountIsSuppressed) {
  const json results = sarif_run(Sample().report())["results"];
  EXPECT_EQ(results[0]["suppressions"], json::array());
  EXPECT_EQ(results[2]["suppressions"],
            json::parse(R"([{"kind": "inSource", "status": "accepted", "justification": "on purpose"}])"));
  EXPECT_EQ(results[3]["suppressions"][0]["kind"], "external");
}

TEST(SarifReport, NotesAreNotifications) {
  Sample sample;
  sample.notes.push_back({source::NoteKind::bad_input, "../gone", std::nullopt, "does not exist"});
  Report report = sample.report();
  EXPECT_EQ(sarif_run(report)["invocations"][0]["executionSuccessful"], true);
  report.run_failed = true;
  const json invocation = sarif_run(report)["invocations"][0];
  EXPECT_EQ(invocation["executionSuccessful"], false);
  const json& notifications = invocation["toolExecutionNotifications"];
  ASSERT_EQ(notifications.size(), 3U);
  EXPECT_EQ(notifications[1], json::parse(R"({
    "level": "warning", "message": {"text": "'src/odd.py' syntax not understood here."},
    "locations": [{"physicalLocation": {
      "artifactLocation": {"uri": "src/odd.py", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 7}}}]})"));
  EXPECT_EQ(notifications[2]["level"], "error");
  EXPECT_EQ(notifications[2]["locations"][0]["physicalLocation"]["artifactLocation"],
            json::parse(R"({"uri": "file:///srv/gone"})"));
}

TEST(SarifReport, ColumnsCountUtf16CodeUnits) {
  Sample sample;
  sample.files = testing::files_of({{"a.py", "x = '\xF0\x9F\x94\x92'; f()\n"}});
  sample.judged = {
      {testing::finding_at(testing::range_of(*sample.files, "a.py", "f()")), findings::State::open, "", ""}};
  const json region = sarif_run(sample.report())["results"][0]["locations"][0]["physicalLocation"]["region"];
  EXPECT_EQ(region["startColumn"], 11);
  EXPECT_EQ(region["endColumn"], 14);
  const json range = json::parse(render_json(sample.report()))["findings"][0]["range"];
  EXPECT_EQ(range["start"]["column"], 10) << "JSON counts code points";
}

TEST(Uri, WhatMayNotStandInAPathIsEncoded) {
  EXPECT_EQ(uri_path("a b/[c]#?%\xC3\xA9:@+(1).py"), "a%20b/%5Bc%5D%23%3F%25%C3%A9%3A@+(1).py");
}

TEST(Uri, RelativeBelowTheRootAbsoluteOutside) {
  EXPECT_EQ(artifact_uri("a/b.py", "/r").uri, "a/b.py");
  EXPECT_TRUE(artifact_uri("a/b.py", "/r").below_root);
  EXPECT_EQ(artifact_uri("../b c.py", "/r/s").uri, "file:///r/b%20c.py");
  EXPECT_FALSE(artifact_uri("../b c.py", "/r/s").below_root);
  EXPECT_EQ(artifact_uri("/x/b.py", "/r").uri, "file:///x/b.py");
}

}  // namespace
}  // namespace lockwright::report
