// A conversion's flags, width, precision and length say nothing about what it puts there.
#include "analyzer/ir/printf.h"

#include <utility>

namespace lockwright::ir {

PrintfFormat printf_format(std::string_view format) {
  PrintfFormat result;
  std::string text;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      text += format[at];
    } else if (format[at + 1] == '%') {
      text += format[++at];
    } else {
      at = format.find_first_not_of("0123456789.-+ #*hlLqjzt", at + 1);
      if (at == std::string_view::npos) {
        result.complete = false;
        break;
      }
      result.texts.push_back(std::exchange(text, {}));
      result.conversions += format[at];
    }
  }
  result.texts.push_back(std::move(text));
  return result;
}

}  // namespace lockwright::ir
