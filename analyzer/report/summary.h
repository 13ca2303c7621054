// A run in figures.
#pragma once

#include <cstddef>
#include <string>

#include "analyzer/report/report.h"
#include "analyzer/report/style.h"

namespace lockwright::report {

/// How many findings there are of each kind. The severities count open ones only.
struct Counts {
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t infos = 0;
  std::size_t suppressed = 0;
  std::size_t baselined = 0;
};

[[nodiscard]] Counts count(const Report& report);

/// "Found 3 errors, 1 warning in 120 files (2 suppressed, 1 baselined)", and a second line if the baseline
/// has entries that are no longer found. Each ends with a newline.
[[nodiscard]] std::string summary(const Report& report);

/// The notes, one line each: "warning: path:line: message". A `bad_input` is left out: the command line says
/// it as the error that it is.
[[nodiscard]] std::string note_lines(const Report& report, const Style& style);

/// "path:line:column: error LW101 nested-same-file-lock: message", with a newline.
[[nodiscard]] std::string headline(const findings::Finding& finding, const Report& report,
                                   const Style& style);

}  // namespace lockwright::report
