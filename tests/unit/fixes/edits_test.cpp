// Lines and edits: what every fix is made of.
#include "analyzer/fixes/common/edits.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "analyzer/fixes/common/text.h"

namespace lockwright::fixes {
namespace {

constexpr source::FileId file{0};

std::string changed(std::string_view text, const std::function<void(Edits&)>& change) {
  const Text lines(text, "#");
  Edits edits(file, lines);
  change(edits);
  const auto taken = edits.take();
  return taken ? edited(text, *taken) : "(refused)";
}

TEST(FixText, LinesEndInThreeWays) {
  const Text text("a\r\n  b\r\tc\nd", "#");
  EXPECT_EQ(text.line_begin(0), 0);
  EXPECT_EQ(text.line_begin(2), 0);  // within "\r\n"
  EXPECT_EQ(text.line_begin(5), 3);
  EXPECT_EQ(text.indent(5), "  ");
  EXPECT_EQ(text.indent(8), "\t");
  EXPECT_EQ(text.newline(0), "\r\n");
  EXPECT_EQ(text.newline(5), "\r");
  EXPECT_EQ(text.newline(8), "\n");
  EXPECT_EQ(text.newline(10), "\n");  // the last line: as the one before
  EXPECT_EQ(text.next_line(10), 11);
}

TEST(FixText, AByteOrderMarkBelongsToNoLine) {
  const Text text("\xEF\xBB\xBFimport os\n", "#");
  EXPECT_EQ(text.line_begin(7), 3);
  EXPECT_TRUE(text.begins_line(3));
}

TEST(FixText, OwnsLines) {
  const std::string_view all = "  a()  # why\nb(); c()\n";
  const Text text(all, "#");
  EXPECT_TRUE(text.owns_lines(2, 5));
  EXPECT_FALSE(text.owns_lines(13, 16));
  EXPECT_FALSE(text.owns_lines(18, 21));
}

TEST(FixText, IndentsAsTheFileDoesNearby) {
  EXPECT_EQ(Text("def f():\n  a\n", "#").unit(11), "  ");
  EXPECT_EQ(Text("def f():\n\ta\n", "#").unit(10), "\t");
  EXPECT_EQ(Text("def f():\n  a\ndef g():\n\tb\n", "#").unit(23), "\t");
  EXPECT_EQ(Text("f(a,\n       b)\n", "#").unit(12), "    ");  // a continuation is no block
  EXPECT_EQ(Text("x = 1\nif x:\n   y\n", "#").unit(0), "   ");
}

TEST(FixEdits, LinesGetTheLineEndsOfTheirPlace) {
  const std::array<std::string, 2> lines = {"x", "y"};
  EXPECT_EQ(changed("a\r\nb\n", [&](Edits& edits) { edits.add_lines_after(0, "  ", lines); }),
            "a\r\n  x\r\n  y\r\nb\n");
  EXPECT_EQ(changed("a\r\nb\n", [&](Edits& edits) { edits.add_lines_before(3, " ", lines); }),
            "a\r\n x\n y\nb\n");
}

TEST(FixEdits, AfterALastLineWithoutEnd) {
  const std::array<std::string, 2> lines = {"x", "y"};
  EXPECT_EQ(changed("a\nb", [&](Edits& edits) { edits.add_lines_after(2, "", lines); }), "a\nb\nx\ny");
}

TEST(FixEdits, StringsOfSeveralLinesStayWhereTheyAre) {
  const std::string_view text = "a = '''\nb\n'''\n\nc\n";
  EXPECT_EQ(changed(text,
                    [&](Edits& edits) {
                      const std::array<Span, 1> fixed = {Span{4, 13}};
                      edits.indent_lines(0, text.size(), "  ", fixed);
                    }),
            "  a = '''\nb\n'''\n\n  c\n");
}

TEST(FixEdits, InsertionsStandBeforeWhatIsReplacedThere) {
  EXPECT_EQ(changed("abc",
                    [](Edits& edits) {
                      edits.replace(1, 2, "B");
                      edits.insert(1, "1");
                      edits.insert(1, "2");
                    }),
            "a12Bc");
}

TEST(FixEdits, OverlappingEditsAreRefused) {
  EXPECT_EQ(changed("abc",
                    [](Edits& edits) {
                      edits.replace(0, 2, "");
                      edits.replace(1, 3, "");
                    }),
            "(refused)");
}

TEST(FixEdits, WhatTouchesOverlaps) {
  const auto at = [](std::uint32_t begin, std::uint32_t end, source::FileId id = file) {
    return std::vector<findings::Edit>{{{id, begin, end}, ""}};
  };
  EXPECT_TRUE(overlap(at(0, 2), at(2, 2)));
  EXPECT_TRUE(overlap(at(1, 1), at(1, 1)));
  EXPECT_FALSE(overlap(at(0, 2), at(3, 4)));
  EXPECT_FALSE(overlap(at(0, 2), at(0, 2, source::FileId{1})));
}

}  // namespace
}  // namespace lockwright::fixes
