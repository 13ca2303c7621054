"""Every ordered pair of languages: they exclude each other, and know each other's records."""

import random
import signal
import time
import unittest

from _suite import LANGUAGES, Case, for_each_pair, require_drivers, scale, wait_for


def setUpModule():
    require_drivers()


@for_each_pair
class Pair:
    def setUp(self):
        super().setUp()
        self.a = self.driver(self.first)
        self.b = self.driver(self.second)

    def test_increments_are_exact(self):
        """Two detectors: the count, and a marker that is created exclusively inside."""
        counter, marker = self.folder / "counter", str(self.folder / "marker")
        counter.write_text("0")
        times = scale(40, 1500)
        running = [
            driver.start("increment", path=str(counter), lock=self.data, times=times, marker=marker, actor=actor)
            for driver in (self.a, self.b)
            for actor in "xy"
        ]
        self.assertEqual([answer.result(300) for answer in running], [0] * 4)
        self.assertEqual(counter.read_text(), str(4 * times))

    def test_the_holder_is_seen_and_its_death_too(self):
        self.a.call("acquire", path=self.data, **{"as": "hold"})
        error = self.assert_taken(self.b)
        self.assertEqual(error.members["holder"]["pid"], self.a.pid)
        self.assertEqual(error.members["holder"]["mode"], "exclusive")
        waiting = self.b.start("acquire", path=self.data, timeout=20, **{"as": "hold"})
        self.a.kill()
        waiting.result(30)

    def test_shared_and_exclusive(self):
        self.a.call("acquire", path=self.data, shared=True, **{"as": "hold"})
        self.b.call("acquire", path=self.data, shared=True, timeout=0, **{"as": "hold"})
        self.a.call("release", **{"as": "hold"})
        self.assert_taken(self.a)
        self.b.call("release", **{"as": "hold"})
        self.assert_free(self.a)

    def test_leases(self):
        members = {"path": str(self.in_memory() / "data")}
        first = self.a.call("lease_acquire", owner="ann", ttl=60, **{"as": "ann"}, **members)
        error = self.assert_fails(
            "LockTimeout", lambda: self.b.call("lease_acquire", owner="bob", ttl=60, **{"as": "bob"}, **members)
        )
        self.assertEqual(error.members["holder"]["program"], "ann")
        self.assertTrue(self.a.call("lease_release", **{"as": "ann"}))
        brief = self.a.call("lease_acquire", owner="amy", ttl=0.1, **{"as": "amy"}, **members)
        second = self.b.call("lease_acquire", owner="bob", ttl=60, timeout=30, **{"as": "bob"}, **members)
        self.assertLess(first, brief)
        self.assertLess(brief, second)
        self.assert_fails("LeaseLost", lambda: self.a.call("lease_refresh", **{"as": "amy"}))
        self.assertTrue(self.b.call("lease_release", **{"as": "bob"}))
        third = self.a.call("lease_acquire", owner="cleo", ttl=60, **{"as": "cleo"}, **members)
        self.assertGreater(third, second)

    def test_kill_at_random_moments(self):
        """During acquire, inside, during release, during replace_file: no lost update, no torn file, nobody stuck."""
        folder = self.in_memory()
        counter = folder / "counter"
        done = killed = 0
        survivor = self.b
        surviving = survivor.start("update", path=str(counter), times=scale(60, 3000))
        random.seed(f"{self.first} {self.second}")
        victim = self.a
        for _ in range(scale(2, 40)):
            running = victim.start("update", path=str(counter), times=10**9)
            seen = len(victim.events)
            wait_for(lambda: len(victim.events) > seen, 30)
            time.sleep(random.uniform(0, 0.01))
            victim.kill()
            killed += 1
            self.assertIsNotNone(running.exception(30))
            done += len(victim.events)
            victim = self.driver(self.first)
        surviving.result(120)
        done += len(survivor.events)
        count = int(counter.read_text())
        self.assertGreaterEqual(count, done)
        self.assertLessEqual(count, done + killed)
        # A process that is killed in replace_file may leave its temporary file; nobody else does.
        self.assertLessEqual(len([p for p in folder.iterdir() if p.name.endswith(".tmp")]), killed)
        self.assert_free(survivor, str(counter))


class All(Case):
    def test_all_languages_at_once(self):
        counter, marker = self.folder / "counter", str(self.folder / "marker")
        counter.write_text("0")
        times = scale(50, 2000)
        drivers = [self.driver(language) for language in LANGUAGES]
        running = [
            driver.start("increment", path=str(counter), lock=self.data, times=times, marker=marker) for driver in drivers
        ]
        self.assertEqual([answer.result(300) for answer in running], [0] * len(drivers))
        self.assertEqual(counter.read_text(), str(len(drivers) * times))

    def test_stopped_holders(self):
        """A holder that is stopped for a while, in turn in every language, delays the others and loses nothing."""
        counter, marker = self.folder / "counter", str(self.folder / "marker")
        counter.write_text("0")
        drivers = [self.driver(language) for language in LANGUAGES]
        times = scale(60, 1000)
        running = [
            driver.start("increment", path=str(counter), lock=self.data, times=times, marker=marker) for driver in drivers
        ]
        for driver in drivers * scale(1, 10):
            driver.signal(signal.SIGSTOP)
            time.sleep(0.03)
            driver.signal(signal.SIGCONT)
        self.assertEqual([answer.result(300) for answer in running], [0] * len(drivers))
        self.assertEqual(counter.read_text(), str(len(drivers) * times))


if __name__ == "__main__":
    unittest.main()
