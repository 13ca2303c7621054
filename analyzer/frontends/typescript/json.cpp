// What TypeScript allows in its configuration beyond JSON is blanked out before the text is parsed: spaces
// take its place, so that the line of an error is that of the file.
#include "analyzer/frontends/typescript/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockwright::frontends::typescript {
namespace {

/// Where the string that begins at `at` is over.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at) {
    if (text[at] != '\n') text[at] = ' ';
  }
}

}  // namespace

std::string plain_json(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::string result(text);
  std::size_t comma = std::string::npos;  // the last one, while nothing but space has followed
  for (std::size_t at = 0; at < text.size();) {
    const char character = text[at];
    std::size_t next = at + 1;
    if (text.substr(at).starts_with("//")) {
      next = std::min(text.find('\n', at), text.size());
      blank(result, at, next);
    } else if (text.substr(at).starts_with("/*")) {
      const std::size_t close = text.find("*/", at + 2);
      next = close == std::string_view::npos ? text.size() : close + 2;
      blank(result, at, next);
    } else if (character == ',') {
      comma = at;
    } else if (character == '}' || character == ']') {
      if (comma != std::string::npos) result[comma] = ' ';
      comma = std::string::npos;
    } else if (character != ' ' && character != '\t' && character != '\r' && character != '\n') {
      comma = std::string::npos;
      if (character == '"') next = end_of_string(text, at);
    }
    at = next;
  }
  return result;
}

source::Result<nlohmann::json> parse_json(std::string_view text) {
  const std::string plain = plain_json(text);
  try {
    return nlohmann::json::parse(plain);
  } catch (const nlohmann::json::parse_error& error) {
    const auto end = plain.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, plain.size()));
    return source::Error{fmt::format("is not JSON (line {})", std::count(plain.begin(), end, '\n') + 1)};
  }
}

}  // namespace lockwright::frontends::typescript
