// What the language server asks of the command line's side: the same settings, analysis, judgement and fixes
// as `check`, kept ready for the next keystroke.
#pragma once

#include <span>

#include "analyzer/cli/analysis.h"
#include "analyzer/lsp/checker.h"

namespace lockwright::cli {

/// REQUIRES: `services` and `rules` (all rules, sorted) outlive what is returned.
[[nodiscard]] lsp::Analyzer editor_analyzer(const Services& services,
                                            std::span<const findings::RuleInfo> rules);

}  // namespace lockwright::cli
