// C and C++ through Clang: what the syntactic frontend does, with types, overloads and macros.
//
// The two work together, function by function. The syntactic frontend says what a file declares and lowers
// what Clang has not understood (a header is missing, the code stands in a branch of #if that is off); Clang
// lowers the rest. Built without Clang, this does nothing, and says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analyzer/frontends/cpp/frontend.h"

namespace lockwright::frontends::compiler {

/// How a file is compiled.
struct Command {
  std::string directory;               ///< what relative paths in the arguments mean
  std::vector<std::string> arguments;  ///< without the compiler, the file, and where output goes
};

enum class Failure : std::uint8_t { none, no_clang, slow, crashed, bad_command };

struct Outcome {
  std::optional<ir::Module> module;  ///< none: nothing was read
  Failure failure = Failure::none;
};

/// The version of the Clang that is built in; "" if there is none.
std::string clang_version();

/// Reads a file; functions that Clang could not lower have `without_types`. Stops when that has taken
/// `seconds` of processor time, and survives what crashes Clang. Thread-safe.
/// REQUIRES: `path` is absolute; the text is that of `input`, whatever stands at `path`.
Outcome read(const cpp::Input& input, const std::string& path, const Command& command, double seconds);

}  // namespace lockwright::frontends::compiler
