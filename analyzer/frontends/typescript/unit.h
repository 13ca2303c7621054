// What all parts of the frontend share while they work on one file.
#pragma once

#include <cstdint>

#include "analyzer/frontends/typescript/frontend.h"
#include "analyzer/frontends/typescript/scopes.h"
#include "analyzer/frontends/typescript/syntax.h"
#include "analyzer/ir/module.h"

namespace lockwright::frontends::typescript {

struct Unit {
  const Input& input;
  const ModuleResolver& resolver;
  const Syntax& syntax;
  Scopes& scopes;
  ir::Module& module;
  std::uint32_t last_site = 0;
  std::uint32_t last_label = 0;

  [[nodiscard]] ir::Function& function(ScopeId scope) const {
    return module.functions[static_cast<std::size_t>(scopes.scope(scope).function)];
  }
  [[nodiscard]] source::Range range(std::uint32_t begin, std::uint32_t end) const {
    return {input.file, begin, end};
  }
  [[nodiscard]] source::Range range(Node node) const { return range(node.begin(), node.end()); }
};

}  // namespace lockwright::frontends::typescript
