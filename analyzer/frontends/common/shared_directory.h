// Where a language's files lie.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace lockwright::frontends {

/// The longest directory that all of these files are below, with a '/' at its end; "" if there is none.
/// Points into the first path.
std::string_view shared_directory(const std::vector<std::string_view>& paths);

/// With how many bytes both begin.
std::size_t shared_prefix(std::string_view left, std::string_view right);

}  // namespace lockwright::frontends
