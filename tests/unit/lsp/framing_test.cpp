// Messages in a stream: whole, in pieces, and broken.
#include "analyzer/lsp/framing.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace lockwright::lsp {
namespace {

using Texts = std::vector<std::string>;

/// All that a reader gives for these bytes; what is broken is "!".
Texts read(MessageReader& reader, std::string_view bytes) {
  reader.feed(bytes);
  Texts texts;
  while (const auto item = reader.next()) texts.push_back(item->broken ? "!" : item->text);
  return texts;
}

Texts read(std::string_view bytes) {
  MessageReader reader;
  return read(reader, bytes);
}

TEST(MessageReader, GivesMessagesAsTheyCome) {
  EXPECT_EQ(read(framed("{}") + framed("") + framed("[1]")), (Texts{"{}", "", "[1]"}));
}

TEST(MessageReader, WaitsForTheRestWhereverItIsCut) {
  const std::string bytes = framed("{\"a\": 1}") + framed("{\"b\": 2}");
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    MessageReader reader;
    Texts texts = read(reader, bytes.substr(0, cut));
    EXPECT_EQ(reader.is_within_message(), cut != 0 && cut != bytes.size() && cut != bytes.size() / 2);
    for (std::string& text : read(reader, bytes.substr(cut))) texts.push_back(std::move(text));
    EXPECT_EQ(texts, (Texts{"{\"a\": 1}", "{\"b\": 2}"})) << "cut at " << cut;
  }
}

TEST(MessageReader, CountsOnlyTheLength) {
  EXPECT_EQ(read("content-length:2\r\nContent-Type: x; charset=utf-8\r\n\r\n{}"), (Texts{"{}"}));
  EXPECT_EQ(read("Content-Length: 2\n\n{}"), (Texts{"{}"})) << "without carriage returns";
}

TEST(MessageReader, GoesOnAfterWhatIsNoMessage) {
  for (const std::string bad : {"Content-Length: two\r\n\r\n", "Content-Length: -1\r\n\r\n",
                                "Content-Length: 99999999999999999999999\r\n\r\n", "Content-Type: x\r\n\r\n",
                                "\r\n\r\n", "{\"no\": \"header\"}"}) {
    EXPECT_EQ(read(bad + framed("{}")), (Texts{"!", "{}"})) << bad;
  }
}

TEST(MessageReader, SaysOnceThatItIsLost) {
  EXPECT_EQ(read(std::string(100'000, 'x') + framed("{}")), (Texts{"!", "{}"}));
  MessageReader reader;
  Texts texts;
  for (int i = 0; i < 1000; ++i) {
    for (std::string& text : read(reader, std::string(100, 'y'))) texts.push_back(std::move(text));
  }
  EXPECT_EQ(texts, (Texts{"!"}));
  EXPECT_EQ(read(reader, framed("{}")), (Texts{"{}"}));
}

TEST(MessageReader, SkipsWhatIsTooLong) {
  MessageReader reader;
  const std::string chunk(std::size_t{1} << 20, 'x');
  EXPECT_EQ(read(reader, "Content-Length: " + std::to_string(300 * chunk.size()) + "\r\n\r\n"), (Texts{"!"}));
  for (int i = 0; i < 300; ++i) EXPECT_TRUE(read(reader, chunk).empty());
  EXPECT_EQ(read(reader, framed("{}")), (Texts{"{}"}));
}

TEST(MessageReader, SurvivesAnyBytes) {
  std::mt19937 random(3);
  const std::string_view pieces[] = {
      "Content-Length: ", "7", "\r\n", "\n", "{}", "\r", "x", ":", "999", "\0"};
  for (int round = 0; round < 2000; ++round) {
    MessageReader reader;
    for (int i = 0; i < 40; ++i) {
      reader.feed(pieces[random() % std::size(pieces)]);
      for (int items = 0; reader.next(); ++items) ASSERT_LT(items, 100);
    }
  }
}

}  // namespace
}  // namespace lockwright::lsp
