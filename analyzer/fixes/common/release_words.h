// What names say about giving something up.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace lockwright::fixes {

/// "close", "release_lock", "unlinkSync": a function of this name may give up what it is given.
inline bool speaks_of_release(std::string_view name) {
  static constexpr std::array words = {"close",  "release", "Release", "unlock",
                                       "Unlock", "unlink",  "remove",  "rm"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

/// The handle behind a number: "f" for "f.fileno()" and for "f.fd".
inline std::string_view handle_of(std::string_view subject) {
  for (const std::string_view ending : {std::string_view(".fileno()"), std::string_view(".fd")}) {
    if (!subject.ends_with(ending)) continue;
    const std::string_view handle = subject.substr(0, subject.size() - ending.size());
    // A field of that name is the handle itself.
    if (handle != "self" && handle != "this") return handle;
  }
  return subject;
}

}  // namespace lockwright::fixes
