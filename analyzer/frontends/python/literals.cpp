// Literals: from how they are written to what they stand for.
//
// "a\x2fb", r'a/b' and b"a/b" are the same file name. A term for a literal therefore holds the decoded text,
// as UTF-8; bytes above 127 in a bytes literal are written as the character of that number.
#include "analyzer/frontends/python/literals.h"

#include <charconv>
#include <cmath>

namespace lockwright::frontends::python {
namespace {

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

/// Reads up to `most` digits of `base` at `at`; moves `at` behind them.
std::uint32_t digits(std::string_view source, std::size_t& at, std::size_t most, int base) {
  std::uint32_t value = 0;
  const std::string_view window = source.substr(at, most);
  const auto result = std::from_chars(window.data(), window.data() + window.size(), value, base);
  at += static_cast<std::size_t>(result.ptr - window.data());
  return value;
}

/// `at` stands behind a backslash.
void decode_escape(std::string_view source, std::size_t& at, StringPrefix prefix, std::string& text) {
  const char kind = source[at];
  const std::size_t start = at;
  ++at;
  switch (kind) {
    case '\n': return;
    case '\r':
      if (at < source.size() && source[at] == '\n') ++at;
      return;
    case '\\': text += '\\'; return;
    case '\'': text += '\''; return;
    case '"': text += '"'; return;
    case 'a': text += '\a'; return;
    case 'b': text += '\b'; return;
    case 'f': text += '\f'; return;
    case 'n': text += '\n'; return;
    case 'r': text += '\r'; return;
    case 't': text += '\t'; return;
    case 'v': text += '\v'; return;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
      at = start;
      append_utf8(digits(source, at, 3, 8), text);
      return;
    case 'x':
    case 'u':
    case 'U': {
      if (kind != 'x' && prefix.bytes) break;
      const std::size_t length = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
      const std::uint32_t code = digits(source, at, length, 16);
      if (at == start + 1 + length && code <= 0x10ffff) {
        append_utf8(code, text);
        return;
      }
      break;
    }
    default: break;
  }
  at = start + 1;
  text += '\\';
  text += kind;
}

std::string without_underscores(std::string_view source) {
  std::string result;
  for (const char each : source) {
    if (each != '_') result += each;
  }
  return result;
}

}  // namespace

StringPrefix string_prefix(std::string_view start) {
  StringPrefix prefix;
  for (const char each : start) {
    switch (each) {
      case 'r':
      case 'R': prefix.raw = true; break;
      case 'b':
      case 'B': prefix.bytes = true; break;
      case 'f':
      case 'F':
      case 't':
      case 'T': prefix.formatted = true; break;
      default: break;
    }
  }
  return prefix;
}

void decode_string(std::string_view source, StringPrefix prefix, std::string& text) {
  std::size_t at = 0;
  while (at < source.size()) {
    const char each = source[at++];
    if (each == '\\' && !prefix.raw && at < source.size()) {
      decode_escape(source, at, prefix, text);
      continue;
    }
    text += each;
    const bool doubled =
        prefix.formatted && (each == '{' || each == '}') && at < source.size() && source[at] == each;
    if (doubled) ++at;
  }
}

std::optional<std::int64_t> integer_value(std::string_view source) {
  std::string digits = without_underscores(source);
  if (!digits.empty() && (digits.back() == 'l' || digits.back() == 'L')) digits.pop_back();
  int base = 10;
  std::size_t start = 0;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = digits[1];
    base = kind == 'x' || kind == 'X' ? 16 : kind == 'b' || kind == 'B' ? 2 : 8;
    start = kind >= '0' && kind <= '9' ? 1 : 2;
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data() + start, end, value, base);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_float_value(std::string_view source) {
  const std::string digits = without_underscores(source);
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  if (std::abs(value) > 1e15 || value != std::floor(value)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

}  // namespace lockwright::frontends::python
