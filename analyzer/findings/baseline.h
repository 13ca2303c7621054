// A baseline: the findings that a project has accepted for now, so that only new ones fail its CI.
//
// The file is JSON, one finding a line, sorted by path, rule and fingerprint: a change to it reads well in a
// review, and two branches that each remove a line merge. Its fingerprints do not know line numbers (see
// fingerprint.h), so edits elsewhere in a file leave it alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/result.h"

namespace lockwright::findings {

/// One accepted finding. Only the fingerprint and the path decide anything; the rest is for people.
struct BaselineEntry {
  std::string path;  ///< relative to the project's root, with `/`
  std::string rule;  ///< "LW101"
  std::string fingerprint;
  std::string function;
  std::string message;
};

struct Baseline {
  std::vector<BaselineEntry> entries;
};

/// The version of the format that this release reads and writes.
inline constexpr int baseline_version = 1;

/// The file's content, sorted whatever the order of the entries; ends with a newline.
[[nodiscard]] std::string write_baseline(Baseline baseline);

/// Reads what `write_baseline` wrote. Broken JSON, another version or a missing field is an error that names
/// `origin`, the path as the user typed it.
[[nodiscard]] source::Result<Baseline> read_baseline(std::string_view text, std::string_view origin);

}  // namespace lockwright::findings
