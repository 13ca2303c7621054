// Suppressions are looked up by file; few files have any, and few of those more than a handful. Each rule in
// a list is followed on its own: `ignore[LW101,LW102]` on a line with one finding of LW101 is half unused.
#include "analyzer/findings/suppress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "analyzer/findings/nearest.h"

namespace lockwright::findings {
namespace {

source::FileId file_of(const source::Suppression& suppression) {
  return suppression.range.file;
}

const RuleInfo& own_rule(std::size_t index) {
  return suppression_rules()[index];
}
const RuleInfo& unused_rule() {
  return own_rule(0);
}
const RuleInfo& malformed_rule() {
  return own_rule(1);
}

Finding about(const RuleInfo& rule, const source::Range& range, std::string message, std::string help,
              std::string step) {
  Finding finding;
  finding.rule = rule.id;
  finding.rule_name = rule.name;
  finding.severity = rule.severity;
  finding.message = std::move(message);
  finding.help = std::move(help);
  finding.primary = range;
  finding.witness.push_back({range, std::move(step), Actor::A, {}});
  return finding;
}

Finding unused_rule_name(const source::SuppressedRule& named) {
  return about(
      unused_rule(), named.range,
      fmt::format("'{}' is suppressed and not found here: the comment would hide the next real finding",
                  named.rule),
      fmt::format("Remove '{}' from the suppression.", named.rule),
      fmt::format("names '{}', which reports nothing on the covered lines", named.rule));
}

Finding unused_comment(const source::Suppression& suppression) {
  return about(unused_rule(), suppression.range,
               "this suppression silences nothing: it would hide the next real finding",
               "Remove the comment.", "covers lines on which nothing is reported");
}

/// "what is wrong; write what would be right", as the source stage words its problems, in two.
Finding unreadable(const source::SuppressionProblem& problem) {
  constexpr std::string_view separator = "; write ";
  const std::size_t advice = problem.message.find(separator);
  const std::string what = problem.message.substr(0, advice);
  const std::string todo = advice == std::string::npos
                               ? "Write ignore[RULE] or ignore-file[RULE]."
                               : "Write " + problem.message.substr(advice + separator.size()) + ".";
  return about(malformed_rule(), problem.range, "this suppression silences nothing: " + what, todo, what);
}

Finding unknown_name(const source::SuppressedRule& named, std::span<const RuleInfo> rules) {
  std::vector<std::string_view> known;
  for (const RuleInfo& rule : rules) known.insert(known.end(), {rule.id, rule.name});
  const auto best = nearest(named.rule, known);
  return about(
      malformed_rule(), named.range,
      fmt::format("there is no rule '{}': this part of the suppression silences nothing", named.rule),
      best ? fmt::format("Write '{}', if that is what is meant.", *best)
           : "See 'lockwright rules' for the rules there are.",
      fmt::format("names '{}', which is no rule", named.rule));
}

}  // namespace

Suppressor::Suppressor(const source::Suppressions& suppressions, const source::FileTable& files)
    : suppressions_(suppressions), files_(files) {
  for (const source::Suppression& suppression : suppressions.items) {
    entries_.push_back({&suppression, std::vector<bool>(std::max<std::size_t>(1, suppression.rules.size()))});
  }
  std::ranges::sort(entries_, {}, [](const Entry& entry) {
    return std::tuple(entry.suppression->range.file, entry.suppression->whole_file, entry.suppression->range);
  });
}

std::optional<std::string> Suppressor::silence(const Finding& finding) {
  const auto here = std::ranges::equal_range(entries_, finding.primary.file, {},
                                             [](const Entry& entry) { return file_of(*entry.suppression); });
  if (here.empty() || find_rule(suppression_rules(), finding.rule) != nullptr) return std::nullopt;
  const source::SourceFile* const file = files_.get(finding.primary.file);
  if (file == nullptr) return std::nullopt;
  const std::uint32_t line = file->lines().line_of(finding.primary.begin);

  std::optional<std::string> reason;
  for (Entry& entry : here) {
    const source::Suppression& suppression = *entry.suppression;
    if (!suppression.covers(line) || !suppression.names(finding.rule, finding.rule_name)) continue;
    if (!reason) reason = suppression.reason;
    if (suppression.rules.empty()) entry.used[0] = true;
    for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
      const std::string& named = suppression.rules[i].rule;
      if (named == finding.rule || named == finding.rule_name) entry.used[i] = true;
    }
  }
  return reason;
}

std::vector<Finding> Suppressor::unused(std::span<const RuleInfo> rules, const Runs& runs) const {
  std::vector<Finding> findings;
  for (const Entry& entry : entries_) {
    const source::Suppression& suppression = *entry.suppression;
    const source::FileId file = file_of(suppression);
    if (suppression.rules.empty()) {
      if (!entry.used[0] && runs(nullptr, file)) findings.push_back(unused_comment(suppression));
      continue;
    }
    std::vector<const source::SuppressedRule*> idle;
    for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
      const RuleInfo* const rule = find_rule(rules, suppression.rules[i].rule);
      if (!entry.used[i] && rule != nullptr && runs(rule, file)) idle.push_back(&suppression.rules[i]);
    }
    if (idle.size() == suppression.rules.size()) {
      findings.push_back(unused_comment(suppression));
    } else {
      for (const source::SuppressedRule* named : idle) findings.push_back(unused_rule_name(*named));
    }
  }
  return findings;
}

std::vector<Finding> Suppressor::malformed(std::span<const RuleInfo> rules) const {
  std::vector<Finding> findings;
  for (const source::SuppressionProblem& problem : suppressions_.problems)
    findings.push_back(unreadable(problem));
  for (const source::Suppression& suppression : suppressions_.items) {
    for (const source::SuppressedRule& named : suppression.rules) {
      if (find_rule(rules, named.rule) == nullptr) findings.push_back(unknown_name(named, rules));
    }
  }
  return findings;
}

}  // namespace lockwright::findings
