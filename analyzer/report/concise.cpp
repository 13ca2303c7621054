// The concise format: a line a finding, for editors' error lists and for grep.
#include "analyzer/report/summary.h"

namespace lockwright::report {

std::string render_concise(const Report& report, const Layout& layout) {
  const Style style(layout.colour);
  std::string text;
  for (const findings::Judged& judged : report.findings) {
    if (judged.state == findings::State::open) text += headline(judged.finding, report, style);
  }
  text += note_lines(report, style);
  if (layout.summary) text += summary(report);
  return text;
}

}  // namespace lockwright::report
