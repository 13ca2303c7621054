"""replace_file, update_file, update_json, and leases, of each form."""

import json
import os
import pathlib
import stat
import threading
import time
import unittest

from _suite import for_each_language, require_drivers, scale


def setUpModule():
    require_drivers()


@for_each_language()
class Replace:
    def setUp(self):
        super().setUp()
        self.a = self.driver(self.language)

    def test_a_reader_sees_the_old_or_the_new_content_whole(self):
        folder = self.in_memory()
        path = folder / "data"
        path.write_text("a" * 50000)
        times = scale(200, 20000)
        b = self.driver(self.language)
        running = [
            driver.start("replace", path=str(path), letter=letter, size=50000, times=times)
            for driver, letter in ((self.a, "a"), (b, "b"))
        ]
        reads = 0
        while not all(answer.done() for answer in running):
            content = path.read_text()
            self.assertEqual((len(content), len(set(content))), (50000, 1))
            reads += 1
        for answer in running:
            answer.result()
        self.assertGreater(reads, 10)
        self.assert_no_leftovers(folder)

    def replace(self, path=None):
        self.a.call("replace", path=path or self.data, letter="n", size=10, times=1)

    def test_permission_bits_are_kept(self):
        path = pathlib.Path(self.data)
        for mode in (0o600, 0o644, 0o640, 0o755, 0o444):
            path.unlink(missing_ok=True)
            path.write_text("old")
            path.chmod(mode)
            self.replace()
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode)
            self.assertEqual(path.read_text(), "n" * 10)

    @unittest.skipUnless(os.geteuid() == 0, "only root can own a file by another")
    def test_the_owner_is_kept(self):
        path = pathlib.Path(self.data)
        path.write_text("old")
        os.chown(path, 4711, 4712)
        path.chmod(0o4750)
        self.replace()
        status = path.stat()
        self.assertEqual((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)), (4711, 4712, 0o4750))

    def test_a_new_file_gets_what_the_umask_leaves(self):
        self.replace()
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(self.data).st_mode), 0o666 & ~mask)

    def test_a_symbolic_link_stays_and_its_target_is_replaced(self):
        (self.folder / "far").mkdir()
        (self.folder / "far/target").write_text("old")
        (self.folder / "link").symlink_to("far/target")
        self.replace(str(self.folder / "link"))
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual((self.folder / "far/target").read_text(), "n" * 10)
        (self.folder / "dangling").symlink_to("far/new")
        self.replace(str(self.folder / "dangling"))
        self.assertTrue((self.folder / "dangling").is_symlink())
        self.assertEqual((self.folder / "far/new").read_text(), "n" * 10)

    def test_what_is_no_file_is_refused(self):
        (self.folder / "data").mkdir()
        self.assert_fails("OSError", self.replace)
        self.assertTrue((self.folder / "data").is_dir())

    def test_a_name_of_the_greatest_length(self):
        for name in ("x" * 255, "ü" * 127):
            path = self.folder / name
            self.replace(str(path))
            self.assertEqual(path.read_text(), "n" * 10)
        self.assert_no_leftovers()

    def test_four_threads_saving_fifty_times(self):
        folder = self.in_memory()
        path = folder / "data"
        running = [self.a.start("save", path=str(path), key=f"k{n}", times=50, actor=f"t{n}") for n in range(4)]
        for answer in running:
            answer.result(60)
        self.assertEqual(json.loads(path.read_text()), {f"k{n}": 50 for n in range(4)})
        self.assert_no_leftovers(folder)


@for_each_language()
class Lease:
    def setUp(self):
        super().setUp()
        self.folder = self.in_memory()
        self.data = str(self.folder / "data")
        self.record_path = self.folder / "data.lease"
        self.a = self.driver(self.language)
        self.b = self.driver(self.language)

    def acquire(self, driver, owner, ttl=60, **members):
        return driver.call("lease_acquire", path=self.data, owner=owner, ttl=ttl, **{"as": owner}, **members)

    def record(self):
        return json.loads(self.record_path.read_bytes())

    def test_acquire_refresh_release(self):
        token = self.acquire(self.a, "ann")
        record = self.record()
        self.assertEqual((record["owner"], record["token"], record["format"]), ("ann", token, 1))
        self.assertAlmostEqual(record["expires_at_ms"] / 1000, time.time() + 60, delta=5)
        error = self.assert_fails("LockTimeout", lambda: self.acquire(self.b, "bob"))
        self.assertEqual(error.members["holder"]["program"], "ann")
        time.sleep(0.005)
        self.a.call("lease_refresh", **{"as": "ann"})
        self.assertGreater(self.record()["expires_at_ms"], record["expires_at_ms"])
        self.a.call("lease_check", **{"as": "ann"})
        self.assertTrue(self.a.call("lease_release", **{"as": "ann"}))
        self.assertFalse(self.a.call("lease_release", **{"as": "ann"}))
        self.assertEqual((self.record()["owner"], self.record()["token"]), (None, token))
        self.assertGreater(self.acquire(self.b, "bob"), token)

    def test_what_is_not_held(self):
        self.acquire(self.a, "ann")
        self.assert_fails("AlreadyHeldError", lambda: self.acquire(self.a, "ann"))
        self.a.call("lease_release", **{"as": "ann"})
        for operation in ("lease_refresh", "lease_check"):
            error = self.assert_fails("NotHeldError", lambda: self.a.call(operation, **{"as": "ann"}))
            self.assertEqual(error.members["path"], self.data)

    def test_the_same_owner_elsewhere_waits_like_everybody(self):
        self.acquire(self.a, "ann")
        self.assert_fails("LockTimeout", lambda: self.acquire(self.b, "ann"))

    def test_take_over_of_an_expired_lease(self):
        first = self.acquire(self.a, "ann", ttl=0.2)
        second = self.acquire(self.b, "bob", timeout=30)
        self.assertGreater(second, first)
        for operation in ("lease_refresh", "lease_check"):
            self.assert_fails("LeaseLost", lambda: self.a.call(operation, **{"as": "ann"}))
        error = self.assert_fails("LeaseLost", lambda: self.a.call("lease_replace", text="stale", **{"as": "ann"}))
        self.assertEqual((error.members["token"], error.members["path"]), (first, self.data))
        self.assertFalse(os.path.exists(self.data))
        self.b.call("lease_replace", text="fresh", **{"as": "bob"})
        self.assertEqual(pathlib.Path(self.data).read_text(), "fresh")
        self.assertFalse(self.a.call("lease_release", **{"as": "ann"}))
        self.assertEqual(self.record()["token"], second)

    def test_only_one_takes_over(self):
        drivers = [self.driver(self.language) for _ in range(scale(2, 6))] + [self.a, self.b]
        last = 0
        for turn in range(scale(5, 100)):
            running = [
                driver.start("lease_acquire", path=self.data, owner=f"{turn}-{n}", ttl=0.02 if turn % 2 else 60,
                             **{"as": f"{turn}-{n}"})
                for n, driver in enumerate(drivers)
            ]  # fmt: skip
            tokens = []
            for n, answer in enumerate(running):
                if answer.exception(20) is None:
                    tokens.append((answer.result(), drivers[n], f"{turn}-{n}"))
                else:
                    self.assertEqual(answer.exception().type, "LockTimeout", answer.exception())
            if turn % 2:  # so short a time that a second may follow the first, never beside it
                self.assertGreaterEqual(len(tokens), 1)
                time.sleep(0.03)
            else:
                self.assertEqual(len(tokens), 1)
            self.assertEqual(len({token for token, _, _ in tokens}), len(tokens))
            self.assertGreater(min(token for token, _, _ in tokens), last)
            last = max(token for token, _, _ in tokens)
            for _, driver, name in tokens:
                driver.call("lease_release", **{"as": name})

    def test_the_token_grows_also_when_all_files_were_deleted(self):
        first = self.acquire(self.a, "ann")
        os.unlink(self.record_path)
        self.assert_fails("LeaseLost", lambda: self.a.call("lease_refresh", **{"as": "ann"}))
        second = self.acquire(self.b, "bob")
        self.assertGreater(second, first)
        self.b.call("lease_release", **{"as": "bob"})
        os.unlink(self.record_path)
        os.unlink(str(self.record_path) + ".lock")
        self.assertGreater(self.acquire(self.a, "cleo"), second)

    def test_the_lease_outlives_its_process(self):
        token = self.acquire(self.a, "ann")
        self.a.kill()
        self.assert_fails("LockTimeout", lambda: self.acquire(self.b, "bob"))
        members = {"path": self.data, "owner": "ann", "ttl": 60, "as": "again"}
        self.assert_fails("LeaseLost", lambda: self.b.call("lease_resume", token=token - 1, **members))
        self.b.call("lease_resume", token=token, **members)
        self.b.call("lease_check", **{"as": "again"})
        self.assertTrue(self.b.call("lease_release", **{"as": "again"}))

    def test_a_record_that_is_none_is_an_error_and_stays(self):
        for content in ('{"owner": "x"', "[]", "null", "", '{"format": 2}', '{"format":1,"owner":3,"token":"x"}'):
            with self.subTest(content):
                self.record_path.write_text(content)
                self.assert_fails("InvalidRecord", lambda: self.acquire(self.a, "ann"))
                self.assertEqual(self.record_path.read_text(), content)

    def test_refresh_watched_ten_thousand_times(self):
        """The record is never missing, never invalid, never stolen, while another process tries to acquire."""
        token = self.acquire(self.a, "ann")
        refreshes = scale(400, 10000)
        refreshing = self.a.start("lease_refresh", times=refreshes, **{"as": "ann"})
        stolen = []
        stop = threading.Event()

        def thief():
            while not stop.is_set():
                try:
                    stolen.append(self.acquire(self.b, "bob"))
                except Exception as error:
                    if getattr(error, "type", None) != "LockTimeout":
                        stolen.append(error)

        thread = threading.Thread(target=thief)
        thread.start()
        try:
            watched = 0
            while watched < 10000 or not refreshing.done():
                record = self.record()
                self.assertEqual((record["owner"], record["token"]), ("ann", token))
                watched += 1
            refreshing.result()
        finally:
            stop.set()
            thread.join()
        self.assertEqual(stolen, [])

    def test_fifty_threads_refresh_one_lease(self):
        token = self.acquire(self.a, "ann")
        running = [
            self.a.start("lease_refresh", times=scale(4, 100), actor=f"t{n}", **{"as": "ann"}) for n in range(50)
        ]
        for answer in running:
            answer.result(60)
        self.assertEqual((self.record()["owner"], self.record()["token"]), ("ann", token))
        self.assertEqual(self.a.call("lease_token", **{"as": "ann"}), token)
        self.assert_no_leftovers()
        self.assertEqual(self.a.lock_descriptors(), [])


if __name__ == "__main__":
    unittest.main()
