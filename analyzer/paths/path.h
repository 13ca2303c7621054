// Paths: in which orders operations can happen. The engine's product and all that rules see.
//
// A path is one way through a function, with the functions it calls laid out in place: the operations in
// order, the conditions taken for true on the way, and how the function is left. Terms in a path are those of
// the function's entry (its parameters, its receiver) and of values made on the way.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "analyzer/ir/term.h"
#include "analyzer/models/operation.h"
#include "analyzer/paths/call_chain.h"
#include "analyzer/source/range.h"

namespace lockwright::paths {

/// One operation of a path.
struct Step {
  models::Operation operation;
  source::Range range;  ///< the text that does it, in the innermost function
  CallChainPtr through;
  /// Done by work that was started and is not waited for: it comes after the spawn, but when is open.
  bool detached = false;
  /// Of detached work that a promise stands for: which one. Whoever awaits it has waited for this step.
  ir::Term task = ir::Term::none;
};

/// A condition that holds on the path from position `at` (an index into the steps: before that step).
struct Fact {
  ir::Term term = ir::Term::none;
  bool truth = true;
  std::uint32_t at = 0;
  source::Range range;
};

enum class Exit : std::uint8_t { returns, raises };

/// What a path leaves behind in fields, globals and entries: place := value, sorted by place.
using Effects = std::vector<std::pair<ir::Term, ir::Term>>;

struct Path {
  std::vector<Step> steps;
  std::vector<Fact> facts;
  Effects effects;
  Exit exit = Exit::returns;
  ir::Term value = ir::Term::none;  ///< what is returned, or the exception (unknown: of any class)
  source::Range exit_range;         ///< the return statement; what raised
  CallChainPtr exit_through;
  /// Generators: index of the first yield among the steps and what had been stored by then; -1: none.
  std::int32_t first_yield = -1;
  Effects effects_at_yield;
};

/// All paths of one function in one context.
struct Summary {
  std::vector<Path> paths;
  /// Parameters (receiver: -1) whose constant value or class would have made the summary more precise.
  std::vector<std::int32_t> consulted;
  std::vector<ir::Term>
      consulted_places;  ///< variables of enclosing functions, fields of the receiver, likewise
  std::vector<std::size_t> by_importance;  ///< indices of the paths, the most telling ones first
  bool truncated = false;                  ///< more paths than the bound: these are a spread of them
  bool asks_how_it_began = false;  ///< a module's own code: what it does hangs on whether it was imported
};

}  // namespace lockwright::paths
