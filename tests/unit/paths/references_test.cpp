// Which texts tell of a lock.
#include "analyzer/paths/references.h"

#include <gtest/gtest.h>

namespace lockwright::paths {
namespace {

using models::Trigger;

TEST(TellingTexts, ANameTellsByItself) {
  EXPECT_TRUE(may_tell_of_lock("flock(fd)", Trigger{"flock", {"flock"}}));
  EXPECT_TRUE(may_tell_of_lock("lockfile", Trigger{"lockfile"}));
}

TEST(TellingTexts, AFlagTellsWhereItIsPassed) {
  const Trigger exclusive{"\"x\"", {"open"}};
  EXPECT_TRUE(may_tell_of_lock("open(path, \"x\")", exclusive));
  EXPECT_FALSE(may_tell_of_lock("axis(\"x\")", exclusive));
}

TEST(TellingTexts, ATemporaryNameTellsWhereSomethingIsRenamed) {
  const Trigger temporary{".tmp\"", {"rename", "replace"}};
  EXPECT_TRUE(may_tell_of_lock("p = f\"{q}.tmp\"; os.replace(p, q)", temporary));
  EXPECT_FALSE(may_tell_of_lock("skip = [\"*.tmp\"]", temporary));
}

TEST(TellingTexts, ALockFileTellsUnlessItLocksVersions) {
  const Trigger lock{".lock\""};
  EXPECT_TRUE(may_tell_of_lock("open(path + \".lock\")", lock));
  EXPECT_FALSE(may_tell_of_lock("files = [\"yarn.lock\", \"a/poetry.lock\"]", lock));
}

TEST(TellingTexts, AMethodTellsInCompany) {
  const Trigger release{.literal = ".release", .beside = {"lock"}};
  EXPECT_TRUE(may_tell_of_lock("self._lock.release()", release));
  EXPECT_FALSE(may_tell_of_lock("keyboard.release(key); clock.tick()", release));
}

TEST(TriggersTest, AScriptNamesNoLock) {
  const Triggers triggers({Trigger{".lock\""}});
  EXPECT_TRUE(triggers.text("/var/app.lock"));
  EXPECT_FALSE(triggers.text("rm -f a.lock\nmake\n"));
  EXPECT_FALSE(triggers.text("frontend/yarn.lock"));
}

TEST(TriggersTest, ATemporaryNameTellsNothingWhereNothingIsRenamed) {
  const Triggers triggers({Trigger{".tmp\"", {"rename"}}});
  EXPECT_TRUE(triggers.text_in("fs.renameSync(path + \".tmp\", path)", "state.tmp"));
  EXPECT_FALSE(triggers.text_in("spawn(path + \".tmp\")", "state.tmp"));
  EXPECT_TRUE(triggers.text_in("", "state.tmp")) << "of a file that is not known, all is possible";
}

}  // namespace
}  // namespace lockwright::paths
