// The command line, taken apart.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analyzer/cli/config.h"
#include "analyzer/cli/cpp_commands.h"
#include "analyzer/report/report.h"
#include "analyzer/source/result.h"

namespace lockwright::cli {

enum class Command : std::uint8_t { check, explain, rules, server, ir, config_schema, print };

enum class ColourChoice : std::uint8_t { automatic, always, never };

/// `lockwright check`. What is not given is empty and left to the configuration or the default.
struct CheckArguments {
  std::vector<std::string> paths;  ///< at least one; "-" is standard input
  std::optional<std::vector<std::string>> select;
  std::vector<std::string> ignore;
  std::optional<PerFileIgnores> per_file_ignores;
  std::optional<std::vector<std::string>> exclude;
  std::vector<std::string> extend_exclude;
  std::optional<std::string> config;
  bool isolated = false;
  std::optional<FailOn> fail_on;
  report::Format format = report::Format::text;
  std::optional<std::string> output_file;
  unsigned jobs = 0;  ///< 0: one a processor
  bool stats = false;
  std::optional<std::string> baseline;
  std::optional<std::string> write_baseline;
  ColourChoice colour = ColourChoice::automatic;
  std::optional<std::string> stdin_filename;
  bool no_ignore = false;  ///< do not honour .gitignore and its like
  bool quiet = false;
  bool exit_zero = false;
  bool fix = false;           ///< repair the files
  bool unsafe_fixes = false;  ///< with fixes that a person has to look at
  CppOptions cpp = {};        ///< also of `ir`
  bool use_library = false;   ///< with moves to the lock library, before other repairs
  bool diff = false;          ///< show what --fix would do, and do nothing
};

struct Arguments {
  Command command = Command::check;
  CheckArguments check;
  std::string rule;    ///< explain: id or name
  bool json = false;   ///< explain, rules
  bool stdio = false;  ///< server: changes nothing
  std::string file;    ///< ir
  std::string text;    ///< print: help or version, to be printed as it is
};

/// Parses what stands after the program's name. The error is one line, naming the nearest known word where a
/// word is unknown.
[[nodiscard]] source::Result<Arguments> parse_arguments(std::span<const std::string> words);

}  // namespace lockwright::cli
