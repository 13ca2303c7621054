// Unified diffs.
#include "analyzer/fixes/diff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lockwright::fixes {
namespace {

std::string numbered(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += fmt::format("{}\n", i);
  return text;
}

TEST(Diff, EqualTextsHaveNone) {
  EXPECT_EQ(unified_diff("a", "x\n", "x\n"), "");
}

TEST(Diff, ThreeLinesOfContext) {
  EXPECT_EQ(unified_diff("a.py", numbered(1, 9), numbered(1, 4) + "x\n" + numbered(6, 9)),
            "--- a.py\n+++ a.py\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
}

TEST(Diff, NearChangesShareAHunkAndFarOnesDoNot) {
  const std::string before = numbered(1, 30);
  const std::string near = numbered(1, 9) + "x\n" + numbered(10, 15) + "y\n" + numbered(16, 30);
  EXPECT_EQ(unified_diff("a", before, near).find("@@", 30), std::string::npos);
  const std::string far = numbered(1, 4) + "x\n" + numbered(5, 20) + "y\n" + numbered(21, 30);
  EXPECT_EQ(unified_diff("a", before, far),
            "--- a\n+++ a\n@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n"
            "@@ -18,6 +19,7 @@\n 18\n 19\n 20\n+y\n 21\n 22\n 23\n");
}

TEST(Diff, FirstAndLastLines) {
  EXPECT_EQ(unified_diff("a", "", "x\n"), "--- a\n+++ a\n@@ -0,0 +1 @@\n+x\n");
  EXPECT_EQ(unified_diff("a", "x\n", ""), "--- a\n+++ a\n@@ -1 +0,0 @@\n-x\n");
  EXPECT_EQ(unified_diff("a", "x\ny\n", "y\nz\n"), "--- a\n+++ a\n@@ -1,2 +1,2 @@\n-x\n y\n+z\n");
}

TEST(Diff, NoNewlineAtTheEnd) {
  EXPECT_EQ(unified_diff("a", "x", "x\n"),
            "--- a\n+++ a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

TEST(Diff, LineEndsAreKept) {
  EXPECT_EQ(unified_diff("a", "x\r\ny\r\n", "x\r\nz\r\n"),
            "--- a\n+++ a\n@@ -1,2 +1,2 @@\n x\r\n-y\r\n+z\r\n");
}

}  // namespace
}  // namespace lockwright::fixes
