// Between the URIs of the protocol and paths.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lockwright::lsp {

/// The path of a file: URI, percent-decoded and normal; nothing for other schemes (untitled:, git:).
[[nodiscard]] std::optional<std::string> path_of_uri(std::string_view uri);

/// REQUIRES: `path` is absolute.
[[nodiscard]] std::string uri_of_path(std::string_view path);

}  // namespace lockwright::lsp
