// No fix is shown that has not been tried: applied to a copy of the text, analysed again with the same
// settings, the finding gone and nothing new.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "analyzer/findings/triage.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/note.h"

namespace lockwright::fixes {

/// A file's text as it would be.
struct ChangedFile {
  std::string path;  ///< as displayed
  std::string text;
};

/// What an analysis came to, in a form that survives edits: how many findings of each rule each function has,
/// silenced ones included, and what could not be read or parsed.
class Census {
 public:
  Census(std::span<const findings::Judged> findings, const source::FileTable& files,
         std::span<const source::Note> notes);

  using Key = std::tuple<std::string, std::string, std::string>;  ///< rule, path, function
  [[nodiscard]] static Key key(const findings::Finding& finding, const source::FileTable& files);

  /// Whether this is `before` without `repaired` (once each), and with nothing that was not there.
  [[nodiscard]] bool repairs(const Census& before, std::span<const Key> repaired) const;

 private:
  std::map<Key, std::size_t> findings_;
  std::map<std::string, std::size_t> notes_;
};

/// Analyses the run again, with the settings of the first time and these texts in place of the files'.
/// Nothing if it fails.
using Reanalyse = std::function<std::optional<Census>(const std::vector<ChangedFile>&)>;

/// The texts of the files that the fixes change, changed. REQUIRES: the fixes do not overlap.
[[nodiscard]] std::vector<ChangedFile> changed_by(std::span<const findings::Fix* const> fixes,
                                                  const source::FileTable& files);

/// Proposes for every open finding and keeps, in `Judged::fixes`, what is proved. Fixes that do not touch
/// each other are proved together, and one by one only when that fails: so that a clean proof of many costs
/// one analysis.
void find_fixes(std::span<findings::Judged> findings, const source::FileTable& files,
                std::span<const source::Note> notes, const Reanalyse& reanalyse);

}  // namespace lockwright::fixes
