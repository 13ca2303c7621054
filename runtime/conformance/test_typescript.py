"""What only TypeScript has: workers, `using`, collected holds. The program is in node/; it fails by throwing."""

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
