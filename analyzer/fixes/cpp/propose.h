// Repairs in C and C++.
#pragma once

#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
#include "analyzer/source/file_table.h"

namespace lockwright::fixes::cpp {

/// What may repair the finding, the best first.
[[nodiscard]] std::vector<findings::Fix> propose(const findings::Finding& finding,
                                                 const source::FileTable& files);

}  // namespace lockwright::fixes::cpp
