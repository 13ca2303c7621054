// What keeps paths short where programs are large: no repetitions, no recursion by numbers, no stores that
// nobody sees.
#include <algorithm>

#include "analyzer/paths/condense.h"
#include "tests/unit/paths/support.h"

namespace lockwright::paths {
namespace {

using models::OperationKind;

std::size_t longest(const Summary& summary) {
  std::size_t result = 0;
  for (const Path& path : summary.paths) result = std::max(result, path.steps.size());
  return result;
}

const Path* returning(const Summary& summary) {
  const Path* longest = nullptr;
  for (const Path& path : summary.paths) {
    const bool longer = longest == nullptr || path.steps.size() > longest->steps.size();
    if (path.exit == Exit::returns && longer) longest = &path;
  }
  return longest;
}

std::ptrdiff_t acquires(const Path& path) {
  return std::count_if(path.steps.begin(), path.steps.end(),
                       [](const Step& step) { return step.operation.kind == OperationKind::acquire; });
}

constexpr const char* twofold = R"(
import fcntl, os
def touch(path):
    fd = os.open(path, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.close(fd)
def two(path):
    touch(path)
    touch(path)
def four(path):
    two(path)
    two(path)
def eight(path):
    four(path)
    four(path)
def sixteen(path):
    eight(path)
    eight(path)
def thirty(path):
    sixteen(path)
    sixteen(path)
def sixty(path):
    thirty(path)
    thirty(path)
def hundred(path):
    sixty(path)
    sixty(path)
)";

TEST(LongPaths, TellOnceWhatIsDoneAgainAndAgain) {
  TestProgram program{"m.py", twofold};
  const auto four = program.summary("m.four");
  ASSERT_NE(returning(*four), nullptr);
  EXPECT_EQ(acquires(*returning(*four)), 4) << "a short path is told in full";
  const auto all = program.summary("m.hundred");
  ASSERT_NE(returning(*all), nullptr);
  EXPECT_LT(longest(*all), 2 * condensed_from) << "128 times three steps";
  EXPECT_GE(acquires(*returning(*all)), 1);
}

TEST(LongPaths, TellWhatIsDoneOnAnotherFileOrWithALockHeld) {
  TestProgram program{"m.py", std::string(twofold) + R"(
def others(path, other):
    thirty(path)
    thirty(other)
def nested(path, other):
    thirty(path)
    fd = os.open(path, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    thirty(path)
    os.close(fd)
)"};
  const auto others = program.summary("m.others");
  ASSERT_NE(returning(*others), nullptr);
  std::vector<std::string> files;
  for (const Step& step : returning(*others)->steps) files.push_back(program.print(step.operation.file));
  for (const char* file : {"$0", "$1"})
    EXPECT_NE(std::find(files.begin(), files.end(), file), files.end()) << file;
  const auto nested = program.summary("m.nested");
  ASSERT_NE(returning(*nested), nullptr);
  const std::vector<Step>& steps = returning(*nested)->steps;
  const auto outer = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.operation.kind == OperationKind::acquire && !step.through;
  });
  EXPECT_TRUE(std::any_of(outer, steps.end(), [](const Step& step) {
    return step.operation.kind == OperationKind::acquire && step.through;
  })) << "the same under a lock is something else";
}

TEST(LongPaths, KeepWhatIsUsedLater) {
  TestProgram program{"m.py", std::string(twofold) + R"(
def opened(path):
    thirty(path)
    return os.open(path, os.O_RDWR)
def locked(path):
    first = opened(path)
    second = opened(path)
    fcntl.flock(second, fcntl.LOCK_EX)
    return second
)"};
  const auto summary = program.summary("m.locked");
  ASSERT_NE(returning(*summary), nullptr);
  const std::vector<Step>& steps = returning(*summary)->steps;
  ASSERT_EQ(steps.back().operation.kind, OperationKind::acquire);
  EXPECT_TRUE(std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return step.operation.kind == OperationKind::open &&
           step.operation.handle == steps.back().operation.handle;
  })) << "the second open is where the handle comes from";
}

TEST(LongPaths, ConditionsStayBetweenTheirSteps) {
  TestProgram program{"m.py", std::string(twofold) + R"(
def when(path, flag):
    thirty(path)
    thirty(path)
    if flag:
        os.unlink(path)
)"};
  const auto summary = program.summary("m.when");
  EXPECT_LT(longest(*summary), condensed_from) << "no path of these is condensed";
  bool removes = false;
  for (const Path& path : summary->paths) {
    for (const Fact& fact : path.facts) EXPECT_LE(fact.at, path.steps.size());
    if (path.steps.empty() || path.steps.back().operation.kind != OperationKind::unlink) continue;
    removes = true;
    const auto flag = std::find_if(path.facts.begin(), path.facts.end(),
                                   [&](const Fact& fact) { return program.print(fact.term) == "$1"; });
    ASSERT_NE(flag, path.facts.end());
    EXPECT_EQ(flag->at, path.steps.size() - 1) << "right before the removal";
  }
  EXPECT_TRUE(removes);
}

TEST(LongPaths, DoNotGrowWithTheDepthOfARecursion) {
  TestProgram program{"m.py", R"(
import fcntl, os
def visit(path, depth):
    if depth > 10:
        return
    fd = os.open(f"{path}/{depth}", os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX)
    os.close(fd)
    visit(path, depth + 1)
    visit(path, depth + 1)
def start(path):
    visit(path, 0)
)"};
  EXPECT_LT(longest(*program.summary("m.start")), 12U) << "18 when followed by the number of the depth";
}

TEST(LongPaths, AFlagIsKnownInARecursion) {
  TestProgram program{"m.py", R"(
import fcntl, os
def take(path, mode, again):
    if again:
        return take(path, mode, False)
    fd = os.open(path, os.O_RDWR)
    if mode == 1:
        fcntl.flock(fd, fcntl.LOCK_EX)
    return fd
def start(path):
    return take(path, 1, True)
)"};
  const auto summary = program.summary("m.start");
  ASSERT_NE(returning(*summary), nullptr);
  EXPECT_TRUE(std::all_of(summary->paths.begin(), summary->paths.end(), [](const Path& path) {
    return path.exit == Exit::raises || acquires(path) == 1;
  })) << "the mode is the same all the way down";
}

// By the context of the call in which the number stands, and by the conditions laid out with the number put
// in: each is enough.
TEST(LongPaths, AFlagThatChangesInARecursionIsKnown) {
  TestProgram program{"m.py", R"(
import fcntl, os
def take(path, mode):
    if mode == 0:
        return take(path, 1)
    fd = os.open(path, os.O_RDWR)
    if mode == 1:
        fcntl.flock(fd, fcntl.LOCK_EX)
    return fd
def start(path):
    return take(path, 0)
)"};
  const auto summary = program.summary("m.start");
  ASSERT_NE(returning(*summary), nullptr);
  EXPECT_TRUE(std::all_of(summary->paths.begin(), summary->paths.end(),
                          [](const Path& path) { return path.exit == Exit::raises || acquires(path) == 1; }));
}

TEST(Effects, InObjectsThatNobodyRefersToAreForgotten) {
  TestProgram program{"m.py", R"(
class Record:
    def __init__(self, path):
        self.path = path
        self.owner = 0
def unseen(path):
    record = Record(path)
    record.owner = 1
def returned(path):
    record = Record(path)
    record.owner = 1
    return record
def stored(path, box):
    record = Record(path)
    record.owner = 1
    box.record = record
)"};
  const auto stores = [&](std::string_view function) {
    const auto summary = program.summary(function);
    std::vector<std::string> result;
    for (const auto& [place, value] : returning(*summary)->effects) result.push_back(program.print(place));
    return result;
  };
  EXPECT_EQ(stores("m.unseen"), std::vector<std::string>{});
  EXPECT_EQ(stores("m.returned").size(), 2U);
  EXPECT_EQ(stores("m.stored").size(), 3U) << "the box, and what is in it";
}

}  // namespace
}  // namespace lockwright::paths
