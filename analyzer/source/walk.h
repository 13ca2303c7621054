// Walking directory trees in parallel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/source/ignore_scope.h"
#include "analyzer/source/language.h"
#include "analyzer/source/note.h"

namespace lockwright::source {

/// Patterns that are not in an ignore file but given for the run, and the directory that anchored ones among
/// them are relative to (absolute, without symbolic links). They are asked before any ignore file.
struct ExcludeRules {
  IgnoreRules rules;
  std::string base;

  /// REQUIRES: `absolute_path` is absolute, without symbolic links.
  [[nodiscard]] bool excludes(std::string_view absolute_path, bool is_directory) const;
};

/// One tree to walk. The three paths name the same directory.
struct WalkRoot {
  std::string display;   ///< how its files are to be called; "" if by their relative paths alone
  std::string open;      ///< what the process can open
  std::string absolute;  ///< without symbolic links: what ignore patterns are matched against
  const IgnoreScope* scope = nullptr;  ///< of the directories above; not owned
};

struct WalkOptions {
  const ExcludeRules* exclude = nullptr;  ///< REQUIRES: not null
  LanguageSet languages;
  bool respect_ignore_files = true;
  unsigned jobs = 1;
};

/// One file that was found: `relative` is its path below `roots[root]`.
struct WalkedFile {
  std::uint32_t root = 0;
  Language language{};
  std::string relative;
};

struct Walk {
  std::vector<WalkedFile> files;  ///< in no particular order
  std::vector<Note> notes;        ///< directories and ignore files that could not be read; in no order
  std::size_t directories = 0;
};

/// "a/b" for ("a", "b"); the other one if one is empty.
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

/// Finds the regular files of the given languages below the roots, leaving out what is excluded or ignored.
/// Symbolic links are not followed, neither to directories nor to files, so there are no loops and a file is
/// found once; directories called .git are never entered.
[[nodiscard]] Walk walk(const std::vector<WalkRoot>& roots, const WalkOptions& options);

}  // namespace lockwright::source
