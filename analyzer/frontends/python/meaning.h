// What a name means: its term, and whether its attributes are names too.
#pragma once

#include <string_view>

#include "analyzer/ir/term.h"

namespace lockwright::frontends::python {

/// `os.path.join` is a name (a global) because `os` and `os.path` are namespaces; `self.path.name` is the
/// field of a field, because `self` and `self.path` are values.
enum class Nature : std::uint8_t {
  value,     ///< anything with fields
  module,    ///< a module of this tree
  external,  ///< a name of a module that is not in this tree: a module, a class or a function
  type,      ///< a class
};

struct Meaning {
  ir::Term term = ir::Term::none;
  Nature nature = Nature::value;
  /// For a name bound by `import a.b.c`: the dotted path so far, as written; "" for all others.
  std::string_view dotted;
};

/// By PEP 8: a class is written like this, and neither like_this nor LIKE_THIS.
bool looks_like_type(std::string_view name);
/// LIKE_THIS: a value, whatever defines it.
bool looks_like_constant(std::string_view name);

}  // namespace lockwright::frontends::python
