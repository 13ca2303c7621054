// What changed, for people: a unified diff.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::fixes {

/// As `diff -u` says it, with three lines of context; "" if the texts are equal. Bytes are kept as they are,
/// line ends included, so that `patch` and `git apply` can use it.
[[nodiscard]] std::string unified_diff(std::string_view path, std::string_view before,
                                       std::string_view after);

}  // namespace lockwright::fixes
