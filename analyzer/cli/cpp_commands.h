// How each C and C++ file of a run is compiled: what a compile database says, or else a guess.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/frontends/clang/frontend.h"
#include "analyzer/frontends/cpp/compile_commands.h"
#include "analyzer/source/note.h"

namespace lockwright::cli {

class KeptReads;

/// How C and C++ are read.
struct CppOptions {
  bool clang = true;                            ///< where it is built in
  std::optional<std::string> compile_commands;  ///< the folder of the compile database; none: looked for
  double seconds = 30;                          ///< of processor time that Clang may take for one file
  std::shared_ptr<KeptReads> kept = nullptr;    ///< for analyses that follow one another
};

/// Where a file's includes were found in the tree, in the words of the compiler's options.
struct IncludeRoots {
  std::vector<std::string> quoted;   ///< where "x.h" was found
  std::vector<std::string> angular;  ///< where <x.h> was found
};

/// Databases are found upwards from a file, in a folder or in a build folder in it, and are read once. Not
/// thread-safe.
class CppCommands {
 public:
  CppCommands(const CppOptions& options, std::vector<source::Note>& notes)
      : options_(options), notes_(notes) {}

  /// What the database says of `path` (absolute), or of `source`, the source that a header belongs to.
  std::optional<frontends::compiler::Command> find(const std::string& path, const std::string& source);
  /// Flags that make sense of most files.
  static frontends::compiler::Command guess(const std::string& directory, bool is_c, bool is_header,
                                            const IncludeRoots& roots);

 private:
  const frontends::cpp::CompileCommands* load(const std::string& file);

  const CppOptions& options_;
  std::vector<source::Note>& notes_;
  std::map<std::string, std::optional<frontends::cpp::CompileCommands>> files_;
  std::map<std::string, std::vector<std::string>> found_in_;  ///< databases by folder
};

}  // namespace lockwright::cli
