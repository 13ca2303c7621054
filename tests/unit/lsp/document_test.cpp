// Texts under edits, and positions in each encoding.
#include "analyzer/lsp/document.h"

#include <gtest/gtest.h>

#include <random>

#include "analyzer/lsp/uri.h"

namespace lockwright::lsp {
namespace {

Json at(std::uint32_t line, std::uint32_t character) {
  return {{"line", line}, {"character", character}};
}

Json replacing(const Json& start, const Json& end, const std::string& text) {
  return {{"range", {{"start", start}, {"end", end}}}, {"text", text}};
}

std::string edited(const std::string& text, std::vector<Json> changes, Encoding encoding = Encoding::utf16) {
  return changed(text, Json(std::move(changes)), encoding);
}

TEST(Document, TakesChangesOneAfterTheOther) {
  EXPECT_EQ(edited("one\ntwo\n", {replacing(at(0, 3), at(1, 0), " "), replacing(at(0, 4), at(0, 7), "2")}),
            "one 2\n");
  EXPECT_EQ(edited("one", {replacing(at(0, 3), at(0, 3), "\n"), replacing(at(1, 0), at(1, 0), "two")}),
            "one\ntwo");
  EXPECT_EQ(edited("one", {Json{{"text", "another"}}}), "another") << "a change without a range is the text";
}

TEST(Document, TakesPositionsBeyondTheEndForTheEnd) {
  EXPECT_EQ(edited("one\ntwo", {replacing(at(0, 99), at(0, 99), "!")}), "one!\ntwo");
  EXPECT_EQ(edited("one\ntwo", {replacing(at(9, 9), at(99, 0), "!")}), "one\ntwo!");
}

TEST(Document, CountsAsAgreed) {
  // An e with an accent: 2 bytes, 1 unit; a lock: 4 bytes, 2 units.
  const std::string text = "\xC3\xA9\xF0\x9F\x94\x92x\r\ny";
  EXPECT_EQ(edited(text, {replacing(at(0, 3), at(0, 4), "!")}, Encoding::utf16),
            "\xC3\xA9\xF0\x9F\x94\x92!\r\ny");
  EXPECT_EQ(edited(text, {replacing(at(0, 6), at(0, 7), "!")}, Encoding::utf8),
            "\xC3\xA9\xF0\x9F\x94\x92!\r\ny");
  EXPECT_EQ(edited(text, {replacing(at(0, 2), at(0, 3), "!")}, Encoding::code_points),
            "\xC3\xA9\xF0\x9F\x94\x92!\r\ny");
  EXPECT_EQ(edited(text, {replacing(at(0, 9), at(1, 0), "")}, Encoding::utf16), "\xC3\xA9\xF0\x9F\x94\x92xy")
      << "a line ends before its terminator";
}

TEST(Document, PositionsComeBack) {
  const std::string text = "a\xC3\xA9\n\xF0\x9F\x94\x92\r\n\rb";
  const source::LineMap lines(text);
  for (const Encoding encoding : {Encoding::utf8, Encoding::utf16, Encoding::code_points}) {
    for (const std::size_t offset : {0U, 1U, 3U, 4U, 8U, 10U, 11U, 12U})
      EXPECT_EQ(offset_of(position_of(offset, lines, encoding), lines, encoding), offset);
  }
}

TEST(Document, RefusesWhatIsNoChange) {
  EXPECT_THROW(static_cast<void>(changed("", Json::object(), Encoding::utf8)), RequestError);
  EXPECT_THROW(static_cast<void>(edited("", {Json::object()})), RequestError);
  EXPECT_THROW(static_cast<void>(edited("", {replacing(Json{{"line", -1}, {"character", 0}}, at(0, 0), "")})),
               RequestError);
  EXPECT_THROW(static_cast<void>(edited("", {replacing(Json(3), at(0, 0), "")})), RequestError);
}

TEST(Document, RandomEditsAreThoseOfAString) {
  std::mt19937 random(11);
  const std::string letters = "ab\n";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = random() % 30; i > 0; --i) text += letters[random() % letters.size()];
    const std::size_t begin = random() % (text.size() + 1);
    const std::size_t end = begin + random() % (text.size() - begin + 1);
    const source::LineMap lines(text);
    const Json change =
        replacing(position_of(begin, lines, Encoding::utf8), position_of(end, lines, Encoding::utf8), "x\ny");
    std::string expected = text;
    expected.replace(begin, end - begin, "x\ny");
    EXPECT_EQ(edited(text, {change}, Encoding::utf8), expected);
  }
}

TEST(Negotiation, PrefersBytesAndFallsBackToWhatEveryoneKnows) {
  EXPECT_EQ(negotiated({"utf-16", "utf-8"}), Encoding::utf8);
  EXPECT_EQ(negotiated({"utf-32"}), Encoding::code_points);
  EXPECT_EQ(negotiated({"utf-32", "utf-16"}), Encoding::utf16);
  EXPECT_EQ(negotiated({}), Encoding::utf16);
}

TEST(Uri, ComesBackAsItsPath) {
  for (const std::string path : {"/a/b.py", "/with space/\xC3\xA9#?.py", "/c:/d.ts", "/100%/a.py", "/"})
    EXPECT_EQ(path_of_uri(uri_of_path(path)), path);
  EXPECT_EQ(path_of_uri("file:///a%20b/../c%2Fd.py"), "/c/d.py");
  EXPECT_EQ(path_of_uri("file:///c%3A/x"), path_of_uri("file:///c:/x")) << "clients differ";
  EXPECT_EQ(path_of_uri("file:///folder/"), "/folder");
  EXPECT_EQ(path_of_uri("untitled:Untitled-1"), std::nullopt);
  EXPECT_EQ(path_of_uri("file://elsewhere/a.py"), std::nullopt);
  EXPECT_EQ(path_of_uri("file:///a%00b"), std::nullopt);
}

}  // namespace
}  // namespace lockwright::lsp
