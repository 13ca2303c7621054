// Which texts in quotes may be arguments of which calls.
#include "analyzer/source/glance.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockwright::source {
namespace {

const std::vector<std::string> open = {"open", "writeFile"};

bool passes(std::string_view text) {
  return may_be_passed(text, "\"wx\"", open);
}

TEST(Passing, TakesArgumentsOfTheCall) {
  EXPECT_TRUE(passes("fd = open(path, \"wx\")"));
  EXPECT_TRUE(passes("fs.openSync(join(dir, \"a)\"),\n  \"wx\")")) << "over calls and strings before it";
  EXPECT_TRUE(passes("await writeFile(path, data, { encoding: \"utf8\", \"flag\": \"wx\" })"));
  EXPECT_TRUE(passes("fs.promises.open<FileHandle>(p, \"wx\")"));
}

TEST(Passing, TakesWhatIsPutByForLater) {
  EXPECT_TRUE(passes("const flags = \"wx\";"));
  EXPECT_TRUE(passes("const options = { flag: \"wx\" };"));
  EXPECT_TRUE(passes("def mode(): return \"wx\""));
  EXPECT_TRUE(passes("open(path, fresh ? \"wx\" : \"w\")"));
}

TEST(Passing, LeavesOtherTextsAlone) {
  EXPECT_FALSE(passes("for axis in (\"wx\", \"y\"): open(axis)"));
  EXPECT_FALSE(passes("point.get(\"wx\", open(path))"));
  EXPECT_FALSE(passes("if axis == \"wx\": pass"));
  EXPECT_FALSE(passes("{\"axis\": \"wx\"}"));
  EXPECT_FALSE(passes("\"wx\""));
}

TEST(Passing, AnArgumentByNameIsPutByWhenItIsCalledAMode) {
  EXPECT_TRUE(passes("options = dict(mode=\"wx\")"));
  EXPECT_TRUE(passes("partial(run, openFlags=\"wx\")"));
  EXPECT_TRUE(passes("open(path, how=\"wx\")")) << "of the call itself";
  EXPECT_FALSE(passes("Axis(id=\"wx\")"));
}

TEST(Passing, AKeyIsNoArgument) {
  const std::string far_from_any_bracket(5000, ' ');
  EXPECT_FALSE(passes(far_from_any_bracket + "at = {\"wx\": 1, \"y\": 2}"));
  EXPECT_FALSE(passes(far_from_any_bracket + "at = {\"y\": 2, \"wx\" : 1}"));
  EXPECT_FALSE(passes("open(path, modes[{\"wx\": 1}])"));
  EXPECT_TRUE(passes("open(path, fresh, \"wx\")"));
  EXPECT_TRUE(passes("open(path, old ? \"w\" : \"wx\")"));
}

TEST(Words, BeginWithALetterThatBeginsAWord) {
  const std::vector<std::string> words = {"lock", "acquire"};
  for (const char* text : {"lock", "file_lock = 1", "fileLock", "LOCKED", "x.Acquired()", "a-lock"})
    EXPECT_TRUE(has_word(text, words)) << text;
  for (const char* text : {"", "block", "clock.release()", "BLOCK", "loc k"})
    EXPECT_FALSE(has_word(text, words)) << text;
}

TEST(Mentions, AreTextsInWhateverCase) {
  const std::vector<std::string> words = {"rename", "replace"};
  EXPECT_TRUE(mentions_one("await fs.RenameSync(a, b)", words));
  EXPECT_TRUE(mentions_one("os.replace(a, b)", words));
  EXPECT_FALSE(mentions_one("fs.unlink(a)", words));
}

TEST(Names, AreTheLastPartsOfPathsInQuotes) {
  const auto other_than_yarn = [](std::string_view name) { return name != "yarn.lock"; };
  const auto counts = [&](std::string_view text) { return ends_name(text, ".lock", '"', other_than_yarn); };
  EXPECT_TRUE(counts("open(\"a.lock\")"));
  EXPECT_TRUE(counts("f\"{path}.lock\""));
  EXPECT_TRUE(counts("\"yarn.lock\", \"a.lock\"")) << "one of two is enough";
  EXPECT_TRUE(counts("\"my-yarn.lock\""));
  EXPECT_FALSE(counts("\"yarn.lock\""));
  EXPECT_FALSE(counts("f\"{root}/yarn.lock\""));
  EXPECT_FALSE(counts("\"a.locked\"")) << "no end of a string";
  EXPECT_FALSE(counts("a.lock"));
}

TEST(OneLine, HasBothTexts) {
  EXPECT_TRUE(on_one_line("import os\nfrom .locks import *\n", "import *", "locks"));
  EXPECT_FALSE(on_one_line("from .names import *\nlocks = 1", "import *", "locks"));
  EXPECT_FALSE(on_one_line("", "import *", "locks"));
}

}  // namespace
}  // namespace lockwright::source
