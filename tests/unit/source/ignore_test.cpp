// The table of what gitignore patterns mean, held against git itself where git is there.
#include "analyzer/source/ignore.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/unit/source/temp_tree.h"

namespace lockwright::source {
namespace {

struct Row {
  std::vector<std::string> patterns;
  std::string path;  // a '/' at the end: a directory
  Verdict expected;
};

// Nothing in here lies below an ignored directory: git does not look there, match() is not asked.
const std::vector<Row>& table() {
  constexpr Verdict none = Verdict::none;
  constexpr Verdict ignore = Verdict::ignore;
  constexpr Verdict include = Verdict::include;
  static const std::vector<Row> rows = {
      // names match at any depth
      {{"a.py"}, "a.py", ignore},
      {{"a.py"}, "deep/down/a.py", ignore},
      {{"a.py"}, "ba.py", none},
      {{"a.py"}, "a.pyc", none},
      {{"a"}, "a/", ignore},
      {{"build/"}, "build/", ignore},
      {{"build/"}, "src/build/", ignore},
      {{"build/"}, "build", none},
      {{"build/", "build"}, "src/build", ignore},
      // a '/' anchors
      {{"/a.py"}, "a.py", ignore},
      {{"/a.py"}, "sub/a.py", none},
      {{"sub/a.py"}, "sub/a.py", ignore},
      {{"sub/a.py"}, "other/sub/a.py", none},
      {{"/sub/"}, "sub/", ignore},
      {{"/sub/"}, "sub", none},
      {{"sub/dir/"}, "sub/dir/", ignore},
      {{"sub/dir/"}, "sub/dir", none},
      // wildcards stay within a segment
      {{"*.py"}, "a.py", ignore},
      {{"*.py"}, "sub/.py", ignore},
      {{"*.py"}, "a.pyi", none},
      {{"*"}, ".hidden", ignore},
      {{"a*z"}, "abcz", ignore},
      {{"a*z"}, "abc", none},
      {{"/a*"}, "abc", ignore},
      {{"/*"}, "sub/", ignore},
      {{"/*/"}, "file", none},
      {{"sub/*"}, "sub/a.py", ignore},
      {{"sub/*"}, "other/a.py", none},
      {{"s*/a.py"}, "sub/a.py", ignore},
      {{"s*/a.py"}, "sub/deep/a.py", none},
      {{"a?.py"}, "ab.py", ignore},
      {{"a?.py"}, "a.py", none},
      {{"sub?a.py"}, "sub/a.py", none},
      {{"/sub*py"}, "sub/a.py", none},
      // classes
      {{"*.py[cod]"}, "a.pyc", ignore},
      {{"*.py[cod]"}, "a.pyx", none},
      {{"[a-c].py"}, "b.py", ignore},
      {{"[a-c].py"}, "d.py", none},
      {{"[!a-c].py"}, "d.py", ignore},
      {{"[!a-c].py"}, "b.py", none},
      {{"[^a-c].py"}, "b.py", none},
      {{"[^a-c].py"}, "d.py", ignore},
      {{"[]-]x"}, "]x", ignore},
      {{"[[:digit:]]x"}, "7x", ignore},
      {{"[[:digit:]]x"}, "ax", none},
      {{"[Bb]in/"}, "Bin/", ignore},
      // '**'
      {{"**/a.py"}, "a.py", ignore},
      {{"**/a.py"}, "x/y/a.py", ignore},
      {{"**/sub/a.py"}, "x/sub/a.py", ignore},
      {{"**/sub/a.py"}, "x/sub/y/a.py", none},
      {{"sub/**"}, "sub/a.py", ignore},
      {{"sub/**"}, "sub/", none},
      {{"sub/**"}, "x/sub/a.py", none},
      {{"sub/**/a.py"}, "sub/a.py", ignore},
      {{"sub/**/a.py"}, "sub/x/y/a.py", ignore},
      {{"sub/**/a.py"}, "sub/x/y/b.py", none},
      {{"/**/x/**/y/a.py"}, "p/x/q/x/r/y/a.py", ignore},
      {{"/**/x/**/y/a.py"}, "p/x/q/x/r/y/z/a.py", none},
      {{"x/**/**/a.py"}, "x/p/a.py", ignore},
      {{"x/***/a.py"}, "x/p/q/a.py", ignore},
      {{"**/x/y/a.py"}, "x/x/y/a.py", ignore},
      {{"a**b"}, "axxb", ignore},
      {{"/a**/b.py"}, "abc/b.py", ignore},
      {{"**"}, "x/y", ignore},
      {{"**/"}, "x/", ignore},
      {{"**/"}, "x", none},
      {{"logs/**/*.py", "!logs/keep/**"}, "logs/keep/a.py", include},
      // negation; the last one wins
      {{"*.py", "!keep.py"}, "keep.py", include},
      {{"*.py", "!keep.py"}, "drop.py", ignore},
      {{"!keep.py", "*.py"}, "keep.py", ignore},
      {{"!keep.py"}, "keep.py", include},
      {{"/*", "!/src/"}, "src/", include},
      {{"/*", "!/src/"}, "src", ignore},
      {{"a.py", "!/sub/a.py"}, "sub/a.py", include},
      {{"a.py", "!/sub/a.py"}, "a.py", ignore},
      {{"!a.py", "a.*", "!*.py", "a.p?"}, "a.py", ignore},
      // what is special and what is not
      {{"# comment"}, "# comment", none},
      {{"\\#name"}, "#name", ignore},
      {{"\\!name"}, "!name", ignore},
      {{"a\\*b"}, "a*b", ignore},
      {{"a\\*b"}, "axb", none},
      {{"name  "}, "name", ignore},
      {{"name\\ "}, "name ", ignore},
      {{"name\\ "}, "name", none},
      {{"na me"}, "na me", ignore},
      {{""}, "x", none},
      {{"/"}, "x", none},
      {{"!"}, "x", none},
      {{"//x"}, "x", none},
      {{"./x"}, "x", none},
      {{"name\\"}, "name", none},
      {{"*.foo", "*.bar"}, "x.foo", ignore},
      {{"caf\xC3\xA9.py"}, "caf\xC3\xA9.py", ignore},
      {{"*\xC3\xA9*"}, "caf\xC3\xA9.py", ignore},
      {{"A.py"}, "a.py", none},
  };
  return rows;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

Verdict verdict_on(const Row& row) {
  std::string path = row.path;
  const bool is_directory = path.ends_with('/');
  if (is_directory) path.pop_back();
  return IgnoreRules(row.patterns).match(path, is_directory);
}

TEST(IgnoreRules, TableOfPatterns) {
  for (const Row& row : table()) {
    EXPECT_EQ(verdict_on(row), row.expected) << joined(row.patterns) << "against " << row.path;
  }
}

TEST(IgnoreRules, AgreesWithGit) {
  if (testing::output_of("git --version").empty()) GTEST_SKIP() << "git is not installed";
  const testing::TempTree tree;  // a directory a row, with the row's patterns in a .gitignore of its own
  std::string paths;
  for (std::size_t index = 0; index < table().size(); ++index) {
    const Row& row = table()[index];
    const std::string directory = "row" + std::to_string(index) + "/";
    tree.write(directory + ".gitignore", joined(row.patterns));
    const bool is_directory = row.path.ends_with('/');
    const std::string path = directory + row.path.substr(0, row.path.size() - (is_directory ? 1 : 0));
    is_directory ? tree.directory(path) : tree.write(path);
    paths += path + '\0';
  }
  tree.write("paths", paths);
  const std::string in_tree = "cd '" + tree.path() + "' && git init -q . && ";
  const std::string said = testing::output_of(
      in_tree + "git -c core.excludesFile= check-ignore -v -n -z --no-index --stdin < paths");

  // A row is four fields: the ignore file, the line, the pattern, the path; no pattern if none matches.
  std::vector<std::string> fields(1);
  for (const char character : said) {
    if (character == '\0') {
      fields.emplace_back();
    } else {
      fields.back() += character;
    }
  }
  ASSERT_EQ(fields.size(), table().size() * 4 + 1);
  for (std::size_t index = 0; index < table().size(); ++index) {
    const Row& row = table()[index];
    const std::string& pattern = fields[index * 4 + 2];
    const Verdict expected = pattern.empty()            ? Verdict::none
                             : pattern.starts_with('!') ? Verdict::include
                                                        : Verdict::ignore;
    EXPECT_EQ(verdict_on(row), expected) << joined(row.patterns) << "against " << row.path;
  }
}

// Where git differs from its own documentation ("other consecutive asterisks are considered regular
// asterisks"): it lets this one match "abc/d/b.py".
TEST(IgnoreRules, DoubleStarWithinASegmentIsAStar) {
  const IgnoreRules rules("/a**/b.py");
  EXPECT_EQ(rules.match("abc/b.py", false), Verdict::ignore);
  EXPECT_EQ(rules.match("abc/d/b.py", false), Verdict::none);
}

TEST(IgnoreRules, ReadsAFilesText) {
  const IgnoreRules rules("\xEF\xBB\xBF*.log\r\n\r\n# no\r\n!keep.log\r\nlast");
  EXPECT_EQ(rules.match("x.log", false), Verdict::ignore);
  EXPECT_EQ(rules.match("keep.log", false), Verdict::include);
  EXPECT_EQ(rules.match("last", false), Verdict::ignore);
  EXPECT_EQ(rules.match("# no", false), Verdict::none);
  EXPECT_FALSE(rules.empty());
  EXPECT_TRUE(IgnoreRules("# nothing\n\n").empty());
}

TEST(IgnoreRules, OutsideOfTheirDirectoryOnlyNamesMatch) {
  const IgnoreRules rules(std::vector<std::string>{"venv/", "/src", "a/b", "**/deep"});
  EXPECT_EQ(rules.match_name("venv", true), Verdict::ignore);
  EXPECT_EQ(rules.match_name("src", true), Verdict::none);
  EXPECT_EQ(rules.match_name("b", true), Verdict::none);
  EXPECT_EQ(rules.match_name("deep", true), Verdict::none);
}

TEST(IgnoreRules, AFileIsLeftOutWithItsDirectory) {
  const IgnoreRules rules(std::vector<std::string>{"tests/", "!tests/keep.py"});
  EXPECT_TRUE(rules.ignores_file("tests/a.py"));
  EXPECT_TRUE(rules.ignores_file("src/tests/deep/a.py"));
  EXPECT_TRUE(rules.ignores_file("tests/keep.py")) << "as with git, nothing comes back out of it";
  EXPECT_FALSE(rules.ignores_file("src/a.py"));
  EXPECT_FALSE(rules.ignores_file("tests"));
}

TEST(IgnoreRules, ManyStarsDoNotTakeForever) {
  std::string path = "a";
  std::string pattern = "**";
  for (int i = 0; i < 60; ++i) {
    path += "/a";
    pattern += "/**/a";
  }
  EXPECT_EQ(IgnoreRules(pattern + "/b").match(path, false), Verdict::none);
  EXPECT_EQ(IgnoreRules(pattern).match(path, false), Verdict::ignore);
}

}  // namespace
}  // namespace lockwright::source
