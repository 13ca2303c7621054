// A run of the command line in a directory of its own, with an engine that finds what the test wants.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "analyzer/cli/run.h"
#include "tests/unit/source/temp_tree.h"

namespace lockwright::cli::testing {

class FakeRun {
 public:
  /// With `src/a.py` ("nest()\n") on disk, in which LW101 (error) is found at the first character.
  FakeRun();

  /// Runs `lockwright <words>`, and keeps what it prints in `out` and `err`.
  int run(const std::vector<std::string>& words);

  source::testing::TempTree tree;
  std::string in;
  std::string out;
  std::string err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::map<std::string, std::string> environment;
  std::filesystem::path working_directory;  ///< the tree, unless the test changes it

  /// What the engine finds in every file whose text contains "nest()".
  std::string rule = "LW101";
  findings::Severity severity = findings::Severity::error;
  std::vector<source::Note> notes;
  std::optional<source::Error> engine_error;
  std::optional<AnalysisOptions> seen;  ///< what the engine was asked for; nothing if it was not
};

}  // namespace lockwright::cli::testing
