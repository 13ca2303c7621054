// Says what is wrong with a module's IR; run on every module in tests, debug builds and `lockwright ir`.
#pragma once

#include <string>
#include <vector>

#include "analyzer/ir/module.h"

namespace lockwright::ir {

/// Each violated invariant in one line ("f: block 3: jumps to block 17 of 9"); empty when all hold:
/// targets exist; every block is reachable; landing blocks receive into a local; locals are in range; lets
/// and stores have a value; calls have a callee; terms come from the module's table; parameters come first
/// among the locals; methods point at functions of that owner; ranges lie in the module's file and are not
/// inverted.
std::vector<std::string> verify(const Module& module);

}  // namespace lockwright::ir
