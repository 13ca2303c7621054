// Tree to CFG, for all languages: copies finally parts and scope exits to every way out, wires exceptional
// edges, lowers short circuits, removes blocks that cannot be reached.
#pragma once

#include "analyzer/ir/cfg.h"
#include "analyzer/ir/module.h"
#include "analyzer/ir/tree.h"

namespace lockwright::ir {

/// Lowers `body` into function.cfg. Appends temporaries to function.locals. Falling off the end returns null.
/// Break and continue that match no loop, and a Raise with no value outside of any handler, end the path
/// with an unknown exception.
///
/// REQUIRES: function.range is set; what the builder adds (such as the return at the end) stands in that
/// file.
///
/// Only what can happen is in the graph: conditions that are constants are decided, handlers of code that
/// cannot raise are dropped, and a Loop whose body always leaves is no loop (so a Loop with a break at the
/// end makes a good labelled block or switch). A sole handler that catches everything needs no dispatch. A
/// finally part nested in the finally parts of two others is written once instead of copied; tests of
/// operator.eq(a temporary, integer) behind it choose the way on.
void build_cfg(const Tree& body, TermTable& terms, Function& function);

}  // namespace lockwright::ir
