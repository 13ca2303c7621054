// Every rule is judged on its own: how specifically is it wanted, how specifically unwanted? The specificity
// of a selector is 0 if it does not name the rule, 1 for ALL, then the length of the prefix, and most for a
// whole id or name.
#include "analyzer/findings/selection.h"

#include <algorithm>

#include "analyzer/findings/nearest.h"

namespace lockwright::findings {
namespace {

constexpr std::string_view all_rules = "ALL";
constexpr std::string_view id_letters = "LW";
constexpr std::size_t by_all = 1;
constexpr std::size_t by_exact_name = 100;

std::size_t specificity(std::string_view selector, const RuleInfo& rule) {
  if (selector == rule.id || selector == rule.name) return by_exact_name;
  if (selector == all_rules) return by_all;
  if (selector.starts_with(id_letters) && rule.id.starts_with(selector)) return selector.size();
  return 0;
}

std::size_t specificity(const std::vector<std::string>& selectors, const RuleInfo& rule) {
  std::size_t most = 0;
  for (const std::string& selector : selectors) most = std::max(most, specificity(selector, rule));
  return most;
}

std::optional<Severity> configured_severity(const SelectionLayer& layer, const RuleInfo& rule) {
  std::size_t most = 0;
  std::optional<Severity> chosen;
  for (const auto& [selector, severity] : layer.severity) {
    const std::size_t here = specificity(selector, rule);
    if (here > most) {
      most = here;
      chosen = severity;
    }
  }
  return chosen;
}

bool wanted_by(const SelectionLayer& layer, const RuleInfo& rule) {
  const bool on_by_default = rule.severity != Severity::off;
  std::size_t wanted = layer.select ? specificity(*layer.select, rule) : by_all;
  wanted = std::max(wanted, specificity(layer.extend_select, rule));
  if (wanted == by_all && !on_by_default) wanted = 0;
  return wanted > specificity(layer.ignore, rule);
}

}  // namespace

RulePolicy::RulePolicy(std::span<const RuleInfo> rules, const SelectionLayer& configuration,
                       const SelectionLayer& command_line) {
  for (const RuleInfo& rule : rules) {
    std::optional<Severity> severity = configured_severity(configuration, rule);
    const bool off = severity == Severity::off;
    if (off) severity = std::nullopt;
    const bool kept = command_line.select ? wanted_by(command_line, rule)
                                          : wanted_by(configuration, rule) && !off &&
                                                specificity(command_line.ignore, rule) == 0;
    if (kept) {
      enabled_.emplace(rule.id, severity);
    } else if (rule.severity != Severity::off) {
      complete_ = false;
    }
  }
}

bool RulePolicy::enabled(std::string_view rule_id) const {
  return enabled_.contains(rule_id);
}

std::vector<std::string> RulePolicy::enabled_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, severity] : enabled_) ids.push_back(id);
  return ids;
}

Severity RulePolicy::severity(std::string_view rule_id, Severity found) const {
  const auto entry = enabled_.find(rule_id);
  return entry == enabled_.end() ? found : entry->second.value_or(found);
}

bool selects(std::string_view selector, const RuleInfo& rule) {
  return specificity(selector, rule) > 0;
}

bool selects_any(std::string_view selector, std::span<const RuleInfo> rules) {
  return std::ranges::any_of(rules, [&](const RuleInfo& rule) { return selects(selector, rule); });
}

std::optional<std::string_view> nearest_selector(std::string_view selector, std::span<const RuleInfo> rules) {
  std::vector<std::string_view> candidates{all_rules};
  for (const RuleInfo& rule : rules) candidates.insert(candidates.end(), {rule.id, rule.name});
  return nearest(selector, candidates);
}

}  // namespace lockwright::findings
