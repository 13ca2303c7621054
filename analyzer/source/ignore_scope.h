// Which ignore files apply in a directory, and what they say together.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/ignore.h"
#include "analyzer/source/note.h"

namespace lockwright::source {

/// The ignore files of one directory, linked to those of the directories above it. Immutable once linked.
struct IgnoreScope {
  const IgnoreScope* parent = nullptr;
  std::size_t base_length = 0;   ///< length of the directory's absolute path with its '/'
  bool repository_root = false;  ///< git's patterns from further up do not reach in here
  IgnoreRules dot_ignore;        ///< .ignore: beats everything of git's
  IgnoreRules gitignore;         ///< .gitignore
  IgnoreRules info_exclude;      ///< .git/info/exclude, in a repository's root
};

/// What the scope and those above it say about the entry with this absolute path. In order of precedence:
/// .ignore files, .gitignore files, .git/info/exclude; within each the deeper directory first. `scope` may
/// be null: nothing is ignored.
[[nodiscard]] bool is_ignored(const IgnoreScope* scope, std::string_view absolute_path, bool is_directory);

/// What a directory's listing shows of interest here.
struct IgnoreFilesPresent {
  bool dot_ignore = false;
  bool gitignore = false;
  bool git = false;  ///< an entry named .git: a repository's root, or a worktree's or submodule's

  [[nodiscard]] bool any() const { return dot_ignore || gitignore || git; }
};

/// Reads the ignore files that are present in `directory` (absolute). One that cannot be read becomes a note
/// and counts as empty; `display` is the directory's path in that note.
[[nodiscard]] std::unique_ptr<const IgnoreScope> read_ignore_scope(const std::string& directory,
                                                                   const std::string& display,
                                                                   IgnoreFilesPresent present,
                                                                   const IgnoreScope* parent,
                                                                   std::vector<Note>& notes);

/// The scopes of the directories above `directory` (absolute, without symbolic links), from the root of the
/// git repository that it lies in downwards; the last applies to `directory`. Empty when it lies in none, or
/// is itself the root of one.
[[nodiscard]] std::vector<std::unique_ptr<const IgnoreScope>> read_scopes_above(const std::string& directory,
                                                                                std::vector<Note>& notes);

}  // namespace lockwright::source
