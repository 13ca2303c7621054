// To be written: every module is empty.
#include "analyzer/frontends/typescript/frontend.h"

namespace lockwright::frontends::typescript {

ir::Module parse(const Input& input, const ModuleResolver&) {
  ir::Module module{.name = std::string(input.module_name), .file = input.file};
  ir::Function body;
  body.name = "<module>";
  body.qualified_name = module.terms.intern(module.name + ".<module>");
  body.cfg.blocks.emplace_back();
  body.cfg.blocks.back().end.kind = ir::TerminatorKind::leave;
  module.functions.push_back(std::move(body));
  return module;
}

}  // namespace lockwright::frontends::typescript
