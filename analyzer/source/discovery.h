// Finding the files that a run is about.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analyzer/source/language.h"
#include "analyzer/source/note.h"

namespace lockwright::source {

/// Directories that hold no source of the project's own: environments, caches, packages, build output. In
/// gitignore syntax. Names that also occur as real source directories ("build", "dist") are in it only in
/// the shapes that tools produce.
[[nodiscard]] const std::vector<std::string>& default_excludes();

struct DiscoveryOptions {
  /// Files and directories as the user named them, relative to `working_directory` or absolute.
  std::vector<std::string> roots;
  /// What to leave out, in gitignore syntax, relative to `exclude_base`. They are asked after
  /// `default_exclude`, so `!name` takes one of those back; they do not bring back what .gitignore ignores
  /// (a negation in a .ignore file does).
  std::vector<std::string> exclude;
  /// The directory of the configuration that `exclude` comes from; empty: the working directory.
  std::string exclude_base;
  std::vector<std::string> default_exclude = default_excludes();
  LanguageSet languages;
  bool respect_ignore_files = true;  ///< .gitignore, .git/info/exclude, .ignore
  unsigned jobs = 0;                 ///< threads; 0: one a processor
  /// Where relative roots start and what displayed paths are relative to; empty: the process's.
  std::string working_directory;
};

/// How discover() would display this path, whether or not it exists; for a file that is in memory only.
[[nodiscard]] std::string display_path(const std::string& path, const std::string& working_directory);

struct DiscoveredFile {
  std::string path;  ///< as displayed; see below
  Language language{};

  friend bool operator==(const DiscoveredFile&, const DiscoveredFile&) = default;
};

struct Discovery {
  std::vector<DiscoveredFile> files;  ///< sorted by path (bytes), each file once
  std::vector<Note> notes;            ///< sorted
  std::size_t directories = 0;        ///< listed
};

/// Finds the files of the enabled languages in the roots. What .gitignore files (from the repository's root
/// down, also without a repository from the root down), .git/info/exclude, .ignore files and the excludes
/// leave out is not found, except for files that the user named: those are always taken. A root that is a
/// symbolic link is followed; links below the roots are not, so loops cannot occur.
///
/// Paths are relative to the working directory where they lie below it, and otherwise as the user's root has
/// them; with '/' separators, no leading "./", no "//" or "/./", and ".." only in front or after a symbolic
/// link. They can be opened from the working directory as they are.
///
/// The result depends on the file system alone, not on `jobs`. What goes wrong is a note: a directory that
/// cannot be read is a warning, a root that does not exist is a `bad_input`, a named file of a language that
/// is not enabled is a warning.
[[nodiscard]] Discovery discover(const DiscoveryOptions& options);

}  // namespace lockwright::source
