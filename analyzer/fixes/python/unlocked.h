// The variant of a function that does not lock, for callers that hold the lock.
#pragma once

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {

/// `outer` holds the lock; `call`, in this file, calls a function that takes it again. `acquire` is what that
/// function does to take it, seen from inside: in its own file, or in this one.
Proposals call_unlocked_variant(const Code& code, const source::Range& call, const source::Range& acquire);

}  // namespace lockwright::fixes::python
