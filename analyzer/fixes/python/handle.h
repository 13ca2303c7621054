// How a function uses a file that it has opened: which decides how the file can be opened otherwise.
#pragma once

#include <string>
#include <vector>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {

enum class Use : std::uint8_t {
  neutral,     ///< nothing that depends on what the file holds: closing, flushing, locking
  binding,     ///< assigned
  rewind,      ///< `f.seek(0)`
  truncate,    ///< `f.truncate()`, `os.ftruncate(f.fileno(), 0)`
  sequential,  ///< written from where it stands
  reading,     ///< read
  general,     ///< anything else: handed on, sought in, kept
};

struct HandleUse {
  Node name;
  Use use = Use::general;

  /// Depends on the content, or changes it.
  [[nodiscard]] bool touches() const { return use != Use::neutral && use != Use::binding; }
};

/// The uses of `variable` below `scope`, in the order of the text. `lock`: the call that takes the lock; what
/// it is given is not touched, nor by calls of the same function.
std::vector<HandleUse> uses_of(const Code& code, Node scope, std::string_view variable,
                               const source::Range& lock);

}  // namespace lockwright::fixes::python
