#include "tests/unit/frontends/python/lowered.h"

namespace lockwright::frontends::python::testing {

FakeTree::FakeTree(std::initializer_list<std::string> modules) {
  for (std::string each : modules) {
    if (each.back() == '/') {
      each.pop_back();
      packages_.insert(each);
    }
    modules_.insert(each);
  }
}

std::optional<std::string> FakeTree::resolve(std::string_view from, int level,
                                             std::string_view dotted) const {
  std::string name;
  if (level > 0) {
    name = from;
    for (int up = packages_.contains(from) ? 1 : 0; up < level; ++up) {
      const std::size_t dot = name.rfind('.');
      name.resize(dot == std::string::npos ? 0 : dot);
    }
    if (!name.empty() && !dotted.empty()) name += '.';
  }
  name += dotted;
  if (modules_.contains(name)) return name;
  // What is below src/ is found without it.
  if (level == 0 && modules_.contains("src." + name)) return "src." + name;
  return std::nullopt;
}

Lowered::Lowered(std::string text, const ModuleResolver& tree, std::string_view name, bool is_package)
    : LoweredText(std::move(text)) {
  Input input;
  input.module_name = name;
  input.text = text_;
  input.is_package = is_package;
  module = parse(input, tree);
  verify();
}

}  // namespace lockwright::frontends::python::testing
