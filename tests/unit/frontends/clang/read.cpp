#include "tests/unit/frontends/clang/read.h"

#include <gtest/gtest.h>

#include "tests/unit/frontends/cpp/lowered.h"

namespace lockwright::frontends::compiler::testing {

Read::Read(std::string text, bool is_c, bool by_clang) : LoweredText(std::move(text)) {
  static const cpp::testing::FakeTypes types;
  cpp::Input input;
  input.module_name = is_c ? "m.c" : "m.cc";
  input.text = text_;
  input.is_c = is_c;
  input.known = &types;
  if (by_clang) {
    const Command command{"/", is_c ? std::vector<std::string>{"-x", "c"}
                                    : std::vector<std::string>{"-x", "c++", "-std=c++20"}};
    Outcome outcome = compiler::read(input, is_c ? "/no/such/m.c" : "/no/such/m.cc", command, 60);
    if (outcome.module) {
      module = std::move(*outcome.module);
    } else {
      ADD_FAILURE() << "not read: failure " << static_cast<int>(outcome.failure);
      module = cpp::parse(input);
    }
  } else {
    module = cpp::parse(input);
  }
  verify();
}

}  // namespace lockwright::frontends::compiler::testing
