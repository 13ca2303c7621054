// The languages that Lockwright knows, and which one a file is written in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace lockwright::source {

enum class Language : std::uint8_t {
  python,
  typescript,  ///< and JavaScript
  cpp,         ///< and C
};

inline constexpr std::size_t language_count = 3;

/// "Python", "TypeScript", "C++": for messages.
[[nodiscard]] std::string_view name_of(Language language);

/// The language of a file by its ending; nothing for endings that are not analysed. Python stubs (`.pyi`) and
/// TypeScript's declarations (`.d.ts`) have no bodies, so nothing in them can run: they have no language
/// here. Endings are case-sensitive.
[[nodiscard]] std::optional<Language> language_of(std::string_view path);

/// A set of languages: those a run is to analyse.
class LanguageSet {
 public:
  constexpr LanguageSet() = default;
  constexpr LanguageSet(std::initializer_list<Language> languages) {
    for (const Language language : languages) bits_ |= bit(language);
  }

  constexpr void add(Language language) { bits_ |= bit(language); }
  [[nodiscard]] constexpr bool contains(Language language) const { return (bits_ & bit(language)) != 0; }

 private:
  static constexpr unsigned bit(Language language) { return 1U << static_cast<unsigned>(language); }

  unsigned bits_ = 0;
};

/// Why a file of this name is not analysed, as the rest of a note ("is in no language …"); nothing if it is.
[[nodiscard]] std::optional<std::string> why_not_analysed(std::string_view path, LanguageSet enabled);

}  // namespace lockwright::source
