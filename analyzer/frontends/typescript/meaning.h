// What a name means: its term, and whether its properties are names too.
#pragma once

#include <string_view>

#include "analyzer/ir/term.h"

namespace lockwright::frontends::typescript {

/// `fs.promises.open` is a name (a global) because `fs` and `fs.promises` are namespaces; `this.path.length`
/// is the field of a field, because `this` and `this.path` are values.
enum class Nature : std::uint8_t {
  value,     ///< anything with fields
  module,    ///< a module of this tree
  external,  ///< a name of a package or of the platform: a module, a class or a function
  type,      ///< a class, a namespace or an enumeration
};

struct Meaning {
  ir::Term term = ir::Term::none;
  Nature nature = Nature::value;
};

/// As nearly all code has it: a class is written LikeThis, and neither likeThis nor LIKE_THIS.
bool looks_like_type(std::string_view name);

}  // namespace lockwright::frontends::typescript
