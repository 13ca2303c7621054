// Types that the grammar has no rule for, written so that it has.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::frontends::typescript {

/// `text` with the types that are known to be read as errors replaced by others of the same length, so that
/// every other character stands where it stood.
std::string with_types_repaired(std::string_view text);

}  // namespace lockwright::frontends::typescript
