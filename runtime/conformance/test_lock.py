"""The lock of each form: nesting, timeouts, every way out, forks, signals, what others do to its file."""

import errno
import json
import os
import pathlib
import signal
import threading
import time
import unittest

from _suite import FORKS, DriverError, for_each_language, require_drivers, scale, wait_for


def setUpModule():
    require_drivers()


@for_each_language()
class Lock:
    def setUp(self):
        super().setUp()
        self.a = self.driver(self.language)
        self.b = self.driver(self.language)

    def acquire(self, driver, name="hold", **members):
        return driver.call("acquire", path=self.data, **{"as": name}, **members)

    def nest(self, inner, **members):
        began = time.monotonic()
        try:
            self.a.call("nest", path=self.data, inner=inner, **members)
        finally:
            self.assertLess(time.monotonic() - began, 15, "a nested acquire waited")

    def test_nested_acquire_is_an_error_at_once_and_says_where_the_first_was(self):
        (self.folder / "link").symlink_to("data")
        (self.folder / "sub").mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        for spelling in (self.data, "data", "./sub/../data", str(self.folder / "link")):
            with self.subTest(spelling):
                error = self.assert_fails("AlreadyHeldError", lambda: self.nest(spelling))
                self.assertIn("driver.", error.members["file"])
                self.assertGreater(error.members["line"], 0)
                self.assert_free(self.b)

    def test_nested_acquire_through_a_hard_link_to_the_lock_file(self):
        self.acquire(self.a)
        self.a.call("release", **{"as": "hold"})
        os.link(self.data + ".lock", str(self.folder / "other.lock"))
        self.assert_fails("AlreadyHeldError", lambda: self.nest(str(self.folder / "other")))

    def test_a_dangling_symbolic_link_and_its_target_have_one_lock(self):
        (self.folder / "link").symlink_to("data")
        self.acquire(self.a)
        self.assert_taken(self.b, str(self.folder / "link"))

    def test_nested_acquire_without_scope(self):
        self.acquire(self.a)
        self.assert_fails("AlreadyHeldError", lambda: self.acquire(self.a, "again"))
        self.assert_taken(self.b)

    def test_nested_acquire_through_two_objects_without_scope(self):
        (self.folder / "link").symlink_to("data")
        for spelling in (self.data, str(self.folder / "link")):
            with self.subTest(spelling):
                error = self.assert_fails("AlreadyHeldError", lambda: self.nest(spelling, bare=True))
                self.assertIn("driver.", error.members["file"])
                self.assertGreater(error.members["line"], 0)
                self.assert_free(self.b)
        self.assert_fails("AlreadyHeldError", lambda: self.nest(self.data, bare=True, shared=True, reentrant=True))
        self.nest(str(self.folder / "other"), bare=True)

    def test_reentrant_counts(self):
        self.nest(self.data, bare=True, reentrant=True)
        self.nest(self.data, reentrant=True)
        self.assert_free(self.b)
        self.acquire(self.a, "one", reentrant=True)
        self.acquire(self.a, "two", reentrant=True)
        self.a.call("release", **{"as": "one"})
        self.a.call("release", **{"as": "one"})  # the second time does nothing
        self.assert_taken(self.b)
        self.a.call("release", **{"as": "two"})
        self.assert_free(self.b)

    def test_shared(self):
        self.acquire(self.a, shared=True)
        self.acquire(self.b, shared=True, timeout=0)
        c = self.driver(self.language)
        self.assert_taken(c)
        self.a.call("release", **{"as": "hold"})
        self.assert_taken(c)
        self.b.call("release", **{"as": "hold"})
        self.assert_free(c)

    def test_an_upgrade_is_an_error_and_a_downgrade_counts(self):
        self.assert_fails("AlreadyHeldError", lambda: self.nest(self.data, shared=True, reentrant=True))
        self.nest(self.data, inner_shared=True, reentrant=True)
        self.assert_free(self.b)

    def test_every_way_out_of_the_scope_releases(self):
        for how in ("return", "exception", "generator", "cancel"):
            with self.subTest(how):
                self.a.call("leave", path=self.data, how=how)
                self.assertEqual(self.a.lock_descriptors(), [])
                self.assert_free(self.b)

    def test_release_is_complete_when_it_returns_and_idempotent(self):
        for _ in range(scale(20, 500)):
            self.acquire(self.a)
            self.assert_taken(self.b)
            self.a.call("release", **{"as": "hold"})
            self.assertEqual(self.a.lock_descriptors(), [])
            self.assertFalse(self.a.call("held", **{"as": "hold"}))
            self.acquire(self.b, timeout=0)
            self.a.call("release", **{"as": "hold"})  # must not touch what b holds
            self.assert_taken(self.a)
            self.b.call("release", **{"as": "hold"})

    def test_a_timeout_is_kept_tells_the_holder_and_leaves_nothing_open(self):
        self.acquire(self.a)
        for timeout in (0, scale(0.15, 0.3)):
            began = time.monotonic()
            error = self.assert_fails("LockTimeout", lambda: self.acquire(self.b, timeout=timeout))
            self.assertGreaterEqual(time.monotonic() - began, timeout)
            self.assertLess(time.monotonic() - began, timeout + 5)
            self.assertEqual(error.members["path"], self.data)
            self.assertEqual(error.members["holder"]["pid"], self.a.pid)
            self.assertEqual(self.b.lock_descriptors(), [])
        self.a.call("release", **{"as": "hold"})
        self.assert_free(self.b)

    def test_cancelled_waiting_leaves_no_lock_behind(self):
        self.acquire(self.a)
        for _ in range(scale(5, 100)):
            self.assertEqual(self.b.call("cancel", path=self.data, after=0.03), "cancelled")
            self.assertEqual(self.b.lock_descriptors(), [])
        self.a.call("release", **{"as": "hold"})
        time.sleep(0.1)
        self.assert_free(self.a)

    def test_waiting_in_one_actor_leaves_the_others_free(self):
        self.acquire(self.b)
        waiting = self.a.start("acquire", path=self.data, actor="waiter", **{"as": "waited"})
        time.sleep(0.1)
        began = time.monotonic()
        self.a.call("hello", actor="other")
        self.assertLess(time.monotonic() - began, 10)
        self.b.call("release", **{"as": "hold"})
        waiting.result(30)

    def test_the_record_is_written_in_place_and_the_file_stays(self):
        self.acquire(self.a)
        before = os.stat(self.data + ".lock")
        record = json.loads((self.folder / "data.lock").read_bytes())
        self.assertEqual(before.st_size, 1024)
        self.assertEqual(record["format"], 1)
        self.assertEqual(record["pid"], self.a.pid)
        self.assertEqual(record["mode"], "exclusive")
        self.assertEqual(record["boot_id"], pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        stat = pathlib.Path(f"/proc/{self.a.pid}/stat").read_text().rpartition(")")[2].split()
        self.assertEqual(record["start_time"], int(stat[19]))
        self.assertRegex(record["acquired_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.a.call("release", **{"as": "hold"})
        self.acquire(self.b)
        after = os.stat(self.data + ".lock")
        again = json.loads((self.folder / "data.lock").read_bytes())
        self.assertEqual((before.st_ino, before.st_size), (after.st_ino, after.st_size))
        self.assertNotEqual(record["token"], again["token"])
        # A shorter record leaves nothing of a longer one.
        self.b.call("release", **{"as": "hold"})
        self.acquire(self.b, shared=True)
        content = (self.folder / "data.lock").read_bytes()
        self.assertEqual((len(content), json.loads(content)["mode"]), (1024, "shared"))

    def test_what_stands_in_the_lock_file_decides_nothing(self):
        for content in (b"", b"\xff\xfe not json", json.dumps({"pid": self.b.pid, "mode": "exclusive"}).encode()):
            (self.folder / "data.lock").write_bytes(content)
            self.assert_free(self.a)

    def test_the_kernel_drops_the_lock_of_a_killed_holder(self):
        for _ in range(scale(3, 50)):
            holder = self.driver(self.language)
            self.acquire(holder)
            waiting = self.b.start("acquire", path=self.data, timeout=20, **{"as": "hold"})
            time.sleep(0.02)
            holder.kill()
            waiting.result(30)
            self.b.call("release", **{"as": "hold"})

    def test_a_stopped_holder_keeps_the_lock(self):
        self.acquire(self.a)
        self.a.signal(signal.SIGSTOP)
        try:
            self.assert_fails("LockTimeout", lambda: self.acquire(self.b, timeout=scale(0.2, 0.5)))
        finally:
            self.a.signal(signal.SIGCONT)
        self.assertTrue(self.a.call("held", **{"as": "hold"}))
        self.a.call("release", **{"as": "hold"})
        self.assert_free(self.b)

    def test_lock_file_deleted_under_a_holder(self):
        self.acquire(self.a)
        waiting = self.b.start("acquire", path=self.data, **{"as": "hold"})
        time.sleep(0.1)  # it has opened the old file by now
        os.unlink(self.data + ".lock")
        self.a.call("release", **{"as": "hold"})
        waiting.result(30)
        # What b holds has a name: others are refused.
        self.assert_taken(self.a)
        self.assertEqual(self.b.lock_descriptors(), [self.data + ".lock"])

    def test_lock_file_replaced_under_a_holder(self):
        """Who waited for the old file and gets it is not fooled: the name is another file's, which somebody holds."""
        self.acquire(self.a)
        waiting = self.b.start("acquire", path=self.data, **{"as": "hold"})
        time.sleep(0.1)
        os.unlink(self.data + ".lock")
        c = self.driver(self.language)
        self.acquire(c, timeout=0)
        self.a.call("release", **{"as": "hold"})
        time.sleep(scale(0.15, 0.3))
        self.assertFalse(waiting.done(), "two hold the lock")
        c.call("release", **{"as": "hold"})
        waiting.result(30)
        self.assert_taken(self.a)

    def test_lock_file_deleted_again_and_again(self):
        (self.folder / "counter").write_text("0")
        stop = threading.Event()

        def delete():
            while not stop.wait(0.002):
                try:
                    os.unlink(self.data + ".lock")
                except FileNotFoundError:
                    pass

        thread = threading.Thread(target=delete)
        thread.start()
        try:
            # One process: its own threads and tasks exclude each other whatever happens to the file, or go on at least.
            self.a.call("increment", path=str(self.folder / "counter"), lock=self.data, times=100)
        finally:
            stop.set()
            thread.join()
        self.assertEqual((self.folder / "counter").read_text(), "100")

    def test_a_symbolic_link_in_the_place_of_the_lock_file_is_not_followed(self):
        victim = self.folder / "victim"
        victim.write_text("precious")
        (self.folder / "data.lock").symlink_to(victim)
        error = self.assert_fails("OSError", lambda: self.acquire(self.a))
        self.assertEqual(error.errno, errno.ELOOP)
        self.assertEqual(victim.read_text(), "precious")

    def test_no_directory(self):
        error = self.assert_fails(
            "OSError", lambda: self.a.call("acquire", path=str(self.folder / "no/data"), **{"as": "x"})
        )
        self.assertEqual(error.errno, errno.ENOENT)

    def test_release_and_acquire_racing(self):
        self.assertEqual(self.a.call("race", path=self.data, times=scale(300, 20000)), 0)
        self.assert_free(self.b)

    def test_an_update_that_fails_leaves_the_file_and_the_lock_free(self):
        (self.folder / "data").write_text("41")
        self.assert_fails("Failure", lambda: self.a.call("fail_update", path=self.data))
        self.assertEqual((self.folder / "data").read_text(), "41")
        self.assert_free(self.b)
        self.assert_no_leftovers()

    def test_an_update_inside_an_update_is_nested(self):
        (self.folder / "data").write_text("41")
        self.assert_fails("AlreadyHeldError", lambda: self.a.call("nest_update", path=self.data))
        self.assertEqual((self.folder / "data").read_text(), "41")
        self.assert_free(self.b)

    def test_what_is_no_json_stays(self):
        for content in ('{"k": ', ""):
            (self.folder / "data").write_text(content)
            with self.assertRaises(DriverError) as caught:
                self.a.call("save", path=self.data, key="k", times=1)
            self.assertNotEqual(caught.exception.type, "Gone")
            self.assertEqual((self.folder / "data").read_text(), content)
            self.assert_free(self.b)
            self.assert_no_leftovers()

    def test_errors_say_what_is_to_be_known(self):
        self.acquire(self.a)
        error = self.assert_fails("LockTimeout", lambda: self.acquire(self.b, timeout=0.2))
        self.assertGreaterEqual(error.members["waited"], 0.2)
        self.assertLess(error.members["waited"], 10)
        self.assertEqual((error.members["path"], error.members["holder"]["pid"]), (self.data, self.a.pid))
        self.a.call("release", **{"as": "hold"})
        nested = self.assert_fails("AlreadyHeldError", lambda: self.nest(self.data))
        self.assertEqual(nested.members["path"], self.data)
        self.assertIn(self.data, nested.members["message"])
        for found, code, number in (
            (error, "ERR_LOCK_TIMEOUT", errno.ETIMEDOUT),
            (nested, "ERR_LOCK_ALREADY_HELD", errno.EDEADLK),
        ):
            if self.language == "typescript":
                self.assertEqual(found.members["code"], code)
            elif self.language in ("cpp", "cpp_kept"):  # both are std::system_errors
                self.assertEqual(found.members["errno"], number)

    def test_waiting_is_no_spinning(self):
        self.acquire(self.b)
        waiting = self.a.start("acquire", path=self.data, **{"as": "hold"})
        time.sleep(0.1)
        before = cpu_seconds(self.a.pid)
        time.sleep(scale(0.3, 1))
        self.assertLess(cpu_seconds(self.a.pid) - before, scale(0.12, 0.4))
        self.assertFalse(waiting.done())
        self.b.call("release", **{"as": "hold"})
        waiting.result(30)

    def test_many_actors_of_one_process(self):
        counter, marker = self.folder / "counter", str(self.folder / "marker")
        counter.write_text("0")
        times = scale(20, 400)
        running = [
            self.a.start("increment", path=str(counter), lock=self.data, times=times, marker=marker, actor=f"t{n}")
            for n in range(8)
        ]
        self.assertEqual(sum(answer.result(60) for answer in running), 0)
        self.assertEqual(counter.read_text(), str(8 * times))
        self.assertEqual(self.a.lock_descriptors(), [])


@for_each_language(FORKS)
class Fork:
    def setUp(self):
        super().setUp()
        self.a = self.driver(self.language)
        self.b = self.driver(self.language)
        self.a.call("acquire", path=self.data, **{"as": "hold"})

    def test_a_child_cannot_release_its_parents_lock(self):
        child = self.a.call("fork", how="exit", **{"as": "hold"})
        self.assertEqual(child["status"], 0)
        self.assert_taken(self.b)
        self.a.call("release", **{"as": "hold"})
        self.assert_free(self.b)

    def test_a_child_that_lives_on_keeps_nothing(self):
        child = self.a.call("fork", how="outlive", seconds=30, **{"as": "hold"})["pid"]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        wait_for(lambda: not any(is_lock(child, p) for p in os.listdir(f"/proc/{child}/fd")))
        self.a.call("release", **{"as": "hold"})
        self.assert_free(self.b)

    def test_a_child_that_outlives_its_killed_parent_keeps_nothing(self):
        child = self.a.call("fork", how="outlive", seconds=30, **{"as": "hold"})["pid"]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        wait_for(lambda: not any(is_lock(child, p) for p in os.listdir(f"/proc/{child}/fd")))
        self.a.kill()
        os.kill(child, 0)
        self.assert_free(self.b)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_lock(pid, descriptor):
    try:
        return ".lock" in os.readlink(f"/proc/{pid}/fd/{descriptor}")
    except OSError:
        return False


@for_each_language()
class Exec:
    def test_a_program_that_was_started_keeps_nothing(self):
        a, b = self.driver(self.language), self.driver(self.language)
        a.call("acquire", path=self.data, **{"as": "hold"})
        child = a.call("fork", how="exec", seconds=30, **{"as": "hold"})["pid"]
        self.addCleanup(os.kill, child, signal.SIGKILL)
        wait_for(lambda: pathlib.Path(f"/proc/{child}/comm").read_text() == "sleep\n")
        self.assertFalse(any(is_lock(child, p) for p in os.listdir(f"/proc/{child}/fd")))
        self.assert_taken(b)
        a.kill()
        os.kill(child, 0)
        self.assert_free(b)


if __name__ == "__main__":
    unittest.main()
