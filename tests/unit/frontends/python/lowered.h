// Python text to IR, printed: what the tests of the frontend compare.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "analyzer/frontends/python/frontend.h"
#include "tests/unit/frontends/lowered_text.h"

namespace lockwright::frontends::python::testing {

/// A tree that has the given modules, by their unique names; "pkg/" is a package.
class FakeTree final : public ModuleResolver {
 public:
  FakeTree(std::initializer_list<std::string> modules);
  [[nodiscard]] std::optional<std::string> resolve(std::string_view from, int level,
                                                   std::string_view dotted) const override;

 private:
  std::set<std::string, std::less<>> modules_;
  std::set<std::string, std::less<>> packages_;
};

/// The IR of one text as module "m", verified on the way.
class Lowered final : public frontends::testing::LoweredText {
 public:
  explicit Lowered(std::string text, const ModuleResolver& tree = FakeTree({"m"}),
                   std::string_view name = "m", bool is_package = false);
};

}  // namespace lockwright::frontends::python::testing
