// Offsets, lines and columns in three units, there and back.
#include "analyzer/source/line_map.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lockwright::source {
namespace {

// "é" is 2 bytes and 1 UTF-16 unit, "€" 3 and 1, "😀" 4 and 2.
constexpr std::string_view kMixed =
    "a\xC3\xA9z\n\xE2\x82\xAC\tb\xF0\x9F\x98\x80"
    "c\nlast";

TEST(LineMap, ColumnsInThreeUnits) {
  const LineMap map(kMixed);
  EXPECT_EQ(map.position(0), (Position{1, 1, 1, 1}));
  EXPECT_EQ(map.position(1), (Position{1, 2, 2, 2}));
  EXPECT_EQ(map.position(3), (Position{1, 3, 4, 3}));    // z, after the é
  EXPECT_EQ(map.position(5), (Position{2, 1, 1, 1}));    // the euro sign
  EXPECT_EQ(map.position(8), (Position{2, 2, 4, 2}));    // the tab
  EXPECT_EQ(map.position(10), (Position{2, 4, 6, 4}));   // the smiley
  EXPECT_EQ(map.position(14), (Position{2, 5, 10, 6}));  // c, after it
  EXPECT_EQ(map.column(14, ColumnUnit::code_points), 5U);
  EXPECT_EQ(map.column(14, ColumnUnit::utf8), 10U);
  EXPECT_EQ(map.column(14, ColumnUnit::utf16), 6U);
}

TEST(LineMap, AnOffsetWithinACharacterIsThatCharacter) {
  const LineMap map(kMixed);
  EXPECT_EQ(map.position(2), map.position(1));
  for (const std::size_t within : {11U, 12U, 13U}) EXPECT_EQ(map.position(within), map.position(10));
}

TEST(LineMap, ThereAndBack) {
  for (const std::string_view text : {kMixed, std::string_view("\r\n\rx\r\n\n"), std::string_view("one line"),
                                      std::string_view("bad \xFF\xC3 bytes\n\x80")}) {
    const LineMap map(text);
    for (std::size_t offset = 0; offset <= text.size(); ++offset) {
      const Position at = map.position(offset);
      const std::size_t in_code_points = map.offset_of(at.line, at.column, ColumnUnit::code_points);
      EXPECT_EQ(in_code_points, map.offset_of(at.line, at.utf8_column, ColumnUnit::utf8)) << offset;
      EXPECT_EQ(in_code_points, map.offset_of(at.line, at.utf16_column, ColumnUnit::utf16)) << offset;
      EXPECT_LE(in_code_points, offset);
      // What lies between is a part of the same character, or of the line's terminator.
      EXPECT_LE(offset - in_code_points, 3U);
      if (offset < text.size() && text[offset] != '\n' && text[offset] != '\r') {
        EXPECT_EQ(map.position(in_code_points), at) << offset;
      }
    }
  }
}

TEST(LineMap, TerminatorsOfAllKinds) {
  const std::string_view text = "unix\nwindows\r\nmac\rempty:\r\n\r\nend";
  const LineMap map(text);
  ASSERT_EQ(map.line_count(), 6U);
  EXPECT_EQ(map.line_text(1), "unix");
  EXPECT_EQ(map.line_text(2), "windows");
  EXPECT_EQ(map.line_text(3), "mac");
  EXPECT_EQ(map.line_text(4), "empty:");
  EXPECT_EQ(map.line_text(5), "");
  EXPECT_EQ(map.line_text(6), "end");
  EXPECT_EQ(map.line_text(0), "");
  EXPECT_EQ(map.line_text(7), "");
  EXPECT_EQ(map.line_of(text.find("\r\nmac")), 2U);
  EXPECT_EQ(map.line_of(text.find("\nmac")), 2U) << "the LF of a CRLF belongs to the line that it ends";
  EXPECT_EQ(map.line_of(text.find("mac")), 3U);
  EXPECT_EQ(map.line_of(text.find("\rempty")), 3U);
}

TEST(LineMap, EmptyTextAndTheLineAfterTheLastTerminator) {
  const LineMap empty("");
  EXPECT_EQ(empty.line_count(), 1U);
  EXPECT_EQ(empty.position(0), (Position{1, 1, 1, 1}));
  EXPECT_EQ(empty.line_text(1), "");
  EXPECT_EQ(empty.offset_of(1, 1, ColumnUnit::utf8), 0U);

  const LineMap ended("x\n");
  EXPECT_EQ(ended.line_count(), 2U);
  EXPECT_EQ(ended.line_text(1), "x");
  EXPECT_EQ(ended.line_text(2), "");
  EXPECT_EQ(ended.position(2), (Position{2, 1, 1, 1}));
}

TEST(LineMap, WhatLiesOutsideIsCutOff) {
  const LineMap map("ab\r\ncd");
  EXPECT_EQ(map.position(100), (Position{2, 3, 3, 3}));
  EXPECT_EQ(map.offset_of(1, 100, ColumnUnit::utf16), 2U) << "the end of the line, not beyond its terminator";
  EXPECT_EQ(map.offset_of(2, 100, ColumnUnit::utf16), 6U);
  EXPECT_EQ(map.offset_of(9, 1, ColumnUnit::utf8), 6U);
  EXPECT_EQ(map.offset_of(0, 0, ColumnUnit::utf8), 0U);
}

TEST(LineMap, AColumnWithinACharacterIsThatCharacter) {
  const LineMap map(kMixed);
  EXPECT_EQ(map.offset_of(2, 4, ColumnUnit::utf16), 10U);
  EXPECT_EQ(map.offset_of(2, 5, ColumnUnit::utf16), 10U) << "between the two halves of a surrogate pair";
  EXPECT_EQ(map.offset_of(2, 6, ColumnUnit::utf16), 14U);
  EXPECT_EQ(map.offset_of(1, 3, ColumnUnit::utf8), 1U);
}

TEST(LineMap, AByteOrderMarkTakesNoColumn) {
  const LineMap map("\xEF\xBB\xBFx = 1\ny");
  EXPECT_EQ(map.position(0), (Position{1, 1, 1, 1}));
  EXPECT_EQ(map.position(3), (Position{1, 1, 1, 1}));
  EXPECT_EQ(map.position(5), (Position{1, 3, 3, 3}));
  EXPECT_EQ(map.offset_of(1, 1, ColumnUnit::utf16), 3U);
  EXPECT_EQ(map.line_text(1), "x = 1");
  EXPECT_EQ(map.position(9), (Position{2, 1, 1, 1}));
}

TEST(LineMap, BytesThatAreNotUtf8CountOneEach) {
  const LineMap map("\xFF\xFE\xC3(x");
  EXPECT_EQ(map.position(4), (Position{1, 5, 5, 5}));
}

}  // namespace
}  // namespace lockwright::source
