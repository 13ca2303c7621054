"""What only C++ has: locks that keep their file open between holds (with which the whole suite runs, too: cpp_kept), and
waiting in the kernel."""

import errno
import os
import pathlib
import signal
import unittest

from _suite import LANGUAGES, Case, Faults, require_drivers, wait_for


def setUpModule():
    require_drivers()


def open_lock_files(pid):
    links = pathlib.Path(f"/proc/{pid}/fd").iterdir()
    return [link for link in links if ".lock" in os.readlink(link)]


@unittest.skipUnless("cpp" in LANGUAGES, "without cpp")
class Waiting(Case):
    def test_nobody_starves_beside_holders_that_take_their_time(self):
        drivers = [self.driver("cpp") for _ in range(3)]
        for driver in drivers:
            driver.start("update", path=self.data, times=1_000_000)
        wait_for(lambda: sum(len(driver.events) for driver in drivers) >= 300)
        counts = [len(driver.events) for driver in drivers]
        self.assertGreater(min(counts), sum(counts) / 3 * 0.3, counts)


@unittest.skipUnless("cpp" in LANGUAGES, "without cpp")
class OldSandbox(Case):
    def test_where_statx_is_not_known_the_file_is_compared_with_its_name_all_the_same(self):
        faults = Faults(self.folder / "faults")
        faults.set("statx", errno.EPERM, ".lock", times=1000)
        a, b = self.driver("cpp", faults=faults.path), self.driver("cpp")
        b.call("acquire", path=self.data, **{"as": "hold"})
        waiting = a.start("acquire", path=self.data, timeout=20, **{"as": "hold"})
        wait_for(lambda: open_lock_files(a.pid))
        os.unlink(f"{self.data}.lock")
        b.call("release", **{"as": "hold"})
        waiting.result(30)
        self.assertTrue(os.path.exists(f"{self.data}.lock"), "a lock on a file without a name")
        self.assert_taken(b)
        self.assertGreater(faults.hits(), 2)


@unittest.skipUnless("cpp_kept" in LANGUAGES and "python" in LANGUAGES, "without cpp_kept and python")
class KeptOpen(Case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.driver("cpp_kept"), self.driver("python")
        self.turn()

    def turn(self, driver=None):
        (driver or self.a).call("acquire", path=self.data, timeout=0, **{"as": "hold"})
        (driver or self.a).call("release", **{"as": "hold"})

    def test_the_file_stays_open_and_carries_no_lock(self):
        for _ in range(3):
            self.assertEqual(len(open_lock_files(self.a.pid)), 1)
            self.assertEqual(self.a.lock_descriptors(), [])
            self.turn(self.b)
            self.turn()

    def test_it_goes_with_the_last_copy(self):
        other = self.driver("cpp")
        other.call("kept", path=self.data)
        self.assertEqual(open_lock_files(other.pid), [])
        self.turn(self.b)

    def test_a_file_that_lost_its_name_between_holds_is_noticed(self):
        lock_file = pathlib.Path(f"{self.data}.lock")
        for lose in (lock_file.unlink, lambda: lock_file.rename(f"{self.data}.old"), lambda: lock_file.write_text("") or None):
            with self.subTest(lose):
                lose()
                self.b.call("acquire", path=self.data, timeout=0, **{"as": "hold"})
                self.assert_taken(self.a)
                self.b.call("release", **{"as": "hold"})
                self.a.call("acquire", path=self.data, timeout=0, **{"as": "hold"})
                self.assert_taken(self.b)
                self.a.call("release", **{"as": "hold"})

    def test_a_forked_child_has_nothing_of_it(self):
        self.a.call("acquire", path=f"{self.data}-2", **{"as": "other"})
        child = self.a.call("fork", how="outlive", seconds=30, **{"as": "other"})["pid"]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        wait_for(lambda: open_lock_files(child) == [])  # its handler may still be at it
        self.turn()
        self.assertEqual(len(open_lock_files(self.a.pid)), 2)
        self.a.call("release", **{"as": "other"})
        self.assert_free(self.b, f"{self.data}-2")


if __name__ == "__main__":
    unittest.main()
