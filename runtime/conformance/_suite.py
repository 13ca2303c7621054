"""Drivers, places to work in, and how one test becomes one for every language or pair."""

import atexit
import collections
import concurrent.futures
import ctypes
import itertools
import json
import mmap
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("LOCKWRIGHT_BUILD", HERE.parents[1] / "build/dev"))
LONG = bool(os.environ.get("LOCKWRIGHT_CONFORMANCE_LONG"))
FAULTS = BUILD / "runtime/conformance/lw_conformance_faults.so"
PATIENCE = 60  # seconds after which a driver that does not answer is stuck

COMMANDS = {
    "cpp": [str(BUILD / "runtime/conformance/lw_conformance_driver")],
    "cpp_kept": [str(BUILD / "runtime/conformance/lw_conformance_driver"), "--keep-open"],
    "python": [sys.executable, "-B", str(HERE / "drivers/driver.py")],
    "python_async": [sys.executable, "-B", str(HERE / "drivers/driver.py"), "--async"],
    "typescript": ["node", str(HERE / "drivers/driver.mjs")],
}
LANGUAGES = tuple(os.environ.get("LOCKWRIGHT_CONFORMANCE_LANGUAGES", " ".join(COMMANDS)).split())
FORKS = ("cpp", "cpp_kept", "python", "python_async")


def scale(short, long):
    """How much of something: in the short form, and in the long one."""
    return long if LONG else short


class DriverError(Exception):
    """What an operation failed with, in the driver."""

    def __init__(self, error):
        super().__init__(f"{error['type']}: {error.get('message')}")
        self.type = error["type"]
        self.errno = error.get("errno")
        self.members = error


class Driver:
    """One process that uses one form of the library."""

    def __init__(self, language, cwd, faults=None, prefix=()):
        environment = dict(os.environ)
        if faults is not None:
            environment |= {"LD_PRELOAD": str(FAULTS), "LOCKWRIGHT_FAULTS": str(faults)}
        self.language = language
        self.process = subprocess.Popen(
            [*prefix, *COMMANDS[language]], cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._ids = itertools.count(1)
        self._answers = {}
        self._mutex = threading.Lock()
        self._signalled = False
        self.events = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pid = self.call("hello")["pid"]

    def _read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            if "event" in message:
                self.events.append(message)
                continue
            with self._mutex:
                answer = self._answers.pop(message["id"])
            if "error" in message:
                answer.set_exception(DriverError(message["error"]))
            else:
                answer.set_result(message["ok"])
        with self._mutex:
            for answer in self._answers.values():
                answer.set_exception(DriverError({"type": "Gone", "message": "the driver has ended"}))
            self._answers.clear()

    def start(self, op, **members):
        """Begins an operation; its future."""
        answer = concurrent.futures.Future()
        number = next(self._ids)
        with self._mutex:
            self._answers[number] = answer
        line = json.dumps({"id": number, "op": op, **members}) + "\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        return answer

    def call(self, op, **members):
        """Does an operation; its result."""
        return self.start(op, **members).result(PATIENCE)

    def begin(self, folder):
        """Makes it as if it had just been started in the folder; False if that cannot be done."""
        with self._mutex:
            busy = bool(self._answers)
        if busy or self._signalled or self.process.poll() is not None:
            return False
        try:
            self.start("begin", folder=str(folder)).result(10)
        except (DriverError, OSError, concurrent.futures.TimeoutError):
            return False
        self.events.clear()
        return self.lock_descriptors() == []

    def signal(self, number):
        self._signalled = True
        os.kill(self.pid, number)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()

    def lock_descriptors(self):
        """What it has open of lock files and temporary files; of those that are kept open, what carries a lock."""
        found = []
        for link in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if self.language == "cpp_kept" and "lock:" not in (link.parents[1] / "fdinfo" / link.name).read_text():
                continue
            if ".lock" in target or ".tmp" in target:
                found.append(target)
        return found


idle = collections.defaultdict(list)  # drivers by language, for the next test


@atexit.register
def end_idle_drivers():
    for drivers in idle.values():
        for driver in drivers:
            driver.kill()


class Fault(ctypes.Structure):
    """struct fault of faults.c."""

    _fields_ = [
        ("call", ctypes.c_char * 16),
        ("error", ctypes.c_int),
        ("left", ctypes.c_int),
        ("hits", ctypes.c_int),
        ("path", ctypes.c_char * 220),
    ]


class Faults:
    """What is to fail in drivers that were started with it."""

    def __init__(self, path):
        self.path = path
        with open(path, "w+b") as file:
            file.truncate(ctypes.sizeof(Fault))
            self._map = mmap.mmap(file.fileno(), ctypes.sizeof(Fault))
        self._fault = Fault.from_buffer(self._map)

    def set(self, call, error, path, times=1):
        self._fault.left = 0
        self._fault.call, self._fault.error, self._fault.path = call.encode(), error, path.encode()
        self._fault.hits = 0
        self._fault.left = times

    def hits(self):
        self._fault.left = 0
        return self._fault.hits


class Case(unittest.TestCase):
    """A test with a folder of its own and drivers that end with it."""

    def setUp(self):
        self.folder = self.new_folder()
        self.data = str(self.folder / "data")

    def new_folder(self, parent=None):
        folder = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="lockwright-", dir=parent)))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def in_memory(self):
        """A folder where fsync costs nothing, for what happens many times."""
        memory = pathlib.Path("/dev/shm")
        return self.new_folder(memory if memory.is_dir() and os.access(memory, os.W_OK) else None)

    def driver(self, language, **options):
        """One for this test. In the short form it may have served others: most of its time would go into starting them."""
        if LONG or options:
            driver = Driver(language, self.folder, **options)
            self.addCleanup(driver.kill)
            return driver
        while idle[language]:
            driver = idle[language].pop()
            if driver.begin(self.folder):
                break
            driver.kill()
        else:
            driver = Driver(language, self.folder)
        self.addCleanup(self._give_back, driver)
        return driver

    @staticmethod
    def _give_back(driver):
        if driver.begin("/"):
            idle[driver.language].append(driver)
        else:
            driver.kill()

    def assert_fails(self, kind, answer):
        """The driver's operation fails with this error, which is returned."""
        with self.assertRaises(DriverError) as caught:
            answer()
        self.assertEqual(caught.exception.type, kind, caught.exception)
        return caught.exception

    def assert_free(self, driver, path=None):
        """Nobody holds the lock: an acquire that does not wait succeeds."""
        driver.call("acquire", path=path or self.data, timeout=0, **{"as": "probe"})
        driver.call("release", **{"as": "probe"})

    def assert_taken(self, driver, path=None):
        return self.assert_fails(
            "LockTimeout", lambda: driver.call("acquire", path=path or self.data, timeout=0, **{"as": "probe"})
        )

    def assert_no_leftovers(self, folder=None):
        self.assertEqual([p.name for p in (folder or self.folder).iterdir() if p.name.endswith(".tmp")], [])


def for_each_language(languages=LANGUAGES):
    """Makes of a class with `language` one class for each language."""

    def decorate(case):
        module = sys.modules[case.__module__]
        for language in languages:
            if language in LANGUAGES:
                name = f"{case.__name__}_{language}"
                made = type(name, (case, Case), {"language": language, "__module__": case.__module__})
                setattr(module, name, made)
        return case

    return decorate


def for_each_pair(case):
    """Makes of a class with `first` and `second` one class for each ordered pair of languages."""
    module = sys.modules[case.__module__]
    for first, second in itertools.product(LANGUAGES, repeat=2):
        if "cpp_kept" in (first, second) and not {first, second} <= {"cpp_kept", "python"}:
            continue  # the kernel does not see the difference
        name = f"{case.__name__}_{first}_{second}"
        members = {"first": first, "second": second, "__module__": case.__module__}
        setattr(module, name, type(name, (case, Case), members))
    return case


def require_drivers():
    """For setUpModule: what is missing fails the suite, with the reason."""
    for language in LANGUAGES:
        program = COMMANDS[language][0]
        if shutil.which(program) is None:
            raise unittest.TestCase.failureException(f"no driver for {language}: {program} (build first)")
    if "typescript" in LANGUAGES and not (HERE.parent / "typescript/dist/index.js").exists():
        raise unittest.TestCase.failureException("no TypeScript form: runtime/typescript/build.sh builds it")
    if not FAULTS.exists():
        raise unittest.TestCase.failureException(f"no {FAULTS} (build first)")


def wait_for(condition, seconds=30.0):
    """Until it is true; AssertionError after that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not so after {seconds} s")
        time.sleep(0.005)
