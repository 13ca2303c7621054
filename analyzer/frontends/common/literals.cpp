#include "analyzer/frontends/common/literals.h"

#include <charconv>
#include <cmath>

namespace lockwright::frontends {

bool decode_common_escape(std::string_view source, std::size_t& at, std::string& text) {
  const char kind = source[at];
  switch (kind) {
    case '\n': break;
    case '\r':
      if (at + 1 < source.size() && source[at + 1] == '\n') ++at;
      break;
    case '\\':
    case '\'':
    case '"': text += kind; break;
    case 'b': text += '\b'; break;
    case 'f': text += '\f'; break;
    case 'n': text += '\n'; break;
    case 'r': text += '\r'; break;
    case 't': text += '\t'; break;
    case 'v': text += '\v'; break;
    default: return false;
  }
  ++at;
  return true;
}

void append_utf8(std::uint32_t code, std::string& text) {
  if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;  // half of a pair: no character
  const auto put = [&text](std::uint32_t byte) {
    text += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | ((code >> 18) & 0x07));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

std::uint32_t read_digits(std::string_view source, std::size_t& at, std::size_t most, int base) {
  std::uint32_t value = 0;
  const std::string_view window = source.substr(at, most);
  const auto result = std::from_chars(window.data(), window.data() + window.size(), value, base);
  at += static_cast<std::size_t>(result.ptr - window.data());
  return value;
}

std::string without_underscores(std::string_view source) {
  std::string result;
  for (const char each : source) {
    if (each != '_') result += each;
  }
  return result;
}

std::optional<std::int64_t> integer_value(std::string_view digits) {
  int base = 10;
  std::size_t start = 0;
  if (digits.size() > 1 && digits[0] == '0') {
    switch (digits[1]) {
      case 'x':
      case 'X': base = 16; break;
      case 'b':
      case 'B': base = 2; break;
      case '.':
      case 'e':
      case 'E': return std::nullopt;
      default: base = 8; break;
    }
    start = digits[1] >= '0' && digits[1] <= '9' ? 1 : 2;
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data() + start, end, value, base);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_float_value(std::string_view digits) {
  double value = 0;
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  const auto result = std::from_chars(begin, end, value);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  if (std::abs(value) > 1e15 || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace lockwright::frontends
