// Names for findings that survive unrelated edits, for baselines and for the code review tools that follow a
// finding from one run to the next.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/project_paths.h"
#include "analyzer/source/file_table.h"

namespace lockwright::findings {

/// One fingerprint a finding, in the same order: the first 32 hexadecimal digits of the SHA-256 of these,
/// with a NUL after each:
///
///     "lockwright/v1"  rule id  path relative to the project's root  qualified name of the enclosing
///     function text of the primary line, white space at its ends removed and within it made one space "0"
///     for the first finding with all that equal, "1" for the second, ...
///
/// So a finding keeps its fingerprint when code is added, removed or moved elsewhere in the file, when it is
/// indented anew, and when its message is worded differently; it gets another when its line, its function's
/// name or its file's path changes. REQUIRES: the findings are in the order of `sort_and_dedupe`.
[[nodiscard]] std::vector<std::string> fingerprints(std::span<const Finding> findings,
                                                    const source::FileTable& files,
                                                    const ProjectPaths& paths);

}  // namespace lockwright::findings
