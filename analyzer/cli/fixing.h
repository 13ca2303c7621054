// Repairing: rounds of analysis and fixes until nothing is left to do, in memory; then the files.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analyzer/cli/analysis.h"
#include "analyzer/findings/triage.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

/// One analysis, judged.
struct Judgement {
  Analysis analysis;
  findings::Triage triage;
};

/// Analyses and judges the run with these texts in place of the files'.
using AnalyseAgain = std::function<source::Result<Judgement>(const std::vector<source::InMemoryFile>&)>;

/// `below` with texts that take the place of files in it, or come to them.
[[nodiscard]] std::vector<source::InMemoryFile> laid_over(std::vector<source::InMemoryFile> below,
                                                          const std::vector<source::InMemoryFile>& texts);

/// Fills in `Judged::fixes` of the open findings.
void find_fixes(Judgement& judgement, const AnalyseAgain& again);

/// A file, as it was analysed and as it is to be.
struct RepairedFile {
  std::string before;
  std::string after;
};

struct Repairs {
  std::map<std::string, RepairedFile> files;  ///< by displayed path
  std::size_t findings = 0;                   ///< repaired
};

/// Which fixes are applied.
struct Wanted {
  bool unsafe = false;   ///< also those that a person has to look at
  bool library = false;  ///< also moves to the lock library, before all others
};

/// Applies the fixes that are wanted, and analyses again, until none is left; `judgement` is then that of the
/// repaired texts. Where fixes overlap the first one goes first, and the next round sees about the others.
/// Fixes that would change one of the files `untouched` are left out. REQUIRES: find_fixes() has been called.
[[nodiscard]] Repairs repair(Judgement& judgement, Wanted wanted, const std::set<std::string>& untouched,
                             const AnalyseAgain& again);

/// Why this file cannot be replaced ("has changed since it was analysed"); nothing if it can be.
[[nodiscard]] std::optional<source::Error> why_not_written(const std::string& directory,
                                                           const std::string& path, const RepairedFile& file);

/// The repairs as a unified diff, file by file.
[[nodiscard]] std::string diff_of(const Repairs& repairs);

}  // namespace lockwright::cli
