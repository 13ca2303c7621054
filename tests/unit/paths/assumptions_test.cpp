// What is forgotten when the program grows: what was found out on assumptions that have fallen, and no more.
#include "analyzer/paths/assumptions.h"

#include "tests/unit/paths/support.h"

namespace lockwright::paths {
namespace {

using Ids = std::vector<Assumptions::Id>;

TEST(Assumptions, OfAFindingAreThoseOfWhoeverAskedForIt) {
  Assumptions assumptions;
  const Assumptions::Id one = assumptions.id("one");
  const Assumptions::Id two = assumptions.id("two");
  EXPECT_EQ(assumptions.id("one"), one);
  const std::size_t outer = assumptions.begin();
  assumptions.make(two);
  const std::size_t inner = assumptions.begin();
  assumptions.make(one);
  EXPECT_EQ(assumptions.end(inner), Ids{one});
  assumptions.make(two);
  EXPECT_EQ(assumptions.end(outer), (Ids{one, two}));
}

TEST(Assumptions, OfNobodyAreForgotten) {
  Assumptions assumptions;
  assumptions.make(assumptions.id("one"));
  EXPECT_EQ(assumptions.end(assumptions.begin()), Ids{});
}

constexpr const char* locks = R"(
import fcntl
def acquire(path):
    f = open(path, "a")
    fcntl.flock(f, fcntl.LOCK_EX)
    return f
)";

TEST(Update, SeesIntoFunctionsThatWereLoadedLater) {
  TestProgram program{"late.py", locks, "m.py", R"(
from late import acquire
def run(path):
    held = acquire(path)
def through(path):
    run(path)
def alone(path):
    return path
)"};
  const auto has_lock = [&](std::string_view function) {
    const std::vector<std::string> paths = program.paths(function);
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string& path) { return path.find("acquire(") != std::string::npos; });
  };
  const auto alone = program.summary("m.alone");
  EXPECT_FALSE(has_lock("m.through"));
  program.load_late();
  const std::set<FunctionId> forgotten = program.engine().update();
  EXPECT_EQ(forgotten, (std::set{program.program().function_named("m.run"),
                                 program.program().function_named("m.through")}));
  EXPECT_TRUE(has_lock("m.through"));
  EXPECT_EQ(program.summary("m.alone"), alone) << "nothing that it hangs on has changed";
}

TEST(Update, NoticesThatAFieldIsStoredToAfterAll) {
  TestProgram program{"late.py", R"(
def move(box, path):
    box.path = path
)",
                      "m.py", R"(
class Box:
    def __init__(self):
        self.path = "/run/a.lock"
    def open(self):
        return open(self.path)
)"};
  const auto opens_constant = [&] {
    const std::vector<std::string> paths = program.paths("m.Box.open");
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string& path) { return path.find("/run/a.lock") != std::string::npos; });
  };
  EXPECT_TRUE(opens_constant());
  program.load_late();
  program.engine().update();
  EXPECT_FALSE(opens_constant());
}

TEST(Replace, WhoeverLookedAtTheModuleForgetsIt) {
  TestProgram program{"helper.py", "def acquire(path):\n    pass\n", "m.py", R"(
from helper import acquire
def run(path):
    held = acquire(path)
def alone(path):
    return path
)"};
  const auto has_lock = [&] {
    const std::vector<std::string> paths = program.paths("m.run");
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string& path) { return path.find("acquire(") != std::string::npos; });
  };
  EXPECT_FALSE(has_lock());
  const auto alone = program.summary("m.alone");
  const std::size_t functions = program.program().function_count();
  program.replace("helper.py", locks);
  program.engine().update();
  EXPECT_TRUE(has_lock());
  EXPECT_EQ(program.summary("m.alone"), alone);
  EXPECT_EQ(program.program().function_count(), functions) << "numbers are used again";

  program.replace("helper.py", "def other(path):\n    pass\n");
  program.engine().update();
  EXPECT_FALSE(has_lock());
  EXPECT_EQ(program.program().function_named("helper.acquire"), FunctionId::none);
  EXPECT_NE(program.program().function_named("helper.other"), FunctionId::none);
}

TEST(Replace, AModuleTakenOutIsNoMoreAndMayComeBack) {
  TestProgram program{"helper.py", locks, "m.py", R"(
from helper import acquire
def run(path):
    held = acquire(path)
)"};
  const auto has_lock = [&] {
    const std::vector<std::string> paths = program.paths("m.run");
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string& path) { return path.find("acquire(") != std::string::npos; });
  };
  EXPECT_TRUE(has_lock());
  const FunctionId acquire = program.program().function_named("helper.acquire");
  program.program().remove("helper");
  program.engine().update();
  EXPECT_FALSE(has_lock());
  EXPECT_FALSE(program.program().has_module("helper"));
  EXPECT_EQ(program.program().function(acquire).name, "");
  program.add("helper.py", locks);
  program.engine().update();
  EXPECT_TRUE(has_lock());
  EXPECT_EQ(program.program().function_named("helper.acquire"), acquire);
}

TEST(Replace, WhatAFieldHoldsIsLookedForAgain) {
  const std::string stores = "def move(box, path):\n    box.path = path\n";
  TestProgram program{"other.py", stores, "m.py", R"(
class Box:
    def __init__(self):
        self.path = "/run/a.lock"
    def open(self):
        return open(self.path)
)"};
  const auto opens_constant = [&] {
    const std::vector<std::string> paths = program.paths("m.Box.open");
    return std::any_of(paths.begin(), paths.end(),
                       [](const std::string& path) { return path.find("/run/a.lock") != std::string::npos; });
  };
  EXPECT_FALSE(opens_constant());
  program.replace("other.py", "def move(box, path):\n    pass\n");
  program.engine().update();
  EXPECT_TRUE(opens_constant());
  program.replace("other.py", stores);
  program.engine().update();
  EXPECT_FALSE(opens_constant());
}

}  // namespace
}  // namespace lockwright::paths
