// Matching suppression comments with the findings they silence.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/rule_info.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/suppression.h"

namespace lockwright::findings {

/// The suppressions of a run, and which of them have silenced something. A suppression silences a finding of
/// a rule that it names if it covers the line in which the finding's primary range starts. LW001 and LW002
/// cannot be silenced by comments, or an unused comment would silence what is said about itself.
class Suppressor {
 public:
  /// Borrows both, which must outlive it.
  Suppressor(const source::Suppressions& suppressions, const source::FileTable& files);

  /// If something silences the finding: the reason it gives, perhaps "". Everything that does counts as used.
  [[nodiscard]] std::optional<std::string> silence(const Finding& finding);

  /// Whether a rule runs in a file: what is said about one that does not cannot be called unused. A null rule
  /// stands for all rules.
  using Runs = std::function<bool(const RuleInfo* rule, source::FileId file)>;

  /// LW001 for every suppression, or rule in its list, that has silenced nothing.
  /// REQUIRES: all findings have been shown to `silence`.
  [[nodiscard]] std::vector<Finding> unused(std::span<const RuleInfo> rules, const Runs& runs) const;

  /// LW002 for what cannot be read, and for names that are no rule's.
  [[nodiscard]] std::vector<Finding> malformed(std::span<const RuleInfo> rules) const;

 private:
  struct Entry {
    const source::Suppression* suppression;
    std::vector<bool> used;  ///< by rule of its list; one for a suppression of all rules
  };

  const source::Suppressions& suppressions_;
  const source::FileTable& files_;
  std::vector<Entry> entries_;  ///< sorted by file, those for whole files last
};

}  // namespace lockwright::findings
