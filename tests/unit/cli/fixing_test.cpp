// What keeps a repaired file from being written.
#include "analyzer/cli/fixing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/source/temp_tree.h"

namespace lockwright::cli {
namespace {

TEST(Fixing, AFileThatChangedSinceItWasAnalysedIsNotWritten) {
  source::testing::TempTree tree;
  tree.write("a.py", "old\n");
  EXPECT_FALSE(why_not_written(tree.path(), "a.py", {.before = "old\n", .after = "new\n"}));
  tree.write("a.py", "somebody else's\n");
  const auto error = why_not_written(tree.path(), "a.py", {.before = "old\n", .after = "new\n"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "has changed since it was analysed");
}

TEST(Fixing, AFileThatIsGoneIsNotWritten) {
  const source::testing::TempTree tree;
  const auto error = why_not_written(tree.path(), "a.py", {.before = "old\n", .after = "new\n"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "cannot be read (no such file or directory)");
}

TEST(Fixing, AReadOnlyFileIsNotWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  source::testing::TempTree tree;
  tree.write("a.py", "old\n");
  ::chmod((std::string(tree.path()) + "/a.py").c_str(), S_IRUSR);
  const auto error = why_not_written(tree.path(), "a.py", {.before = "old\n", .after = "new\n"});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "cannot be written (permission denied)");
}

}  // namespace
}  // namespace lockwright::cli
