"""The projects in fixtures/, run: the bad sides go wrong as their READMEs say, the good ones do not.

Nothing here waits for chance. Where two processes have to meet, the second one acts at a given point of the first one's
run: at a call that the test has replaced for the time, or at a line.
"""

import builtins
import contextlib
import fcntl
import importlib
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import _lockwright

FIXTURES = _lockwright.ROOT / "fixtures"


@contextlib.contextmanager
def on_side(project, side):
    """Gives a function that imports modules of one side, which are forgotten afterwards."""
    directory = str(FIXTURES / project / side)
    before = set(sys.modules)
    sys.path.insert(0, directory)
    importlib.invalidate_caches()
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield importlib.import_module
    finally:
        sys.dont_write_bytecode = writes_bytecode
        sys.path.remove(directory)
        for name in set(sys.modules) - before:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(directory):
                del sys.modules[name]


class Scratch(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lockwright-")
        self.addCleanup(directory.cleanup)
        self.scratch = pathlib.Path(directory.name)


class NestedLock(Scratch):
    """incident-000."""

    def conclude(self, side, session):
        settings = {"CLINIC_SESSIONS": str(self.scratch), "CLINIC_LOCK_TIMEOUT": "0.1"}
        with mock.patch.dict(os.environ, settings), on_side("incident-000", side) as import_module:
            return import_module("run_case").run(session, ["headache", "nausea"])

    def test_bad_waits_for_itself_until_it_gives_up(self):
        with self.assertRaisesRegex(TimeoutError, "session case-1 is locked"):
            self.conclude("bad", "case-1")
        session = json.loads((self.scratch / "case-1.json").read_text())
        self.assertEqual(2, len(session["steps"]))
        self.assertNotIn("diagnosis", session)

    def test_good_concludes(self):
        self.assertEqual("DIAGNOSIS READY: Migraine", self.conclude("good", "case-1"))
        session = json.loads((self.scratch / "case-1.json").read_text())
        self.assertEqual(3, len(session["steps"]))
        self.assertEqual("Migraine", session["diagnosis"])


class Refresh(Scratch):
    """incident-003."""

    def run_and_look(self, function, in_directory, look):
        """Runs `function`; calls `look` before every line that it executes in a file below `in_directory`."""

        def trace(frame, event, _):
            if not frame.f_code.co_filename.startswith(in_directory):
                return None
            if event == "line":
                sys.settrace(None)
                try:
                    look()
                finally:
                    sys.settrace(trace)
            return trace

        outer = sys.gettrace()
        sys.settrace(trace)
        try:
            return function()
        finally:
            sys.settrace(outer)

    def refresh(self, side, other_acts):
        """A claims a file and refreshes its claim. `other_acts(worker B)` is called whenever B sees no holder.
        Gives the holders that B saw."""
        with on_side("incident-003", side) as import_module:
            module = import_module("swarm.worker")
            first = module.Worker(self.scratch, "A")
            second = module.Worker(self.scratch, "B")
            first.begin("main.py")
            seen = []

            def look():
                seen.append(second.store.holder("main.py"))
                if seen[-1] is None:
                    other_acts(second)

            self.run_and_look(first.heartbeat, str(FIXTURES / "incident-003" / side), look)
            with contextlib.suppress(module.ClaimedByAnother):
                second.begin("main.py")
                seen.append("B")
            return seen

    def test_bad_has_no_holder_for_a_moment_and_another_takes_it(self):
        # A's heartbeat() raises nothing: it believes that it holds the claim, as B does.
        seen = self.refresh("bad", lambda other: other.begin("main.py"))
        self.assertIn(None, seen)
        self.assertEqual("B", seen[-1])

    def test_good_has_the_same_holder_all_the_time(self):
        def fail(_):
            raise AssertionError("nobody holds the claim")

        self.assertEqual({"A"}, set(self.refresh("good", fail)))

    def test_good_refuses_the_write_of_a_holder_that_lost_its_claim(self):
        with on_side("incident-003", "good") as import_module:
            claims = import_module("swarm.claims")
            (self.scratch / "main.py").write_text("original")
            store = claims.ClaimStore(self.scratch)
            slow = store.acquire("main.py", "A")
            fast = store.acquire("main.py", "B", stale_after=-1)  # A's claim is older than that
            store.publish(fast, "by B")
            with self.assertRaises(claims.ClaimLost):
                store.publish(slow, "by A")
            with self.assertRaises(claims.ClaimLost):
                store.refresh(slow)
            store.release(slow)
            self.assertEqual("B", store.holder("main.py"))
            self.assertEqual("by B", (self.scratch / "main.py").read_text())

    def test_edits_are_made_on_both_sides(self):
        for side in ("bad", "good"):
            with self.subTest(side), on_side("incident-003", side) as import_module:
                file = self.scratch / f"{side}.txt"
                file.write_text("a")
                worker = import_module("swarm.worker").Worker(self.scratch, "A")
                worker.edit(file.name, [lambda text: text + "b", lambda text: text + "c"])
                self.assertEqual("abc", file.read_text())
                self.assertIsNone(worker.store.holder(file.name))


class WouldWait(BaseException):
    """In place of waiting for a lock for ever. Not an Exception: nobody handles it by accident."""


def refuse_to_wait(handle, operation):
    raise WouldWait


class TruncatingOpen(Scratch):
    """incident-004."""

    def setUp(self):
        super().setUp()
        self.path = self.scratch / "session.json"

    def run_beside_a_holder(self, side, program):
        """Another process holds the lock and has written; this one saves, and comes as far as the lock. Gives
        what the holder had written, and what is left of it."""
        with on_side("incident-004", side) as import_module:
            main = import_module("harness.cli").main
            main([program, str(self.path), "circle"])
            with open(self.path, "r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                written = held.read()
                with mock.patch("fcntl.flock", refuse_to_wait), self.assertRaises(WouldWait):
                    main([program, str(self.path), "square"])
                return written, self.path.read_text()

    def test_bad_empties_the_file_under_the_holders_lock(self):
        for side, program in (("bad", "sketch"), ("bad", "mixer"), ("still-wrong-truncate", "sketch")):
            with self.subTest(f"{side}/{program}"):
                self.path.unlink(missing_ok=True)
                written, left = self.run_beside_a_holder(side, program)
                self.assertIn("circle", written)
                self.assertEqual("", left)

    def test_good_leaves_it_alone(self):
        for program in ("sketch", "mixer"):
            with self.subTest(program):
                self.path.unlink(missing_ok=True)
                written, left = self.run_beside_a_holder("good", program)
                self.assertIn("circle", written)
                self.assertEqual(written, left)

    def test_of_two_first_writers_the_fallback_empties_one(self):
        """Another process creates, locks and writes the file after "r+" has failed."""
        real_open, real_flock = builtins.open, fcntl.flock
        held = []

        def open_and_be_overtaken(path, mode="r", *arguments, **options):
            try:
                return real_open(path, mode, *arguments, **options)
            except FileNotFoundError:
                other = real_open(path, "x")
                held.append(other)
                real_flock(other, fcntl.LOCK_EX)
                other.write("the other's session")
                other.flush()
                raise

        with on_side("incident-004", "still-wrong-fallback") as import_module:
            save = import_module("harness.saving").locked_save_json
            with mock.patch("builtins.open", open_and_be_overtaken), mock.patch("fcntl.flock", refuse_to_wait):
                with self.assertRaises(WouldWait):
                    save(str(self.path), {})
        self.addCleanup(held[0].close)
        self.assertEqual("", self.path.read_text())

    def test_only_good_keeps_the_changes_of_two_sessions(self):
        for side, kept in (("bad", ["square"]), ("good", ["circle", "square"])):
            with self.subTest(side), on_side("incident-004", side) as import_module:
                self.path.unlink(missing_ok=True)
                session = import_module("harness.sketch").Session
                first, second = session(str(self.path)), session(str(self.path))
                first.record("circle")
                second.record("square")
                self.assertEqual(kept, json.loads(self.path.read_text())["shapes"])

    def test_undo_takes_the_last_change_back(self):
        for side, program in (("bad", "sketch"), ("bad", "mixer"), ("good", "sketch"), ("good", "mixer")):
            with self.subTest(f"{side}/{program}"), on_side("incident-004", side) as import_module:
                self.path.unlink(missing_ok=True)
                import_module("harness.cli").main([program, str(self.path), "circle", "square", "undo"])
                data = json.loads(self.path.read_text())
                self.assertEqual(["circle"], data["shapes" if program == "sketch" else "tracks"])


if __name__ == "__main__":
    unittest.main()
