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
void build_cfg(const Tree& body, TermTable& terms, Function& function);

}  // namespace lockwright::ir
