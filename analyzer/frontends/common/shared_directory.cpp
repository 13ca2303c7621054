// Names are below the shared directory, so that they do not depend on where a run began.
#include "analyzer/frontends/common/shared_directory.h"

namespace lockwright::frontends {

std::string_view shared_directory(const std::vector<std::string_view>& paths) {
  if (paths.empty()) return {};
  std::string_view shared = paths.front().substr(0, paths.front().rfind('/') + 1);
  for (const std::string_view path : paths) {
    while (!path.starts_with(shared)) {
      shared.remove_suffix(1);
      shared = shared.substr(0, shared.rfind('/') + 1);
    }
  }
  return shared;
}

std::size_t shared_prefix(std::string_view left, std::string_view right) {
  std::size_t length = 0;
  while (length < left.size() && length < right.size() && left[length] == right[length]) ++length;
  return length;
}

}  // namespace lockwright::frontends
