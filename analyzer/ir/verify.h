// Says what is wrong with a module's IR; run on every module in tests, debug builds and `lockwright ir`.
#pragma once

#include <string>
#include <vector>

#include "analyzer/ir/module.h"

namespace lockwright::ir {

/// Each violated invariant in one line ("f: block 3: jumps to block 17 of 9"); empty when all hold:
/// targets exist; every block is reachable, and is led back to only if it is a loop header; blocks that land
/// raise, and land in a block that receives into a local and that nothing else leads to; locals are in range;
/// lets, stores, awaits, returns and raises have a value; stores have a place that can be stored to; calls
/// have a callee; terms come from the module's table; parameters come first among the locals; parents exist;
/// methods point at functions of that owner; ranges lie in the module's file and are not inverted.
std::vector<std::string> verify(const Module& module);

}  // namespace lockwright::ir
