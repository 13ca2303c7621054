// A file's language is told by its ending alone: it costs nothing, so that files of other languages are left
// out before anything else is asked about them.
#include "analyzer/source/language.h"

#include <fmt/format.h>

#include <array>

namespace lockwright::source {
namespace {

struct Ending {
  std::string_view text;
  Language language;
};

constexpr std::array kEndings = {
    Ending{".py", Language::python},      Ending{".ts", Language::typescript},
    Ending{".tsx", Language::typescript}, Ending{".mts", Language::typescript},
    Ending{".cts", Language::typescript}, Ending{".js", Language::typescript},
    Ending{".jsx", Language::typescript}, Ending{".mjs", Language::typescript},
    Ending{".cjs", Language::typescript}, Ending{".c", Language::cpp},
    Ending{".cc", Language::cpp},         Ending{".cpp", Language::cpp},
    Ending{".cxx", Language::cpp},        Ending{".h", Language::cpp},
    Ending{".hh", Language::cpp},         Ending{".hpp", Language::cpp},
    Ending{".hxx", Language::cpp},
};

/// Of TypeScript's .d.ts: types of what is elsewhere.
bool only_declares(std::string_view path) {
  return path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
}

}  // namespace

std::string_view name_of(Language language) {
  switch (language) {
    case Language::python: return "Python";
    case Language::typescript: return "TypeScript";
    case Language::cpp: return "C++";
  }
  return "";
}

std::optional<Language> language_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || only_declares(path)) return std::nullopt;
  const std::string_view ending = path.substr(dot);
  for (const Ending& known : kEndings) {
    if (ending == known.text) return known.language;
  }
  return std::nullopt;
}

std::optional<std::string> why_not_analysed(std::string_view path, LanguageSet enabled) {
  const std::optional<Language> language = language_of(path);
  if (!language) {
    return only_declares(path) ? "only declares types, nothing in it runs: skipped"
                               : "is in no language that is analysed: skipped";
  }
  if (enabled.contains(*language)) return std::nullopt;
  return fmt::format("is {}, which is not analysed: skipped", name_of(*language));
}

}  // namespace lockwright::source
