// C and C++ text to IR through Clang, printed: what the tests of that frontend compare.
#pragma once

#include <string>

#include "analyzer/frontends/clang/frontend.h"
#include "tests/unit/frontends/lowered_text.h"

namespace lockwright::frontends::compiler::testing {

/// The IR of one text as module "m.cc", or "m.c", verified on the way. What it includes is the system's.
class Read final : public frontends::testing::LoweredText {
 public:
  explicit Read(std::string text, bool is_c = false, bool by_clang = true);

  /// Whether Clang has lowered this function.
  [[nodiscard]] bool has_types(std::string_view function_name) const {
    return !function(function_name).without_types;
  }
};

}  // namespace lockwright::frontends::compiler::testing
