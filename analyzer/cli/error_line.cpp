// Error lines. Nothing of what the user typed may break them: control characters are shown as `?`, so that a
// message stays one line and cannot drive the terminal.
#include "analyzer/cli/error_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/findings/nearest.h"

namespace lockwright::cli {

source::Error error_about(std::string_view what, std::string_view where, std::string_view todo) {
  std::string line = fmt::format("{}: {}: {}", what, where, todo);
  for (char& letter : line) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return {line};
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                       std::string_view otherwise) {
  const auto best = findings::nearest(word, candidates);
  return best ? fmt::format("did you mean '{}'?", *best) : std::string(otherwise);
}

std::string listed(std::span<const std::string_view> words) {
  return fmt::format("{}", fmt::join(words.begin(), words.end(), ", "));
}

}  // namespace lockwright::cli
