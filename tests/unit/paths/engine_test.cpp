// What the engine sees: through calls, closures, scope guards, exceptions and awaits.
#include <algorithm>

#include "tests/unit/paths/support.h"

namespace lockwright::paths {
namespace {

using Lines = std::vector<std::string>;

bool any(const Lines& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

std::size_t count(const Lines& lines, std::string_view part) {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.find(part) != std::string::npos;
  }));
}

TEST(Paths, SeesThroughAHelperInAnotherFile) {
  TestProgram program{"locks.py", R"(
import fcntl, os
from pathlib import Path
ROOT = Path("/var/run")
def lock_path(name):
    return ROOT / f"{name}.lock"
def acquire(name):
    fd = os.open(lock_path(name), os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd
)",
                      "user.py", R"(
from locks import acquire as take
def run(name):
    outer = take(name)
    inner = take(name)
)"};
  const auto summary = program.summary("user.run");
  const auto both = std::find_if(summary->paths.begin(), summary->paths.end(),
                                 [](const Path& path) { return path.exit == Exit::returns; });
  ASSERT_NE(both, summary->paths.end());
  ASSERT_EQ(both->steps.size(), 4U);
  const models::Operation& outer = both->steps[1].operation;
  const models::Operation& inner = both->steps[3].operation;
  EXPECT_EQ(outer.kind, models::OperationKind::acquire);
  EXPECT_EQ(outer.file, inner.file) << program.print(outer.file) << " and " << program.print(inner.file);
  EXPECT_NE(outer.handle, inner.handle) << "two opens are two handles";
  ASSERT_TRUE(both->steps[1].through);
  EXPECT_EQ(both->steps[1].through->callee, "locks.acquire");
}

TEST(Paths, AScopeThatIsNotSeenLetsExceptionsThrough) {
  TestProgram program{"m.py", R"(
import progress
def f(path):
    with progress.bar(path):
        raise RuntimeError(path)
def g(bar):
    with bar:
        raise RuntimeError()
)"};
  for (const char* function : {"m.f", "m.g"}) {
    const auto summary = program.summary(function);
    EXPECT_TRUE(std::all_of(summary->paths.begin(), summary->paths.end(), [](const Path& path) {
      return path.exit == Exit::raises;
    })) << function;
  }
}

TEST(Paths, AStubGivesWayToADefinition) {
  TestProgram program{"m.py", R"(
import os
from typing import TYPE_CHECKING, Optional, overload
class Base:
    def __init__(self, path):
        self.path = path
    def beside(self, name):
        return File(f"{self.path}{name}")
class File(Base):
    if TYPE_CHECKING:
        def beside(self, name: str) -> "File":
            """The same, for type checkers."""
            ...
    @overload
    def new(self) -> "File": ...
    @overload
    def new(self, name: str) -> "File": ...
    def new(self, name: Optional[str] = None) -> "File":
        return self.beside(name)
def run(path):
    os.unlink(File(path).new(".new").path)
)"};
  EXPECT_TRUE(any(program.paths("m.run"), "unlink(f\"{$0}.new\")"))
      << ::testing::PrintToString(program.paths("m.run"));
}

TEST(Paths, CleanedNamesAreTheSameName) {
  TestProgram program{"m.py", R"(
import fcntl
def path(name):
    safe = "".join(c for c in name if c.isalnum() or c in "_-")
    return f"/run/{safe}.lock"
def run(name):
    a = open(path(name), "a")
    b = open(path(name), "a")
)"};
  std::size_t seen = 0;
  for (const Path& path : program.summary("m.run")->paths) {
    std::vector<ir::Term> opened;
    for (const Step& step : path.steps) {
      if (step.operation.kind == models::OperationKind::open && !step.operation.refused)
        opened.push_back(step.operation.file);
    }
    if (opened.size() != 2) continue;
    ++seen;
    EXPECT_EQ(opened[0], opened[1]);
    EXPECT_TRUE(program.program().terms.definite(opened[0]));
  }
  EXPECT_GT(seen, 0U);
}

TEST(Paths, ARetryLoopTriesAgainAfterARefusal) {
  TestProgram program{"m.py", R"(
import fcntl, time
def take(f):
    while True:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return f
        except OSError:
            time.sleep(0.1)
)"};
  const Lines lines = program.paths("m.take");
  const auto summary = program.summary("m.take");
  // One attempt, known to be made again: the round that was refused leaves no trace of its own.
  EXPECT_TRUE(std::any_of(summary->paths.begin(), summary->paths.end(), [](const Path& path) {
    return path.exit == Exit::returns && path.steps.size() == 1 && path.steps[0].operation.retried;
  })) << ::testing::PrintToString(lines);
}

TEST(Paths, AConstantFlagPassedDownDecidesWhatACallMeans) {
  TestProgram program{"m.py", R"(
import fcntl
def lock(f, flags):
    fcntl.flock(f, flags)
def run(f):
    lock(f, fcntl.LOCK_EX)
    lock(f, fcntl.LOCK_UN)
)"};
  EXPECT_TRUE(any(program.paths("m.run"), "acquire(f.<file>) release(f.<file>)") ||
              any(program.paths("m.run"), "acquire($0.<file>) release($0.<file>)"))
      << ::testing::PrintToString(program.paths("m.run"));
}

TEST(Paths, ACallbackRunsWhereItIsCalled) {
  TestProgram program{"m.py", R"(
import fcntl, os
def with_lock(path, work):
    with open(path, "a") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        return work()
def run(path, other):
    def work():
        os.unlink(other)
    with_lock(path, work)
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "open($0) acquire($0) unlink($1) close($0)")) << ::testing::PrintToString(lines);
}

TEST(Paths, AGeneratorGuardReleasesOnBothWaysOut) {
  TestProgram program{"m.py", R"(
import contextlib, fcntl, os
@contextlib.contextmanager
def locked(path):
    f = open(path, "a")
    fcntl.flock(f, fcntl.LOCK_EX)
    try:
        yield f
    finally:
        fcntl.flock(f, fcntl.LOCK_UN)
        f.close()
def run(path, other):
    with locked(path):
        os.unlink(other)
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "acquire($0) unlink($1) release($0) close($0) ="))
      << ::testing::PrintToString(lines);
  for (const std::string& line : lines) {
    const bool takes = line.find(" acquire($0)") != std::string::npos;
    EXPECT_EQ(takes, line.find("release($0)") != std::string::npos) << line;
  }
}

TEST(Paths, AFieldSetInTheConstructorNamesTheSameFileInEveryMethod) {
  TestProgram program{"m.py", R"(
import fcntl
from pathlib import Path
class Store:
    def __init__(self, root: Path):
        self.root = root
        self.lock_path = root / "store.lock"
    def take(self):
        return open(self.lock_path, "a")
    def again(self):
        return open(self.root / "store.lock", "a")
)"};
  const auto opened = [&](std::string_view function) {
    for (const Path& path : program.summary(function)->paths) {
      if (!path.steps.empty()) return path.steps[0].operation.file;
    }
    return ir::Term::none;
  };
  EXPECT_NE(opened("m.Store.take"), ir::Term::none);
  EXPECT_EQ(opened("m.Store.take"), opened("m.Store.again"));
}

TEST(Paths, ALockObjectInAFieldKeepsItsClassAndFile) {
  TestProgram program{"m.py", R"(
from filelock import FileLock
class Store:
    def __init__(self, path):
        self.path = path
        self._lock = FileLock(path + ".lock")
    def save(self):
        with self._lock:
            pass
)"};
  const Lines lines = program.paths("m.Store.save");
  EXPECT_TRUE(any(lines, "acquire(") && any(lines, "release(")) << ::testing::PrintToString(lines);
  EXPECT_TRUE(any(lines, ".lock")) << ::testing::PrintToString(lines);
}

TEST(Paths, BranchesThatMakeNoDifferenceAreForgotten) {
  std::string body = "import os\ndef run(path, flags):\n";
  for (int i = 0; i < 20; ++i) {
    body +=
        "    if flags.get(path + '" + std::to_string(i) + "'):\n        print(" + std::to_string(i) + ")\n";
  }
  body += "    os.unlink(path)\n";
  TestProgram program{"m.py", body};
  const auto summary = program.summary("m.run");
  EXPECT_FALSE(summary->truncated);
  EXPECT_EQ(count(program.paths("m.run"), "unlink($0) = null"), 1U)
      << ::testing::PrintToString(program.paths("m.run"));
}

TEST(Paths, MembersOfRecordsAreNoRegistry) {
  TestProgram program{"m.py", R"(
HELD = {}
def run(key, record):
    HELD[key] = record["name"]
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "insert(")) << ::testing::PrintToString(lines);
  EXPECT_FALSE(any(lines, "look-up(")) << ::testing::PrintToString(lines);
}

TEST(Paths, HoweverManyWaysToFailTheLastStepIsSeen) {
  std::string body = "import os\nfrom config import option\ndef run(path, texts):\n";
  for (int i = 0; i < 40; ++i) {
    body += "    open(path + '" + std::to_string(i) + "').read()\n";
  }
  body += "    os.unlink(path)\n";
  TestProgram program{"m.py", body};
  const auto summary = program.summary("m.run");
  EXPECT_TRUE(summary->truncated);
  EXPECT_GE(count(program.paths("m.run"), " unlink($0)"), 1U);
}

TEST(Paths, PackagesThatHandOnAllOfEachOtherAreGoneThroughOnce) {
  std::string all;  // of packages that are loaded, and of parts of them that are not
  for (const char* name : {"one", "two", "three", "four", "five", "six"}) {
    all += std::string("from ") + name + " import *\nfrom " + name + ".late import *\n";
  }
  TestProgram program{"one/__init__.py",   all, "two/__init__.py",  all,
                      "three/__init__.py", all, "four/__init__.py", all,
                      "five/__init__.py",  all, "six/__init__.py",  all + "def last(path):\n    pass\n"};
  EXPECT_EQ(program.program().resolve("one.last").name, "six.last");
  EXPECT_EQ(program.program().resolve("one.some.thing.that.nobody.has").kind, Symbol::Kind::variable);
}

TEST(Paths, AModulesCodeIsFollowedTwiceOnlyIfItAsksHowItBegan) {
  const auto both = [](const std::string& end) {
    TestProgram program{"m.py", "import os\nLOCK = os.path.join('run', 'x.lock')\n" + end};
    const auto started = program.summary("m.<module>");
    Context imported;
    imported.imported = true;
    return std::pair(started, program.engine().summary(program.program().module_body("m"), imported));
  };
  const auto [one, same] = both("os.unlink(LOCK)\n");
  EXPECT_EQ(one, same);
  const auto [started, imported] = both("if __name__ == '__main__':\n    os.unlink(LOCK)\n");
  ASSERT_NE(started, imported);
  const auto unlinks = [](const Summary& summary) {
    return std::any_of(summary.paths.begin(), summary.paths.end(),
                       [](const Path& path) { return !path.steps.empty(); });
  };
  EXPECT_TRUE(unlinks(*started));
  EXPECT_FALSE(unlinks(*imported));
}

TEST(Paths, LongFunctionsAreFollowedInFewerStatesToTheirEnd) {
  const auto paths_with = [](int lines) {
    std::string body = "import os\ndef run(path, flags):\n";
    for (int i = 0; i < lines; ++i) body += "    flags.append(" + std::to_string(i) + ")\n";
    for (int i = 0; i < 4; ++i) {
      body += "    if flags.get(path + '" + std::to_string(i) + "'):\n        open(path + '" +
              std::to_string(i) + "').close()\n";
    }
    body += "    os.unlink(path)\n";
    return TestProgram{"m.py", body}.paths("m.run");
  };
  const Lines few = paths_with(0);
  const Lines many = paths_with(400);
  EXPECT_LT(count(many, " unlink($0)"), count(few, " unlink($0)"));
  EXPECT_GE(count(many, " unlink($0)"), 1U);
}

TEST(Paths, TheReceiverIsKnownToFunctionsInsideOfAMethod) {
  TestProgram program{"m.py", R"(
import os
class Store:
    def _create(self, path):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    def save(self, path):
        def attempt():
            self._create(path)
        attempt()
)"};
  const Lines lines = program.paths("m.Store.save");
  EXPECT_TRUE(any(lines, "open($0)")) << ::testing::PrintToString(lines);
}

TEST(Paths, TextThatDoesNotParseIsSeenWhereItWasRead) {
  TestProgram program{"m.py", R"(
import os
def run(path, limit):
    text = open(path).read()
    try:
        int(text)
    except ValueError:
        os.unlink(path)
    return int(limit)
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "probe")) << ::testing::PrintToString(lines);
  EXPECT_EQ(count(lines, "refused-probe unlink($0)") + count(lines, "refused-probe refused-unlink($0)"),
            count(lines, "unlink($0)"))
      << ::testing::PrintToString(lines);
}

TEST(Paths, ContradictingConditionsAreNoPath) {
  TestProgram program{"m.py", R"(
import os
def run(path, dry):
    if dry:
        return None
    os.unlink(path)
    if dry:
        os.unlink(path + ".2")
)"};
  EXPECT_FALSE(any(program.paths("m.run"), ".2")) << ::testing::PrintToString(program.paths("m.run"));
}

TEST(Paths, AHandlerOfAnotherClassDoesNotCatch) {
  TestProgram program{"m.py", R"(
import os
def run(path):
    try:
        f = open(path, "x")
    except FileExistsError:
        os.unlink(path)
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "refused-open($0) unlink($0)")) << ::testing::PrintToString(lines);
  EXPECT_FALSE(any(lines, "= unlink")) << "an OSError of another kind is not a FileExistsError";
}

TEST(Paths, AnAwaitLetsOthersRunAndMayBeCancelled) {
  TestProgram program{"m.py", R"(
import asyncio, os
async def run(path):
    os.unlink(path)
    await asyncio.sleep(1)
    os.unlink(path + ".2")
)"};
  const Lines lines = program.paths("m.run");
  EXPECT_TRUE(any(lines, "unlink($0) await unlink(")) << ::testing::PrintToString(lines);
  EXPECT_TRUE(any(lines, "CancelledError")) << ::testing::PrintToString(lines);
}

TEST(Paths, SpawnedWorkIsDetached) {
  TestProgram program{"m.py", R"(
import asyncio, os
async def clean(path):
    os.unlink(path)
async def run(path):
    asyncio.create_task(clean(path))
)"};
  EXPECT_TRUE(any(program.paths("m.run"), "spawn") && any(program.paths("m.run"), "detached-unlink($0)"))
      << ::testing::PrintToString(program.paths("m.run"));
}

TEST(Paths, RecursionEnds) {
  TestProgram program{"m.py", R"(
import os
def walk(path, depth):
    os.unlink(path)
    if depth:
        walk(path, depth - 1)
)"};
  EXPECT_FALSE(program.summary("m.walk")->paths.empty());
}

TEST(Paths, TwoCallsOfAClosureMakerDoNotShareTheirVariables) {
  TestProgram program{"m.py", R"(
import os
def maker(path):
    def remove():
        os.unlink(path)
    return remove
def run(a, b):
    first = maker(a)
    second = maker(b)
    first()
    second()
)"};
  EXPECT_TRUE(any(program.paths("m.run"), "unlink($0) unlink($1)"))
      << ::testing::PrintToString(program.paths("m.run"));
}

}  // namespace
}  // namespace lockwright::paths
