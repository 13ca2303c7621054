// Cutting text into identifiers, fast.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lockwright::source {

/// Letters, digits, '_' and every byte beyond ASCII: what identifiers are made of in all three languages, but
/// for the `$` of TypeScript, which counts as a separator here.
[[nodiscard]] constexpr bool is_identifier_byte(char character) {
  const auto byte = static_cast<unsigned char>(character);
  const unsigned letter = byte | 0x20U;
  return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' || byte >= 0x80U;
}

namespace detail {

inline constexpr std::size_t kBlock = 64;

/// Bit i tells whether block[i] is an identifier byte. REQUIRES: 64 readable bytes.
inline std::uint64_t identifier_mask(const char* block) {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  // A range check by one signed comparison: shifted so that the range starts at the smallest signed byte.
  const auto shift = [](char start) { return _mm_set1_epi8(static_cast<char>(-128 - start)); };
  const __m128i letters_end = _mm_set1_epi8(-128 + 26);
  const __m128i digits_end = _mm_set1_epi8(-128 + 10);
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + part);
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i letter = _mm_cmplt_epi8(_mm_add_epi8(lower, shift('a')), letters_end);
    const __m128i digit = _mm_cmplt_epi8(_mm_add_epi8(bytes, shift('0')), digits_end);
    const __m128i underscore = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
    // The mask takes each byte's highest bit, which bytes beyond ASCII have by themselves.
    const __m128i any = _mm_or_si128(_mm_or_si128(letter, digit), _mm_or_si128(underscore, bytes));
    mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(any))) << (16 * part);
  }
#else
  for (unsigned i = 0; i < kBlock; ++i) {
    mask |= static_cast<std::uint64_t>(is_identifier_byte(block[i])) << i;
  }
#endif
  return mask;
}

inline std::uint64_t load_up_to_8(const char* at, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, bytes);
  return word;
}

}  // namespace detail

/// A hash of an identifier, the same in every run on one machine. REQUIRES: not empty; `readable`, the number
/// of bytes that may be read from `identifier.data()` on, is at least the identifier's size.
[[nodiscard]] inline std::uint32_t identifier_hash(std::string_view identifier, std::size_t readable) {
  const char* const data = identifier.data();
  const std::size_t size = identifier.size();
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (size >= 8) {
    first = detail::load_up_to_8(data, 8);
    last = detail::load_up_to_8(data + size - 8, 8);
  } else {
    // A load of a fixed size and a mask are much cheaper than a copy of a size known only here.
    first = readable >= 8 ? detail::load_up_to_8(data, 8) : detail::load_up_to_8(data, size);
    if constexpr (std::endian::native == std::endian::little) {
      first &= ~std::uint64_t{0} >> (64 - 8 * size);
    } else {
      first &= ~std::uint64_t{0} << (64 - 8 * size);
    }
  }
  const auto mix = [](std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 32U);
  };
  std::uint64_t hash = mix(mix(size, first), last);
  for (std::size_t at = 8; at + 8 < size; at += 8) hash = mix(hash, detail::load_up_to_8(data + at, 8));
  hash *= 0xBF58476D1CE4E5B9U;
  return static_cast<std::uint32_t>(hash >> 32U);
}

[[nodiscard]] inline std::uint32_t identifier_hash(std::string_view identifier) {
  return identifier_hash(identifier, identifier.size());
}

/// Calls `visit(begin, size)` for every maximal run of identifier bytes in the text (numbers are among them),
/// in order, until it returns false. Returns false if it did. 64 bytes become one word of bits, in which an
/// identifier's start and end are where a bit differs from its neighbour.
template <typename Visit>
bool for_each_identifier(std::string_view text, const Visit& visit) {
  std::uint64_t inside = 0;  // 1: an identifier goes on at the start of the block
  std::size_t open = 0;      // where it began
  if (text.empty()) return true;
  // The last block is never full, so that what is open at the end of the text ends in it.
  for (std::size_t base = 0; base <= text.size(); base += detail::kBlock) {
    std::uint64_t mask = 0;
    if (text.size() - base >= detail::kBlock) {
      mask = detail::identifier_mask(text.data() + base);
    } else {
      char rest[detail::kBlock] = {};
      std::memcpy(rest, text.data() + base, text.size() - base);
      mask = detail::identifier_mask(rest);
    }
    const std::uint64_t before = (mask << 1U) | inside;
    std::uint64_t starts = mask & ~before;
    std::uint64_t ends = ~mask & before;
    inside = mask >> 63U;
    for (; ends != 0; ends &= ends - 1) {
      const std::size_t end = base + static_cast<std::size_t>(std::countr_zero(ends));
      const std::size_t start = base + static_cast<std::size_t>(std::countr_zero(starts));
      std::size_t begin = open;
      if (starts != 0 && start < end) {
        begin = start;
        starts &= starts - 1;
      }
      if (!visit(begin, end - begin)) return false;
    }
    if (starts != 0) open = base + static_cast<std::size_t>(std::countr_zero(starts));
  }
  return true;
}

}  // namespace lockwright::source
