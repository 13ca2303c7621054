// Conditional compilation, for a parser that sees all branches at once.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::frontends::cpp {

/// The text with those branches of #if blanked (line ends stay) that the grammar cannot take side by side:
/// where a branch opens a brace and another closes it, or begins in the middle of a statement, one is kept.
/// Branches that are whole statements or declarations all stay; what never compiles (#if 0) goes.
std::string without_torn_branches(std::string_view text);

}  // namespace lockwright::frontends::cpp
