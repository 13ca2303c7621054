// RFC 8089. Clients differ in what they encode (VS Code encodes a colon, others do not), so URIs are compared
// by the paths they stand for.
#include "analyzer/lsp/uri.h"

#include <filesystem>

#include "analyzer/report/uri.h"

namespace lockwright::lsp {
namespace {

constexpr std::string_view scheme = "file://";

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> path_of_uri(std::string_view uri) {
  if (!uri.starts_with(scheme)) return std::nullopt;
  uri.remove_prefix(scheme.size());
  if (!uri.starts_with('/')) {
    // A host: only this one can be meant.
    if (!uri.starts_with("localhost/")) return std::nullopt;
    uri.remove_prefix(std::string_view("localhost").size());
  }
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool encoded =
        uri[i] == '%' && i + 2 < uri.size() && hex_digit(uri[i + 1]) >= 0 && hex_digit(uri[i + 2]) >= 0;
    if (encoded) {
      path += static_cast<char>(hex_digit(uri[i + 1]) * 16 + hex_digit(uri[i + 2]));
      i += 2;
    } else {
      path += uri[i];
    }
  }
  if (path.find('\0') != std::string::npos) return std::nullopt;
  path = std::filesystem::path(path).lexically_normal().generic_string();
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string uri_of_path(std::string_view path) {
  return std::string(scheme) + report::uri_path(path);
}

}  // namespace lockwright::lsp
