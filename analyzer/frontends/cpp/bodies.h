// Who lowers the bodies of a file's functions: this frontend from the text alone, or somebody who knows more.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/ir/module.h"

namespace lockwright::frontends::cpp {

struct Unit;

/// One who has understood functions of a file in another way (a compiler), and lowers them in place of the
/// syntactic frontend. That one still says which functions and classes there are and what they are called.
class Bodies {
 public:
  virtual ~Bodies() = default;
  /// Lowers the function whose body begins at the offset `body`: fills in its locals and its graph, adds its
  /// lambdas. False: it cannot, and has changed nothing.
  virtual bool lower(Unit& unit, ir::FunctionIndex function, std::string_view owner, std::uint32_t body) = 0;
};

}  // namespace lockwright::frontends::cpp
