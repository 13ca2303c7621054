// From findings to repairs.
//
// Three know something of a repair, and none knows it all. The rule knows what must happen, in operations: it
// attaches a findings::Repair ("release this on every way out of what lies between"). The language knows what
// that looks like in its syntax: fixes/python/ and fixes/typescript/ turn a Repair into edits of a file's
// text with the help of its syntax tree, and know neither rules nor models. Whether the edits are a repair,
// the analysis itself has to say: fixes/prove.h.
#pragma once

#include <vector>

#include "analyzer/findings/finding.h"
#include "analyzer/findings/fix.h"
#include "analyzer/source/file_table.h"

namespace lockwright::fixes {

/// What may repair the finding, the best first; nothing if no language knows how. Nothing of it is proved.
[[nodiscard]] std::vector<findings::Fix> propose(const findings::Finding& finding,
                                                 const source::FileTable& files);

}  // namespace lockwright::fixes
