// Files are edited as their authors would: their own line ends, their own indentation. Both may be mixed in
// one file; then what is nearest counts.
#include "analyzer/fixes/common/text.h"

#include "analyzer/source/line_map.h"

namespace lockwright::fixes {
namespace {

constexpr std::string_view bom = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\f";

}  // namespace

std::size_t Text::first() const {
  return text_.starts_with(bom) ? bom.size() : 0;
}

std::size_t Text::line_begin(std::size_t offset) const {
  std::size_t at = std::min(offset, text_.size());
  while (at > first()) {
    const char before = text_[at - 1];
    // Between the two bytes of "\r\n" there is no line.
    if (before == '\n' || (before == '\r' && (at >= text_.size() || text_[at] != '\n'))) break;
    --at;
  }
  return std::max(at, first());
}

std::size_t Text::line_end(std::size_t offset) const {
  const std::size_t end = text_.find_first_of("\r\n", offset);
  return end == std::string_view::npos ? text_.size() : end;
}

std::size_t Text::next_line(std::size_t offset) const {
  const std::size_t end = line_end(offset);
  return end + source::newline_length(text_, end);
}

std::string_view Text::indent(std::size_t offset) const {
  const std::size_t begin = line_begin(offset);
  const std::size_t end = std::min(text_.find_first_not_of(blanks, begin), text_.size());
  return part(begin, end);
}

bool Text::begins_line(std::size_t offset) const {
  const std::size_t begin = line_begin(offset);
  return begin + indent(offset).size() == offset;
}

bool Text::ends_line(std::size_t offset) const {
  const std::string_view rest = part(offset, line_end(offset));
  const std::size_t at = rest.find_first_not_of(blanks);
  return at == std::string_view::npos || rest.substr(at).starts_with(comment_);
}

std::string Text::newline(std::size_t offset) const {
  const auto at = [&](std::size_t end) {
    return std::string(text_.substr(end, source::newline_length(text_, end)));
  };
  std::string found = at(line_end(offset));
  if (!found.empty()) return found;
  const std::size_t begin = line_begin(offset);
  if (begin <= first()) return "\n";
  return begin >= 2 && text_.substr(begin - 2, 2) == "\r\n" ? "\r\n" : std::string(1, text_[begin - 1]);
}

std::string Text::unit(std::size_t offset) const {
  std::string nearest;
  std::string_view before;
  bool any = false;
  for (std::size_t line = first(); line < text_.size(); line = next_line(line)) {
    const std::string_view content = part(line, line_end(line));
    if (content.find_first_not_of(blanks) == std::string_view::npos) continue;
    const std::string_view here = indent(line);
    // Beyond the place, only when nothing above it has been indented.
    if (line > offset && !nearest.empty()) break;
    const std::size_t last = line == first() ? 0 : text_.find_last_not_of(" \t\f\r\n", line - 1);
    const bool opens = any && (text_[last] == ':' || text_[last] == '{');
    if (opens && here.size() > before.size() && here.starts_with(before)) {
      nearest = std::string(here.substr(before.size()));
    }
    before = here;
    any = true;
  }
  return nearest.empty() ? "    " : nearest;
}

}  // namespace lockwright::fixes
