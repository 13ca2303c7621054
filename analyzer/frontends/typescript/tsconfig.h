// What a tsconfig.json says about imports.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/source/result.h"

namespace lockwright::frontends::typescript {

/// Reads a file of the project; nothing when there is none.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;
/// Told about a file that could not be understood: its path, and what continues it in a note.
using Complain = std::function<void(const std::string& path, const std::string& message)>;

/// The members of a tsconfig.json, and of those it extends, that say what an import means.
struct TsConfig {
  /// "@/*" and where that is: "src/*". Of several that match, the one with the longest text before the star
  /// counts.
  std::vector<std::pair<std::string, std::vector<std::string>>> paths;
  std::optional<std::string> base_url;  ///< imports may be relative to this directory

  [[nodiscard]] bool says_nothing() const { return paths.empty() && !base_url; }
  /// Where `specifier` may be, best first: paths without a fixed ending.
  [[nodiscard]] std::vector<std::string> candidates(std::string_view specifier) const;
};

/// The configuration in the file `path`, with what it extends and, when it says nothing itself, what it
/// refers to; nothing when there is no such file.
std::optional<TsConfig> read_tsconfig(const std::string& path, const ReadFile& read,
                                      const Complain& complain);

}  // namespace lockwright::frontends::typescript
