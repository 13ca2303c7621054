"""What only Python has: types, pickling, interrupts, garbage, event loops in threads."""

import asyncio
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import unittest
import warnings

from _suite import HERE, LANGUAGES, Case, require_drivers

PYTHON = HERE.parent / "python"
sys.path.insert(0, str(PYTHON))
import lockwright_runtime as runtime  # noqa: E402


def setUpModule():
    require_drivers()


@unittest.skipUnless("python" in LANGUAGES, "without Python")
class Python(Case):
    def setUp(self):
        super().setUp()
        self.lock = runtime.FileLock(self.data)

    def assert_free_here(self):
        with runtime.FileLock(self.data, timeout=0):
            pass
        held = [p for p in os.listdir("/proc/self/fd") if ".lock" in os.path.realpath(f"/proc/self/fd/{p}")]
        self.assertEqual(held, [])

    def test_types(self):
        mypy = HERE.parents[1] / "build/venv-tests/bin/mypy"
        self.assertTrue(mypy.exists(), "no mypy: scripts/setup --tests installs it")
        run = subprocess.run([mypy, "--strict", "lockwright_runtime"], cwd=PYTHON, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_oldest_python(self):
        """No syntax and no name that 3.10 has not, as far as its grammar tells."""
        import ast

        for file in (PYTHON / "lockwright_runtime").glob("*.py"):
            ast.parse(file.read_text(), feature_version=(3, 10))

    def test_errors_survive_pickling(self):
        record = runtime.HolderRecord(pid=3, host="h")
        for error in (
            runtime.LockTimeout("p", 1.5, record),
            runtime.AlreadyHeldError("p", "f.py", 7),
            runtime.NotHeldError("p"),
            runtime.LeaseLost("p", 9, "why"),
            runtime.InvalidRecord("p", "why"),
        ):
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(again), str(again), vars(again)), (type(error), str(error), vars(error)))

    def test_a_lock_travels_to_other_processes(self):
        again = pickle.loads(pickle.dumps(runtime.FileLock(self.data, reentrant=True, timeout=3)))
        self.assertEqual((again.path, again.reentrant, again.timeout), (self.data, True, 3))
        with again:
            self.assert_taken(self.driver("python"))
        self.assert_free_here()

    def test_interrupted_waiting_leaves_nothing(self):
        other = self.driver("python")
        other.call("acquire", path=self.data, **{"as": "hold"})

        def interrupt(number, frame):
            raise KeyboardInterrupt

        old = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, old)
        for delay in (0.01, 0.05, 0.2):
            signal.setitimer(signal.ITIMER_REAL, delay)
            with self.assertRaises(KeyboardInterrupt):
                self.lock.acquire()
        other.call("release", **{"as": "hold"})
        self.assert_free_here()

    def test_release_of_what_another_thread_holds_does_nothing(self):
        with self.lock:
            def other():
                with self.assertRaises(runtime.LockTimeout):
                    self.lock.acquire(timeout=0)
                self.lock.release()
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            self.assertTrue(self.lock.held)
            self.assert_taken(self.driver("python"))

    def test_what_was_released_in_its_scope_is_not_taken_for_anothers(self):
        """The scope is left while another thread holds the lock through the same object."""
        released, entered, left = threading.Event(), threading.Event(), threading.Event()

        def other():
            released.wait(10)
            with self.lock:
                entered.set()
                left.wait(10)
                self.assert_taken(self.driver("python"))
        thread = threading.Thread(target=other)
        thread.start()
        try:
            with self.lock as hold:
                hold.release()
                released.set()
                self.assertTrue(entered.wait(10))
            self.assert_taken(self.driver("python"))
        finally:
            left.set()
            thread.join()
        self.assert_free_here()

    def test_a_scope_left_by_another_thread_releases(self):
        def section():
            with self.lock:
                yield
        generator = section()
        next(generator)
        thread = threading.Thread(target=generator.close)
        thread.start()
        thread.join()
        self.assert_free_here()

    def test_a_forgotten_hold_is_released_with_a_warning(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            runtime.FileLock(self.data).acquire()
            gc.collect()
        self.assertEqual([w.category for w in caught], [ResourceWarning])
        self.assert_free_here()

    def test_a_thread_that_ends_with_the_lock_is_no_owner_of_the_next(self):
        holds = []
        thread = threading.Thread(target=lambda: holds.append(self.lock.acquire()))
        thread.start()
        thread.join()
        errors = []

        def other():
            try:
                runtime.FileLock(self.data).acquire(timeout=0.05)
            except Exception as error:
                errors.append(type(error))
        thread = threading.Thread(target=other)  # may get the same ident
        thread.start()
        thread.join()
        self.assertEqual(errors, [runtime.LockTimeout])
        holds[0].release()
        self.assert_free_here()

    def test_a_blocking_acquire_in_an_event_loop_that_holds_it_is_an_error_at_once(self):
        async def main():
            async with runtime.FileLock(self.data):
                with self.assertRaises(runtime.AlreadyHeldError):
                    await asyncio.create_task(self.blocking())
        asyncio.run(main())
        with self.lock:
            async def inside():
                with self.assertRaises(runtime.AlreadyHeldError):
                    await runtime.FileLock(self.data).acquire_async()
            asyncio.run(inside())
        self.assert_free_here()

    async def blocking(self):
        runtime.FileLock(self.data).acquire()

    def test_wait_for(self):
        """A hold that comes at the moment of the timeout is not lost."""
        other = self.driver("python")

        async def main():
            for turn in range(30):
                other.call("acquire", path=self.data, **{"as": "hold"})
                timer = threading.Timer(0.02, lambda: other.call("release", **{"as": "hold"}))
                timer.start()
                try:
                    hold = await asyncio.wait_for(self.lock.acquire_async(), 0.015 + turn * 0.0005)
                    hold.release()
                except asyncio.TimeoutError:
                    pass
                await asyncio.to_thread(timer.join)
                self.assert_free_here()
        asyncio.run(main())

    def test_wait_for_keeps_the_owner(self):
        async def main():
            await asyncio.wait_for(self.lock.acquire_async(), 5)
            with self.assertRaises(runtime.AlreadyHeldError):
                await runtime.FileLock(self.data).acquire_async()
            self.assertTrue(self.lock.held)
            self.lock.release()
        asyncio.run(main())
        self.assert_free_here()

    def test_cancelled_update_holds_the_lock_until_its_thread_is_done(self):
        async def main():
            started = asyncio.Event()

            async def change(content):
                started.set()
                return b"x" * 5_000_000
            for delay in (0, 0.001, 0.003):
                started.clear()
                task = asyncio.create_task(runtime.update_file_async(self.data, change))
                await started.wait()
                await asyncio.sleep(delay)
                task.cancel()
                await asyncio.wait([task])
                self.assertEqual([p.name for p in self.folder.iterdir() if p.name.endswith(".tmp")], [])
                self.assert_free_here()
        asyncio.run(main())

    def test_a_blocked_event_loop_at_the_head_of_the_queue_blocks_nobody(self):
        """A task waits first, then a blocking acquire of the same thread: the lock comes free and one of them gets it."""
        other = self.driver("python")
        other.call("acquire", path=self.data, **{"as": "hold"})

        async def main():
            async def first():
                async with runtime.FileLock(self.data):
                    pass
            task = asyncio.create_task(first())
            await asyncio.sleep(0.05)
            threading.Timer(0.1, lambda: other.call("release", **{"as": "hold"})).start()
            with runtime.FileLock(self.data, timeout=20):
                pass
            await task
        asyncio.run(main())
        self.assert_free_here()

    def test_threads_and_event_loops_of_one_process(self):
        counter = self.folder / "counter"
        counter.write_text("0")

        def add():
            counter.write_text(str(int(counter.read_text()) + 1))

        def blocking():
            for _ in range(50):
                with runtime.FileLock(self.data):
                    add()

        async def task():
            for _ in range(50):
                async with runtime.FileLock(self.data):
                    await asyncio.sleep(0)
                    add()

        async def two():
            await asyncio.gather(task(), task())
        threads = [threading.Thread(target=each) for each in (blocking, blocking, lambda: asyncio.run(two()), lambda: asyncio.run(two()))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(counter.read_text(), "300")
        self.assert_free_here()

    def test_nobody_starves_beside_holders_that_take_their_time(self):
        program = (
            "import sys, time; sys.path.insert(0, sys.argv[1]); import lockwright_runtime as r\n"
            "lock, count = r.FileLock(sys.argv[2]), 0\n"
            "sys.stdin.readline(); end = time.monotonic() + 1.5\n"
            "while time.monotonic() < end:\n"
            "    with lock: time.sleep(0.002); count += 1\n"
            "print(count)\n"
        )
        command = [sys.executable, "-B", "-c", program, str(PYTHON), self.data]

        def counts_of_a_run():
            running = [
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
            ]
            for process in running:
                process.stdin.write("go\n")
                process.stdin.flush()
            return [int(process.communicate(timeout=60)[0]) for process in running]

        # Who is woken when every processor is busy with something else comes too late; a lock that starves its
        # waiters does so every time.
        seen = []
        for _ in range(4):
            counts = counts_of_a_run()
            if min(counts) > sum(counts) / 3 * 0.3:
                return
            seen.append(counts)
        self.fail(seen)

    def test_fork_while_other_threads_acquire_and_release(self):
        stop = threading.Event()

        def busy(number):
            while not stop.is_set():
                with runtime.FileLock(str(self.folder / f"busy{number % 2}")):
                    pass
        threads = [threading.Thread(target=busy, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(40):
                child = os.fork()
                if child == 0:
                    held = [p for p in os.listdir("/proc/self/fd") if os.path.realpath(f"/proc/self/fd/{p}").endswith(".lock")]
                    with runtime.FileLock(self.data, timeout=10):
                        os._exit(len(held))
                self.assertEqual(os.waitpid(child, 0)[1], 0)
        finally:
            stop.set()
            for thread in threads:
                thread.join()


if __name__ == "__main__":
    unittest.main()
