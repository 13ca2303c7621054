// Colours: only the sixteen of the terminal's own palette, so that they fit light and dark ones.
#include "analyzer/report/style.h"

#include <fmt/format.h>

namespace lockwright::report {
namespace {

std::string_view escape_of(Ink ink) {
  switch (ink) {
    case Ink::plain: return "";
    case Ink::strong:
    case Ink::path: return "1";
    case Ink::faint: return "2";
    case Ink::gutter: return "34";
    case Ink::error: return "1;31";
    case Ink::warning: return "1;33";
    case Ink::info: return "1;36";
    case Ink::help: return "1;32";
    case Ink::actor_a: return "35";
    case Ink::actor_b: return "36";
  }
  return "";
}

}  // namespace

std::string Style::paint(Ink ink, std::string_view text) const {
  const std::string_view escape = escape_of(ink);
  if (!colour_ || escape.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", escape, text);
}

Ink ink_of(findings::Severity severity) {
  switch (severity) {
    case findings::Severity::error: return Ink::error;
    case findings::Severity::warning: return Ink::warning;
    case findings::Severity::info: return Ink::info;
    case findings::Severity::off: return Ink::plain;
  }
  return Ink::plain;
}

Ink ink_of(findings::Actor actor) {
  return actor == findings::Actor::A ? Ink::actor_a : Ink::actor_b;
}

}  // namespace lockwright::report
