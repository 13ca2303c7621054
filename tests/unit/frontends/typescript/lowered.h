// TypeScript text to IR, printed: what the tests of the frontend compare.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "analyzer/frontends/typescript/frontend.h"
#include "tests/unit/frontends/lowered_text.h"

namespace lockwright::frontends::typescript::testing {

/// A tree that has the given modules, by their unique names. A specifier is the path from the importing
/// module, without the ending or with ".js" for ".ts".
class FakeTree final : public ModuleResolver {
 public:
  FakeTree(std::initializer_list<std::string> modules) : modules_(modules) {}
  [[nodiscard]] std::optional<std::string> resolve(std::string_view from_module,
                                                   std::string_view specifier) const override;

 private:
  std::set<std::string, std::less<>> modules_;
};

/// The IR of one text as module "m" (a real one would have an ending), verified on the way.
class Lowered final : public frontends::testing::LoweredText {
 public:
  explicit Lowered(std::string text, const ModuleResolver& tree = FakeTree({}), std::string_view name = "m",
                   bool is_tsx = false);
};

}  // namespace lockwright::frontends::typescript::testing
