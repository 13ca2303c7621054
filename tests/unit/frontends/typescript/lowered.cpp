#include "tests/unit/frontends/typescript/lowered.h"

#include <filesystem>

namespace lockwright::frontends::typescript::testing {

std::optional<std::string> FakeTree::resolve(std::string_view from_module, std::string_view specifier) const {
  if (!specifier.starts_with('.')) return std::nullopt;
  const std::filesystem::path folder = std::filesystem::path(from_module).parent_path();
  std::string path = (folder / specifier).lexically_normal().generic_string();
  if (path.ends_with(".js")) path.resize(path.size() - 3);
  for (const std::string_view ending : {"", ".ts", "/index.ts"}) {
    const std::string name = path + std::string(ending);
    if (modules_.contains(name)) return name;
  }
  return std::nullopt;
}

Lowered::Lowered(std::string text, const ModuleResolver& tree, std::string_view name, bool is_tsx)
    : LoweredText(std::move(text)) {
  Input input;
  input.module_name = name;
  input.text = text_;
  input.is_tsx = is_tsx;
  module = parse(input, tree);
  verify();
}

}  // namespace lockwright::frontends::typescript::testing
