// Literals: from how they are written to what they stand for.
//
// "a\x2fb", r'a/b' and b"a/b" are the same file name. A term for a literal therefore holds the decoded text,
// as UTF-8; bytes above 127 in a bytes literal are written as the character of that number.
#include "analyzer/frontends/python/literals.h"

#include "analyzer/frontends/common/literals.h"

namespace lockwright::frontends::python {
namespace {

/// `at` stands behind a backslash.
void decode_escape(std::string_view source, std::size_t& at, StringPrefix prefix, std::string& text) {
  if (decode_common_escape(source, at, text)) return;
  const char kind = source[at];
  const std::size_t start = at;
  ++at;
  switch (kind) {
    case 'a': text += '\a'; return;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
      at = start;
      append_utf8(read_digits(source, at, 3, 8), text);
      return;
    case 'x':
    case 'u':
    case 'U': {
      if (kind != 'x' && prefix.bytes) break;
      const std::size_t length = kind == 'x' ? 2 : kind == 'u' ? 4 : 8;
      const std::uint32_t code = read_digits(source, at, length, 16);
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
  return frontends::integer_value(digits);
}

std::optional<std::int64_t> whole_float_value(std::string_view source) {
  return frontends::whole_float_value(without_underscores(source));
}

}  // namespace lockwright::frontends::python
