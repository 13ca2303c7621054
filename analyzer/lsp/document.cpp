// Positions are LineMap's, less one. A position beyond a line's end means its end, and one beyond the last
// line the end of the text, as the protocol wants it.
#include "analyzer/lsp/document.h"

#include <algorithm>
#include <utility>

namespace lockwright::lsp {

std::string changed(std::string text, const Json& changes, Encoding encoding) {
  if (!changes.is_array()) throw RequestError(ErrorCode::invalid_params, "'contentChanges' is no array");
  for (const Json& change : changes) {
    const std::string& replacement = text_member(change, "text");
    const auto range = change.find("range");
    if (range == change.end() || range->is_null()) {
      text = replacement;
      continue;
    }
    const source::LineMap lines(text);
    const std::size_t from = offset_of(member(*range, "start"), lines, encoding);
    const std::size_t to = offset_of(member(*range, "end"), lines, encoding);
    const auto [begin, end] = std::minmax(from, to);
    text.replace(begin, end - begin, replacement);
  }
  return text;
}

Json position_of(std::size_t offset, const source::LineMap& lines, Encoding encoding) {
  return {{"line", lines.line_of(offset) - 1}, {"character", lines.column(offset, encoding) - 1}};
}

Json range_of(std::size_t begin, std::size_t end, const source::LineMap& lines, Encoding encoding) {
  return {{"start", position_of(begin, lines, encoding)},
          {"end", position_of(std::max(begin, end), lines, encoding)}};
}

std::size_t offset_of(const Json& position, const source::LineMap& lines, Encoding encoding) {
  return lines.offset_of(number_member(position, "line") + 1, number_member(position, "character") + 1,
                         encoding);
}

std::string_view encoding_word(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8: return "utf-8";
    case Encoding::utf16: return "utf-16";
    case Encoding::code_points: return "utf-32";
  }
  return "utf-16";
}

Encoding negotiated(const std::vector<std::string>& offered) {
  const auto offers = [&](Encoding encoding) {
    return std::find(offered.begin(), offered.end(), encoding_word(encoding)) != offered.end();
  };
  if (offers(Encoding::utf8)) return Encoding::utf8;
  if (offers(Encoding::utf16) || !offers(Encoding::code_points)) return Encoding::utf16;
  return Encoding::code_points;
}

}  // namespace lockwright::lsp
