// The text format: for each finding the headline, the code with carets, the witness as a timeline and the
// help; then what went wrong with files; then the summary.
#include <fmt/format.h>

#include "analyzer/report/code_frame.h"
#include "analyzer/report/display.h"
#include "analyzer/report/summary.h"
#include "analyzer/report/timeline.h"

namespace lockwright::report {
namespace {

constexpr std::string_view help_label = "  help: ";
constexpr std::string_view fix_label = "  fix: ";
constexpr std::string_view unsafe_fix_label = "  unsafe fix: ";

/// A witness of one step, which is the marked code itself, would only repeat the message.
bool says_more_than_the_frame(const findings::Finding& finding) {
  return finding.witness.size() != 1 || finding.witness.front().range != finding.primary ||
         !finding.witness.front().through.empty();
}

std::string help_lines(const findings::Finding& finding, const Style& style, std::size_t width) {
  if (finding.help.empty()) return "";
  std::string text;
  std::string label = style.paint(Ink::help, help_label);
  for (const std::string& line :
       wrapped(finding.help, std::max(width, 2 * help_label.size()) - help_label.size())) {
    text += label + line + "\n";
    label = std::string(help_label.size(), ' ');
  }
  return text;
}

}  // namespace

std::string render_text(const Report& report, const Layout& layout) {
  const Style style(layout.colour);
  std::string text;
  for (const findings::Judged& judged : report.findings) {
    if (judged.state != findings::State::open) continue;
    const findings::Finding& finding = judged.finding;
    text += headline(finding, report, style);
    text += code_frame(finding.primary, report.files, {style, ink_of(finding.severity), layout.width});
    if (says_more_than_the_frame(finding)) {
      text += timeline(finding.witness, report.files, style, layout.width);
    }
    text += help_lines(finding, style, layout.width);
    for (const findings::Fix& fix : judged.fixes) {
      const bool safe = fix.applicability == findings::Applicability::safe;
      text += style.paint(Ink::help, safe ? fix_label : unsafe_fix_label) + fix.title + "\n";
    }
    text += "\n";
  }
  text += note_lines(report, style);
  if (layout.summary) text += summary(report);
  return text;
}

}  // namespace lockwright::report
