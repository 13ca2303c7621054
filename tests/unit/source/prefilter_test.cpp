// Which texts contain a literal; and that vocabularies never miss one.
#include "analyzer/source/prefilter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/source/identifiers.h"

namespace lockwright::source {
namespace {

using Indices = std::vector<std::size_t>;

Prefilter words(const std::vector<std::string>& texts) {
  std::vector<Literal> literals;
  for (const std::string& text : texts) literals.push_back({text, false});
  return Prefilter(literals);
}

TEST(Prefilter, FindsWholeWordsOnly) {
  const Prefilter filter = words({"flock"});
  for (const char* text : {"flock", "fcntl.flock(f)", "(flock)", "x=flock\n", "$flock", "a-flock-b"}) {
    EXPECT_TRUE(filter.matches(text)) << text;
  }
  for (const char* text : {"", "floc", "flocks", "_flock", "xflock", "flock_", "flock1", "fl ock", "Flock",
                           "flock\xC3\xA9", "\xC3\xA9\x66lock"}) {
    EXPECT_FALSE(filter.matches(text)) << text;
  }
}

TEST(Prefilter, DottedNames) {
  const Prefilter filter = words({"fcntl.flock", "zc.lockfile"});
  EXPECT_EQ(filter.which("import zc.lockfile; fcntl.flock(f)"), (Indices{0, 1}));
  EXPECT_FALSE(filter.matches("myfcntl.flock(f)"));
  EXPECT_FALSE(filter.matches("fcntl.flocks(f)"));
  EXPECT_FALSE(filter.matches("fcntl . flock"));
  EXPECT_FALSE(filter.matches("flock"));
  EXPECT_FALSE(filter.matches("lockfile"));
  EXPECT_TRUE(filter.matches("x.fcntl.flock.y"));
}

TEST(Prefilter, AnyOtherText) {
  const Prefilter filter = words({"\"wx\"", "O_CREAT | O_EXCL", "=>", ".lock"});
  EXPECT_EQ(filter.which("open(p, \"wx\")"), (Indices{0}));
  EXPECT_EQ(filter.which("O_CREAT | O_EXCL"), (Indices{1}));
  EXPECT_EQ(filter.which("XO_CREAT | O_EXCL"), (Indices{}));
  EXPECT_EQ(filter.which("O_CREAT|O_EXCL"), (Indices{}));
  EXPECT_EQ(filter.which("a=>b"), (Indices{2}));
  EXPECT_EQ(filter.which("name.lock"), (Indices{3}));
  EXPECT_EQ(filter.which("name.locked"), (Indices{}));
}

TEST(Prefilter, QuotedTextsAreValuesNotKeys) {
  const Prefilter filter = words({"\"x\""});
  for (const char* text : {"open(p, \"x\")", "mode = \"x\"\n", "open(p,\n  \"x\",\n)", "c ? \"x\" : \"w\"",
                           "\"x\"", "[\"x\", \"y\"]", "{\"x\": 1, \"y\": \"x\"}"}) {
    EXPECT_TRUE(filter.matches(text)) << text;
  }
  for (const char* text : {"{\"x\": 1}", "{\"a\": 1,\n \"x\" : 2}", "p[\"x\"]", "p[ \"x\" ] = 1"}) {
    EXPECT_FALSE(filter.matches(text)) << text;
  }
}

TEST(Prefilter, InsideOfIdentifiersWhenFlagged) {
  const Prefilter filter({{"Lock", true}, {"Lock", false}, {"-Lock-", true}});
  EXPECT_EQ(filter.which("class FileLock:"), (Indices{0}));
  EXPECT_EQ(filter.which("Lock"), (Indices{0, 1}));
  EXPECT_EQ(filter.which("a-Lock-b"), (Indices{0, 1, 2}));
  EXPECT_EQ(filter.which("block"), (Indices{}));
}

TEST(Prefilter, NothingToLookFor) {
  EXPECT_FALSE(words({}).matches("flock"));
  EXPECT_FALSE(words({""}).matches("flock"));
  EXPECT_FALSE(words({}).may_match(VocabularyBuilder().build("flock")));
}

TEST(Prefilter, LiteralsThatShareAnAnchor) {
  const Prefilter filter = words({"fcntl.flock", "x.flock", "flock", "flock(", "flock"});
  EXPECT_EQ(filter.which("fcntl.flock(f)"), (Indices{0, 2, 3, 4}));
  EXPECT_EQ(filter.which("flock"), (Indices{2, 4}));
}

/// The definition: the literal stands there, and no identifier goes on over its ends.
bool occurs(const Literal& literal, std::string_view text) {
  for (std::size_t at = text.find(literal.text); at != std::string_view::npos;
       at = text.find(literal.text, at + 1)) {
    const std::size_t end = at + literal.text.size();
    const bool before =
        at > 0 && is_identifier_byte(text[at - 1]) && is_identifier_byte(literal.text.front());
    const bool after =
        end < text.size() && is_identifier_byte(text[end]) && is_identifier_byte(literal.text.back());
    if (literal.inside_identifiers || (!before && !after)) return true;
  }
  return false;
}

TEST(Prefilter, AgreesWithTheDefinitionOnRandomTexts) {
  std::mt19937 random(7);
  const auto random_text = [&](std::size_t size) {
    std::string text;
    while (text.size() < size) text += "ab_.(. "[random() % 7];
    return text;
  };
  VocabularyBuilder builder;
  std::size_t found = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Literal> literals;
    // Few are searched for one by one, many all at once.
    while (literals.size() < (round % 2 == 0 ? 6U : 40U))
      literals.push_back({random_text(1 + random() % 4), random() % 3 == 0});
    const std::string text = random_text(random() % 40);
    Indices expected;
    for (std::size_t index = 0; index < literals.size(); ++index) {
      if (occurs(literals[index], text)) expected.push_back(index);
    }
    const Prefilter filter(literals);
    ASSERT_EQ(filter.which(text), expected) << text;
    ASSERT_EQ(filter.matches(text), !expected.empty()) << text;
    ASSERT_EQ(filter.matches(text, builder.build(text)), !expected.empty()) << text;
    if (!expected.empty()) {
      ASSERT_TRUE(filter.may_match(builder.build(text))) << text;
    }
    found += expected.size();
  }
  EXPECT_GT(found, 1000U) << "the texts must be such that there is something to find";
}

TEST(Vocabulary, ANoIsCertainAndComesOften) {
  VocabularyBuilder builder;
  const Vocabulary vocabulary = builder.build("import fcntl\nfcntl.flock(handle, fcntl.LOCK_EX)\n");
  EXPECT_EQ(vocabulary.hashes().size(), 5U) << "import, fcntl, flock, handle, LOCK_EX: each once";
  EXPECT_TRUE(words({"flock"}).may_match(vocabulary));
  EXPECT_FALSE(words({"lockf", "filelock", "FileLock", "fcntl_"}).may_match(vocabulary));
  EXPECT_TRUE(Prefilter({{"ock", true}}).may_match(vocabulary)) << "only the text can tell";
}

TEST(Prefilter, AClueAsksForOneOfEachOfItsGroups) {
  // Who imports load from store or from the package, or hands on all that is in the package.
  const Prefilter filter({{"load"}, {"store"}, {"package"}, {"import *"}}, {{{0}, {1, 2}}, {{3}, {2}}});
  VocabularyBuilder builder;
  for (const char* text : {"from store import load", "package.load()", "from package import *"}) {
    EXPECT_TRUE(filter.matches(text)) << text;
    EXPECT_TRUE(filter.matches(text, builder.build(text))) << text;
    EXPECT_TRUE(filter.may_match(builder.build(text))) << text;
  }
  for (const char* text : {"load(path)", "store, package", "from other import *", ""}) {
    EXPECT_FALSE(filter.matches(text)) << text;
    EXPECT_FALSE(filter.may_match(builder.build(text))) << text;
  }
  const char* only_the_text_can_tell = "import package, other";
  EXPECT_FALSE(filter.matches(only_the_text_can_tell));
  EXPECT_FALSE(filter.matches(only_the_text_can_tell, builder.build(only_the_text_can_tell)));
  EXPECT_TRUE(filter.may_match(builder.build(only_the_text_can_tell)));
  EXPECT_EQ(filter.which("load(path)"), Indices{0}) << "which() tells of literals, whatever the clues";
}

TEST(Vocabulary, OneTextDoesNotLeakIntoTheNext) {
  VocabularyBuilder builder;
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "name" + std::to_string(i) + " ";
  EXPECT_EQ(builder.build(many).hashes().size(), 20000U);
  EXPECT_EQ(builder.build("name1 name2 name1").hashes().size(), 2U);
  EXPECT_EQ(builder.build("").hashes().size(), 0U);
  EXPECT_EQ(builder.build("name1").hashes().size(), 1U);
}

}  // namespace
}  // namespace lockwright::source
