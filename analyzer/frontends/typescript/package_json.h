// What a package.json says about imports.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/frontends/typescript/tsconfig.h"

namespace lockwright::frontends::typescript {

struct Package {
  std::string directory;
  std::string name;                  ///< "@scope/core"; "" when it has none
  std::vector<std::string> entries;  ///< what importing its name loads, best guess first; as written
  /// "exports" and "imports": "./lock" or "./features/*" or "#lib/*", and the files named for it under any
  /// condition.
  std::vector<std::pair<std::string, std::vector<std::string>>> exports, imports;

  /// Files of the package, as written there, that its `subpath` ("." , "./lock") or its import "#x" may mean.
  [[nodiscard]] std::vector<std::string> exported(std::string_view subpath) const;
  [[nodiscard]] std::vector<std::string> imported(std::string_view specifier) const;
};

/// The package.json in `directory`; nothing when there is none.
std::optional<Package> read_package(const std::string& directory, const ReadFile& read,
                                    const Complain& complain);

}  // namespace lockwright::frontends::typescript
