// What a run has to say, and the five ways of saying it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/rule_info.h"
#include "analyzer/findings/triage.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/note.h"

namespace lockwright::report {

enum class Format : std::uint8_t { text, concise, json, sarif, github };

/// A figure about the run, for `--stats`.
struct Stat {
  std::string name;   ///< "functions"
  std::string value;  ///< "1204", "0.31 s"
};

/// Everything that a report may show. Borrows all of it. The same report is the same bytes, in every format.
struct Report {
  std::span<const findings::Judged> findings;
  const source::FileTable& files;
  std::span<const findings::RuleInfo> rules;  ///< all rules, sorted by id
  std::span<const source::Note> notes;        ///< sorted
  std::span<const Stat> stats;                ///< empty unless asked for
  std::size_t file_count = 0;                 ///< files that were looked at
  std::size_t gone_from_baseline = 0;
  std::size_t fixed = 0;        ///< findings that this run has repaired
  std::size_t fixed_files = 0;  ///< in so many files
  bool run_failed = false;      ///< something in `notes` makes the run itself a failure
  std::string_view version;
  std::string_view root;  ///< the working directory, absolute: what relative paths are relative to
};

/// How text is laid out; the machine formats do not look at it.
struct Layout {
  bool colour = false;
  bool summary = true;      ///< end with the summary line
  std::size_t width = 120;  ///< columns
};

/// The whole report in one string, ending with a newline unless it is empty.
[[nodiscard]] std::string render(Format format, const Report& report, const Layout& layout);

/// The formats, each in a file of its own. What json and sarif contain is described at the top of json.cpp
/// and sarif.cpp.
[[nodiscard]] std::string render_text(const Report& report, const Layout& layout);
[[nodiscard]] std::string render_concise(const Report& report, const Layout& layout);
[[nodiscard]] std::string render_json(const Report& report);
[[nodiscard]] std::string render_sarif(const Report& report);
[[nodiscard]] std::string render_github(const Report& report);

}  // namespace lockwright::report
