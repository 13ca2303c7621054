// From the structured tree of a function to its control flow graph, in two steps.
//
// Frontends say what the source says ("try this, finally that"); everything after them wants blocks and
// edges. The lowering walks the tree once and writes blocks as they come (lowering.cpp: what stays inside;
// and lowering_exits.cpp: what leaves, through finally parts and scope exits); the simplifier then drops and
// joins blocks and numbers the rest (simplify.cpp).
#include "analyzer/ir/builder.h"

#include "analyzer/ir/draft.h"
#include "analyzer/ir/lowering.h"

namespace lockwright::ir {

void build_cfg(const Tree& body, TermTable& terms, Function& function) {
  function.cfg = simplify(Lowering(terms, function).run(body));
}

}  // namespace lockwright::ir
