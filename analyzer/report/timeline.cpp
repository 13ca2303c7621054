// Timelines. A step is a block of lines in its actor's column: its text, then the calls it was reached
// through, wrapped to the column's width; beside the first line stand the step's number and place.
#include "analyzer/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analyzer/report/display.h"
#include "analyzer/report/place.h"

namespace lockwright::report {
namespace {

constexpr std::size_t indent = 2;
constexpr std::size_t gap = 2;
constexpr std::size_t least_column = 24;
constexpr std::size_t widest_place = 40;
constexpr std::string_view via_indent = "  ";

/// The columns of one timeline.
struct Columns {
  std::size_t number;  ///< digits of the largest number
  std::size_t place;
  std::size_t text;  ///< of each actor
};

std::vector<std::string> block_of(const findings::Step& step, const source::FileTable& files,
                                  std::size_t width) {
  std::vector<std::string> lines = wrapped(step.text, width);
  for (const source::Range& call : step.through) {
    const Place place = place_of(call, files);
    const std::string via = fmt::format("via {} ({}:{})", callee_name(call, files),
                                        printable(file_name(place.path)), place.begin.line);
    for (const std::string& line : wrapped(via, width - via_indent.size())) {
      lines.push_back(std::string(via_indent) + line);
    }
  }
  return lines;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string timeline(std::span<const findings::Step> steps, const source::FileTable& files,
                     const Style& style, std::size_t width) {
  const bool two =
      std::ranges::any_of(steps, [](const auto& step) { return step.actor == findings::Actor::B; });
  std::vector<std::string> places;
  Columns columns{std::to_string(steps.size()).size(), 0, 0};
  for (const findings::Step& step : steps) {
    places.push_back(clipped_left(line_reference(place_of(step.range, files)), widest_place));
    columns.place = std::max(columns.place, display_width(places.back()));
  }
  const std::size_t before = indent + columns.number + 2 + columns.place + gap;
  const std::size_t actors = two ? 2 : 1;
  const std::size_t room = width > before + gap ? width - before - (two ? gap : 0) : 0;
  columns.text = std::max(room / actors, least_column);

  std::string text;
  if (two) {
    text += std::string(before, ' ') + style.paint(Ink::actor_a, "A") +
            std::string(columns.text + gap - 1, ' ') + style.paint(Ink::actor_b, "B") + "\n";
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const findings::Step& step = steps[i];
    const std::size_t shift = step.actor == findings::Actor::B ? columns.text + gap : 0;
    const Ink ink = two ? ink_of(step.actor) : Ink::plain;
    std::string beside =
        fmt::format("{:{}}{:>{}}. {}{:{}}", "", indent, i + 1, columns.number,
                    style.paint(Ink::path, places[i]), "", columns.place - display_width(places[i]) + gap);
    for (const std::string& line : block_of(step, files, columns.text)) {
      const bool via = line.starts_with(via_indent);
      text += trimmed(beside + std::string(shift, ' ') + style.paint(via ? Ink::faint : ink, line)) + "\n";
      beside = std::string(before, ' ');
    }
  }
  return text;
}

}  // namespace lockwright::report
