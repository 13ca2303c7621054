// Which rules a run asks, and how severe their findings are, as configuration and command line want it.
//
// A *selector* names rules: "LW101" or "nested-same-file-lock" one rule, "LW1" or "LW" all whose id begins
// so, "ALL" every rule. Within one layer the more specific selector wins, and `ignore` wins a draw: `select =
// ["LW1"]` with `ignore = ["LW103"]` means what it seems to, and so does the reverse.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/rule_info.h"

namespace lockwright::findings {

/// What one source of settings (the configuration file, the command line) says about rules.
struct SelectionLayer {
  std::optional<std::vector<std::string>> select{};  ///< nothing: every rule that is on by default
  std::vector<std::string> extend_select{};          ///< added to `select`
  std::vector<std::string> ignore{};
  std::map<std::string, Severity> severity{};  ///< by selector; `off` is one more way to ignore
};

/// The verdict on every rule of a run. Immutable.
class RulePolicy {
 public:
  /// A `select` on the command line starts over: the configuration's `select`, `ignore` and `off` do not
  /// count then, its other severities do. An `ignore` on the command line takes away from either. Of
  /// `command_line` only `select` and `ignore` are looked at.
  /// REQUIRES: all selectors match a rule (`selects_any`).
  RulePolicy(std::span<const RuleInfo> rules, const SelectionLayer& configuration,
             const SelectionLayer& command_line);

  [[nodiscard]] bool enabled(std::string_view rule_id) const;

  /// True if no rule that is on by default is left out.
  [[nodiscard]] bool complete() const { return complete_; }

  /// The ids of the enabled rules, sorted.
  [[nodiscard]] std::vector<std::string> enabled_ids() const;

  /// The configured severity, or else `found`, the one the rule gave to its finding.
  [[nodiscard]] Severity severity(std::string_view rule_id, Severity found) const;

 private:
  std::map<std::string, std::optional<Severity>, std::less<>> enabled_;  ///< by id; the configured severity
  bool complete_ = true;
};

/// Whether `selector` names this rule.
[[nodiscard]] bool selects(std::string_view selector, const RuleInfo& rule);

/// Whether `selector` names any of the rules. If not, it is a mistake to be reported.
[[nodiscard]] bool selects_any(std::string_view selector, std::span<const RuleInfo> rules);

/// The rule id or name (or "ALL") that a wrong selector most resembles, if any does.
[[nodiscard]] std::optional<std::string_view> nearest_selector(std::string_view selector,
                                                               std::span<const RuleInfo> rules);

}  // namespace lockwright::findings
