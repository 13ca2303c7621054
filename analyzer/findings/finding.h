// What a rule says: plain data between the rules and everything that shows, repairs or silences it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyzer/findings/repair.h"
#include "analyzer/source/range.h"

namespace lockwright::findings {

/// How sure and how bad. `error`: wrong on every reading. `warning`: wrong unless the surroundings say
/// otherwise. `info`: advice, does not fail a run by default. `off`: configured away.
enum class Severity : std::uint8_t { off, info, warning, error };

/// Who performs a step of a witness. `A` and `B` are two processes, threads or tasks that interleave; a
/// witness on which nothing interleaves has the one actor `A`.
enum class Actor : std::uint8_t { A, B };

/// One step of the execution that proves a finding, in the order in which it happens.
struct Step {
  source::Range range;  ///< the text that performs the step
  std::string text;     ///< "acquires flock on <file>", third person, no actor in it
  Actor actor = Actor::A;
  std::vector<source::Range> through;  ///< calls on the way to `range`, outermost first; empty if none
};

/// One finding.
struct Finding {
  std::string rule;       ///< "LW101"
  std::string rule_name;  ///< "nested-same-file-lock"
  Severity severity = Severity::warning;
  std::string message;           ///< fact, then consequence, with the names in it; no advice
  std::string help;              ///< a command that repairs it: "Pass the held handle to …"
  source::Range primary;         ///< where the squiggle goes
  std::string function;          ///< qualified name of the enclosing function, "" at module level
  std::vector<Step> witness;     ///< never empty: it is the proof
  std::optional<Repair> repair;  ///< what would repair it, if the rule knows
};

}  // namespace lockwright::findings
