// Comments told from strings, and lines that belong together.
#include "analyzer/source/skim.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockwright::source {

std::ostream& operator<<(std::ostream& out, const LineSpan& span) {
  return out << span.first << "-" << span.last;
}

namespace {

constexpr Language kPython = Language::python;
constexpr Language kTypeScript = Language::typescript;
constexpr Language kCpp = Language::cpp;

using Texts = std::vector<std::string>;
using Spans = std::vector<LineSpan>;

Texts comments(std::string_view text, Language language) {
  Texts found;
  for (const Comment& comment : skim(text, language).comments) {
    found.emplace_back(text.substr(comment.begin, comment.end - comment.begin));
  }
  return found;
}

Spans statements(std::string_view text, Language language) {
  return skim(text, language).statements;
}

TEST(SkimPython, CommentsAndStrings) {
  EXPECT_EQ(comments("x = 1  # one\n# two\ny", kPython), (Texts{"# one", "# two"}));
  EXPECT_EQ(comments("a = '# no' + \"# no\"  # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("a = 'it\\'s # no'  # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("a = r'\\' # yes\nb", kPython), (Texts{}))
      << "a raw string's backslash still guards a quote";
  EXPECT_EQ(comments("a = '''\n# no ' \"\n''' # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("\"\"\"# no \\\"\"\" # no\n\"\"\" # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("a = '' # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("a = f\"{b['k']} # no\" # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("a = 'broken\n# yes", kPython), (Texts{"# yes"})) << "an open quote ends with its line";
  EXPECT_EQ(comments("a = 'goes \\\n on # no' # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("'''never closed # no\n", kPython), (Texts{}));
  EXPECT_EQ(comments("x // y # yes", kPython), (Texts{"# yes"}));
  EXPECT_EQ(comments("#a\r\n#b\r#c", kPython), (Texts{"#a", "#b", "#c"}));
  EXPECT_EQ(comments("\xEF\xBB\xBF# first", kPython), (Texts{"# first"}));
  EXPECT_EQ(comments("", kPython), (Texts{}));
  EXPECT_EQ(comments("'\\", kPython), (Texts{}));
}

TEST(SkimTypeScript, CommentsAndStrings) {
  EXPECT_EQ(comments("x(); // one\n/* two\n2 */ y(); /**/", kTypeScript),
            (Texts{"// one", "/* two\n2 */", "/**/"}));
  EXPECT_EQ(comments("a = '// no' + \"/* no\"; // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("u = `http://no` // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("u = `a\n// no\n${f(/* yes */ '`')} // no ${`${1 // yes\n}`}` // yes", kTypeScript),
            (Texts{"/* yes */", "// yes", "// yes"}));
  EXPECT_EQ(comments("r = /[/]\\/\"'`/g; // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("return /\"/.test(s) // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("x = a / b; y = c / '// no'; // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("x = (a) / 2 // yes\ny = a[0] / 2 // yes", kTypeScript), (Texts{"// yes", "// yes"}));
  EXPECT_EQ(comments("<p>Don't</p> \n// yes", kTypeScript), (Texts{"// yes"}))
      << "fooled, but not beyond the line";
  EXPECT_EQ(comments("<p>a</p> // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("/* never closed", kTypeScript), (Texts{"/* never closed"}));
  EXPECT_EQ(comments("`never closed ${ // yes", kTypeScript), (Texts{"// yes"}));
  EXPECT_EQ(comments("# no", kTypeScript), (Texts{}));
}

TEST(SkimCpp, CommentsAndStrings) {
  EXPECT_EQ(comments("int a = 1'000'000; // yes", kCpp), (Texts{"// yes"}));
  EXPECT_EQ(comments("char q = '\\''; char s = '\"'; // yes", kCpp), (Texts{"// yes"}));
  EXPECT_EQ(comments("auto s = R\"(// no \" ')\"; // yes", kCpp), (Texts{"// yes"}));
  EXPECT_EQ(comments("auto s = u8R\"x(// no )\" \n)x\"; // yes", kCpp), (Texts{"// yes"}));
  EXPECT_EQ(comments("auto s = FOR\"(\"; // yes", kCpp), (Texts{"// yes"})) << "not a prefix";
  EXPECT_EQ(comments("a = b / c; /* yes */ d", kCpp), (Texts{"/* yes */"}));
  EXPECT_EQ(comments("#error don't\n// yes", kCpp), (Texts{"// yes"}));
  EXPECT_EQ(comments("R\"", kCpp), (Texts{}));
  EXPECT_EQ(comments("u = `x`; // yes", kCpp), (Texts{"// yes"}));
}

TEST(SkimPython, LogicalLines) {
  EXPECT_EQ(statements("a\nb\n", kPython), (Spans{{1, 1}, {2, 2}}));
  EXPECT_EQ(statements("\n\na\n\n# c\nb", kPython), (Spans{{3, 3}, {6, 6}}));
  EXPECT_EQ(statements("f(\n  a,\n\n  # c\n  b)\ng()", kPython), (Spans{{1, 5}, {6, 6}}));
  EXPECT_EQ(statements("x = {\n 1: [\n 2]}\ny", kPython), (Spans{{1, 3}, {4, 4}}));
  EXPECT_EQ(statements("a = 1 + \\\n  2\nb", kPython), (Spans{{1, 2}, {3, 3}}));
  EXPECT_EQ(statements("s = '''\n\n''' + (\n1)\nb", kPython), (Spans{{1, 4}, {5, 5}}));
  EXPECT_EQ(statements("with open(p) as f, \\\n     lock:\n  pass", kPython), (Spans{{1, 2}, {3, 3}}));
  EXPECT_EQ(statements("f('(')\ng", kPython), (Spans{{1, 1}, {2, 2}})) << "brackets in strings are text";
  EXPECT_EQ(statements("f()  # (\ng", kPython), (Spans{{1, 1}, {2, 2}}));
  EXPECT_EQ(statements("f(\r\na)\r\nb\rc", kPython), (Spans{{1, 2}, {3, 3}, {4, 4}}));
}

TEST(SkimPython, ABracketThatIsNeverClosedJoinsNothing) {
  EXPECT_EQ(statements("a\nf(\nb\nc", kPython), (Spans{{1, 1}, {2, 2}, {3, 3}, {4, 4}}));
  EXPECT_EQ(statements("a)\nb\n", kPython), (Spans{{1, 1}, {2, 2}}));
}

TEST(SkimTypeScript, StatementsEndWhereABlockBegins) {
  EXPECT_EQ(statements("f(\n  a,\n  b);\ng();", kTypeScript), (Spans{{1, 3}, {4, 4}}));
  EXPECT_EQ(statements("if (a &&\n    b) {\n  c();\n}", kTypeScript), (Spans{{1, 2}, {3, 3}, {4, 4}}));
  EXPECT_EQ(statements("run(async () => {\n  a();\n  b();\n}, [\n 1]);\nz();", kTypeScript),
            (Spans{{1, 1}, {2, 2}, {3, 3}, {4, 5}, {6, 6}}));
  EXPECT_EQ(statements("a = `x\n${f(\n1)}\n`;\nb;", kTypeScript), (Spans{{1, 4}, {5, 5}}));
}

TEST(Skim, TellsWhichCommentsHaveALineToThemselves) {
  const Skim python = skim("# alone\nx  # not\n  # alone\n", kPython);
  ASSERT_EQ(python.comments.size(), 3U);
  EXPECT_FALSE(python.comments[0].code_on_line);
  EXPECT_TRUE(python.comments[1].code_on_line);
  EXPECT_FALSE(python.comments[2].code_on_line);
  const Skim cpp = skim("/* before */ x;\n/* a */ // b\n/* c\n*/ y;\n", kCpp);
  ASSERT_EQ(cpp.comments.size(), 4U);
  EXPECT_TRUE(cpp.comments[0].code_on_line);
  EXPECT_FALSE(cpp.comments[1].code_on_line);
  EXPECT_FALSE(cpp.comments[2].code_on_line);
  EXPECT_FALSE(cpp.comments[3].code_on_line) << "its first line counts";
  EXPECT_EQ(cpp.comments[3].lines, (LineSpan{3, 4}));
  EXPECT_EQ(cpp.code_lines, (std::vector<std::uint32_t>{1, 4}));
}

TEST(Skim, EveryLineWithCodeIsInAStatement) {
  // Whatever the text: random ones are mostly nonsense, and nonsense must not break the promise.
  std::uint32_t state = 1;
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i) {
      state = state * 1664525 + 1013904223;
      text += "ab(){}[]'\"`#/*\\$R\n\n \r"[(state >> 16) % 22];
    }
    for (const Language language : {kPython, kTypeScript, kCpp}) {
      const Skim result = skim(text, language);
      std::uint32_t last = 0;
      for (const LineSpan& span : result.statements) {
        ASSERT_LT(last, span.first) << text;
        ASSERT_LE(span.first, span.last) << text;
        last = span.last;
      }
      for (const std::uint32_t line : result.code_lines) {
        ASSERT_TRUE(std::ranges::any_of(result.statements, [&](const LineSpan& s) {
          return s.contains(line);
        })) << text;
      }
    }
  }
}

TEST(Skim, DeepNestingIsNoProblem) {
  const std::string deep = std::string(100'000, '(') + "\n" + std::string(100'000, ')') + "\nb";
  EXPECT_EQ(statements(deep, kPython), (Spans{{1, 2}, {3, 3}}));
  EXPECT_EQ(statements(std::string(100'000, '{') + "\nb", kCpp), (Spans{{1, 1}, {2, 2}}));
}

}  // namespace
}  // namespace lockwright::source
