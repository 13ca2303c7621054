// How several names are told in one title.
#pragma once

#include <span>
#include <string>

namespace lockwright::fixes {

/// " in save(), load() and the module"; "" for fewer than two: the finding's place says it.
inline std::string listed(std::span<const std::string> functions) {
  if (functions.size() < 2) return "";
  std::string result = " in ";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (i > 0) result += i + 1 == functions.size() ? " and " : ", ";
    result += functions[i];
  }
  return result;
}

}  // namespace lockwright::fixes
