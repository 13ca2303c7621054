// Judging, in the only order that works: rules that are off and files that are let off fall away first, so
// that what is silenced there does not count as used; then repetitions; then suppressions, which may add
// findings of their own; then fingerprints, which count equals among all that is left; then the baseline,
// which knows findings by their fingerprints.
#include "analyzer/findings/triage.h"

#include <algorithm>
#include <map>
#include <set>

#include "analyzer/findings/fingerprint.h"
#include "analyzer/findings/order.h"
#include "analyzer/findings/suppress.h"

namespace lockwright::findings {
namespace {

/// Whether the patterns match the file or a directory above it.
bool matches(const source::IgnoreRules& patterns, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (patterns.match(path.substr(0, slash), true) == source::Verdict::ignore) return true;
  }
  return patterns.match(path, false) == source::Verdict::ignore;
}

/// Which rules apply in which files. Remembers what it has worked out about a file.
class RuleScope {
 public:
  RuleScope(const source::FileTable& files, const Judgement& by) : files_(files), by_(by) {}

  [[nodiscard]] bool applies(const RuleInfo& rule, source::FileId file) {
    return by_.policy.enabled(rule.id) && std::ranges::none_of(let_off(file), [&](std::string_view selector) {
             return selects(selector, rule);
           });
  }

  /// Whether every rule that is on by default applies.
  [[nodiscard]] bool all_apply(source::FileId file) { return by_.policy.complete() && let_off(file).empty(); }

 private:
  const std::vector<std::string_view>& let_off(source::FileId file) {
    const auto [entry, added] = let_off_.try_emplace(file);
    if (!added || by_.file_ignores.empty()) return entry->second;
    const std::string path = by_.paths.of(files_.path(file));
    for (const FileIgnores& ignores : by_.file_ignores) {
      if (!matches(ignores.files, path)) continue;
      entry->second.insert(entry->second.end(), ignores.selectors.begin(), ignores.selectors.end());
    }
    return entry->second;
  }

  const source::FileTable& files_;
  const Judgement& by_;
  std::map<source::FileId, std::vector<std::string_view>> let_off_;  ///< selectors of per-file-ignores
};

/// Drops findings that do not apply, and gives the others their configured severities.
void apply_policy(std::vector<Finding>& findings, RuleScope& scope, const Judgement& by) {
  std::erase_if(findings, [&](const Finding& finding) {
    const RuleInfo* const rule = find_rule(by.rules, finding.rule);
    return finding.severity == Severity::off || rule == nullptr ||
           !scope.applies(*rule, finding.primary.file);
  });
  for (Finding& finding : findings) finding.severity = by.policy.severity(finding.rule, finding.severity);
}

std::size_t count_gone(const Baseline& baseline, const std::set<std::string>& found,
                       const source::FileTable& files, const Judgement& by) {
  std::set<std::string> looked_at;
  for (std::size_t i = 0; i < files.size(); ++i) {
    looked_at.insert(by.paths.of(files.path(static_cast<source::FileId>(i))));
  }
  return static_cast<std::size_t>(std::ranges::count_if(baseline.entries, [&](const BaselineEntry& entry) {
    return by.policy.enabled(entry.rule) && !found.contains(entry.fingerprint) &&
           (looked_at.contains(entry.path) || !by.paths.exists(entry.path));
  }));
}

void apply_baseline(Triage& triage, const source::FileTable& files, const Judgement& by) {
  std::set<std::string> accepted;
  for (const BaselineEntry& entry : by.baseline->entries) accepted.insert(entry.fingerprint);
  std::set<std::string> found;
  for (Judged& judged : triage.findings) {
    found.insert(judged.fingerprint);
    if (judged.state == State::open && accepted.contains(judged.fingerprint)) judged.state = State::baselined;
  }
  triage.gone_from_baseline = count_gone(*by.baseline, found, files, by);
}

}  // namespace

Triage triage(std::vector<Finding> findings, const source::Suppressions& suppressions,
              const source::FileTable& files, const Judgement& by) {
  RuleScope scope(files, by);
  apply_policy(findings, scope, by);

  Suppressor suppressor(suppressions, files);
  for (const Finding& finding : findings) static_cast<void>(suppressor.silence(finding));
  const Suppressor::Runs runs = [&](const RuleInfo* rule, source::FileId file) {
    return rule == nullptr ? scope.all_apply(file) : scope.applies(*rule, file);
  };
  std::vector<Finding> about_suppressions = suppressor.unused(by.rules, runs);
  std::ranges::move(suppressor.malformed(by.rules), std::back_inserter(about_suppressions));
  apply_policy(about_suppressions, scope, by);
  std::ranges::move(about_suppressions, std::back_inserter(findings));

  sort_and_dedupe(findings);
  std::vector<std::string> names = fingerprints(findings, files, by.paths);
  Triage result;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    Judged judged{std::move(findings[i]), State::open, std::move(names[i]), ""};
    if (std::optional<std::string> reason = suppressor.silence(judged.finding)) {
      judged.state = State::suppressed;
      judged.reason = std::move(*reason);
    }
    result.findings.push_back(std::move(judged));
  }
  if (by.baseline != nullptr) apply_baseline(result, files, by);
  return result;
}

}  // namespace lockwright::findings
