// Colour, where it is wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/findings/finding.h"

namespace lockwright::report {

/// What a piece of text is; each has its colour.
enum class Ink : std::uint8_t {
  plain,
  strong,
  faint,
  path,
  gutter,
  error,
  warning,
  info,
  help,
  actor_a,
  actor_b
};

/// Paints with ANSI escapes, or not at all. Cheap to copy.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}

  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;

 private:
  bool colour_;
};

[[nodiscard]] Ink ink_of(findings::Severity severity);
[[nodiscard]] Ink ink_of(findings::Actor actor);

}  // namespace lockwright::report
