// Paths are put together and taken apart as text: nothing here asks the file system, so that an import means
// the same in an editor, in a test and on disk.
#include "analyzer/frontends/typescript/paths.h"

namespace lockwright::frontends::typescript {

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, slash == 0 ? 1 : slash);
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> result;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size() == path.size() ? part.size() : part.size() + 1);
    if (!part.empty() && part != ".") result.push_back(part);
  }
  return result;
}

std::string resolved(std::string_view directory, std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> parts = absolute ? std::vector<std::string_view>{} : components(directory);
  for (const std::string_view part : components(path)) {
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string result = absolute || directory.starts_with('/') ? "/" : "";
  for (const std::string_view part : parts) {
    if (!result.empty() && result.back() != '/') result += '/';
    result += part;
  }
  return result;
}

}  // namespace lockwright::frontends::typescript
