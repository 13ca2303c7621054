// Internal to paths/.
#pragma once

#include <span>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// Whether a number compared with constants has no value left: by `facts`, and by `test` being `truth`.
bool leaves_no_number(const ir::TermTable& terms, std::span<const Fact> facts, ir::Term test, bool truth);

}  // namespace lockwright::paths
