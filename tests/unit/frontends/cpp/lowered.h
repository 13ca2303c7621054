// C and C++ text to IR, printed: what the tests of the frontend compare.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/frontends/cpp/declarations.h"
#include "analyzer/frontends/cpp/frontend.h"
#include "tests/unit/frontends/lowered_text.h"

namespace lockwright::frontends::cpp::testing {

/// What a test knows of classes that its text does not declare: "Guard" is one that does something when it is
/// made and when it goes, "std.string" is a value.
class FakeTypes final : public KnownTypes {
 public:
  [[nodiscard]] bool is_made(std::string_view type) const override { return type == "Guard"; }
  [[nodiscard]] bool is_value(std::string_view type) const override { return type == "std.string"; }
};

/// The IR of one text as module "m.cc", or "m.c", verified on the way. `header` is what it includes.
class Lowered final : public frontends::testing::LoweredText {
 public:
  explicit Lowered(std::string text, bool is_c = false, std::string header = "");

 private:
  std::string header_;
  std::shared_ptr<const Declarations> declared_;
};

}  // namespace lockwright::frontends::cpp::testing
