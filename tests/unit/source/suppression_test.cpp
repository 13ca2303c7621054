// What silences what; and that a slip in a suppression is told.
#include "analyzer/source/suppression.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/line_map.h"

namespace lockwright::source {
namespace {

Suppressions in_python(std::string_view text) {
  return find_suppressions(text, Language::python, FileId{7});
}

/// The one suppression of a Python text.
Suppression only(std::string_view text, Language language = Language::python) {
  Suppressions found = find_suppressions(text, language);
  EXPECT_EQ(found.items.size(), 1U) << text;
  for (const SuppressionProblem& problem : found.problems) ADD_FAILURE() << problem.message;
  return found.items.empty() ? Suppression{} : found.items[0];
}

/// The one problem of a Python text that suppresses nothing.
std::string problem_with(std::string_view text) {
  const Suppressions found = in_python(text);
  EXPECT_TRUE(found.items.empty()) << text << ": silences something";
  EXPECT_EQ(found.problems.size(), 1U) << text;
  return found.problems.empty() ? "" : found.problems[0].message;
}

std::vector<std::string> rules_of(const Suppression& suppression) {
  std::vector<std::string> rules;
  for (const SuppressedRule& rule : suppression.rules) rules.push_back(rule.rule);
  return rules;
}

using Rules = std::vector<std::string>;

TEST(Suppressions, NamesRulesAndGivesAReason) {
  const std::string_view text =
      "f()  # lockwright: ignore[LW101, nested-same-file-lock] the watchdog never nests\n";
  const Suppressions found = in_python(text);
  ASSERT_EQ(found.items.size(), 1U);
  const Suppression& item = found.items[0];
  EXPECT_EQ(rules_of(item), (Rules{"LW101", "nested-same-file-lock"}));
  EXPECT_EQ(item.reason, "the watchdog never nests");
  EXPECT_FALSE(item.whole_file);
  EXPECT_EQ(item.lines, (LineSpan{1, 1}));
  EXPECT_EQ(item.range, (Range{FileId{7}, 5, static_cast<std::uint32_t>(text.size() - 1)}));
  const Range& second = item.rules[1].range;
  EXPECT_EQ(text.substr(second.begin, second.end - second.begin), "nested-same-file-lock");
  EXPECT_EQ(second.file, FileId{7});
}

TEST(Suppressions, MatchByIdOrNameOrAll) {
  const Suppression by_id = only("f() # lockwright: ignore[LW101]");
  EXPECT_TRUE(by_id.names("LW101", "nested-same-file-lock"));
  EXPECT_FALSE(by_id.names("LW102", "truncating-open-before-lock"));
  EXPECT_TRUE(
      only("f() # lockwright: ignore[nested-same-file-lock]").names("LW101", "nested-same-file-lock"));
  EXPECT_TRUE(only("f() # lockwright: ignore").names("LW999", "any"));
}

TEST(Suppressions, FormsThatMeanTheSame) {
  for (const char* text :
       {"f() # lockwright: ignore[LW101] why", "f() #lockwright:ignore[LW101] why",
        "f() #   lockwright:   ignore [ LW101 ]   why  ", "f() # lockwright: ignore[LW101]: why",
        "f() # lockwright: ignore[LW101] - why", "f() # lockwright: ignore[LW101] -- why",
        "f() # lockwright: ignore[LW101] \xE2\x80\x94 why", "f() # lockwright: ignore[LW101]why",
        "f() # noqa: E501 # lockwright: ignore[LW101] why", "f() ## lockwright: ignore[LW101] why"}) {
    const Suppression item = only(text);
    EXPECT_EQ(rules_of(item), (Rules{"LW101"})) << text;
    EXPECT_EQ(item.reason, "why") << text;
  }
  const Suppression all = only("f() # lockwright: ignore it is a toy");
  EXPECT_TRUE(all.rules.empty());
  EXPECT_EQ(all.reason, "it is a toy");
  EXPECT_EQ(only("f() # lockwright: ignore: see #12").reason, "see #12");
}

TEST(Suppressions, SeveralInOneComment) {
  const std::string_view text = "f() # lockwright: ignore[LW101] one # lockwright: ignore[LW102] two # 3";
  const Suppressions found = in_python(text);
  ASSERT_EQ(found.items.size(), 2U);
  EXPECT_EQ(found.items[0].reason, "one");
  EXPECT_EQ(found.items[1].reason, "two # 3");
  EXPECT_EQ(text.substr(found.items[0].range.begin, found.items[0].range.end - found.items[0].range.begin),
            "# lockwright: ignore[LW101] one");
}

TEST(Suppressions, AfterCodeTheyCoverTheStatement) {
  const std::string text =
      "before()\n"
      "lock(\n"
      "    path,\n"
      "    mode,  # lockwright: ignore[LW101]\n"
      "    again)\n"
      "after()\n";
  const Suppression item = only(text);
  EXPECT_FALSE(item.covers(1));
  for (const std::uint32_t line : {2U, 3U, 4U, 5U}) EXPECT_TRUE(item.covers(line)) << line;
  EXPECT_FALSE(item.covers(6));
}

TEST(Suppressions, AfterTheLastLineOfAStatementToo) {
  EXPECT_EQ(only("a\nf(\n1)  # lockwright: ignore\nb").lines, (LineSpan{2, 3}));
  EXPECT_EQ(only("a\ns = '''\n'''  # lockwright: ignore\nb").lines, (LineSpan{2, 3}));
  EXPECT_EQ(only("with f(a) as b:  # lockwright: ignore\n  body()\n").lines, (LineSpan{1, 1}));
  EXPECT_EQ(only("run(() => { // lockwright: ignore\n  a();\n});", Language::typescript).lines,
            (LineSpan{1, 1}));
}

TEST(Suppressions, OnALineOfTheirOwnTheyCoverTheNextCode) {
  EXPECT_EQ(only("# lockwright: ignore\nf()\ng()").lines, (LineSpan{2, 2}));
  EXPECT_EQ(only("a()\n\n    # lockwright: ignore\n    # why so\n\n    f(\n        1)\ng()").lines,
            (LineSpan{6, 7}));
  EXPECT_EQ(only("f(\n  # lockwright: ignore\n\n  a,\n  b)\n").lines, (LineSpan{4, 4}))
      << "within a statement, what follows there";
  EXPECT_EQ(only("/* lockwright: ignore\n */ f();\ng();", Language::cpp).lines, (LineSpan{2, 2}));
  const Suppression nothing = only("f()\n# lockwright: ignore\n");
  EXPECT_FALSE(nothing.covers(1));
  EXPECT_FALSE(nothing.covers(3));
}

TEST(Suppressions, LinesAreThoseOfTheLineMap) {
  const std::string text = "a\r\nb\rc\nf()  # lockwright: ignore\r\n";
  EXPECT_EQ(only(text).lines, (LineSpan{4, 4}));
  EXPECT_EQ(LineMap(text).line_of(text.find("f()")), 4U);
}

TEST(Suppressions, WholeFile) {
  const Suppression item = only("f()\ng()\n# lockwright: ignore-file[LW101] generated\n");
  EXPECT_TRUE(item.whole_file);
  EXPECT_TRUE(item.covers(1));
  EXPECT_TRUE(item.covers(1000));
  EXPECT_EQ(rules_of(item), (Rules{"LW101"}));
  EXPECT_EQ(item.reason, "generated");
  EXPECT_TRUE(only("# lockwright: ignore-file\n").rules.empty());
}

TEST(Suppressions, InTypeScriptAndCpp) {
  for (const Language language : {Language::typescript, Language::cpp}) {
    const Suppression line = only("f();  // lockwright: ignore[LW302] why", language);
    EXPECT_EQ(rules_of(line), (Rules{"LW302"}));
    EXPECT_EQ(line.reason, "why");
    const Suppression block = only("f(); /* lockwright: ignore[LW302] why */ g();", language);
    EXPECT_EQ(block.reason, "why");
    EXPECT_EQ(block.range, (Range{FileId{0}, 5, 40}));
    EXPECT_EQ(only("/**\n * text\n */\n// lockwright: ignore\nf();", language).lines, (LineSpan{5, 5}));
    EXPECT_EQ(only("f(); // eslint-disable-line // lockwright: ignore why", language).reason, "why");
    EXPECT_TRUE(find_suppressions("f(); # lockwright: ignore", language).items.empty());
  }
}

TEST(Suppressions, StringsAndProseAreNone) {
  for (const char* text :
       {"s = '# lockwright: ignore'", "s = \"\"\"\n# lockwright: ignore[LW101\n\"\"\"",
        "# see lockwright: ignore for how to do it", "# about lockwright", "lockwright: ignore = 1",
        "# `lockwright: ignore[LW101]` silences it", "#: lockwright: ignore", "// lockwright: ignore"}) {
    const Suppressions found = in_python(text);
    EXPECT_TRUE(found.items.empty()) << text;
    EXPECT_TRUE(found.problems.empty()) << text;
  }
  EXPECT_TRUE(find_suppressions("s = `// lockwright: ignore`", Language::typescript).items.empty());
  EXPECT_TRUE(find_suppressions("s = R\"(// lockwright: ignore)\";", Language::cpp).items.empty());
}

TEST(Suppressions, SlipsAreTold) {
  EXPECT_EQ(problem_with("f() # lockwright: ignore[LW101"),
            "the list of rules after \"ignore[\" is not closed; write ignore[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore-file[LW101\n]"),
            "the list of rules after \"ignore-file[\" is not closed; write ignore-file[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: disable[LW101]"),
            "\"disable\" is not a suppression; write ignore[RULE] or ignore-file[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: ignored"),
            "\"ignored\" is not a suppression; write ignore[RULE] or ignore-file[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright:"),
            "nothing follows \"lockwright:\"; write ignore[RULE] or ignore-file[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore[]"),
            "a rule is missing in \"ignore[…]\"; write ignore[RULE], or ignore for all rules");
  EXPECT_EQ(problem_with("f() # lockwright: ignore[LW101,]"),
            "a rule is missing in \"ignore[…]\"; write ignore[RULE], or ignore for all rules");
  EXPECT_EQ(problem_with("f() # lockwright: ignore[LW101 LW102]"),
            "\"LW101 LW102\" is not the id or the name of a rule; write ignore[RULE,RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore LW101 why"),
            "the rule must stand in brackets; write ignore[LW101]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore: LW101"),
            "the rule must stand in brackets; write ignore[LW101]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore (LW101)"),
            "the rule must stand in brackets; write ignore[LW101]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore(LW101)"),
            "\"(\" after \"ignore\" is neither a list of rules nor a reason; write ignore[RULE]");
  EXPECT_EQ(problem_with("f() # lockwright: ignore\xE2\x80\x94why"),
            "\"\xE2\x80\x94\" after \"ignore\" is neither a list of rules nor a reason; write ignore[RULE]");
}

TEST(Suppressions, AProblemsRangeIsTheComment) {
  const std::string_view text = "f()  # noqa # lockwright: ignore[LW101  \ng()";
  const Suppressions found = in_python(text);
  ASSERT_EQ(found.problems.size(), 1U);
  const Range& range = found.problems[0].range;
  EXPECT_EQ(text.substr(range.begin, range.end - range.begin), "# lockwright: ignore[LW101");
  EXPECT_EQ(range.file, FileId{7});
}

TEST(Suppressions, OfALoadedFile) {
  const SourceFile file(FileId{3}, "a.py", Language::python, "f() # lockwright: ignore[LW101]\n");
  const Suppressions found = find_suppressions(file);
  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(file.text_at(found.items[0].range), "# lockwright: ignore[LW101]");
  EXPECT_EQ(found.items[0].range.file, FileId{3});
}

}  // namespace
}  // namespace lockwright::source
