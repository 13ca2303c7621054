// "Did you mean": the known word that a mistyped one most resembles.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace lockwright::findings {

/// How many insertions, deletions, replacements and swaps of neighbours turn `from` into `to`; case is
/// ignored.
[[nodiscard]] std::size_t edit_distance(std::string_view from, std::string_view to);

/// The candidate nearest to `word`, the first of equals; none if even that one is too far off to be what was
/// meant (more than a third of the longer word's letters, and more than one).
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

}  // namespace lockwright::findings
