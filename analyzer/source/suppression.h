// Comments that silence findings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/file.h"
#include "analyzer/source/language.h"
#include "analyzer/source/range.h"
#include "analyzer/source/skim.h"

namespace lockwright::source {

/// A rule as a suppression names it: by id ("LW101") or by name ("nested-same-file-lock"). Whether there is
/// such a rule is not known here.
struct SuppressedRule {
  std::string rule;
  Range range;  ///< of the name, for reports about this one
};

/// One suppression:
///
///     # lockwright: ignore[LW101,LW102] reason        (in TypeScript and C++ after // or within /* */)
///     # lockwright: ignore reason                     all rules
///     # lockwright: ignore-file[LW101] reason         in the whole file, wherever it stands
///
/// It may follow other words for other tools, if after a mark of its own: `# noqa # lockwright: ignore`.
struct Suppression {
  Range range;              ///< from its "#", "//" or "/*" to its end; what to delete if it is unused
  bool whole_file = false;  ///< ignore-file: `lines` means nothing
  LineSpan lines;           ///< what it covers; see covers()
  std::vector<SuppressedRule> rules;  ///< empty: all rules
  std::string reason;                 ///< may be empty

  /// Whether it covers what starts in this line. After code, it covers that line and all lines of the
  /// statement that the line belongs to. On a line of its own, it covers the next line with code, and if a
  /// statement starts there, all of its lines.
  [[nodiscard]] bool covers(std::uint32_t line) const { return whole_file || lines.contains(line); }

  /// Whether it names the rule that has this id and this name, or all.
  [[nodiscard]] bool names(std::string_view rule_id, std::string_view rule_name) const;
};

/// A comment that was meant as a suppression and is none.
struct SuppressionProblem {
  Range range;
  std::string message;  ///< one line: what is wrong, and what would be right
};

struct Suppressions {
  std::vector<Suppression> items;            ///< in the order of the text
  std::vector<SuppressionProblem> problems;  ///< in the order of the text; what is in here silences nothing
};

/// Finds the suppressions in a text. What stands in a string literal is no comment, as far as skim() can
/// tell. `file` is for the ranges only. Which of them were used is the business of whoever has the findings.
[[nodiscard]] Suppressions find_suppressions(std::string_view text, Language language, FileId file = {});

/// The same, of a loaded file.
[[nodiscard]] Suppressions find_suppressions(const SourceFile& file);

}  // namespace lockwright::source
