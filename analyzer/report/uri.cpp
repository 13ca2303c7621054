// RFC 3986: letters, digits and a few marks stand for themselves in a path, all other bytes are %XX. A colon
// is encoded too, since in the first part of a relative URI it would end a scheme.
#include "analyzer/report/uri.h"

#include <fmt/format.h>

#include <filesystem>

namespace lockwright::report {
namespace {

bool stands_for_itself(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("-._~/!$&'()*+,;=@").find(letter) != std::string_view::npos;
}

}  // namespace

std::string uri_path(std::string_view path) {
  std::string uri;
  for (const char letter : path) {
    if (stands_for_itself(letter)) {
      uri += letter;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
    }
  }
  return uri;
}

ArtifactUri artifact_uri(std::string_view displayed_path, std::string_view root) {
  const std::filesystem::path path = std::filesystem::path(displayed_path).lexically_normal();
  const bool outside = path.is_absolute() || (!path.empty() && *path.begin() == "..");
  if (!outside) return {uri_path(path.generic_string()), true};
  return {"file://" + uri_path((std::filesystem::path(root) / path).lexically_normal().generic_string()),
          false};
}

}  // namespace lockwright::report
