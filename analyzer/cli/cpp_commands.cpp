// See cpp_commands.h. A database that does not mention a file says nothing about it: the search goes on
// upwards.
#include "analyzer/cli/cpp_commands.h"

#include <algorithm>
#include <filesystem>

#include "analyzer/cli/files.h"

namespace lockwright::cli {

namespace fs = std::filesystem;
using frontends::compiler::Command;
using frontends::cpp::CompileCommand;
using frontends::cpp::CompileCommands;

namespace {

constexpr const char* file_name = "compile_commands.json";

}  // namespace

const CompileCommands* CppCommands::load(const std::string& file) {
  const auto [at, added] = files_.try_emplace(file);
  if (added) {
    const source::Result<std::string> text = read_file(file);
    if (text) at->second = CompileCommands::parse(*text);
    if (!at->second) {
      notes_.push_back({.path = file,
                        .line = std::nullopt,
                        .message = text ? "is no compile database: read without it" : text.error().message});
    }
  }
  return at->second ? &*at->second : nullptr;
}

std::optional<Command> CppCommands::find(const std::string& path, const std::string& source) {
  const auto look_up = [&](const std::string& database) -> std::optional<Command> {
    const CompileCommands* commands = load(database);
    if (commands == nullptr) return std::nullopt;
    const CompileCommand* found = commands->find(path);
    const bool borrowed = found == nullptr && !source.empty();
    if (borrowed) found = commands->find(source);
    if (found == nullptr) return std::nullopt;
    Command result{found->directory, found->arguments};
    if (borrowed && !source.ends_with(".c"))
      result.arguments.insert(result.arguments.begin(), {"-x", "c++-header"});
    return result;
  };
  if (options_.compile_commands)
    return look_up((fs::path(*options_.compile_commands) / file_name).generic_string());
  for (fs::path directory = fs::path(path).parent_path();; directory = directory.parent_path()) {
    const auto [at, added] = found_in_.try_emplace(directory.generic_string());
    if (added) {
      std::error_code error;
      if (fs::is_regular_file(directory / file_name, error))
        at->second.push_back((directory / file_name).generic_string());
      for (fs::directory_iterator each(directory, error), end; !error && each != end; each.increment(error)) {
        const std::string name = each->path().filename().string();
        if (name.starts_with("build") && fs::is_regular_file(each->path() / file_name, error))
          at->second.push_back((each->path() / file_name).generic_string());
      }
      std::sort(at->second.begin(), at->second.end());
    }
    for (const std::string& database : at->second) {
      if (auto found = look_up(database)) return found;
    }
    if (directory == directory.parent_path()) return std::nullopt;
  }
}

Command CppCommands::guess(const std::string& directory, bool is_c, bool is_header,
                           const IncludeRoots& roots) {
  Command result{directory, {}};
  std::vector<std::string>& arguments = result.arguments;
  arguments = {"-x", is_c ? (is_header ? "c-header" : "c") : (is_header ? "c++-header" : "c++"),
               is_c ? "-std=gnu17" : "-std=gnu++20", "-D_GNU_SOURCE"};
  for (const std::string& root : roots.quoted) arguments.insert(arguments.end(), {"-iquote", root});
  // Behind the system's own: a tree may have headers of the same names for other systems.
  for (const std::string& root : roots.angular) arguments.insert(arguments.end(), {"-idirafter", root});
  return result;
}

}  // namespace lockwright::cli
