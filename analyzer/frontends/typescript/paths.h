// Paths as text: with '/' separators, relative to where the run's paths are. Internal to the frontend.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockwright::frontends::typescript {

/// "a/b" for "a/b/c"; "" for "c"; "/" for "/c".
std::string_view directory_of(std::string_view path);

/// `path` seen from `directory`, without "." and, where something is there to take back, "..".
std::string resolved(std::string_view directory, std::string_view path);

/// The components of a path, "." and empty ones left out.
std::vector<std::string_view> components(std::string_view path);

}  // namespace lockwright::frontends::typescript
