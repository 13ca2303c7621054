// Compile databases: which words of a command are kept.
#include "analyzer/frontends/cpp/compile_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockwright::frontends::cpp {
namespace {

using ::testing::ElementsAre;

TEST(ShellWords, QuotesAndBackslashes) {
  EXPECT_THAT(shell_words(R"(cc  -DA="\"x y\"" '-DB=a b' c\ d "")"),
              ElementsAre("cc", "-DA=\"x y\"", "-DB=a b", "c d", ""));
}

TEST(CompileCommands, KeepsWhatSaysHowTextIsUnderstood) {
  const auto database = CompileCommands::parse(R"([{"directory": "/b", "file": "../s/a.cc",
    "command": "ccache g++ -I../s -DX=1 -MD -MF a.d -fplugin=evil.so -o a.o -c ../s/a.cc -std=c++17"}])");
  ASSERT_TRUE(database);
  const CompileCommand* found = database->find("/s/a.cc");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->directory, "/b");
  EXPECT_THAT(found->arguments, ElementsAre("-I../s", "-DX=1", "-std=c++17"));
  EXPECT_EQ(database->find("/s/b.cc"), nullptr);
}

TEST(CompileCommands, WhatIsNoDatabase) {
  EXPECT_FALSE(CompileCommands::parse("{}"));
  EXPECT_FALSE(CompileCommands::parse("no json"));
  const auto odd = CompileCommands::parse(
      R"([1, {}, {"file": 3}, {"file": "/a.c", "arguments": ["cc", 5, "-O2", "/a.c"]}])");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->size(), 1U);
  EXPECT_THAT(odd->find("/a.c")->arguments, ElementsAre("-O2"));
}

}  // namespace
}  // namespace lockwright::frontends::cpp
