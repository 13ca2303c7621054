// Annotations: the class that a type annotation names.
#pragma once

#include <string_view>

#include "analyzer/frontends/python/names.h"

namespace lockwright::frontends::python {

/// The class that an annotation declares, as a global: the X in X, "X", Optional[X], X | None, Annotated[X,
/// …], Final[X], X[Y]. None when it names no single class.
ir::Term declared_type(Unit& unit, Names& names, ScopeId scope, Node annotation);

}  // namespace lockwright::frontends::python
