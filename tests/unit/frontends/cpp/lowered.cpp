#include "tests/unit/frontends/cpp/lowered.h"

namespace lockwright::frontends::cpp::testing {

Lowered::Lowered(std::string text, bool is_c, std::string header)
    : LoweredText(std::move(text)), header_(std::move(header)) {
  static const FakeTypes types;
  Input input;
  input.module_name = is_c ? "m.c" : "m.cc";
  input.text = text_;
  input.is_c = is_c;
  input.known = &types;
  if (!header_.empty()) {
    Input included;
    included.module_name = "h.h";
    included.text = header_;
    included.is_c = is_c;
    declared_ = declare(included);
    input.included.push_back(declared_.get());
  }
  module = parse(input);
  verify();
}

}  // namespace lockwright::frontends::cpp::testing
