// Long paths without what they tell twice. Internal to paths/.
#pragma once

#include <cstddef>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

/// Paths of fewer steps are told in full.
inline constexpr std::size_t condensed_from = 100;

/// Leaves out of `path`, if it is long, the calls that do nothing on it that has not been done before: the
/// same operations at the same places, on the same files and handles as far as the function can name them,
/// with the same locks held. Only calls that leave behind what they found: they hold the locks that were held
/// before, and nothing that they made is used later. A generator's path stays as it is.
void condense(ir::TermTable& terms, Path& path);

}  // namespace lockwright::paths
