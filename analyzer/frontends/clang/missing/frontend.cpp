// What there is of frontend.h in a build without Clang.
#include "analyzer/frontends/clang/frontend.h"

namespace lockwright::frontends::compiler {

std::string clang_version() {
  return "";
}

Outcome read(const cpp::Input& /*input*/, const std::string& /*path*/, const Command& /*command*/,
             double /*seconds*/) {
  return {.failure = Failure::no_clang};
}

}  // namespace lockwright::frontends::compiler
