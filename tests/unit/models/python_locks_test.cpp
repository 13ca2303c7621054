// Python's locks, as rules/models/python.json has them: each mechanism's acquire, refusal and release.
#include "tests/unit/models/model_fixture.h"

namespace lockwright::models {
namespace {

using ::testing::ElementsAre;

class PythonLocksTest : public PythonModelTest {
 protected:
  static constexpr std::initializer_list<const char*> exclusive_try = {"fcntl.LOCK_EX", "fcntl.LOCK_NB"};

  ir::Argument file() { return {.value = parameter(1)}; }
  ir::Term self_field(std::string_view name) { return terms.field(parameter(0), name); }
};

TEST_F(PythonLocksTest, Flock) {
  EXPECT_THAT(called("fcntl.flock", {file(), {.value = terms.global("fcntl.LOCK_EX")}}),
              ElementsAre("acquire(flock block handle=$1); -> null",
                          "acquire(flock block handle=$1 refused); raises builtins.OSError"));
  EXPECT_THAT(called("fcntl.flock", {file(), {.value = flags(exclusive_try)}}),
              ElementsAre("acquire(flock attempt handle=$1); -> null",
                          "acquire(flock attempt handle=$1 refused); raises builtins.BlockingIOError"));
  EXPECT_EQ(called("fcntl.flock", {file(), {.value = flags({"fcntl.LOCK_NB", "fcntl.LOCK_SH"})}})[0],
            "acquire(flock attempt handle=$1 shared); -> null");
  EXPECT_THAT(called("fcntl.flock", {file(), {.value = terms.global("fcntl.LOCK_UN")}}),
              ElementsAre("release(flock handle=$1); -> null"));
}

TEST_F(PythonLocksTest, FlockWithFlagsThatAreNotKnown) {
  EXPECT_THAT(called("fcntl.flock", {file(), {.value = parameter(2)}}),
              ElementsAre("-> null", "raises builtins.OSError"));
  EXPECT_THAT(consulted(), ElementsAre("$2"));
  EXPECT_EQ(
      called("fcntl.flock", {file(), {.value = flags({terms.global("fcntl.LOCK_EX"), parameter(2)})}})[0],
      "acquire(flock block handle=$1); -> null");  // whatever else, it locks
}

TEST_F(PythonLocksTest, LockfIsARecordLock) {
  EXPECT_EQ(called("fcntl.lockf", {file(), {.value = flags(exclusive_try)}, {.value = number(1)}})[0],
            "acquire(posix attempt handle=$1); -> null");
  EXPECT_EQ(called("fcntl.lockf", {file(), {.value = terms.global("fcntl.LOCK_UN")}})[0],
            "release(posix handle=$1); -> null");
}

TEST_F(PythonLocksTest, RecordLocksByStruct) {
  const auto packed = [&](ir::Term type) {
    const ir::Term parts[] = {text("hhllhh"), type, number(0)};
    return ir::Argument{.value = terms.apply(terms.global("struct.pack"), parts)};
  };
  const auto command = [&](const char* name) { return ir::Argument{.value = terms.global(name)}; };
  EXPECT_THAT(
      called("fcntl.fcntl", {file(), command("fcntl.F_SETLK"), packed(terms.global("fcntl.F_WRLCK"))}),
      ElementsAre("acquire(posix attempt handle=$1); -> ?",
                  "acquire(posix attempt handle=$1 refused); raises builtins.BlockingIOError"));
  EXPECT_EQ(called("fcntl.fcntl",
                   {file(), command("fcntl.F_OFD_SETLKW"), packed(terms.global("fcntl.F_RDLCK"))})[0],
            "acquire(ofd block handle=$1 shared); -> ?");
  EXPECT_THAT(
      called("fcntl.fcntl", {file(), command("fcntl.F_OFD_SETLK"), packed(terms.global("fcntl.F_UNLCK"))}),
      ElementsAre("release(ofd handle=$1); -> ?"));
  EXPECT_EQ(called("fcntl.fcntl", {file(), command("fcntl.F_SETLK"), packed(parameter(2))})[0], "-> ?");
  EXPECT_EQ(called("fcntl.fcntl", {file(), command("fcntl.F_SETFD"), {.value = number(1)}})[0], "-> ?");
}

TEST_F(PythonLocksTest, WindowsBytes) {
  EXPECT_EQ(
      called("msvcrt.locking", {file(), {.value = terms.global("msvcrt.LK_LOCK")}, {.value = number(1)}})[0],
      "acquire(windows timeout handle=$1); -> null");
  EXPECT_THAT(
      called("msvcrt.locking", {file(), {.value = terms.global("msvcrt.LK_NBLCK")}, {.value = number(1)}}),
      ElementsAre("acquire(windows attempt handle=$1); -> null",
                  "acquire(windows attempt handle=$1 refused); raises builtins.OSError"));
  EXPECT_THAT(
      called("msvcrt.locking", {file(), {.value = terms.global("msvcrt.LK_UNLCK")}, {.value = number(1)}}),
      ElementsAre("release(windows handle=$1); -> null"));
  EXPECT_EQ(called("win32file.LockFileEx",
                   {file(), {.value = terms.global("win32con.LOCKFILE_EXCLUSIVE_LOCK")}})[0],
            "acquire(windows block handle=$1); -> null");
}

TEST_F(PythonLocksTest, FilelockIsMadeForAPath) {
  EXPECT_THAT(called("filelock.FileLock", {file(), {.value = number(5)}}),
              ElementsAre("-> #7: filelock.FileLock"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<file>=$1", "#7.lock_file=$1", "#7.<timeout>=5",
                                        "#7.<blocking>=true", "#7.is_locked=false"));
  EXPECT_THAT(called("filelock.SoftFileLock", {file(), named("is_singleton", terms.boolean(true))}),
              ElementsAre("-> filelock.singleton($1)"));
}

TEST_F(PythonLocksTest, FilelockWaitsAsLongAsItsConstructorSaid) {
  const std::string acquire = "file=$0.<file> handle=$0 reentrant collected";
  fields[self_field("<timeout>")] = number(-1);
  fields[self_field("<blocking>")] = terms.boolean(true);
  EXPECT_THAT(sent("filelock.FileLock", "acquire"),
              ElementsAre("acquire(library block " + acquire + "); -> #7: filelock.AcquireReturnProxy",
                          "acquire(library block " + acquire + " refused); raises builtins.OSError"));
  EXPECT_THAT(fields_of(0), ElementsAre("$0.is_locked=true", "#7.<lock>=$0"));
  EXPECT_THAT(sent("filelock.FileLock", "acquire", {named("timeout", number(0))}),
              ElementsAre("acquire(library attempt " + acquire + "); -> #7: filelock.AcquireReturnProxy",
                          "acquire(library attempt " + acquire + " refused); raises filelock.Timeout"));
  EXPECT_EQ(sent("filelock.FileLock", "acquire", {named("blocking", terms.boolean(false))})[0],
            "acquire(library attempt " + acquire + "); -> #7: filelock.AcquireReturnProxy");
  fields[self_field("<timeout>")] = fraction("0.5");
  EXPECT_THAT(sent("filelock.UnixFileLock", "__enter__"),
              ElementsAre("acquire(library timeout " + acquire + "); -> $0",
                          "acquire(library timeout " + acquire + " refused); raises filelock.Timeout"));
}

TEST_F(PythonLocksTest, FilelockIsReleased) {
  EXPECT_THAT(sent("filelock.FileLock", "release", {named("force", terms.boolean(true))}),
              ElementsAre("release(library file=$0.<file> handle=$0); -> null"));
  EXPECT_THAT(sent("filelock.FileLock", "__exit__"),
              ElementsAre("release(library file=$0.<file> handle=$0); -> null"));
  EXPECT_THAT(sent("filelock.AcquireReturnProxy", "__enter__"), ElementsAre("-> $0.<lock>"));
  EXPECT_THAT(sent("filelock.AcquireReturnProxy", "__exit__"),
              ElementsAre("release(library file=$0.<lock>.<file> handle=$0.<lock>); -> null"));
}

TEST_F(PythonLocksTest, AsyncFilelockSuspends) {
  EXPECT_EQ(sent("filelock.AsyncFileLock", "__aenter__")[0],
            "await; acquire(library timeout file=$0.<file> handle=$0 reentrant collected); -> $0");
  EXPECT_THAT(sent("filelock.AsyncFileLock", "__aexit__"),
              ElementsAre("release(library file=$0.<file> handle=$0); await; -> null"));
}

TEST_F(PythonLocksTest, FilelockReadersAndWriters) {
  EXPECT_EQ(sent("filelock.ReadWriteLock", "read_lock")[0], "-> #7: filelock.read_write_guard");
  EXPECT_EQ(sent("filelock.SoftReadWriteLock", "acquire_write")[0],
            "acquire(library timeout file=$0.<file> handle=$0 reentrant collected); -> #7: "
            "filelock.AcquireReturnProxy");
  fields[self_field("<shared>")] = terms.boolean(true);
  EXPECT_EQ(
      sent("filelock.read_write_guard", "__enter__")[0],
      "acquire(library timeout file=$0.<lock>.<file> handle=$0.<lock> shared reentrant collected); -> null");
}

TEST_F(PythonLocksTest, Portalocker) {
  EXPECT_THAT(
      called("portalocker.lock", {file(), {.value = flags({"portalocker.LOCK_EX", "portalocker.LOCK_NB"})}}),
      ElementsAre("acquire(flock attempt handle=$1); -> null",
                  "acquire(flock attempt handle=$1 refused); raises portalocker.exceptions.AlreadyLocked"));
  EXPECT_EQ(called("portalocker.lock", {file(), {.value = terms.global("portalocker.LockFlags.SHARED")}})[0],
            "acquire(flock block handle=$1 shared); -> null");
  EXPECT_THAT(called("portalocker.unlock", {file()}), ElementsAre("release(flock handle=$1); -> null"));
}

TEST_F(PythonLocksTest, PortalockerTruncatesUnderTheLock) {
  called("portalocker.Lock", {file(), {.value = text("w")}});
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=$1");
  fields[self_field("<mode>")] = text("w");
  fields[self_field("<at once>")] = terms.null();
  fields[self_field("<flags>")] = terms.global("portalocker.LockFlags.NON_BLOCKING");
  EXPECT_EQ(sent("portalocker.Lock", "__enter__")[0],
            "open(file=$0.<file> handle=#7 create writable collected); acquire(library timeout "
            "file=$0.<file> handle=$0 collected); "
            "truncate(file=$0.<file> handle=#7); -> #7: builtins.file");
  fields[self_field("<mode>")] = text("a");
  EXPECT_EQ(sent("portalocker.RLock", "acquire", {named("fail_when_locked", terms.boolean(true))})[0],
            "open(file=$0.<file> handle=#7 create writable collected); "
            "acquire(library attempt file=$0.<file> handle=$0 reentrant collected); -> #7: builtins.file");
  EXPECT_THAT(sent("portalocker.Lock", "release"),
              ElementsAre("release(library file=$0.<file> handle=$0); close(handle=$0.fh); -> null"));
}

TEST_F(PythonLocksTest, FastenersSaysFalseWhenItDidNotGetTheLock) {
  EXPECT_THAT(sent("fasteners.InterProcessLock", "acquire"),
              ElementsAre("acquire(library block file=$0.<file> handle=$0); -> true"));
  EXPECT_THAT(sent("fasteners.InterProcessLock", "acquire", {named("blocking", terms.boolean(false))}),
              ElementsAre("acquire(library attempt file=$0.<file> handle=$0); -> true",
                          "acquire(library attempt file=$0.<file> handle=$0 refused); -> false"));
  EXPECT_EQ(sent("fasteners.InterProcessLock", "acquire", {named("timeout", number(3))}).size(), 2U);
  EXPECT_THAT(sent("oslo_concurrency.lockutils.InterProcessLock", "release"),
              ElementsAre("release(library file=$0.<file> handle=$0); -> null"));
  EXPECT_EQ(sent("fasteners.InterProcessReaderWriterLock", "acquire_read_lock")[0],
            "acquire(library block file=$0.<file> handle=$0 shared); -> true");
}

TEST_F(PythonLocksTest, OsloLocksByNameBelowAPath) {
  EXPECT_EQ(called("oslo_concurrency.lockutils.external_lock", {{.value = text("n")},
                                                                named("lock_path", parameter(1)),
                                                                named("lock_file_prefix", text("p-"))})[0],
            "-> #7: fasteners.InterProcessLock");
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=f\"{$1}/p-n\"");
}

TEST_F(PythonLocksTest, ZcLockfileLocksWhenItIsMade) {
  EXPECT_THAT(
      called("zc.lockfile.LockFile", {file()}),
      ElementsAre(
          "acquire(library attempt file=$1 handle=#7 collected); -> #7: zc.lockfile.LockFile",
          "acquire(library attempt file=$1 handle=#7 collected refused); raises zc.lockfile.LockError",
          "raises builtins.OSError"));
  EXPECT_THAT(sent("zc.lockfile.LockFile", "close"),
              ElementsAre("release(library file=$0.<file> handle=$0); -> null"));
}

TEST_F(PythonLocksTest, Locket) {
  called("locket.lock_file", {file()});
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=$1");
  fields[self_field("<timeout>")] = terms.null();
  EXPECT_THAT(sent("locket.lock_file", "acquire"),
              ElementsAre("acquire(library block file=$0.<file> handle=$0); -> $0"));
  fields[self_field("<timeout>")] = number(0);
  EXPECT_EQ(sent("locket.lock_file", "__enter__")[1],
            "acquire(library timeout file=$0.<file> handle=$0 refused); raises locket.LockError");
  EXPECT_THAT(sent("locket.lock_file", "release"),
              ElementsAre("release(library file=$0.<file> handle=$0); -> null"));
}

TEST_F(PythonLocksTest, Pylockfile) {
  called("lockfile.LockFile", {file()});
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=f\"{$1}.lock\"");
  fields[self_field("<timeout>")] = terms.null();
  EXPECT_EQ(sent("lockfile.LockFile", "acquire")[0],
            "acquire(library block file=$0.<file> handle=$0); -> null");
  EXPECT_EQ(sent("lockfile.LockFile", "acquire", {named("timeout", number(0))})[1],
            "acquire(library attempt file=$0.<file> handle=$0 refused); raises lockfile.AlreadyLocked");
  EXPECT_THAT(sent("lockfile.LockFile", "break_lock"), ElementsAre("unlink(file=$0.<file>); -> null"));
}

TEST_F(PythonLocksTest, OtherLibraries) {
  EXPECT_EQ(sent("flufl.lock.Lock", "lock", {named("timeout", number(3))})[1],
            "acquire(library timeout file=$0.<file> handle=$0 refused); raises flufl.lock.TimeOutError");
  EXPECT_EQ(sent("pid.PidFile", "__enter__")[1],
            "acquire(library attempt file=$0.<file> handle=$0 refused); raises pid.PidFileError");
  EXPECT_EQ(sent("ilock.ILock", "__exit__")[0], "release(library file=$0.<file> handle=$0); -> null");
  EXPECT_EQ(sent("twisted.python.lockfile.FilesystemLock", "lock")[1],
            "acquire(library attempt file=$0.<file> handle=$0 refused); -> false");
  EXPECT_EQ(sent("mailbox.mbox", "lock")[0], "acquire(library attempt file=$0.<file> handle=$0); -> null");
  EXPECT_THAT(
      called(
          "django.core.files.locks.lock",
          {file(), {.value = flags({"django.core.files.locks.LOCK_EX", "django.core.files.locks.LOCK_NB"})}}),
      ElementsAre("acquire(flock attempt handle=$1); -> true",
                  "acquire(flock attempt handle=$1 refused); -> false"));
}

TEST_F(PythonLocksTest, Mutexes) {
  EXPECT_THAT(sent("threading.Lock", "acquire"), ElementsAre("acquire(mutex block handle=$0); -> true"));
  EXPECT_THAT(sent("threading.RLock", "acquire"),
              ElementsAre("acquire(mutex block handle=$0 reentrant); -> true"));
  for (const Arguments& arguments :
       {Arguments{{.value = terms.boolean(false)}}, Arguments{named("blocking", terms.boolean(false))}}) {
    EXPECT_THAT(sent("multiprocessing.Lock", "acquire", arguments),
                ElementsAre("acquire(mutex attempt handle=$0); -> true",
                            "acquire(mutex attempt handle=$0 refused); -> false"));
  }
  EXPECT_THAT(sent("threading.Semaphore", "acquire", {named("timeout", fraction("0.5"))}),
              ElementsAre("acquire(mutex timeout handle=$0); -> true",
                          "acquire(mutex timeout handle=$0 refused); -> false"));
  EXPECT_THAT(sent("threading.Lock", "__enter__"), ElementsAre("acquire(mutex block handle=$0); -> true"));
  EXPECT_THAT(sent("threading.Lock", "__exit__"), ElementsAre("release(mutex handle=$0); -> null"));
  EXPECT_THAT(sent("asyncio.Lock", "__aenter__"),
              ElementsAre("await; acquire(mutex block handle=$0); -> true"));
  EXPECT_THAT(sent("asyncio.Lock", "release"), ElementsAre("release(mutex handle=$0); -> null"));
  EXPECT_EQ(models.method_of_unknown("acquire"), nullptr);
  EXPECT_NE(models.method_of_unknown("release"), nullptr);
}

TEST_F(PythonLocksTest, Probes) {
  EXPECT_THAT(called("os.kill", {file(), {.value = number(0)}}),
              ElementsAre("probe(pid-alive key=$1); -> null",
                          "probe(pid-alive key=$1 refused); raises builtins.ProcessLookupError",
                          "probe(pid-alive key=$1); raises builtins.PermissionError"));
  EXPECT_EQ(called("os.kill", {file(), {.value = terms.global("signal.SIGTERM")}})[0], "-> null");
  EXPECT_THAT(called("psutil.pid_exists", {file()}), ElementsAre("probe(pid-alive key=$1 value=#7); -> #7"));
  EXPECT_THAT(called("os.getpid"), ElementsAre("probe(pid value=os.getpid()); -> os.getpid()"));
  EXPECT_THAT(called("time.time"), ElementsAre("probe(clock value=#7); -> #7"));
  EXPECT_THAT(called("datetime.datetime.now", {{.value = terms.global("datetime.timezone.utc")}}),
              ElementsAre("probe(clock value=#7); -> #7"));
  EXPECT_THAT(called("uuid.uuid4"), ElementsAre("probe(random value=#7); -> #7: uuid.UUID"));
  EXPECT_THAT(called("secrets.token_hex", {{.value = number(8)}}),
              ElementsAre("probe(random value=#7); -> #7"));
  EXPECT_THAT(called("builtins.id", {file()}),
              ElementsAre("probe(identity value=builtins.id($1)); -> builtins.id($1)"));
  EXPECT_THAT(called("random.random"), ElementsAre("probe(weak-random value=#7); -> #7"));
  EXPECT_THAT(called("socket.gethostname"),
              ElementsAre("probe(host value=socket.gethostname()); -> socket.gethostname()"));
  EXPECT_THAT(sent("psutil.Process", "create_time"),
              ElementsAre("probe(process key=$0.pid value=$0.create_time()); -> $0.create_time()",
                          "raises psutil.Error"));
  EXPECT_THAT(called("builtins.__import__", {{.value = text("fcntl")}}),
              ElementsAre("-> builtins.__import__(\"fcntl\")",
                          "probe(feature refused); raises builtins.ImportError"));
  EXPECT_TRUE(models.tells_platform("sys.platform"));
  EXPECT_FALSE(models.tells_platform("sys.argv"));
  EXPECT_TRUE(models.is_side_trigger("os.kill"));
  EXPECT_FALSE(models.is_side_trigger("os.getpid"));
}

TEST_F(PythonLocksTest, WorkThatRunsElsewhereOrLater) {
  const ir::Argument work{.value = parameter(2)};
  EXPECT_THAT(called("asyncio.to_thread", {work, file()}), ElementsAre("now suspends $2($1); ->"));
  EXPECT_THAT(sent("*", "run_in_executor", {{.value = terms.null()}, work, file()}),
              ElementsAre("now suspends $2($1); ->"));
  EXPECT_THAT(called("asyncio.create_task", {work, named("name", text("n"))}),
              ElementsAre("spawn $2(); -> #7: asyncio.Task"));
  EXPECT_THAT(called("asyncio.gather", {work, file(), named("return_exceptions", terms.boolean(true))}),
              ElementsAre("await; join; now suspends $2(); now suspends $1(); -> ?"));
  EXPECT_THAT(called("asyncio.wait_for", {work, named("timeout", number(1))}),
              ElementsAre("now suspends $2(); ->", "await; raises builtins.TimeoutError"));
  EXPECT_THAT(called("asyncio.sleep", {{.value = number(1)}}), ElementsAre("await; -> null"));
  EXPECT_THAT(sent("concurrent.futures.ThreadPoolExecutor", "submit", {work, file()}),
              ElementsAre("spawn $2($1); -> #7: concurrent.futures.Future"));
  EXPECT_THAT(called("atexit.register", {work, file()}),
              ElementsAre("escape(handle=$2); escape(handle=$1); -> $2"));
  EXPECT_EQ(called("signal.signal", {{.value = terms.global("signal.SIGTERM")}, work})[0],
            "escape(handle=$2); -> ?");
}

TEST_F(PythonLocksTest, Threads) {
  EXPECT_THAT(
      called("threading.Thread", {named("target", parameter(2)), named("daemon", terms.boolean(true))}),
      ElementsAre("-> #7: threading.Thread"));
  EXPECT_THAT(fields_of(0), ElementsAre("#7.<target>=$2", "#7.<args>=builtins.tuple()"));
  const ir::Term packed[] = {parameter(1)};
  fields[self_field("<target>")] = parameter(2);
  fields[self_field("<args>")] = terms.make(terms.global("builtins.tuple"), packed);
  EXPECT_THAT(sent("threading.Thread", "start"), ElementsAre("spawn $2($1); -> null"));
  fields[self_field("<target>")] = terms.null();
  EXPECT_THAT(sent("threading.Thread", "start"), ElementsAre("spawn $0.run(); -> null"));
  EXPECT_THAT(sent("threading.Thread", "join"), ElementsAre("join(handle=$0); -> null"));
}

TEST_F(PythonLocksTest, Scopes) {
  EXPECT_TRUE(models.makes_scope_guard("contextlib.asynccontextmanager"));
  EXPECT_THAT(sent("contextlib.closing", "__exit__"), ElementsAre("now $0.<closing>.close(); -> null"));
  EXPECT_THAT(sent("contextlib.suppress", "__exit__", {named("exception", terms.null())}),
              ElementsAre("-> null"));
  EXPECT_THAT(sent("contextlib.suppress", "__exit__", {named("exception", parameter(1))}),
              ElementsAre("-> ?"));
  EXPECT_THAT(sent("contextlib.ExitStack", "enter_context", {file()}),
              ElementsAre("now $1.__enter__(); defer $1.__exit__() on $0; ->"));
  EXPECT_THAT(sent("contextlib.AsyncExitStack", "callback", {{.value = parameter(2)}, file()}),
              ElementsAre("defer $2($1) on $0; -> $2"));
  EXPECT_THAT(sent("contextlib.ExitStack", "__exit__"), ElementsAre("run deferred; -> null"));
}

TEST_F(PythonLocksTest, Exceptions) {
  EXPECT_TRUE(models.is_subclass("builtins.BlockingIOError", "builtins.OSError"));
  EXPECT_TRUE(models.is_subclass("builtins.FileExistsError", "builtins.IOError"));
  EXPECT_TRUE(models.is_subclass("filelock.Timeout", "builtins.TimeoutError"));
  EXPECT_TRUE(models.is_subclass("json.decoder.JSONDecodeError", "builtins.ValueError"));
  EXPECT_TRUE(models.is_subclass("asyncio.TimeoutError", "builtins.Exception"));
  EXPECT_FALSE(models.is_subclass("asyncio.CancelledError", "builtins.Exception"));
  EXPECT_FALSE(models.is_subclass("builtins.OSError", "builtins.FileExistsError"));
  EXPECT_TRUE(models.ends_process("builtins.SystemExit"));
  EXPECT_TRUE(models.is_raised_by_name_only("builtins.FileExistsError"));
  EXPECT_FALSE(models.is_raised_by_name_only("builtins.FileNotFoundError"));
  EXPECT_THAT(called("builtins.ValueError", {{.value = text("x")}}),
              ElementsAre("-> #7: builtins.ValueError"));
}

TEST_F(PythonLocksTest, TheEndOfTheProcess) {
  EXPECT_THAT(called("sys.exit", {{.value = number(1)}}), ElementsAre("raises builtins.SystemExit"));
  EXPECT_THAT(called("os._exit", {{.value = number(1)}}), ElementsAre());
}

TEST_F(PythonLocksTest, OurOwn) {
  EXPECT_EQ(called("lockwright_runtime.FileLock", {file()})[0], "-> #7: lockwright_runtime.FileLock");
  EXPECT_EQ(fields_of(0)[0], "#7.<file>=f\"{$1}.lock\"");
  EXPECT_EQ(fields_of(0)[3], "#7.<key>=#7");
  called("lockwright_runtime.FileLock", {file(), named("reentrant", terms.boolean(true))});
  EXPECT_EQ(fields_of(0)[3], "#7.<key>=lockwright_runtime.reentrant($1)");  // one for all objects of a path
  EXPECT_THAT(sent("lockwright_runtime.FileLock", "acquire", {named("timeout", number(0))}),
              ElementsAre("acquire(library attempt file=$0.<file> handle=$0.<key> collected); -> #7: "
                          "lockwright_runtime.Hold",
                          "acquire(library attempt file=$0.<file> handle=$0.<key> collected refused); raises "
                          "lockwright_runtime.LockTimeout"));
  EXPECT_EQ(sent("lockwright_runtime.Hold", "__exit__")[0],
            "release(library file=$0.<file> handle=$0.<key>); -> null");
  EXPECT_EQ(called("lockwright_runtime.update_file",
                   {file(), {.value = parameter(2)}, named("timeout", number(0))})[0],
            "acquire(library attempt file=f\"{$1}.lock\" handle=#7); read(file=$1 value=#7); now $2(#7); now "
            "lockwright_runtime.replace_file($1, ?); finally release(library file=f\"{$1}.lock\" handle=#7); "
            "-> #7");
  EXPECT_EQ(called("lockwright_runtime.replace_file", {file(), {.value = parameter(2)}})[0],
            "open(file=#7.name handle=#7 create exclusive writable); write(file=#7.name handle=#7 value=$2); "
            "close(file=#7.name handle=#7); rename(file=#7.name other=$1); -> null");
}

}  // namespace
}  // namespace lockwright::models
