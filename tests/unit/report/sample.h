// Files in memory and findings in them, for the tests of reports, judgement and the command line.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/rule_info.h"
#include "analyzer/findings/triage.h"
#include "analyzer/report/report.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/suppression.h"

namespace lockwright::report::testing {

/// LW001 and LW002, three of LW1xx to LW3xx, and LW999, which is off by default.
[[nodiscard]] std::span<const findings::RuleInfo> sample_rules();

/// Loaded files that are nowhere on disk.
[[nodiscard]] std::unique_ptr<source::FileTable> files_of(const std::vector<source::InMemoryFile>& files);

/// The range of the `occurrence`th `text` in the file. A text that is not there fails the test.
[[nodiscard]] source::Range range_of(const source::FileTable& files, std::string_view path,
                                     std::string_view text, int occurrence = 1);

/// A finding of that rule with one step, at `primary`.
[[nodiscard]] findings::Finding finding_at(const source::Range& primary, std::string_view rule = "LW101",
                                           std::string_view message = "`f` waits for itself");

/// The suppression comments of all files.
[[nodiscard]] source::Suppressions suppressions_of(const source::FileTable& files);

/// The set that the formats' golden tests show: a finding behind a tab and a wide character and with a call
/// chain, one between two actors in a file with CRLF, a suppressed one and a baselined one, and two notes.
struct Sample {
  Sample();

  std::unique_ptr<source::FileTable> files;
  std::vector<findings::Judged> judged;
  std::vector<source::Note> notes;

  [[nodiscard]] Report report() const;
};

}  // namespace lockwright::report::testing
