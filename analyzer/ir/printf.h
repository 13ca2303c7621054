// The formats of printf, and of Python's "…" % values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lockwright::ir {

/// What a format puts together: `texts` has one more element than `conversions`, which stand between them by
/// their last letters ("s" of "%-5s"), in order. "%%" is text, and so is
/// a "%" at the end.
struct PrintfFormat {
  std::vector<std::string> texts;
  std::string conversions;
  bool complete = true;  ///< false: it ends within a conversion, which is left out
};

[[nodiscard]] PrintfFormat printf_format(std::string_view format);

}  // namespace lockwright::ir
