// The JSON format, for scripts. One object:
//
//     version      1; grows when a field changes its meaning or goes away, not when one is added
//     tool         {name, version}
//     findings     [{rule, name, severity, message, help, path, range, function, fingerprint, state, reason,
//                    witness, fixes}], sorted by path, line, column
//                  state: "open", "suppressed" (reason: what the comment says) or "baselined"
//                  witness: [{actor, text, path, range, through}], in the order in which things happen
//                  through: [{name, path, range}], the calls that lead to the step, outermost first
//                  fixes: [{title, applicability, edits}], the best first; each repairs the finding by itself
//                  applicability: "safe" or "unsafe"
//                  edits: [{path, range, text}]: `text` takes the place of what is there
//     notes        [{level, path, line, message}], what went wrong with files; line only where there is one
//     summary      {files, errors, warnings, infos, suppressed, baselined, gone_from_baseline}
//     stats        {name: value}, with --stats only; contains times, so it differs from run to run
//
// A range is {start: {line, column}, end: {line, column}}: 1-based, columns count code points, the end is
// after the last character. Paths are relative to the working directory.
#include <nlohmann/json.hpp>

#include "analyzer/report/place.h"
#include "analyzer/report/summary.h"

namespace lockwright::report {
namespace {

using json = nlohmann::ordered_json;

constexpr int format_version = 1;

std::string_view word_of(findings::State state) {
  switch (state) {
    case findings::State::open: return "open";
    case findings::State::suppressed: return "suppressed";
    case findings::State::baselined: return "baselined";
  }
  return "open";
}

std::string_view word_of(source::NoteKind kind) {
  return kind == source::NoteKind::warning ? "warning" : "error";
}

/// The fields that say where something is.
json located(const source::Range& range, const source::FileTable& files) {
  const Place place = place_of(range, files);
  const auto position = [](const source::Position& at) -> json {
    return {{"line", at.line}, {"column", at.column}};
  };
  return {{"path", place.path}, {"range", {{"start", position(place.begin)}, {"end", position(place.end)}}}};
}

json step_of(const findings::Step& step, const source::FileTable& files) {
  json through = json::array();
  for (const source::Range& call : step.through) {
    json entry = {{"name", callee_name(call, files)}};
    entry.update(located(call, files));
    through.push_back(entry);
  }
  json entry = {{"actor", step.actor == findings::Actor::A ? "A" : "B"}, {"text", step.text}};
  entry.update(located(step.range, files));
  entry["through"] = through;
  return entry;
}

json fix_of(const findings::Fix& fix, const source::FileTable& files) {
  json edits = json::array();
  for (const findings::Edit& edit : fix.edits) {
    json entry = located(edit.range, files);
    entry["text"] = edit.text;
    edits.push_back(entry);
  }
  return {{"title", fix.title},
          {"applicability", fix.applicability == findings::Applicability::safe ? "safe" : "unsafe"},
          {"edits", edits}};
}

json finding_of(const findings::Judged& judged, const source::FileTable& files) {
  const findings::Finding& finding = judged.finding;
  json entry = {{"rule", finding.rule},
                {"name", finding.rule_name},
                {"severity", findings::severity_word(finding.severity)},
                {"message", finding.message},
                {"help", finding.help}};
  entry.update(located(finding.primary, files));
  entry["function"] = finding.function;
  entry["fingerprint"] = judged.fingerprint;
  entry["state"] = word_of(judged.state);
  if (judged.state == findings::State::suppressed) entry["reason"] = judged.reason;
  json witness = json::array();
  for (const findings::Step& step : finding.witness) witness.push_back(step_of(step, files));
  entry["witness"] = witness;
  json fixes = json::array();
  for (const findings::Fix& fix : judged.fixes) fixes.push_back(fix_of(fix, files));
  entry["fixes"] = fixes;
  return entry;
}

json note_of(const source::Note& note) {
  json entry = {{"level", word_of(note.kind)}, {"path", note.path}};
  if (note.line) entry["line"] = *note.line;
  entry["message"] = note.message;
  return entry;
}

}  // namespace

std::string render_json(const Report& report) {
  json findings = json::array();
  for (const findings::Judged& judged : report.findings) findings.push_back(finding_of(judged, report.files));
  json notes = json::array();
  for (const source::Note& note : report.notes) notes.push_back(note_of(note));
  const Counts counts = count(report);
  json document = {{"version", format_version},
                   {"tool", {{"name", "lockwright"}, {"version", report.version}}},
                   {"findings", findings},
                   {"notes", notes},
                   {"summary",
                    {{"files", report.file_count},
                     {"errors", counts.errors},
                     {"warnings", counts.warnings},
                     {"infos", counts.infos},
                     {"suppressed", counts.suppressed},
                     {"baselined", counts.baselined},
                     {"gone_from_baseline", report.gone_from_baseline}}}};
  if (!report.stats.empty()) {
    json stats = json::object();
    for (const Stat& stat : report.stats) stats[stat.name] = stat.value;
    document["stats"] = stats;
  }
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace lockwright::report
