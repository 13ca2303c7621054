// The formats for people: whole reports, and what a terminal must be protected from.
#include <gtest/gtest.h>

#include <string>

#include "analyzer/report/code_frame.h"
#include "analyzer/report/report.h"
#include "analyzer/report/summary.h"
#include "analyzer/report/timeline.h"
#include "tests/unit/report/sample.h"

namespace lockwright::report {
namespace {

using testing::files_of;
using testing::finding_at;
using testing::range_of;
using testing::Sample;

std::string frame(std::string text, std::string_view marked, std::size_t width = 80) {
  const auto files = files_of({{"a.py", std::move(text)}});
  const Style plain(false);
  return code_frame(range_of(*files, "a.py", marked), *files, {plain, Ink::error, width});
}

TEST(TextReport, Golden) {
  const Sample sample;
  EXPECT_EQ(
      render_text(sample.report(), {.width = 80}),
      R"(src/p#ol.py:2:5: warning LW302 map-delete-before-async-cleanup: the entry of `key` is erased, 100% too early
   |
 2 |     self.held.pop(key)
   |     ^^^^^^^^^^^^^^^^^^
                    A                              B
  1. src/p#ol.py:2  erases the entry
  2. src/p#ol.py:5                                 takes the lock
  3. src/p#ol.py:3  closes B's lock
  help: Erase the entry after the clean-up.

src/store.py:4:22: error LW102 truncating-open-before-lock: `path` is emptied before it is locked
)"
      "   |\n"
      " 4 |     note(\"\xE6\x97\xA5\"); handle = open(path, \"w\")\n"
      "   |                          ^^^^^^^^^^^^^^^\n"
      R"(  1. src/store.py:4  opens and empties path
                       via save (store.py:8)
  2. src/store.py:5  locks path
                       via save (store.py:8)
  help: Open `path` with "r+".

warning: src/big.py: is 50.0 MB large: skipped
warning: src/odd.py:7: syntax not understood here
Found 1 error, 1 warning in 120 files (1 suppressed, 1 baselined)
)");
}

TEST(TextReport, QuietLeavesOutTheSummaryOnly) {
  const Sample sample;
  const std::string whole = render_text(sample.report(), {});
  const std::string quiet = render_text(sample.report(), {.summary = false});
  EXPECT_EQ(quiet + summary(sample.report()), whole);
}

TEST(TextReport, ColourAddsEscapesAndNothingElse) {
  const Sample sample;
  const std::string plain = render_text(sample.report(), {.colour = false});
  std::string coloured = render_text(sample.report(), {.colour = true});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[1;31merror LW102"), std::string::npos);
  std::string stripped;
  for (std::size_t at = 0; at < coloured.size(); ++at) {
    if (coloured[at] == '\x1b')
      at = coloured.find('m', at);
    else
      stripped += coloured[at];
  }
  EXPECT_EQ(stripped, plain);
}

TEST(TextReport, AWitnessThatIsTheMarkedCodeIsNotRepeated) {
  Sample sample;
  sample.judged = {
      {finding_at(range_of(*sample.files, "src/store.py", "store.touch()")), findings::State::open, "", ""}};
  EXPECT_EQ(render_text(sample.report(), {}).find("does it"), std::string::npos);
}

TEST(TextReport, NothingOfTheSourceReachesTheTerminalRaw) {
  Sample sample;
  sample.files = files_of({{"e\x1bvil\n.py", "x = '\x1b[2J\xE2\x80\xAE'\nf()\n"}});
  findings::Finding finding = finding_at({source::FileId{0}, 0, 10});
  finding.message = "`\x1b]0;title\x07` is bad\nreally";
  finding.witness[0].text = "does \x1b[31mit\r";
  finding.witness.push_back(finding.witness[0]);
  sample.judged = {{finding, findings::State::open, "", ""}};
  sample.notes = {{source::NoteKind::warning, "bad\x1b", std::nullopt, "is \x1b bad"}};
  const std::string text = render_text(sample.report(), {});
  EXPECT_EQ(text.find_first_of("\x1b\x07\r"), std::string::npos);
  EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos) << "text that turns the writing direction";
  EXPECT_NE(text.find("e\xE2\x90\x9Bvil\xE2\x90\x8A.py:1:1"), std::string::npos) << text;
}

TEST(ConciseReport, Golden) {
  const Sample sample;
  EXPECT_EQ(
      render_concise(sample.report(), {}),
      R"(src/p#ol.py:2:5: warning LW302 map-delete-before-async-cleanup: the entry of `key` is erased, 100% too early
src/store.py:4:22: error LW102 truncating-open-before-lock: `path` is emptied before it is locked
warning: src/big.py: is 50.0 MB large: skipped
warning: src/odd.py:7: syntax not understood here
Found 1 error, 1 warning in 120 files (1 suppressed, 1 baselined)
)");
}

TEST(Summary, CountsInWords) {
  Sample sample;
  sample.judged.resize(1);
  sample.judged[0].finding.severity = findings::Severity::info;
  Report report = sample.report();
  report.file_count = 1;
  EXPECT_EQ(summary(report), "Found 1 info in 1 file\n");
  report.findings = {};
  report.file_count = 0;
  EXPECT_EQ(summary(report), "Found nothing in 0 files\n");
  report.gone_from_baseline = 1;
  EXPECT_EQ(summary(report),
            "Found nothing in 0 files\n"
            "1 entry of the baseline is no longer found: write it anew with --write-baseline\n");
  report.gone_from_baseline = 2;
  EXPECT_NE(summary(report).find("\n2 entries of the baseline are no longer found"), std::string::npos);
}

TEST(Summary, ABadPathIsLeftToTheCommandLine) {
  Sample sample;
  sample.notes = {{source::NoteKind::bad_input, "nope", std::nullopt, "does not exist"},
                  {source::NoteKind::error, "a.py", std::nullopt, "went wrong"}};
  EXPECT_EQ(note_lines(sample.report(), Style(false)), "error: a.py: went wrong\n");
}

TEST(CodeFrame, SeveralLinesAreAllMarked) {
  EXPECT_EQ(frame("a = f(\n    1,\n\n)  \nb\n", "f(\n    1,\n\n)  "),
            "   |\n"
            " 1 | a = f(\n"
            "   |     ^^\n"
            " 2 |     1,\n"
            "   |     ^^\n"
            " 3 |\n"
            " 4 | )\n"
            "   | ^\n");
}

TEST(CodeFrame, OfManyLinesTheFirstAndTheLastAreShown) {
  EXPECT_EQ(frame("f(1,\n2,\n3,\n4,\n5,\n6)\n", "f(1,\n2,\n3,\n4,\n5,\n6)"),
            "   |\n"
            " 1 | f(1,\n"
            "   | ^^^^\n"
            " 2 | 2,\n"
            "   | ^^\n"
            " 3 | 3,\n"
            "   | ^^\n"
            "   ...\n"
            " 6 | 6)\n"
            "   | ^^\n");
}

TEST(CodeFrame, AnEmptyRangeHasOneCaret) {
  const auto files = files_of({{"a.py", "abc\n"}});
  const Style plain(false);
  EXPECT_EQ(code_frame({source::FileId{0}, 3, 3}, *files, {plain, Ink::error, 80}),
            "   |\n 1 | abc\n   |    ^\n");
}

TEST(CodeFrame, ALongLineIsClippedAroundTheCarets) {
  const std::string line = std::string(100, 'a') + " MARK " + std::string(100, 'b');
  const std::string text = frame(line + "\n", "MARK", 40);
  EXPECT_EQ(text,
            "   |\n"
            " 1 | \xE2\x80\xA6"
            "aaaaaaaaaa MARK bbbbbbbbbbbbbbbbb\xE2\x80\xA6\n"
            "   |             ^^^^\n");
}

TEST(CodeFrame, ALongLineIsClippedAtItsEndIfTheCaretsAreAtItsBeginning) {
  EXPECT_EQ(frame("MARK " + std::string(100, 'b') + "\n", "MARK", 30),
            "   |\n"
            " 1 | MARK bbbbbbbbbbbbbbbbbbb\xE2\x80\xA6\n"
            "   | ^^^^\n");
}

TEST(CodeFrame, ALongLineIsClippedAtItsBeginningIfTheCaretsAreAtItsEnd) {
  EXPECT_EQ(frame(std::string(100, 'a') + " MARK\n", "MARK", 30),
            "   |\n"
            " 1 | \xE2\x80\xA6"
            "aaaaaaaaaaaaaaaaaaa MARK\n"
            "   |                      ^^^^\n");
}

TEST(CodeFrame, OfAHugeLineOnlyTheSurroundingsAreLookedAt) {
  std::string line;
  for (int i = 0; i < 100000; ++i) line += "\xE6\x97\xA5";
  EXPECT_EQ(frame(line + "MARK" + line + "\n", "MARK", 30),
            "   |\n"
            " 1 | \xE2\x80\xA6\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5MARK"
            "\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE2\x80\xA6\n"
            "   |          ^^^^\n");
}

TEST(CodeFrame, AMarkThatIsTooLongIsClippedToo) {
  const std::string text = frame("x = " + std::string(200, 'y') + "\n", std::string(200, 'y'), 30);
  EXPECT_EQ(text,
            "   |\n"
            " 1 | x = yyyyyyyyyyyyyyyyyyyy\xE2\x80\xA6\n"
            "   |     ^^^^^^^^^^^^^^^^^^^^\n");
}

TEST(Timeline, LongTextsAreWrappedInTheirColumns) {
  const auto files = files_of({{"a.py", "f()\ng()\n"}});
  const std::vector<findings::Step> steps = {{range_of(*files, "a.py", "f()"),
                                              "takes the lock and then does many other things",
                                              findings::Actor::A,
                                              {}},
                                             {range_of(*files, "a.py", "g()"),
                                              "waits for the lock that is never released",
                                              findings::Actor::B,
                                              {range_of(*files, "a.py", "f()")}}};
  EXPECT_EQ(timeline(steps, *files, Style(false), 70),
            "             A                            B\n"
            "  1. a.py:1  takes the lock and then\n"
            "             does many other things\n"
            "  2. a.py:2                               waits for the lock that is\n"
            "                                          never released\n"
            "                                            via f (a.py:1)\n");
}

}  // namespace
}  // namespace lockwright::report
