"""What each form does when the system refuses: injected errors, full and read-only disks, no descriptors left."""

import errno
import os
import pathlib
import resource
import shutil
import subprocess
import unittest

from _suite import Faults, for_each_language, require_drivers, scale


def setUpModule():
    require_drivers()


@for_each_language()
class Injected:
    """Errors of single system calls, by faults.c."""

    def setUp(self):
        super().setUp()
        self.faults = Faults(self.folder / "faults")
        self.a = self.driver(self.language, faults=self.faults.path)
        self.b = self.driver(self.language)

    def acquire(self):
        self.a.call("acquire", path=self.data, timeout=1, **{"as": "hold"})

    def assert_errno(self, number, operation):
        error = self.assert_fails("OSError", operation)
        self.assertEqual(error.errno, number, error)
        self.assertEqual(self.faults.hits(), 1, "the fault did not strike")

    def test_a_file_system_without_locks_is_an_error(self):
        for number in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EIO):
            with self.subTest(errno.errorcode[number]):
                self.faults.set("lock", number, ".lock")
                self.assert_errno(number, self.acquire)
                self.assertEqual(self.a.lock_descriptors(), [])

    def test_a_file_system_whose_locks_do_not_exclude_is_an_error(self):
        self.faults.set("lock", 0, ".lock", times=1000)
        error = self.assert_fails("OSError", self.acquire)
        self.assertEqual(error.errno, errno.ENOLCK)
        self.assertGreater(self.faults.hits(), 1)
        self.assertEqual(self.a.lock_descriptors(), [])

    def test_error_between_acquire_and_return(self):
        for number in (errno.EIO, errno.ENOSPC):
            self.faults.set("write", number, ".lock")
            self.assert_errno(number, self.acquire)
            self.assertEqual(self.a.lock_descriptors(), [])
            self.assert_free(self.b)
        self.assert_free(self.a)

    def test_error_in_release_is_told_and_the_lock_is_gone(self):
        for call in ("unlock", "close"):
            if call == "close" and self.language == "cpp_kept":
                continue  # it does not close
            with self.subTest(call):
                self.acquire()
                self.faults.set(call, errno.EIO, ".lock")
                self.assert_errno(errno.EIO, lambda: self.a.call("release", **{"as": "hold"}))
                self.assertEqual(self.a.lock_descriptors(), [])
                self.assert_free(self.b)
                self.assert_free(self.a)
                self.a.call("release", **{"as": "hold"})

    def test_a_read_that_fails_between_acquire_and_release(self):
        (self.folder / "data").write_text("41")
        for _ in range(scale(3, 50)):
            self.faults.set("read", errno.EIO, "/data")
            self.assert_errno(errno.EIO, lambda: self.a.call("update", path=self.data, times=1))
            self.assertEqual(self.a.lock_descriptors(), [])
            self.assert_free(self.b)
        self.a.call("update", path=self.data, times=1)
        self.assertEqual((self.folder / "data").read_text(), "42")

    def test_replace_that_fails_leaves_the_old_file_and_no_other(self):
        (self.folder / "data").write_text("old")
        (self.folder / "data").chmod(0o640)
        for call, number, path in (
            ("write", errno.ENOSPC, ".tmp"),
            ("write", errno.EIO, ".tmp"),
            ("fsync", errno.EIO, ".tmp"),
            ("rename", errno.EIO, "/data"),
        ):
            with self.subTest(f"{call} {errno.errorcode[number]}"):
                self.faults.set(call, number, path)
                self.assert_errno(
                    number, lambda: self.a.call("replace", path=self.data, letter="n", size=10000, times=1)
                )
                self.assertEqual((self.folder / "data").read_text(), "old")
                self.assert_no_leftovers()
                self.assertEqual(self.a.lock_descriptors(), [])

    def test_the_directory_is_flushed(self):
        self.faults.set("fsync", errno.EIO, str(self.folder))
        # The first fsync is the file's: let that pass by naming the folder's end.
        self.faults.set("fsync", errno.EIO, self.folder.name, times=2)
        self.assert_fails("OSError", lambda: self.a.call("replace", path=self.data, letter="n", size=10, times=1))
        self.faults.hits()
        self.a.call("replace", path=self.data, letter="n", size=10, times=1)
        self.assertEqual((self.folder / "data").read_text(), "n" * 10)
        self.assert_no_leftovers()


@for_each_language()
class Exhausted:
    def test_no_descriptors_left(self):
        a, b = self.driver(self.language), self.driver(self.language)
        a.call("update", path=self.data, times=1)  # what it loads, it has loaded
        a.call("acquire", path=self.data, timeout=1, **{"as": "hold"})
        a.call("release", **{"as": "hold"})
        limits = resource.prlimit(a.pid, resource.RLIMIT_NOFILE)
        lowest = max(int(name) for name in os.listdir(f"/proc/{a.pid}/fd")) + 1
        for spare in range(0, 4):
            with self.subTest(spare=spare):
                resource.prlimit(a.pid, resource.RLIMIT_NOFILE, (self.usable(a, lowest) + spare, limits[1]))
                failed = None
                try:
                    a.call("update", path=self.data, times=1)
                except Exception as error:
                    failed = error
                finally:
                    resource.prlimit(a.pid, resource.RLIMIT_NOFILE, limits)
                if spare == 0:
                    self.assertEqual(getattr(failed, "errno", None), errno.EMFILE, failed)
                self.assertEqual(a.lock_descriptors(), [])
                self.assert_no_leftovers()
                self.assert_free(b)
        a.call("update", path=self.data, times=1)

    @staticmethod
    def usable(driver, lowest):
        """The limit at which no descriptor can be opened: gaps below the highest count as free."""
        used = {int(name) for name in os.listdir(f"/proc/{driver.pid}/fd")}
        return next(number for number in range(lowest + 1) if number not in used)


@for_each_language()
class Disks:
    """File systems of the driver's own, in a mount namespace."""

    def setUp(self):
        super().setUp()
        (self.folder / "disk").mkdir()
        self.data = str(self.folder / "disk/data")

    def on_tmpfs(self, then="true", size="64k"):
        if shutil.which("unshare") is None:
            self.skipTest("unshare is not installed (Debian: util-linux)")
        namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        mount = f'mount -t tmpfs -o size={size} none "{self.folder}/disk" && {then} && exec "$0" "$@"'
        tried = subprocess.run(
            [*namespace, "sh", "-c", mount, "true"], stderr=subprocess.PIPE, text=True, check=False
        )
        if tried.returncode != 0:
            self.skipTest(f"no mount namespace can be had here: {tried.stderr.strip()}")
        driver = self.driver(self.language, prefix=[*namespace, "sh", "-c", mount])
        return driver, f"/proc/{driver.pid}/root{self.folder}/disk"

    def test_a_full_disk(self):
        driver, disk = self.on_tmpfs()
        driver.call("replace", path=self.data, letter="o", size=20000, times=1)
        driver.call("acquire", path=self.data, timeout=0, **{"as": "hold"})
        driver.call("release", **{"as": "hold"})
        error = self.assert_fails(
            "OSError", lambda: driver.call("replace", path=self.data, letter="n", size=60000, times=1)
        )
        self.assertEqual(error.errno, errno.ENOSPC)
        self.assertEqual(pathlib.Path(disk, "data").read_text(), "o" * 20000)
        self.assertEqual(sorted(os.listdir(disk)), ["data", "data.lock"])
        # Filled to the last byte: a lock file that is there serves on, a new one cannot be written, and that is told.
        with open(f"{disk}/filler", "wb", buffering=0) as filler:
            try:
                while filler.write(b"x" * 4096):
                    pass
            except OSError as full:
                self.assertEqual(full.errno, errno.ENOSPC)
        self.assert_free(driver)
        error = self.assert_fails(
            "OSError", lambda: driver.call("acquire", path=f"{self.folder}/disk/new", timeout=0, **{"as": "new"})
        )
        self.assertEqual(error.errno, errno.ENOSPC)
        self.assertEqual(driver.lock_descriptors(), [])
        os.unlink(f"{disk}/filler")
        self.assert_free(driver, f"{self.folder}/disk/new")

    def test_a_read_only_disk(self):
        then = f'echo old >"{self.folder}/disk/data" && mount -o remount,ro "{self.folder}/disk"'
        driver, disk = self.on_tmpfs(then)
        for operation in (
            lambda: driver.call("acquire", path=self.data, timeout=0, **{"as": "hold"}),
            lambda: driver.call("replace", path=self.data, letter="n", size=10, times=1),
            lambda: driver.call("update", path=self.data, times=1),
        ):
            self.assertEqual(self.assert_fails("OSError", operation).errno, errno.EROFS)
        self.assertEqual(os.listdir(disk), ["data"])
        self.assertEqual(pathlib.Path(disk, "data").read_text(), "old\n")


if __name__ == "__main__":
    unittest.main()
