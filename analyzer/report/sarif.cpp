// SARIF 2.1.0, for code review tools. What is worth knowing beyond the standard:
//
// - A witness is one codeFlow with a threadFlow for each actor. `executionOrder` counts through both, so that
// the
//   interleaving can be read back; the calls that lead to a step come before it, one `nestingLevel` less
//   deep.
// - URIs are relative to %SRCROOT%, the working directory of the run. What lies outside has a file: URI.
// - Columns count UTF-16 code units, as `columnKind` says.
// - `partialFingerprints`: "lockwright/v1" is the fingerprint of findings/fingerprint.h. GitHub looks only at
//   "primaryLocationLineHash", so it stands there once more, in the shape that GitHub's own have.
// - Every result has `suppressions`, empty if it counts: a comment is `inSource`, the baseline `external`.
// - Nothing depends on the time, the machine or the number of threads.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analyzer/report/place.h"
#include "analyzer/report/report.h"
#include "analyzer/report/rule_page.h"
#include "analyzer/report/sarif_rules.h"
#include "analyzer/report/uri.h"

namespace lockwright::report {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view schema = "https://json.schemastore.org/sarif-2.1.0.json";

json message(std::string_view text) {
  return {{"text", text}};
}

/// SARIF wants whole sentences.
std::string sentence(std::string_view text) {
  const bool ended = text.empty() || std::string_view(".!?").find(text.back()) != std::string_view::npos;
  return std::string(text) + (ended ? "" : ".");
}

json artifact(std::string_view path, const Report& report) {
  const ArtifactUri where = artifact_uri(path, report.root);
  json location = {{"uri", where.uri}};
  if (where.below_root) location["uriBaseId"] = "%SRCROOT%";
  return location;
}

json physical_location(const source::Range& range, const Report& report) {
  const Place place = place_of(range, report.files);
  return {{"artifactLocation", artifact(place.path, report)},
          {"region",
           {{"startLine", place.begin.line},
            {"startColumn", place.begin.utf16_column},
            {"endLine", place.end.line},
            {"endColumn", place.end.utf16_column}}}};
}

json primary_location(const findings::Finding& finding, const Report& report) {
  json location = {{"physicalLocation", physical_location(finding.primary, report)}};
  location["physicalLocation"]["region"]["snippet"] = message(text_of(finding.primary, report.files));
  if (!finding.function.empty()) {
    location["logicalLocations"] =
        json::array({{{"fullyQualifiedName", finding.function}, {"kind", "function"}}});
  }
  return location;
}

/// One entry of a threadFlow.
json flow_entry(const source::Range& range, std::string_view text, std::size_t nesting, std::size_t order,
                const Report& report) {
  return {{"location", {{"physicalLocation", physical_location(range, report)}, {"message", message(text)}}},
          {"nestingLevel", nesting},
          {"executionOrder", order}};
}

/// The steps of one actor. The order is counted over the steps of all.
json thread_flow(const findings::Finding& finding, findings::Actor actor, const Report& report) {
  json locations = json::array();
  std::size_t order = 0;
  for (const findings::Step& step : finding.witness) {
    std::size_t nesting = 0;
    for (const source::Range& call : step.through) {
      ++order;
      if (step.actor != actor) continue;
      const std::string text = sentence("calls " + callee_name(call, report.files));
      locations.push_back(flow_entry(call, text, nesting++, order, report));
      locations.back()["importance"] = "important";
    }
    ++order;
    if (step.actor != actor) continue;
    locations.push_back(flow_entry(step.range, sentence(step.text), nesting, order, report));
    locations.back()["importance"] = "essential";
  }
  return {{"id", actor == findings::Actor::A ? "A" : "B"}, {"locations", locations}};
}

json code_flows(const findings::Finding& finding, const Report& report) {
  json threads = json::array();
  for (const findings::Actor actor : {findings::Actor::A, findings::Actor::B}) {
    const bool acts =
        std::ranges::any_of(finding.witness, [&](const findings::Step& step) { return step.actor == actor; });
    if (acts) threads.push_back(thread_flow(finding, actor, report));
  }
  return json::array({{{"threadFlows", threads}}});
}

/// A region by lines and columns that may be empty, as edits need it.
json replacement_of(const findings::Edit& edit, const Report& report) {
  json location = physical_location(edit.range, report);
  return {{"deletedRegion", location["region"]}, {"insertedContent", message(edit.text)}};
}

/// A fix changes one artifact after the other; its edits are sorted by file.
json fixes_of(const findings::Judged& judged, const Report& report) {
  json list = json::array();
  for (const findings::Fix& fix : judged.fixes) {
    json changes = json::array();
    for (std::size_t i = 0; i < fix.edits.size(); ++i) {
      const findings::Edit& edit = fix.edits[i];
      if (i == 0 || edit.range.file != fix.edits[i - 1].range.file) {
        changes.push_back({{"artifactLocation", artifact(report.files.path(edit.range.file), report)},
                           {"replacements", json::array()}});
      }
      changes.back()["replacements"].push_back(replacement_of(edit, report));
    }
    const bool safe = fix.applicability == findings::Applicability::safe;
    list.push_back({{"description", message(sentence(fix.title))},
                    {"artifactChanges", changes},
                    {"properties", {{"applicability", safe ? "safe" : "unsafe"}}}});
  }
  return list;
}

json suppressions_of(const findings::Judged& judged) {
  json list = json::array();
  if (judged.state == findings::State::suppressed) {
    list.push_back({{"kind", "inSource"}, {"status", "accepted"}});
    if (!judged.reason.empty()) list.back()["justification"] = judged.reason;
  } else if (judged.state == findings::State::baselined) {
    list.push_back(
        {{"kind", "external"}, {"status", "accepted"}, {"justification", "Accepted in the baseline."}});
  }
  return list;
}

json result_of(const findings::Judged& judged, const Report& report) {
  const findings::Finding& finding = judged.finding;
  json result = {{"ruleId", finding.rule}};
  const auto rule = std::ranges::find(report.rules, finding.rule, &findings::RuleInfo::id);
  if (rule != report.rules.end()) result["ruleIndex"] = rule - report.rules.begin();
  std::string text = sentence(finding.message);
  if (!finding.help.empty()) text += "\n" + sentence(finding.help);
  result["level"] = sarif_level(finding.severity);
  result["message"] = message(text);
  result["locations"] = json::array({primary_location(finding, report)});
  result["partialFingerprints"] = {{"lockwright/v1", judged.fingerprint},
                                   {"primaryLocationLineHash", judged.fingerprint + ":1"}};
  if (!finding.witness.empty()) result["codeFlows"] = code_flows(finding, report);
  if (!judged.fixes.empty()) result["fixes"] = fixes_of(judged, report);
  result["suppressions"] = suppressions_of(judged);
  return result;
}

json notification_of(const source::Note& note, const Report& report) {
  json location = {{"physicalLocation", {{"artifactLocation", artifact(note.path, report)}}}};
  if (note.line) location["physicalLocation"]["region"] = {{"startLine", *note.line}};
  const bool warning = note.kind == source::NoteKind::warning;
  return {{"level", warning ? "warning" : "error"},
          {"message", message(sentence(fmt::format("'{}' {}", note.path, note.message)))},
          {"locations", json::array({location})}};
}

json invocation_of(const Report& report) {
  json invocation = {{"executionSuccessful", !report.run_failed}};
  json notifications = json::array();
  for (const source::Note& note : report.notes) notifications.push_back(notification_of(note, report));
  if (!notifications.empty()) invocation["toolExecutionNotifications"] = notifications;
  return invocation;
}

}  // namespace

std::string render_sarif(const Report& report) {
  const json driver = {{"name", "Lockwright"},
                       {"informationUri", project_uri},
                       {"version", report.version},
                       {"semanticVersion", report.version},
                       {"rules", sarif_rules(report.rules)}};
  json results = json::array();
  for (const findings::Judged& judged : report.findings) results.push_back(result_of(judged, report));
  const json run = {{"tool", {{"driver", driver}}},
                    {"columnKind", "utf16CodeUnits"},
                    {"invocations", json::array({invocation_of(report)})},
                    {"results", results}};
  const json log = {{"$schema", schema}, {"version", "2.1.0"}, {"runs", json::array({run})}};
  return log.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace lockwright::report
