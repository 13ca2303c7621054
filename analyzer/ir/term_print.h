// Terms as text, with a say in how; term.h's to_string is the short way.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "analyzer/ir/term.h"

namespace lockwright::ir {

struct TermStyle {
  /// Names of parameters and of locals; "" or no function: $0, %3.
  std::function<std::string_view(std::uint32_t parameter)> parameter_name = {};
  std::function<std::string_view(Local local)> local_name = {};
  /// Tells different terms apart (activation.x and frame.x, new f() and f()) where people do not care.
  bool exact = false;
  /// Longer texts end in "…".
  std::size_t max_length = 160;
};

std::string to_string(const TermTable& terms, Term term, const TermStyle& style);

}  // namespace lockwright::ir
