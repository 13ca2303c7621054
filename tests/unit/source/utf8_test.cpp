// Well-formed UTF-8 as Unicode defines it, and everything else byte by byte.
#include "analyzer/source/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lockwright::source {
namespace {

TEST(Utf8Character, WellFormed) {
  struct Row {
    std::string_view text;
    int bytes;
    int units;
  };
  for (const Row& row : {Row{"a", 1, 1}, Row{std::string_view("\0", 1), 1, 1}, Row{"\x7F", 1, 1},
                         Row{"\xC2\x80", 2, 1}, Row{"\xDF\xBF", 2, 1}, Row{"\xE0\xA0\x80", 3, 1},
                         Row{"\xED\x9F\xBF", 3, 1}, Row{"\xEE\x80\x80", 3, 1}, Row{"\xEF\xBF\xBF", 3, 1},
                         Row{"\xF0\x90\x80\x80", 4, 2}, Row{"\xF4\x8F\xBF\xBF", 4, 2}}) {
    const Utf8Character character = utf8_character(row.text, 0);
    EXPECT_TRUE(character.valid) << row.text;
    EXPECT_EQ(character.bytes, row.bytes) << row.text;
    EXPECT_EQ(character.utf16_units, row.units) << row.text;
    EXPECT_EQ(find_utf8_faults(row.text).bytes, 0U) << row.text;
  }
}

TEST(Utf8Character, IllFormedIsOneByte) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\x80", "\xE2\x82", "\xE2\x82x",
        "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    const Utf8Character character = utf8_character(text, 0);
    EXPECT_FALSE(character.valid);
    EXPECT_EQ(character.bytes, 1);
    EXPECT_EQ(character.utf16_units, 1);
  }
}

TEST(Utf8Faults, CountsBytesAndFindsTheFirst) {
  const Utf8Faults faults = find_utf8_faults("plain ascii text, caf\xC3\xA9, then \xFF and \xE2\x82.");
  EXPECT_EQ(faults.bytes, 3U);
  EXPECT_EQ(faults.first, 30U);
  EXPECT_EQ(find_utf8_faults("").bytes, 0U);
  EXPECT_EQ(find_utf8_faults(std::string(1000, 'x') + "\xC3\xA9").bytes, 0U);
}

}  // namespace
}  // namespace lockwright::source
