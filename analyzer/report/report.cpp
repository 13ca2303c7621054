// Choosing the format.
#include "analyzer/report/report.h"

namespace lockwright::report {

std::string render(Format format, const Report& report, const Layout& layout) {
  switch (format) {
    case Format::text: return render_text(report, layout);
    case Format::concise: return render_concise(report, layout);
    case Format::json: return render_json(report);
    case Format::sarif: return render_sarif(report);
    case Format::github: return render_github(report);
  }
  return "";
}

}  // namespace lockwright::report
