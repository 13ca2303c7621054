// The whole of Lockwright's command line as a function.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>

#include "analyzer/cli/analysis.h"

namespace lockwright::cli {

/// The world around a run. Borrows the streams.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  int in_descriptor = 0;  ///< for the language server, which reads and writes past the streams
  int out_descriptor = 1;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::optional<std::size_t> width;         ///< the terminal's columns, if known
  std::filesystem::path working_directory;  ///< absolute; what relative paths start from
  /// The value of an environment variable, or null.
  std::function<const char*(const char* name)> environment = [](const char*) { return nullptr; };
};

/// What a run came to, as exit codes: CI tells a finding from a broken run by them.
inline constexpr int exit_clean = 0;     ///< nothing at or above --fail-on
inline constexpr int exit_findings = 1;  ///< findings
inline constexpr int exit_failure = 2;   ///< the run itself failed; `err` says why, one line each

/// Runs `lockwright <arguments>`.
[[nodiscard]] int run(std::span<const std::string> arguments, const Console& console,
                      const Services& services);

}  // namespace lockwright::cli
