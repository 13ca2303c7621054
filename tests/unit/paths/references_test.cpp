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

TEST(TellingTexts, SomeTellInNearCompany) {
  const Trigger link{.literal = "os.symlink", .beside = {"lock"}, .within = 2};
  EXPECT_TRUE(may_tell_of_lock("def lock(path):\n    # mine\n    os.symlink(pid, path)", link));
  EXPECT_TRUE(may_tell_of_lock("os.symlink(pid, path)\n\nlocked = True", link));
  EXPECT_FALSE(may_tell_of_lock("def lock(path):\n\n\n    os.symlink(modules, here)\n\n\nlock()", link));
  EXPECT_TRUE(may_tell_of_lock("lock\n\n\nos.symlink(a, b)\n\n\nos.symlink(lock, b)", link));
}

TEST(TellingTexts, ANameInASentenceTellsNothing) {
  const Trigger lockfile{"lockfile"};
  EXPECT_FALSE(may_tell_of_lock("say('An agent broke the lockfile.')", lockfile));
  EXPECT_FALSE(may_tell_of_lock("lockfiles = 3  // A lockfile, too", lockfile));
  EXPECT_TRUE(may_tell_of_lock("// the lockfile\nopen(lockfile)", lockfile));
  EXPECT_TRUE(may_tell_of_lock("import lockfile", lockfile));
  EXPECT_TRUE(may_tell_of_lock("open(this.lockfile)", lockfile));
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
