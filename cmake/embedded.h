// The files that travel inside the executable.
#pragma once

#include <span>
#include <string_view>

namespace lockwright::embedded {

struct File {
  std::string_view name;
  std::string_view text;
};

/// Every rules/models/*.json but schemas, sorted; named "python.json".
[[nodiscard]] std::span<const File> models();

/// Every rules/<name>/rule.md, sorted; named after its folder: "nested-same-file-lock".
[[nodiscard]] std::span<const File> rule_pages();

}  // namespace lockwright::embedded
