// GitHub annotations: workflow commands on standard output, which the Actions runner turns into comments on
// the changed lines. GitHub shows columns only for annotations within one line and rejects them otherwise.
#include <fmt/format.h>

#include <algorithm>

#include "analyzer/report/place.h"
#include "analyzer/report/report.h"

namespace lockwright::report {
namespace {

/// `%`, newlines and, in properties, the separators: escaped as the runner's toolkit does.
std::string escaped(std::string_view text, bool property) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '%') {
      safe += "%25";
    } else if (letter == '\r') {
      safe += "%0D";
    } else if (letter == '\n') {
      safe += "%0A";
    } else if (property && letter == ':') {
      safe += "%3A";
    } else if (property && letter == ',') {
      safe += "%2C";
    } else {
      safe += letter;
    }
  }
  return safe;
}

std::string property(std::string_view text) {
  return escaped(text, true);
}

std::string_view command_of(findings::Severity severity) {
  switch (severity) {
    case findings::Severity::error: return "error";
    case findings::Severity::warning: return "warning";
    default: return "notice";
  }
}

std::string message_of(const findings::Finding& finding, const source::FileTable& files) {
  std::string text = finding.message;
  const bool two = std::ranges::any_of(
      finding.witness, [](const findings::Step& step) { return step.actor == findings::Actor::B; });
  for (std::size_t i = 0; i < finding.witness.size(); ++i) {
    const findings::Step& step = finding.witness[i];
    const std::string_view actor = !two ? "" : step.actor == findings::Actor::A ? "A " : "B ";
    text +=
        fmt::format("\n{}. {}{} ({})", i + 1, actor, step.text, line_reference(place_of(step.range, files)));
  }
  if (!finding.help.empty()) text += "\nhelp: " + finding.help;
  return text;
}

std::string annotation(const findings::Finding& finding, const source::FileTable& files) {
  const Place place = place_of(finding.primary, files);
  std::string where =
      fmt::format("file={},line={},endLine={}", property(place.path), place.begin.line, place.end.line);
  if (place.begin.line == place.end.line) {
    where += fmt::format(",col={},endColumn={}", place.begin.column, place.end.column);
  }
  return fmt::format("::{} {},title={}::{}\n", command_of(finding.severity), where,
                     property(finding.rule + " " + finding.rule_name),
                     escaped(message_of(finding, files), false));
}

std::string annotation(const source::Note& note) {
  const std::string line = note.line ? fmt::format(",line={}", *note.line) : "";
  return fmt::format("::{} file={}{},title=Lockwright::{}\n",
                     note.kind == source::NoteKind::warning ? "warning" : "error", property(note.path), line,
                     escaped(note.message, false));
}

}  // namespace

std::string render_github(const Report& report) {
  std::string text;
  for (const findings::Judged& judged : report.findings) {
    if (judged.state == findings::State::open) text += annotation(judged.finding, report.files);
  }
  for (const source::Note& note : report.notes) text += annotation(note);
  return text;
}

}  // namespace lockwright::report
