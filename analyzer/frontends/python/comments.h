// Long comments, which the grammar takes too long over.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::frontends::python {

/// `text` with the lines of long comments blank, so that every other character stands where it stood; "" when
/// there is none.
std::string without_long_comments(std::string_view text);

}  // namespace lockwright::frontends::python
