"""The move to the lock library: when it is offered, and that what has moved behaves. And what is repaired in C.

That each fix by itself is proved, and parses, test_fixes.py sees to, for this kind as for the other. What it looks
like is in test_fixes_library_python.py, _typescript.py and _cpp.py.
"""

import collections
import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import unittest

import _lockwright
import _rule_pages
from _fixes import NODE, Scratch, apply_edits, census, check, findings, parses
from _fixes_library import ADDON, RUNTIME, SAVE, TIMEOUT, Library, is_library


@_lockwright.needs_binary
class Examples(Scratch):
    """All bad examples of the pages of rules that know the move, side by side in one run."""

    RULES = ("LW101", "LW102", "LW201", "LW301", "LW302")

    def findings_of_rules(self):
        return json.loads(check(self.root, "--select", ",".join(self.RULES), "--output-format", "json").out)["findings"]

    def test_how_many_move_and_that_they_get_on_together(self):
        directories = []
        for page in _rule_pages.all_pages():
            for number, example in enumerate(page.examples if page.rule_id in self.RULES else ()):
                if example.expected:
                    directories.append(self.root / f"{page.rule_id}-{number}")
                    directories[-1].mkdir()
                    example.write_to(directories[-1])
        before = self.findings_of_rules()
        offered = collections.Counter()
        for finding in before:
            if any(map(is_library, finding["fixes"])):
                suffix = finding["path"].rpartition(".")[2]
                language = {"py": "Python", "cpp": "C++"}.get(suffix, "TypeScript")
                offered[finding["rule"], language] += 1
        # As many as there are now: one that is lost is a step back.
        for rule, language, number in (
            ("LW101", "Python", 11),
            ("LW102", "Python", 9),
            ("LW201", "Python", 5),
            ("LW301", "Python", 10),
            ("LW302", "Python", 6),
            ("LW101", "TypeScript", 1),
            ("LW102", "TypeScript", 1),
            ("LW201", "TypeScript", 1),
            ("LW301", "TypeScript", 4),
            ("LW302", "TypeScript", 3),
            ("LW102", "C++", 1),
            ("LW301", "C++", 1),
            ("LW302", "C++", 1),
        ):
            self.assertGreaterEqual(offered[rule, language], number, (rule, language))

        # One a project; there they stay, when all have moved.
        moved = []
        for finding in before:
            project = finding["path"].split("/")[0]
            fix = next(filter(is_library, finding["fixes"]), None)
            if fix and project not in {path.split("/")[0] for _, path, _ in moved}:
                apply_edits(self.root, fix)
                moved.extend(census([finding]))
                for path in {edit["path"] for edit in fix["edits"]}:
                    self.assertIsNone(parses(self.root / path))
        for directory in directories:
            if directory.name not in {path.split("/")[0] for _, path, _ in moved}:
                shutil.rmtree(directory)
        self.assertGreater(len(moved), 45)
        self.assertLessEqual(census(self.findings_of_rules()), census(before) - collections.Counter(moved))


@_lockwright.needs_binary
class C(Library):
    """In place; test_fixes_library_cpp.py has the move."""

    BEFORE = """\
        #include <stdio.h>
        #include <sys/file.h>

        int save(const char *path, const char *text)
        {
        \tFILE *file = fopen(path, "w"); /* all of it */

        \tif (file == NULL)
        \t\treturn -1;
        \tif (flock(fileno(file), LOCK_EX) != 0) {
        \t\tfclose(file);
        \t\treturn -1;
        \t}
        \tfputs(text, file);
        \treturn fclose(file);
        }
        """

    def test_a_file_that_cannot_be_emptied_is_one_that_cannot_be_locked(self):
        path = self.write(self.BEFORE, "save.c")
        self.assertEqual(0, check(self.root, "--fix").exit_code)
        wanted = textwrap.dedent(self.BEFORE).replace('"w"', '"a"').replace("file.h>\n", "file.h>\n#include <unistd.h>\n")
        head, tail = wanted.split("\tfputs")
        self.assertEqual(
            head + "\tif (ftruncate(fileno(file), 0) != 0) {\n\t\tfclose(file);\n\t\treturn -1;\n\t}\n\tfputs" + tail,
            path.read_text(),
        )

    @unittest.skipUnless(shutil.which("cc"), "no C compiler")
    def test_the_repaired_program(self):
        self.write(self.BEFORE, "save.c")
        check(self.root, "--fix")
        self.write('int save(const char *, const char *);\nint main(void) { return save("data", "new"); }\n', "main.c")
        command = ["cc", "-Wall", "-Werror", "-o", "save", "save.c", "main.c"]
        subprocess.run(command, cwd=self.root, check=True, timeout=TIMEOUT)
        (self.root / "data").write_text("old and longer")
        subprocess.run(["./save"], cwd=self.root, check=True, timeout=TIMEOUT)
        self.assertEqual("new", (self.root / "data").read_text())

    def test_what_is_not_repaired(self):
        for why, change in {
            "it is sought in": ("fputs(text, file);", "fseek(file, 4, SEEK_SET);\n\tfputs(text, file);"),
            "it is written before the lock": ("\tif (flock", '\tfputs("x", file);\n\tif (flock'),
        }.items():
            with self.subTest(why):
                self.write(textwrap.dedent(self.BEFORE).replace(*change), "save.c")
                found = [each for each in findings(self.root) if each["rule"] == "LW102"]
                self.assertTrue(found)
                self.assertEqual([], [fix for each in found for fix in each["fixes"]])


@_lockwright.needs_binary
class Moved(Library):
    """Programs that have moved, run."""

    WORKERS = 4
    ROUNDS = 25

    def run_workers(self, command):
        """Several processes at once; all of them succeed."""
        environment = {**os.environ, "PYTHONPATH": str(RUNTIME / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
        workers = [
            subprocess.Popen(command, cwd=self.root, env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(self.WORKERS)
        ]
        for worker in workers:
            _, errors = worker.communicate(timeout=TIMEOUT)
            self.assertEqual(0, worker.returncode, errors)

    def test_no_update_is_lost(self):
        self.moved("""\
            import os
            import sys
            import time


            def add(path, rounds):
                for _ in range(rounds):
                    while True:
                        try:
                            os.close(os.open(path + ".lock", os.O_CREAT | os.O_EXCL))
                            break
                        except FileExistsError:
                            time.sleep(0.001)
                    with open(path) as file:
                        number = int(file.read())
                    with open(path, "w") as file:
                        file.write(str(number + 1))
                    os.unlink(path + ".lock")


            if __name__ == "__main__":
                add(sys.argv[1], int(sys.argv[2]))
            """)
        self.assertIn("with FileLock(path):", (self.root / "store.py").read_text())
        (self.root / "count").write_text("0")
        self.run_workers([sys.executable, "store.py", "count", str(self.ROUNDS)])
        self.assertEqual(self.WORKERS * self.ROUNDS, int((self.root / "count").read_text()))

    def test_readers_see_whole_files(self):
        self.moved(
            textwrap.dedent(SAVE).replace("import json\n", "import json\nimport sys\n")
            + '\n\nif __name__ == "__main__":\n    for length in range(int(sys.argv[2])):\n'
            "        save(sys.argv[1], list(range(length * 100)))\n"
        )
        data = self.root / "data.json"
        data.write_text("[]")
        done = threading.Event()
        seen = collections.Counter()

        def read():
            while not done.is_set():
                json.loads(data.read_text())  # an empty or a torn file is none
                seen["whole"] += 1

        errors = []

        def reading():
            try:
                read()
            except ValueError as error:
                errors.append(error)

        reader = threading.Thread(target=reading)
        reader.start()
        try:
            self.run_workers([sys.executable, "store.py", "data.json", str(self.ROUNDS)])
        finally:
            done.set()
            reader.join()
        self.assertEqual([], errors)
        self.assertGreater(seen["whole"], 0)
        self.assertEqual((self.ROUNDS - 1) * 100, len(json.loads(data.read_text())))

    def test_a_holder_takes_its_lock_again(self):
        self.moved("""\
            import fcntl


            def load(path):
                with open(path + ".lock", "a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    return open(path).read()


            def double(path):
                with open(path + ".lock", "a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    text = load(path)
                    with open(path, "w") as file:
                        file.write(str(2 * int(text)))


            if __name__ == "__main__":
                double("number")
            """)
        (self.root / "number").write_text("1")
        self.run_workers([sys.executable, "store.py"])
        self.assertEqual(2**self.WORKERS, int((self.root / "number").read_text()))

    @unittest.skipUnless(NODE and ADDON.exists(), "the TypeScript form is not built (runtime/typescript/build.sh)")
    def test_a_holder_takes_its_lock_again_in_javascript(self):
        """What waited for itself adds now, also with others at it; and who merely runs at the same time still waits."""
        self.moved(
            """\
            import fs from "node:fs/promises";

            async function withLock(file, work) {
              const lock = `${file}.lock`;
              for (;;) {
                try {
                  const handle = await fs.open(lock, "wx");
                  await handle.close();
                  break;
                } catch (error) {
                  if (error.code !== "EEXIST") throw error;
                  await new Promise((resolve) => setTimeout(resolve, 5));
                }
              }
              try {
                return await work();
              } finally {
                await fs.rm(lock, { force: true });
              }
            }

            const add = (file) =>
              withLock(file, async () => {
                const number = Number(await fs.readFile(file, "utf8"));
                await fs.writeFile(file, String(number + 1));
              });

            const addTwice = (file) =>
              withLock(file, async () => {
                await add(file);
                await add(file);
              });

            for (let step = 0; step < Number(process.argv[3]); step++) {
              await Promise.all([addTwice(process.argv[2]), add(process.argv[2])]);
            }
            """,
            "store.mjs",
        )
        packages = self.root / "node_modules/@lockwright"
        packages.mkdir(parents=True)
        (packages / "runtime").symlink_to(RUNTIME / "typescript")
        (self.root / "count").write_text("0")
        self.run_workers([NODE, "store.mjs", "count", str(self.ROUNDS)])
        self.assertEqual(3 * self.WORKERS * self.ROUNDS, int((self.root / "count").read_text()))

    @unittest.skipUnless(NODE and ADDON.exists(), "the TypeScript form is not built (runtime/typescript/build.sh)")
    def test_no_update_is_lost_in_javascript(self):
        for word, pause, moved in (
            ("async ", "await new Promise(setImmediate);", "await new FileLock(path).acquire();"),
            ("", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);", "new FileLock(path).acquireSync();"),
        ):
            with self.subTest(word or "synchronous"):
                self.assert_counts_in_javascript(word, pause, moved)

    def assert_counts_in_javascript(self, word, pause, moved):
        text = self.moved(
            f"""\
            import * as fs from "node:fs";
            import {{ flockSync }} from "fs-ext";

            {word}function add(path, steps) {{
              for (let step = 0; step < steps; step++) {{
                const lock = fs.openSync(path + ".lock", "a");
                flockSync(lock, "ex");
                const number = Number(fs.readFileSync(path, "utf8"));
                {pause}
                fs.writeFileSync(path, String(number + 1));
                flockSync(lock, "un");
                fs.closeSync(lock);
              }}
            }}

            await add(process.argv[2], Number(process.argv[3]));
            """,
            "store.mjs",
        )
        self.assertIn(moved, text)
        self.assertNotIn("fs-ext", text)  # which is not installed here
        packages = self.root / "node_modules/@lockwright"
        packages.mkdir(parents=True, exist_ok=True)
        if not (packages / "runtime").exists():
            (packages / "runtime").symlink_to(RUNTIME / "typescript")
        (self.root / "count").write_text("0")
        self.run_workers([NODE, "store.mjs", "count", str(self.ROUNDS)])
        self.assertEqual(self.WORKERS * self.ROUNDS, int((self.root / "count").read_text()))


if __name__ == "__main__":
    unittest.main()
