// Widths of texts on a terminal, and names taken from calls.
#include "analyzer/report/display.h"

#include <gtest/gtest.h>

#include "analyzer/report/place.h"
#include "tests/unit/report/sample.h"

namespace lockwright::report {
namespace {

TEST(Display, WidthsAreTheTerminals) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("\xC3\xA9"), 1U);                  // é
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);                 // e and a combining accent
  EXPECT_EQ(display_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4U);  // two Chinese characters
  EXPECT_EQ(display_width("\xF0\x9F\x94\x92"), 2U);          // a padlock
  EXPECT_EQ(display_width("\xEF\xBC\xA1"), 2U);              // a full-width A
  EXPECT_EQ(display_width("a\tb"), 5U);
  EXPECT_EQ(display_width("\xFF"), 1U);
}

TEST(Display, WrapsBetweenWordsAndBreaksLongOnes) {
  EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("abcdefghij k", 4), (std::vector<std::string>{"abcd", "efgh", "ij k"}));
  EXPECT_EQ(wrapped("", 4), std::vector<std::string>{""});
  EXPECT_EQ(wrapped("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 4),
            (std::vector<std::string>{"\xE6\x97\xA5\xE6\x9C\xAC", "\xE8\xAA\x9E"}));
  EXPECT_EQ(wrapped("ab\xE6\x97\xA5", 1), (std::vector<std::string>{"a", "b", "\xE6\x97\xA5"}));
}

TEST(Display, Clips) {
  EXPECT_EQ(clipped_left("abcdef", 6), "abcdef");
  EXPECT_EQ(clipped_left("abcdef", 4),
            "\xE2\x80\xA6"
            "def");
  EXPECT_EQ(clipped_right("abcdef", 4), "abc\xE2\x80\xA6");
}

TEST(Place, TheNameOfACall) {
  const auto name = [](std::string text) {
    const auto files = testing::files_of({{"a.py", text}});
    return callee_name({source::FileId{0}, 0, static_cast<std::uint32_t>(text.size())}, *files);
  };
  EXPECT_EQ(name("load(path)"), "load");
  EXPECT_EQ(name("self.store.load(path, mode=f())"), "load");
  EXPECT_EQ(name("lock::guard<int> (m)"), "int");
  EXPECT_EQ(name("p->load ()"), "load");
  EXPECT_EQ(name("await x.open_()"), "open_");
  EXPECT_EQ(name("with self.lock:\n  pass"), "lock");
  EXPECT_EQ(name("(a or b)(c)\nd"), "(a or b)(c)");
}

}  // namespace
}  // namespace lockwright::report
