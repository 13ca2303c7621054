// Python's frontend: text to tree (syntax), tree to scopes and names, declarations, then the code of every
// function on its own.
#include "analyzer/frontends/python/frontend.h"

#include "analyzer/frontends/python/lowering.h"
#include "analyzer/frontends/python/recovery.h"

namespace lockwright::frontends::python {

ir::Module parse(const Input& input, const ModuleResolver& resolver) {
  ir::Module module;
  module.name = input.module_name;
  module.file = input.file;
  const Syntax syntax = parse_with_recovery(input.text, input.kept);
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

}  // namespace lockwright::frontends::python
