// UTF-8 in one table-free step (Unicode 15, table 3-7): the first byte tells the length and, for four of its
// values, a narrower range for the second byte, which rules out overlong forms, surrogates and values beyond
// the last code point. Source text is nearly all ASCII, so runs of it are skipped eight bytes at a time.
#include "analyzer/source/utf8.h"

#include <cstring>

namespace lockwright::source {
namespace {

unsigned byte_at(std::string_view text, std::size_t offset) {
  return offset < text.size() ? static_cast<unsigned char>(text[offset]) : 0U;
}

bool is_continuation(unsigned byte) {
  return (byte & 0xC0U) == 0x80U;
}

bool eight_ascii(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

Utf8Character utf8_character(std::string_view text, std::size_t offset) {
  const unsigned first = byte_at(text, offset);
  if (first < 0x80U) return {};
  const unsigned second = byte_at(text, offset + 1);
  const std::uint8_t bytes = first >= 0xC2U && first <= 0xDFU   ? 2
                             : first >= 0xE0U && first <= 0xEFU ? 3
                             : first >= 0xF0U && first <= 0xF4U ? 4
                                                                : 0;
  const unsigned lowest = first == 0xE0U ? 0xA0U : first == 0xF0U ? 0x90U : 0x80U;
  const unsigned highest = first == 0xEDU ? 0x9FU : first == 0xF4U ? 0x8FU : 0xBFU;
  const bool valid = bytes != 0 && second >= lowest && second <= highest &&
                     (bytes < 3 || is_continuation(byte_at(text, offset + 2))) &&
                     (bytes < 4 || is_continuation(byte_at(text, offset + 3)));
  if (!valid) return {1, 1, false};
  return {bytes, static_cast<std::uint8_t>(bytes == 4 ? 2 : 1), true};
}

Utf8Faults find_utf8_faults(std::string_view text) {
  Utf8Faults faults;
  std::size_t offset = 0;
  while (offset < text.size()) {
    if (text.size() - offset >= 8 && eight_ascii(text.data() + offset)) {
      offset += 8;
      continue;
    }
    const Utf8Character character = utf8_character(text, offset);
    if (!character.valid && faults.bytes++ == 0) faults.first = offset;
    offset += character.bytes;
  }
  return faults;
}

}  // namespace lockwright::source
