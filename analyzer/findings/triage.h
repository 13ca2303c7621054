// From what the rules said to what is shown: which findings count, which are suppressed in the source, which
// are accepted in the baseline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analyzer/findings/baseline.h"
#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
#include "analyzer/findings/project_paths.h"
#include "analyzer/findings/selection.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/ignore.h"
#include "analyzer/source/suppression.h"

namespace lockwright::findings {

/// What became of a finding. Only `open` ones make a run fail.
enum class State : std::uint8_t {
  open,
  suppressed,  ///< by a comment beside it
  baselined,   ///< accepted in the baseline
};

/// A finding, ready to be shown.
struct Judged {
  Finding finding;
  State state = State::open;
  std::string fingerprint;  ///< see fingerprint.h
  std::string reason;       ///< what the suppression comment says after its rules; may be empty
  std::vector<Fix> fixes;   ///< proved (fixes/prove.h), the best first
};

/// One entry of `per-file-ignores`: the selected rules' findings are dropped in the files that match.
struct FileIgnores {
  source::IgnoreRules files;  ///< matched against project paths
  std::vector<std::string> selectors;
};

/// What to judge by. Borrows everything.
struct Judgement {
  std::span<const RuleInfo> rules;  ///< all there are, LW001 and LW002 included
  const RulePolicy& policy;
  std::span<const FileIgnores> file_ignores;
  const Baseline* baseline = nullptr;  ///< may be null
  const ProjectPaths& paths;
};

struct Triage {
  std::vector<Judged> findings;  ///< sorted (order.h), those of disabled rules and ignored files left out
  /// Baseline entries that are no longer found, though their rule ran and their file was looked at or is
  /// gone.
  std::size_t gone_from_baseline = 0;
};

/// Judges the findings of a run. Suppressions that silence nothing, or cannot be read, become findings.
[[nodiscard]] Triage triage(std::vector<Finding> findings, const source::Suppressions& suppressions,
                            const source::FileTable& files, const Judgement& by);

}  // namespace lockwright::findings
