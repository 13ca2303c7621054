// Lock libraries, processes and registries, as rules/models/typescript.json has them.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using TypeScriptLocksTest = TypeScriptModelTest;

TEST_F(TypeScriptLocksTest, ProperLockfile) {
  EXPECT_THAT(
      called("proper-lockfile.lock", {path()}),
      ElementsAre("acquire(library attempt file=$1 handle=#7); -> #7: proper-lockfile.release",
                  "acquire(library attempt file=$1 handle=#7 refused); raises proper-lockfile.ELOCKED",
                  "raises node:error.SystemError"));
  EXPECT_TRUE(last.promise);
  EXPECT_EQ(called("proper-lockfile.lock", {path(), options("retries", number(5))})[0],
            "acquire(library timeout file=$1 handle=#7); -> #7: proper-lockfile.release");
  EXPECT_EQ(called("proper-lockfile.unlock", {path()})[0], "release(library file=$1); -> null");
  EXPECT_EQ(sent("proper-lockfile.release", Models::call_operator)[0],
            "release(library file=$0.<file> handle=$0); -> null");
  EXPECT_TRUE(last.promise);
  EXPECT_EQ(called("proper-lockfile.lockSync", {path()})[0],
            "acquire(library attempt file=$1 handle=#7); -> #7: proper-lockfile.releaseSync");
  EXPECT_FALSE(last.promise);
}

TEST_F(TypeScriptLocksTest, OurOwn) {
  EXPECT_EQ(called("@lockwright/runtime.FileLock", {path()})[0], "-> #7: @lockwright/runtime.FileLock");
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=f\"{$1}.lock\"");
  EXPECT_THAT(
      sent("@lockwright/runtime.FileLock", "acquire", {options("timeout", number(0))}),
      ElementsAre("acquire(library attempt file=$0.<file> handle=$0.<key>); -> #7: @lockwright/runtime.Hold",
                  "acquire(library attempt file=$0.<file> handle=$0.<key> refused); raises "
                  "@lockwright/runtime.LockTimeout"));
  EXPECT_TRUE(last.promise);
  EXPECT_EQ(sent("@lockwright/runtime.FileLock", "withLock", {function()})[0],
            "acquire(library block file=$0.<file> handle=$0.<key>); now suspends m.f.<locals>.done(#7); "
            "finally release(library file=$0.<file> handle=$0.<key>); ->");
  EXPECT_EQ(sent("@lockwright/runtime.Hold", "release")[0],
            "release(library file=$0.<file> handle=$0.<key>); -> null");
  EXPECT_FALSE(last.promise);
}

TEST_F(TypeScriptLocksTest, Lockfile) {
  EXPECT_EQ(called("lockfile.lockSync", {path()})[0], "acquire(library attempt file=$1); -> null");
  EXPECT_EQ(called("lockfile.lock", {path(), options("wait", number(100)), function()})[0],
            "acquire(library timeout file=$1); now suspends m.f.<locals>.done(null); -> null");
  EXPECT_EQ(called("lockfile.unlock", {path(), function()})[0],
            "release(library file=$1); now suspends m.f.<locals>.done(null); -> null");
}

TEST_F(TypeScriptLocksTest, Flock) {
  const auto locked = [&](const ir::Argument& flags) {
    return called("fs-ext.flockSync", {path(), flags})[0];
  };
  EXPECT_EQ(locked(words("ex")), "acquire(flock block handle=$1); -> null");
  EXPECT_EQ(locked(words("shnb")), "acquire(flock attempt handle=$1 shared); -> null");
  EXPECT_EQ(locked(words("un")), "release(flock handle=$1); -> null");
  EXPECT_EQ(locked({.value = flags({"fs-ext.constants.LOCK_EX", "fs-ext.constants.LOCK_NB"})}),
            "acquire(flock attempt handle=$1); -> null");
  EXPECT_EQ(called("fs-ext.flock", {path(), words("exnb"), function()})[1],
            "acquire(flock attempt handle=$1 refused); now suspends "
            "m.f.<locals>.done(node:error.EAGAIN(code=\"EAGAIN\")); -> null");
}

TEST_F(TypeScriptLocksTest, RecordLocks) {
  EXPECT_EQ(called("os-lock.lock", {path(), options("exclusive", terms.boolean(true))})[0],
            "acquire(posix block handle=$1); -> null");
  EXPECT_EQ(called("os-lock.lock", {path(), options("immediate", terms.boolean(true))})[0],
            "acquire(posix attempt handle=$1 shared); -> null");
  EXPECT_EQ(called("fs-native-extensions.tryLock", {path()})[1],
            "acquire(ofd attempt handle=$1 refused); -> false");
}

TEST_F(TypeScriptLocksTest, Mutexes) {
  EXPECT_EQ(sent("async-mutex.Mutex", "acquire")[0],
            "acquire(mutex block handle=$0); -> #7: async-mutex.release");
  EXPECT_EQ(sent("async-mutex.release", Models::call_operator)[0],
            "release(mutex handle=$0.<lock>); -> null");
}

TEST_F(TypeScriptLocksTest, WhoIsAlive) {
  EXPECT_THAT(called("globalThis.process.kill", {path(), {.value = number(0)}}),
              ElementsAre("probe(pid-alive key=$1); -> true",
                          "probe(pid-alive key=$1 refused); raises node:error.ESRCH",
                          "probe(pid-alive key=$1); raises node:error.EPERM"));
  EXPECT_THAT(called("globalThis.process.kill", {path(), words("SIGTERM")}),
              ElementsAre("probe(pid-alive key=$1); -> true",
                          "probe(pid-alive key=$1 refused); raises node:error.ESRCH",
                          "probe(pid-alive key=$1); raises node:error.EPERM"));
  EXPECT_THAT(called("globalThis.process.exit"), ElementsAre());
  EXPECT_EQ(models.probe_of("globalThis.process.pid"), Probe::pid);
}

TEST_F(TypeScriptLocksTest, Registries) {
  const ir::Argument key = words("k");
  EXPECT_EQ(sent("globalThis.Map", "set", {key, path()})[0], "insert(handle=$0 key=\"k\" value=$1); -> $0");
  EXPECT_THAT(fields_of(0), ElementsAre("$0[\"k\"]=$1"));
  EXPECT_EQ(sent("globalThis.WeakMap", "get", {key})[0], "look-up(handle=$0 key=\"k\"); -> $0[\"k\"]");
  EXPECT_EQ(sent("*", "delete", {key})[0], "erase(handle=$0 key=\"k\"); -> ?");
  EXPECT_EQ(sent("globalThis.Set", "add", {key})[0], "insert(handle=$0 key=\"k\" value=\"k\"); -> $0");
}

TEST_F(TypeScriptLocksTest, FunctionsThatRunTheirArgument) {
  EXPECT_THAT(called("globalThis.setTimeout", {function(), {.value = number(5)}, path()}),
              ElementsAre("spawn m.f.<locals>.done($1); -> #7: globalThis.Timeout"));
  EXPECT_THAT(sent("globalThis.Array", "forEach", {function()}),
              ElementsAre("now m.f.<locals>.done($0[2], 2); -> null", "-> null"));
  EXPECT_EQ(sent("*", "map", {function()})[0],
            "now m.f.<locals>.done($0[2], 2); collects globalThis.Array ->");
}

TEST_F(TypeScriptLocksTest, Triggers) {
  std::vector<std::string> literals;
  for (const Trigger& trigger : models.lock_triggers()) literals.push_back(trigger.literal);
  EXPECT_THAT(literals, Contains("\"wx\""));
  EXPECT_THAT(literals, Contains("proper-lockfile"));
  EXPECT_THAT(literals, ::testing::Not(Contains("mkdir")));
}

}  // namespace
}  // namespace lockwright::models
