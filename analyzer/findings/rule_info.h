// What is known of a rule without running it: plain data for everything that lists, explains or selects
// rules.
#pragma once

#include <span>
#include <string_view>

#include "analyzer/findings/finding.h"

namespace lockwright::findings {

/// One rule's metadata. All text is static: it is compiled in from `rules/<name>/rule.md`.
struct RuleInfo {
  std::string_view id;       ///< "LW101"; never reused
  std::string_view name;     ///< "nested-same-file-lock"
  std::string_view summary;  ///< one sentence, with its period
  Severity severity;         ///< what its findings have by default; `off`: only when selected by id or name
  std::span<const int> cwe;  ///< numbers of the weaknesses in the CWE catalogue: 667
  std::string_view page;     ///< the whole rule.md, Markdown
};

/// The rules of this stage, about suppression comments and not about locks: LW001 unused-suppression and
/// LW002 malformed-suppression. Sorted by id.
[[nodiscard]] std::span<const RuleInfo> suppression_rules();

/// The rule of that id or name, or nullptr.
[[nodiscard]] const RuleInfo* find_rule(std::span<const RuleInfo> rules, std::string_view id_or_name);

/// "off", "info", "warning", "error": the words used in configuration, on the command line and in reports.
[[nodiscard]] std::string_view severity_word(Severity severity);

}  // namespace lockwright::findings
