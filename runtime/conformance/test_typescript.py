"""What only TypeScript has: workers, `using`, collected holds. The program is in node/; it fails by throwing."""

import pathlib
import subprocess
import unittest

from _suite import HERE, LANGUAGES, Case, require_drivers


def setUpModule():
    require_drivers()


@unittest.skipUnless("typescript" in LANGUAGES, "without TypeScript")
class TypeScript(Case):
    def run_program(self, name, *options):
        run = subprocess.run(
            ["node", *options, str(HERE / "node" / name), self.data], cwd=self.folder, capture_output=True, text=True, timeout=60
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        return run

    def test_a_worker_that_is_terminated_leaves_no_lock(self):
        self.run_program("worker.mjs")
        self.assert_free(self.driver("python"))

    def test_workers_exclude_each_other_and_the_main_thread(self):
        self.run_program("workers.mjs")

    def test_a_forgotten_hold_is_released_with_a_warning(self):
        run = self.run_program("forgotten.mjs", "--expose-gc")
        self.assertIn("was not released", run.stderr)

    def test_disposal_and_concurrency(self):
        self.run_program("dispose.mjs")

    def test_whose_hold_a_bare_acquire_is(self):
        self.run_program("nested.mjs")

    def test_waiting_that_nobody_can_end_is_told(self):
        self.run_program("hopeless.mjs")

    def test_synchronous_forms(self):
        self.run_program("sync.mjs")

    def sync(self, *arguments):
        program = ["node", str(HERE / "node/sync.mjs"), self.data, *map(str, arguments)]
        process = subprocess.Popen(program, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_synchronous_and_other_forms_exclude_each_other(self):
        times, processes = 100, 3
        pathlib.Path(self.data).write_text("0")
        running = [self.sync("add", times) for _ in range(processes)]
        others = [language for language in ("cpp", "python", "typescript") if language in LANGUAGES]
        answers = [
            self.driver(language).start("increment", path=self.data, lock=self.data, times=times, marker=f"{self.data}.inside")
            for language in others
        ]
        for answer in answers:
            self.assertEqual(answer.result(60), 0)
        for process in running:
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, errors)
        self.assertEqual(pathlib.Path(self.data).read_text(), str(times * (processes + len(others))))

    def test_a_synchronous_holder_that_is_killed_and_one_that_waits(self):
        for other in ("python", "typescript"):
            with self.subTest(other):
                pathlib.Path(self.data).write_text("0")
                holder = self.sync("hold")
                self.assertEqual(holder.stdout.readline(), "held\n")
                self.assert_taken(self.driver(other))
                waiter = self.sync("add", 1)
                holder.kill()
                _, errors = waiter.communicate(timeout=20)
                self.assertEqual(waiter.returncode, 0, errors)
                self.assertEqual(pathlib.Path(self.data).read_text(), "1")
                self.assert_free(self.driver(other))

    def test_use_as_typed(self):
        """A user's file, with `await using`, compiles under the strictest settings."""
        tsc = HERE.parent / "typescript/node_modules/.bin/tsc"
        self.assertTrue(tsc.exists(), "no TypeScript: scripts/setup --tests installs it")
        run = subprocess.run(
            [tsc, "--project", str(HERE / "node/tsconfig.json"), "--outDir", str(self.folder / "out")],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        self.assertEqual(run.returncode, 0, run.stdout)


if __name__ == "__main__":
    unittest.main()
