// Which endings mean which language.
#include "analyzer/source/language.h"

#include <gtest/gtest.h>

namespace lockwright::source {
namespace {

TEST(Language, IsToldByTheEnding) {
  EXPECT_EQ(language_of("a/b.py"), Language::python);
  for (const char* path : {"a.ts", "a.tsx", "a.mts", "a.cts", "a.js", "a.jsx", "a.mjs", "a.cjs", "d.ts"}) {
    EXPECT_EQ(language_of(path), Language::typescript) << path;
  }
  for (const char* path : {"a.c", "a.cc", "a.cpp", "a.cxx", "a.h", "a.hh", "a.hpp", "a.hxx"}) {
    EXPECT_EQ(language_of(path), Language::cpp) << path;
  }
  EXPECT_EQ(language_of(".py"), Language::python);
}

TEST(Language, OtherFilesHaveNone) {
  for (const char* path : {"a.pyi", "a.PY", "a.pyc", "py", "a.py/README", "a.txt", "Makefile", "", "a.",
                           "x.py/b", "a.d.ts", "a.d.mts", "a.d.cts"}) {
    EXPECT_EQ(language_of(path), std::nullopt) << path;
  }
}

TEST(Language, WhyAFileIsNotAnalysed) {
  constexpr LanguageSet set = {Language::typescript};
  EXPECT_EQ(why_not_analysed("a.ts", set), std::nullopt);
  EXPECT_EQ(why_not_analysed("a.d.ts", set), "only declares types, nothing in it runs: skipped");
  EXPECT_EQ(why_not_analysed("a.py", set), "is Python, which is not analysed: skipped");
  EXPECT_EQ(why_not_analysed("a.txt", set), "is in no language that is analysed: skipped");
}

TEST(LanguageSet, ContainsWhatItWasGiven) {
  constexpr LanguageSet set = {Language::python, Language::cpp};
  EXPECT_TRUE(set.contains(Language::python));
  EXPECT_TRUE(set.contains(Language::cpp));
  EXPECT_FALSE(set.contains(Language::typescript));
  EXPECT_FALSE(LanguageSet().contains(Language::python));
}

}  // namespace
}  // namespace lockwright::source
