// A look at Clang while it instantiates templates, which may go on for ever within one declaration.
#pragma once

#include <functional>

namespace clang {
class Sema;
}

namespace lockwright::frontends::compiler {

/// Has `look` called at every instantiation.
void watch_instantiations(clang::Sema& sema, std::function<void()> look);

}  // namespace lockwright::frontends::compiler
