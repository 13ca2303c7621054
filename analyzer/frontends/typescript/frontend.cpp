// TypeScript's frontend: text to tree (syntax), tree to scopes and names, declarations, then the code of
// every function on its own.
#include "analyzer/frontends/typescript/frontend.h"

#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {

ir::Module parse(const Input& input, const ModuleResolver& resolver) {
  ir::Module module;
  module.name = input.module_name;
  module.file = input.file;
  const Syntax syntax = parse_syntax(input.text, input.is_tsx, input.kept);
  Scopes scopes = Scopes::build(syntax, input.module_name);
  Unit unit{input, resolver, syntax, scopes, module};
  Imports imports(unit);
  Names names(unit, imports);
  declare(unit, names);
  for (const Scope& each : scopes.all()) {
    if (each.owner == each.id) Lowering(unit, names, each.id).run();
  }
  return module;
}

}  // namespace lockwright::frontends::typescript
