// Files that are called locks and lock nothing.
#pragma once

#include <string_view>

namespace lockwright::models {

/// Whether `path`, or a text that ends like one, names a file in which a package manager writes down the
/// versions that it has chosen: "frontend/yarn.lock".
[[nodiscard]] bool is_dependency_lockfile(std::string_view path);

}  // namespace lockwright::models
