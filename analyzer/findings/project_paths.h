// Paths as the project sees them: the same from whichever directory the check was started.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace lockwright::findings {

/// Turns displayed paths (relative to the working directory, or absolute) into paths relative to the
/// project's root, which is the directory of its configuration. Fingerprints, baselines and per-file-ignores
/// use these.
class ProjectPaths {
 public:
  /// REQUIRES: both are absolute.
  ProjectPaths(std::filesystem::path working_directory, std::filesystem::path root);

  /// With `/`; begins with `../` for what lies outside the root.
  [[nodiscard]] std::string of(std::string_view displayed) const;

  /// Whether a file of that project path is on disk now.
  [[nodiscard]] bool exists(std::string_view project_path) const;

 private:
  std::filesystem::path working_directory_;
  std::filesystem::path root_;
};

}  // namespace lockwright::findings
