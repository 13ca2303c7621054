"""Repairs in place, word for word: nested locks in TypeScript, failures after an acquire, C and C++."""

import shutil
import subprocess
import textwrap
import unittest

import _lockwright
from _fixes import NODE, TIMEOUT, Scratch, apply_edits, check, findings


@_lockwright.needs_binary
class InPlace(Scratch):
    def write(self, text, name):
        path = self.root / name
        path.write_text(textwrap.dedent(text))
        return path

    def assert_repaired(self, name, before, after, rule, title):
        """The fix of this title is offered for the rule's one finding, does this, and the rule finds nothing more."""
        path = self.write(before, name)
        (finding,) = [each for each in findings(self.root) if each["rule"] == rule]
        fixes = [fix for fix in finding["fixes"] if fix["title"] == title]
        self.assertEqual(1, len(fixes), finding["fixes"])
        apply_edits(self.root, fixes[0])
        self.assertEqual(textwrap.dedent(after), path.read_text())
        self.assertEqual([], [each for each in findings(self.root) if each["rule"] == rule])

    def assert_none(self, name, text, rule):
        self.write(text, name)
        found = [each for each in findings(self.root) if each["rule"] == rule]
        self.assertTrue(found)
        self.assertEqual([], [fix["title"] for each in found for fix in each["fixes"]])


class Refresh(InPlace):
    """LW201 in Python, where a helper makes the file."""

    CLAIMS = """\
        import json
        import os
        %s

        class Claims:
            def __init__(self, path: str):
                self.path = path

            def write(self, path, claim)%s:
                %s

            def renew(self, agent):
                with open(self.path) as handle:
                    claim = json.load(handle)
                if claim["agent"] == agent:
        """
    TELLS = (
        " -> bool",
        """try:
                    with open(path, "x") as handle:
                        json.dump(claim, handle)
                    return True
                except OSError:
                    return False""",
    )
    TITLE = "Write a temporary file and rename it over the lock file"

    def claims(self, helper, imported, renewal):
        head = textwrap.dedent(self.CLAIMS % (imported, *helper))
        return head + textwrap.indent(textwrap.dedent(renewal), " " * 12)

    def test_a_handler_that_makes_the_lock_again(self):
        """There is nothing to make again; what is not all there replaces nothing."""
        self.assert_repaired(
            "claims.py",
            self.claims(
                self.TELLS,
                "",
                """\
                try:
                    os.unlink(self.path)
                    self.write(self.path, claim)
                except Exception:
                    self.write(self.path, claim)
                    raise
                """,
            ),
            self.claims(
                self.TELLS,
                "import uuid\n",
                """\
                temporary = f"{self.path}.{uuid.uuid4().hex}.tmp"
                try:
                    if self.write(temporary, claim):
                        os.replace(temporary, self.path)
                finally:
                    if os.path.lexists(temporary):
                        os.unlink(temporary)
                """,
            ),
            "LW201",
            self.TITLE,
        )

    def test_a_handler_that_goes_on(self):
        """What it does for the one who calls stays."""
        before = """\
            try:
                os.unlink(self.path)
                self.write(self.path, claim)
            except OSError:
                print("lost")
            """
        after = """\
            try:
                temporary = f"{self.path}.{uuid.uuid4().hex}.tmp"
                try:
                    if self.write(temporary, claim):
                        os.replace(temporary, self.path)
                finally:
                    if os.path.lexists(temporary):
                        os.unlink(temporary)
            except OSError:
                print("lost")
            """
        self.assert_repaired(
            "claims.py", self.claims(self.TELLS, "", before), self.claims(self.TELLS, "import uuid\n", after), "LW201", self.TITLE
        )


class RefreshByHelpers(InPlace):
    """LW201 where helpers of another file remove and make the lock file."""

    TITLE = Refresh.TITLE

    def test_in_python(self):
        self.write(
            """\
            def drop(path):
                \"\"\"Removes it.\"\"\"
                path.unlink(missing_ok=True)

            def make(path, owner):
                with path.open("x") as out:
                    out.write(owner)
            """,
            "lockfiles.py",
        )
        text = """\
            %sfrom lockfiles import %s

            def renew(lock_path, owner):
                if lock_path.read_text() == owner:
            %s"""
        text = textwrap.dedent(text)
        after = """\
            temporary = lock_path.with_name(f"{lock_path.name}.{uuid.uuid4().hex}.tmp")
            try:
                make(temporary, owner)
                os.replace(temporary, lock_path)
            finally:
                temporary.unlink(missing_ok=True)
            """
        self.assert_repaired(
            "lease.py",
            text % ("", "drop, make", "        drop(lock_path)\n        make(lock_path, owner)\n"),
            text % ("import os\nimport uuid\n", "make", textwrap.indent(textwrap.dedent(after), " " * 8)),
            "LW201",
            self.TITLE,
        )

    def test_in_typescript(self):
        self.write(
            """\
            import { open, rm } from "node:fs/promises";

            export async function create(lockPath: string, owner: string): Promise<void> {
              const handle = await open(lockPath, "wx");
              try {
                await handle.writeFile(owner);
              } finally {
                await handle.close();
              }
            }

            export const remove = async (lockPath: string): Promise<void> => {
              await rm(lockPath, { force: true });
            };
            """,
            "lockfiles.ts",
        )
        text = """\
            import fs from "node:fs";
            import { %s } from "./lockfiles";
            %s
            export async function renew(lockPath: string, owner: string): Promise<void> {
              if (fs.readFileSync(lockPath, "utf8") !== owner) throw new Error("lock lost");
            %s}
            """
        text = textwrap.dedent(text)
        after = """\
              const temporary = `${lockPath}.${randomUUID()}.tmp`;
              try {
                await create(temporary, owner);
                await fs.promises.rename(temporary, lockPath);
              } finally {
                await fs.promises.rm(temporary, { force: true });
              }
            """
        self.assert_repaired(
            "lease.ts",
            text % ("create, remove", "", "  await remove(lockPath);\n  await create(lockPath, owner);\n"),
            text % ("create", 'import { randomUUID } from "node:crypto";\n', textwrap.indent(textwrap.dedent(after), "  ")),
            "LW201",
            self.TITLE,
        )

    def test_a_maker_of_another_file_that_tells(self):
        self.write(
            """\
            # Its functions stand where the other file has other things.
            import os


            def make(path, owner) -> bool:
                try:
                    with open(path, "x") as out:
                        out.write(owner)
                    return True
                except FileExistsError:
                    return False
            """,
            "lockfiles.py",
        )
        text = """\
            import os
            %sfrom lockfiles import make

            def renew(lock_path, owner):
                with open(lock_path) as handle:
                    mine = handle.read() == owner
                if mine:
            %s"""
        after = """\
            temporary = f"{lock_path}.{uuid.uuid4().hex}.tmp"
            try:
                if make(temporary, owner):
                    os.replace(temporary, lock_path)
            finally:
                if os.path.lexists(temporary):
                    os.unlink(temporary)
            """
        text = textwrap.dedent(text)
        self.assert_repaired(
            "lease.py",
            text % ("", "        os.unlink(lock_path)\n        make(lock_path, owner)\n"),
            text % ("import uuid\n", textwrap.indent(textwrap.dedent(after), " " * 8)),
            "LW201",
            self.TITLE,
        )

    def test_a_helper_that_does_more_is_needed(self):
        text = """\
            import os

            def drop(path):
                print("released")
                os.unlink(path)

            def renew(lock_path, owner):
                with open(lock_path) as handle:
                    mine = handle.read() == owner
                if mine:
                    drop(lock_path)
                    with open(lock_path, "x") as out:
                        out.write(owner)
            """
        self.assert_none("lease.py", text, "LW201")
        self.write(text.replace('    print("released")\n    ', ""), "lease.py")


class Registry(InPlace):
    """LW302 in Python, with a mutex."""

    TITLE = "Give the lock up before its entry is erased, under the mutex"
    HEAD = """\
        import os
        import threading


        class Held:
            def __init__(self):
                self._mutex = threading.Lock()
                self._held = {}

            def acquire(self, path):
                with self._mutex:
                    if path in self._held:
                        return False
                    self._held[path] = os.open(path + ".lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                    return True

            def _notify(self, path):
                print(path)

            def release(self, path):
        """

    def text(self, body):
        return textwrap.dedent(self.HEAD) + textwrap.indent(textwrap.dedent(body), " " * 8)

    def test_what_follows_the_mutex_moves_under_it(self):
        self.assert_repaired(
            "held.py",
            self.text(
                """\
                with self._mutex:
                    if path not in self._held:
                        return
                    fd = self._held.pop(path)

                # In this order.
                os.close(fd)
                os.unlink(path + ".lock")
                self._notify(path)
                """
            ),
            self.text(
                """\
                with self._mutex:
                    if path not in self._held:
                        return
                    fd = self._held[path]

                    try:
                        # In this order.
                        os.close(fd)
                        os.unlink(path + ".lock")
                    finally:
                        del self._held[path]
                self._notify(path)
                """
            ),
            "LW302",
            self.TITLE,
        )

    def test_what_may_ask_for_the_mutex_stays_outside(self):
        body = """\
            with self._mutex:
                fd = self._held.pop(path)
            os.close(fd)
            self._notify(path)
            os.unlink(path + ".lock")
            """
        self.write(self.text(body), "held.py")
        found = [each for each in findings(self.root) if each["rule"] == "LW302"]
        self.assertTrue(found)
        self.assertNotIn(self.TITLE, [fix["title"] for each in found for fix in each["fixes"]])


class NestedInPython(InPlace):
    """LW101 where a function opens its lock file, locks it, and does its work."""

    TITLE = "Call a variant that does not lock"

    def assert_variant(self, locking, variant, kept):
        text = """\
            import fcntl
            import json


            class Store:
                def __init__(self, path):
                    self.path = path

            %s
                def update(self, change):
                    with open(self.path + ".lock", "a") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        data = self.%s()
                        change(data)
            """
        text = textwrap.dedent(text)
        locking, variant, kept = (textwrap.indent(textwrap.dedent(each), "    ") for each in (locking, variant, kept))
        self.assert_repaired("store.py", text % (locking, "load"), text % (kept + "\n" + variant, "load_unlocked"), "LW101", self.TITLE)

    def test_the_work_is_taken_out_of_the_with(self):
        self.assert_variant(
            """\
            def load(self):
                with open(self.path + ".lock", "a") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)

                    # Whole.
                    with open(self.path) as source:
                        data = json.load(source)
                    return data
            """,
            """\
            def load_unlocked(self):
                # Whole.
                with open(self.path) as source:
                    data = json.load(source)
                return data
            """,
            """\
            def load(self):
                with open(self.path + ".lock", "a") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    return self.load_unlocked()
            """,
        )

    def test_with_a_release_and_a_name_for_the_lock_file(self):
        self.assert_variant(
            """\
            def load(self):
                \"\"\"What is stored.\"\"\"
                lock = self.path + ".lock"
                with open(lock, "a") as handle:
                    fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                    # All of it.
                    try:
                        with open(self.path) as source:
                            return json.load(source)
                    finally:
                        fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
            """\
            def load_unlocked(self):
                \"\"\"As load(), for callers that hold the lock.\"\"\"
                # All of it.
                with open(self.path) as source:
                    return json.load(source)
            """,
            """\
            def load(self):
                \"\"\"What is stored.\"\"\"
                lock = self.path + ".lock"
                with open(lock, "a") as handle:
                    fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                    try:
                        return self.load_unlocked()
                    finally:
                        fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
        )

    def test_a_handle_that_the_work_needs(self):
        text = """\
            import fcntl

            def load(path):
                with open(path, "r+") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    return handle.read()

            def refresh(path):
                with open(path, "r+") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    handle.write(load(path))
            """
        self.write(text, "store.py")
        found = [each for each in findings(self.root) if each["rule"] == "LW101"]
        self.assertTrue(found)
        self.assertNotIn(self.TITLE, [fix["title"] for each in found for fix in each["fixes"]])


class TwoLocks(InPlace):
    """LW301 in Python where the second of two locks cannot be had, and where a lock is a field."""

    LOCK = """\
        import fcntl
        import os


        def lock(path):
            fd = os.open(path, os.O_CREAT | os.O_RDWR)
            fcntl.flock(fd, fcntl.LOCK_EX)
            return fd


        def move(source, target):
        """

    def text(self, body):
        return textwrap.dedent(self.LOCK) + textwrap.indent(textwrap.dedent(body), "    ")

    def test_each_gets_a_try_of_its_own(self):
        for before, kept in (("os.close(second)\n    os.close(first)\n", "os.close(second)"), ("os.close(first)\n    os.close(second)\n", "os.close(second)")):
            body = """\
                first = lock(source)
                second = lock(target)
                try:
                    # Both are held.
                    os.replace(source, target)
                finally:
                    %s"""
            after = """\
                first = lock(source)
                try:
                    second = lock(target)
                    try:
                        # Both are held.
                        os.replace(source, target)
                    finally:
                        %s
                finally:
                    os.close(first)
                """
            self.assert_repaired(
                "move.py",
                self.text(textwrap.dedent(body) % before),
                self.text(textwrap.dedent(after) % kept),
                "LW301",
                "Release the lock in a finally block",
            )

    def test_a_descriptor_in_a_field(self):
        text = """\
            import fcntl
            import os


            class Store:
                def __init__(self, path, load):
                    self.path = path
                    self.load = load

                def __enter__(self):
                    self.fd = os.open(self.path, os.O_CREAT | os.O_RDWR)
                    fcntl.flock(self.fd, fcntl.LOCK_EX)
            %s
                    return self

                def __exit__(self, *exc):
                    os.close(self.fd)
            """
        after = """\
            try:
                self.state = self.load(self.path)
            except BaseException:
                os.close(self.fd)
                raise"""
        text = textwrap.dedent(text)
        self.assert_repaired(
            "store.py",
            text % "        self.state = self.load(self.path)",
            text % textwrap.indent(textwrap.dedent(after), " " * 8),
            "LW301",
            "Give the lock up when what follows fails",
        )


class Nested(InPlace):
    """LW101 in TypeScript."""

    TITLE = "Call a variant that does not lock"

    def test_a_try_becomes_the_lock_around_a_variant(self):
        self.assert_repaired(
            "store.ts",
            """\
            import * as fs from "node:fs/promises";
            import lockfile from "proper-lockfile";

            // Whoever holds nothing calls this.
            async function save(path: string, text = ""): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                // All of it.
                await fs.writeFile(path, text);
              } finally {
                await release();
              }
            }

            export async function update(path: string): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                await save(path, (await fs.readFile(path, "utf8")) + "x");
              } finally {
                await release();
              }
            }
            """,
            """\
            import * as fs from "node:fs/promises";
            import lockfile from "proper-lockfile";

            // Whoever holds nothing calls this.
            async function save(path: string, text = ""): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                await saveUnlocked(path, text);
              } finally {
                await release();
              }
            }

            /** As save(), for callers that hold the lock. */
            async function saveUnlocked(path: string, text = ""): Promise<void> {
              // All of it.
              await fs.writeFile(path, text);
            }

            export async function update(path: string): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                await saveUnlocked(path, (await fs.readFile(path, "utf8")) + "x");
              } finally {
                await release();
              }
            }
            """,
            "LW101",
            self.TITLE,
        )

    def test_a_helper_that_is_given_the_work(self):
        before = """\
            import * as fs from "node:fs";

            export class Store {
              constructor(root) {
                this.root = root;
              }

              locked(work) {
                const lockPath = `${this.root}/store.lock`;
                for (;;) {
                  try {
                    fs.closeSync(fs.openSync(lockPath, "wx"));
                    break;
                  } catch (error) {
                    if (error.code !== "EEXIST") throw error;
                    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
                  }
                }
                try {
                  return work();
                } finally {
                  fs.unlinkSync(lockPath);
                }
              }

              load() {
                return this.locked(() => fs.readFileSync(`${this.root}/store.json`, "utf8"));
              }

              append(line) {
                this.locked(() => {
                  fs.writeFileSync(`${this.root}/store.json`, this.load() + line);
                });
              }
            }
            """
        after = textwrap.dedent(before)
        after = after.replace(
            'this.locked(() => fs.readFileSync(`${this.root}/store.json`, "utf8"));\n  }\n',
            "this.locked(() => this.loadUnlocked());\n  }\n\n"
            "  /** As load(), for callers that hold the lock. */\n  loadUnlocked() {\n"
            '    return fs.readFileSync(`${this.root}/store.json`, "utf8");\n  }\n',
        ).replace("this.load() + line", "this.loadUnlocked() + line")
        self.assert_repaired("store.mjs", before, after, "LW101", self.TITLE)
        if NODE:
            (self.root / "store.json").write_text("a")
            program = 'import { Store } from "./store.mjs"; const s = new Store("."); s.append("b"); console.log(s.load());'
            command = [NODE, "--input-type=module", "-e", program]
            run = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=TIMEOUT)
            self.assertEqual("ab\n", run.stdout, run.stderr)

    def test_a_variant_in_another_file_is_imported(self):
        self.write(
            """\
            import * as fs from "node:fs/promises";
            import lockfile from "proper-lockfile";

            export async function read(path: string): Promise<string> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                return await fs.readFile(path, "utf8");
              } finally {
                await release();
              }
            }
            """,
            "read.ts",
        )
        path = self.write(
            """\
            import lockfile from "proper-lockfile";
            import { read } from "./read.js";

            export async function show(path: string): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                console.log(await read(path));
              } finally {
                await release();
              }
            }
            """,
            "show.ts",
        )
        check(self.root, "--fix", "--unsafe-fixes", "--select", "LW101")
        self.assertIn('import { read, readUnlocked } from "./read.js";\n', path.read_text())
        self.assertIn("console.log(await readUnlocked(path));", path.read_text())
        self.assertIn("    return await readUnlocked(path);\n", (self.root / "read.ts").read_text())
        self.assertIn("\nexport async function readUnlocked(path: string)", (self.root / "read.ts").read_text())
        self.assertEqual([], [each for each in findings(self.root) if each["rule"] == "LW101"])

    def test_what_the_lock_hands_to_the_work_is_needed(self):
        self.assert_none(
            "store.ts",
            """\
            import * as fs from "node:fs/promises";
            import lockfile from "proper-lockfile";

            async function read(path: string): Promise<string> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                process.once("exit", release);
                return await fs.readFile(path, "utf8");
              } finally {
                await release();
              }
            }

            export async function show(path: string, put: (text: string) => void): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              try {
                put(await read(path));
              } finally {
                await release();
              }
            }
            """,
            "LW101",
        )


class Failure(InPlace):
    """LW301 where the lock is to be handed on."""

    TITLE = "Give the lock up when what follows fails"

    def test_a_lock_file_that_cannot_be_filled(self):
        self.assert_repaired(
            "lock.ts",
            """\
            import fs from "node:fs";

            export async function locked<T>(lockPath: string, work: () => Promise<T>): Promise<T> {
              while (!tryCreate(lockPath, String(process.pid))) await new Promise((next) => setTimeout(next, 50));
              try {
                return await work();
              } finally {
                fs.unlinkSync(lockPath);
              }
            }

            function tryCreate(lockPath: string, content: string): boolean {
              try {
                const fd = fs.openSync(lockPath, fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600);
                fs.writeSync(fd, content);
                fs.closeSync(fd);
                return true;
              } catch (err) {
                if ((err as NodeJS.ErrnoException).code === "EEXIST") return false;
                throw err;
              }
            }
            """,
            """\
            import fs from "node:fs";

            export async function locked<T>(lockPath: string, work: () => Promise<T>): Promise<T> {
              while (!tryCreate(lockPath, String(process.pid))) await new Promise((next) => setTimeout(next, 50));
              try {
                return await work();
              } finally {
                fs.unlinkSync(lockPath);
              }
            }

            function tryCreate(lockPath: string, content: string): boolean {
              try {
                const fd = fs.openSync(lockPath, fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, 0o600);
                try {
                  try {
                    fs.writeSync(fd, content);
                  } finally {
                    fs.closeSync(fd);
                  }
                } catch (error) {
                  fs.unlinkSync(lockPath);
                  throw error;
                }
                return true;
              } catch (err) {
                if ((err as NodeJS.ErrnoException).code === "EEXIST") return false;
                throw err;
              }
            }
            """,
            "LW301",
            self.TITLE,
        )

    def test_a_descriptor_that_is_returned(self):
        self.assert_repaired(
            "lock.py",
            """\
            import fcntl
            import json
            import os
            import time


            def open_locked(path, owner):
                fd = os.open(path, os.O_CREAT | os.O_RDWR)
                fcntl.flock(fd, fcntl.LOCK_EX)

                # For people.
                os.write(fd, json.dumps({"owner": owner, "at": time.time()}).encode())
                return fd
            """,
            """\
            import fcntl
            import json
            import os
            import time


            def open_locked(path, owner):
                fd = os.open(path, os.O_CREAT | os.O_RDWR)
                fcntl.flock(fd, fcntl.LOCK_EX)

                try:
                    # For people.
                    os.write(fd, json.dumps({"owner": owner, "at": time.time()}).encode())
                except BaseException:
                    os.close(fd)
                    raise
                return fd
            """,
            "LW301",
            self.TITLE,
        )


class Cpp(InPlace):
    """LW301 in C and C++."""

    def test_a_return_in_between(self):
        before = """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            int update(const char *path)
            {
            \tint fd = open(path, O_RDWR);

            \tif (fd < 0)
            \t\treturn -1;
            \tif (flock(fd, LOCK_EX) != 0) {
            \t\tclose(fd);
            \t\treturn -1;
            \t}
            \tif (ftruncate(fd, 0) != 0)
            \t\treturn -1;
            \tflock(fd, LOCK_UN);
            \tclose(fd);
            \treturn 0;
            }
            """
        after = textwrap.dedent(before).replace(
            "0) != 0)\n\t\treturn -1;\n\tflock",
            "0) != 0) {\n\t\tflock(fd, LOCK_UN);\n\t\tclose(fd);\n\t\treturn -1;\n\t}\n\tflock",
        )
        self.assert_repaired("update.c", before, after, "LW301", "Release the lock before every return")
        if shutil.which("cc"):
            subprocess.run(["cc", "-Wall", "-Werror", "-c", "update.c"], cwd=self.root, check=True, timeout=TIMEOUT)

    def test_an_exception(self):
        self.assert_repaired(
            "update.cpp",
            """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            #include <stdexcept>

            void write_state(int fd) {
              if (ftruncate(fd, 0) != 0) throw std::runtime_error("ftruncate");
            }

            void update(const char* path) {
              int fd = open(path, O_RDWR);
              if (fd < 0) throw std::runtime_error("open");
              flock(fd, LOCK_EX);
              write_state(fd);  // all of it
              flock(fd, LOCK_UN);
              close(fd);
            }
            """,
            """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            #include <stdexcept>

            void write_state(int fd) {
              if (ftruncate(fd, 0) != 0) throw std::runtime_error("ftruncate");
            }

            void update(const char* path) {
              int fd = open(path, O_RDWR);
              if (fd < 0) throw std::runtime_error("open");
              flock(fd, LOCK_EX);
              try {
                write_state(fd);  // all of it
              } catch (...) {
                flock(fd, LOCK_UN);
                close(fd);
                throw;
              }
              flock(fd, LOCK_UN);
              close(fd);
            }
            """,
            "LW301",
            "Release the lock when an exception leaves",
        )

    def test_a_mutex_gets_an_owner(self):
        before = """\
            #include <mutex>
            #include <stdexcept>

            std::mutex guard;
            int total;

            int put(int value) {
              guard.lock();
              if (value == 0) {
                guard.unlock();
                return 0;
              }
              if (value < 0) throw std::invalid_argument("value");
              total += value;
              guard.unlock();
              return value;
            }
            """
        after = (
            textwrap.dedent(before)
            .replace("guard.lock();", "std::unique_lock<std::mutex> hold(guard);")
            .replace("guard.unlock", "hold.unlock")
        )
        self.assert_repaired("put.cpp", before, after, "LW301", "Let a std::unique_lock own the mutex")
        if shutil.which("c++"):
            command = ["c++", "-std=c++11", "-Wall", "-Werror", "-c", "put.cpp"]
            subprocess.run(command, cwd=self.root, check=True, timeout=TIMEOUT)


if __name__ == "__main__":
    unittest.main()
