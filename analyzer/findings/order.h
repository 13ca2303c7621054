// The one order in which findings are shown, whatever the number of threads that found them.
#pragma once

#include <vector>

#include "analyzer/findings/finding.h"

namespace lockwright::findings {

/// Sorts by path, line, column, rule and message (files are numbered in the order of their paths, and offsets
/// grow with lines and columns), and keeps one of those that are alike in rule, message and primary range:
/// the one with the shortest witness, as several paths often prove the same thing.
void sort_and_dedupe(std::vector<Finding>& findings);

}  // namespace lockwright::findings
