// A repair as edits of text: plain data between those who propose, prove, show and apply it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/source/range.h"

namespace lockwright::findings {

/// `safe`: the program does what it did, but for the bug. `unsafe`: a person has to look.
enum class Applicability : std::uint8_t { safe, unsafe };

/// `range` is replaced by `text`; an empty range inserts.
struct Edit {
  source::Range range;
  std::string text;
};

struct Fix {
  std::string title;  ///< a command: "Open without truncating, and truncate under the lock"
  Applicability applicability = Applicability::safe;
  bool library = false;     ///< a move to the lock library
  std::vector<Edit> edits;  ///< sorted by place; they do not overlap
};

}  // namespace lockwright::findings
