// Paths as URIs.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::report {

/// `path` with everything percent-encoded that may not stand in the path of a URI, byte by byte; `/` stays.
[[nodiscard]] std::string uri_path(std::string_view path);

/// Where a displayed path is, for SARIF.
struct ArtifactUri {
  std::string uri;
  bool below_root = true;  ///< `uri` is relative to the root; else it is a file: URI
};

/// REQUIRES: `root` is absolute.
[[nodiscard]] ArtifactUri artifact_uri(std::string_view displayed_path, std::string_view root);

}  // namespace lockwright::report
