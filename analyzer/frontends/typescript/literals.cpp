// Strings and numbers as terms: literals as what they stand for, templates as the concatenation of their
// parts.
#include "analyzer/frontends/common/literals.h"

#include <string>

#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {
namespace {

/// `at` stands behind a backslash.
void decode_escape(std::string_view source, std::size_t& at, std::string& text) {
  if (decode_common_escape(source, at, text)) return;
  const char kind = source[at++];
  switch (kind) {
    case '0': text += '\0'; return;
    case 'x': append_utf8(read_digits(source, at, 2, 16), text); return;
    case 'u': {
      if (at < source.size() && source[at] == '{') {
        ++at;
        append_utf8(read_digits(source, at, 6, 16), text);
        if (at < source.size() && source[at] == '}') ++at;
        return;
      }
      std::uint32_t code = read_digits(source, at, 4, 16);
      const bool is_half = code >= 0xd800 && code < 0xdc00 && source.substr(at, 2) == "\\u";
      if (is_half) {
        std::size_t next = at + 2;
        const std::uint32_t low = read_digits(source, next, 4, 16);
        if (low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at = next;
        }
      }
      append_utf8(code, text);
      return;
    }
    default: text += kind; return;
  }
}

std::string decoded(std::string_view source) {
  std::string text;
  for (std::size_t at = 0; at < source.size();) {
    const char each = source[at++];
    if (each == '\\' && at < source.size()) {
      decode_escape(source, at, text);
    } else {
      text += each;
    }
  }
  return text;
}

}  // namespace

ir::Term Lowering::string(Node node) {
  const std::string_view text = node.text();
  return terms().string(text.size() < 2 ? text : std::string_view(decoded(text.substr(1, text.size() - 2))));
}

ir::Term Lowering::template_string(Node node, Code& code) {
  const std::string_view text = unit_.syntax.text();
  std::vector<ir::Term> parts;
  std::uint32_t at = node.begin() + 1;
  const auto take_text = [&](std::uint32_t end) {
    if (end > at) parts.push_back(terms().string(decoded(text.substr(at, end - at))));
  };
  for (const Node each : node.children()) {
    if (each.kind() != Kind::template_substitution_) continue;
    take_text(each.begin());
    parts.push_back(expression(each.first_child(), code));
    at = each.end();
  }
  take_text(node.end() > node.begin() ? node.end() - 1 : node.end());
  return parts.empty() ? terms().string("") : terms().concat(parts);
}

ir::Term Lowering::number(Node node) {
  std::string digits = without_underscores(node.text());
  if (digits.size() > 1 && digits.back() == 'n') digits.pop_back();
  auto value = integer_value(digits);
  if (!value) value = whole_float_value(digits);
  if (value) return terms().integer(*value);
  // The IR has no fractions: a name for the value, equal to itself and to nothing else.
  const ir::Term operands[] = {terms().string(digits)};
  return terms().apply(global("globalThis.Number"), operands);
}

}  // namespace lockwright::frontends::typescript
