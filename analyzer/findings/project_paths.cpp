// Lexical path arithmetic only, but for `exists`: symbolic links are not followed, so that the names are
// those that the user sees.
#include "analyzer/findings/project_paths.h"

#include <utility>

namespace lockwright::findings {

ProjectPaths::ProjectPaths(std::filesystem::path working_directory, std::filesystem::path root)
    : working_directory_(std::move(working_directory)), root_(std::move(root)) {}

std::string ProjectPaths::of(std::string_view displayed) const {
  const std::filesystem::path path = working_directory_ / displayed;
  return path.lexically_normal().lexically_relative(root_.lexically_normal()).generic_string();
}

bool ProjectPaths::exists(std::string_view project_path) const {
  std::error_code ignored;
  return std::filesystem::exists(root_ / project_path, ignored);
}

}  // namespace lockwright::findings
