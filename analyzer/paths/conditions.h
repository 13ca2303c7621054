// Conditions: what a test comes to on a path, and which paths contradict themselves.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// A test without its negations: `not x`, `x is not y`, `x != y` become x, x is y, x == y and the other
/// truth.
struct Literal {
  ir::Term term;
  bool truth;
};
Literal literal(ir::TermTable& terms, ir::Term test, bool truth);

/// Takes the test for its truth from step `at` on. False when that contradicts what is known: no such path.
[[nodiscard]] bool assume(ir::TermTable& terms, std::vector<Fact>& facts, const Literal& test,
                          std::uint32_t at, source::Range range);

}  // namespace lockwright::paths
