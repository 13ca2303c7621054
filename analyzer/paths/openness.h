// What a function's paths say to those who may have to know about its locks. Internal to paths/.
#pragma once

#include <set>

#include "analyzer/paths/path.h"
#include "analyzer/paths/references.h"

namespace lockwright::paths {

/// Whether some path takes a lock that is one between processes.
[[nodiscard]] bool takes_lock(const ir::TermTable& terms, const Triggers& triggers, const Summary& summary);

/// Whether what the function does to locks goes beyond itself: it leaves one held, or locks or releases what
/// it was given. Then its callers have to be looked at as well.
[[nodiscard]] bool is_open(const ir::TermTable& terms, const Triggers& triggers, const Summary& summary);

/// Whether the function writes, under a lock, a file or a value that it was given: only its callers know what
/// was read of the file before.
[[nodiscard]] bool saves_what_is_given(const ir::TermTable& terms, const Summary& summary);

/// Where the function raises, by what it calls itself, with a lock between processes in hand that it releases
/// on another path. Whether those calls do raise then decides whether it forgets the lock.
[[nodiscard]] std::set<source::Range> fatal_calls(const Summary& summary);

}  // namespace lockwright::paths
