// compile_commands.json: how the files of a project are compiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockwright::frontends::cpp {

/// One file's entry.
struct CompileCommand {
  std::string directory;
  std::vector<std::string> arguments;  ///< without the compiler, the file, and where output goes
};

/// One database. Paths in it are made absolute; of several entries for a file, the first counts.
class CompileCommands {
 public:
  /// Nothing if `text` is no compile database. Entries that make no sense are left out.
  static std::optional<CompileCommands> parse(std::string_view text);

  /// `path` is absolute and without "." and "..".
  [[nodiscard]] const CompileCommand* find(const std::string& path) const;
  [[nodiscard]] std::size_t size() const { return commands_.size(); }

 private:
  std::unordered_map<std::string, CompileCommand> commands_;
};

/// The words of a command line, as a POSIX shell would split it.
std::vector<std::string> shell_words(std::string_view line);

}  // namespace lockwright::frontends::cpp
