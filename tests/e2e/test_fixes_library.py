"""The move to the lock library: what it looks like, when it is offered, and that what has moved behaves. And what is
repaired in C.

That each fix by itself is proved, and parses, test_fixes.py sees to, for this kind as for the other.
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

RUNTIME = _lockwright.ROOT / "runtime"
ADDON = RUNTIME / "typescript/dist/index.js"
TIMEOUT = 60


def is_library(fix):
    return "lockwright_runtime" in fix["title"] or "@lockwright/runtime" in fix["title"]


class Library(Scratch):
    def write(self, text, name="store.py"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    def offered(self):
        """The moves that are offered for the scratch directory: (rule, function, title)."""
        return [
            (finding["rule"], finding["function"], fix["title"])
            for finding in findings(self.root)
            for fix in finding["fixes"]
            if is_library(fix)
        ]

    def moved(self, text, name="store.py"):
        path = self.write(text, name)
        run = check(self.root, "--fix", "--use-library")
        self.assertIn("Fixed", run.out, run.err)
        return path.read_bytes().decode()

    def assert_moved(self, before, after, name="store.py"):
        self.assertEqual(textwrap.dedent(after), self.moved(before, name))


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
                language = "Python" if finding["path"].endswith(".py") else "TypeScript"
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


SAVE = """\
    import fcntl
    import json


    def save(path, data):
        with open(path, "w") as handle:  # all of it
            fcntl.flock(handle, fcntl.LOCK_EX)
            json.dump(data, handle, indent=2)
            handle.flush()
    """
SAVED = """\
    import json

    from lockwright_runtime import FileLock, replace_file


    def save(path, data):
        with FileLock(path):  # all of it
            replace_file(path, json.dumps(data, indent=2).encode())
    """


@_lockwright.needs_binary
class Python(Library):
    """What has moved, word for word."""

    def test_save(self):
        self.assert_moved(SAVE, SAVED)
        self.assertIn("Found nothing", check(self.root).out)

    def test_both_kinds_are_offered_the_safe_one_first(self):
        self.write(SAVE)
        (finding,) = findings(self.root)
        self.assertEqual(["safe", "unsafe"], [fix["applicability"] for fix in finding["fixes"]])
        self.assertEqual("Use lockwright_runtime's FileLock and replace_file()", finding["fixes"][1]["title"])
        out = check(self.root).out
        self.assertIn("  unsafe fix: Use lockwright_runtime's FileLock and replace_file()\n", out)
        check(self.root, "--fix", "--unsafe-fixes")  # no reason to look at anything
        self.assertNotIn("lockwright_runtime", (self.root / "store.py").read_text())

    def test_the_option_repairs_nothing_by_itself(self):
        run = check(self.root, "--use-library")
        self.assertEqual(2, run.exit_code)
        self.assertIn("add --fix or --diff", run.err)

    def test_line_ends_indentation_and_byte_order_mark_stay(self):
        before, after = textwrap.dedent(SAVE), textwrap.dedent(SAVED)
        for change in (
            lambda text: text.replace("\n", "\r\n").encode(),
            lambda text: text.replace("    ", "\t").encode(),
            lambda text: text.replace("    ", "  ").encode(),
            lambda text: text.replace('"', "'").encode(),
            lambda text: b"\xef\xbb\xbf" + text.encode(),
            lambda text: text.encode().removesuffix(b"\n"),
        ):
            with self.subTest(change(after)):
                path = self.write(change(before))
                check(self.root, "--fix", "--use-library")
                self.assertEqual(change(after), path.read_bytes())

    def test_import_stands_among_the_packages(self):
        imports = '''\
            #!/usr/bin/env python3
            """Keeps the state."""

            from __future__ import annotations

            import fcntl
            import json
            import os

            import attrs
            import requests

            from . import settings
            '''
        text = self.moved(textwrap.dedent(imports) + textwrap.dedent(SAVE).split("json\n", 1)[1] + "\nprint(os.sep)\n")
        wanted = textwrap.dedent(imports).replace("import fcntl\n", "").replace(
            "import attrs\n", "import attrs\nfrom lockwright_runtime import FileLock, replace_file\n"
        )
        self.assertEqual(wanted, text[: len(wanted)])

    def test_names_that_are_taken_are_written_out(self):
        text = self.moved(textwrap.dedent(SAVE) + "\n\nclass FileLock:\n    pass\n")
        self.assertIn("import lockwright_runtime\n", text)
        self.assertIn("with lockwright_runtime.FileLock(path):", text)
        self.assertIn("lockwright_runtime.replace_file(path, ", text)

    def test_readers_of_the_same_file_move_along(self):
        self.assert_moved(
            SAVE
            + """

    def load(path):
        with open(path) as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            return json.load(handle)
    """,
            SAVED
            + """

    def load(path):
        with FileLock(path, shared=True), open(path) as handle:
            return json.load(handle)
    """,
        )

    def test_a_title_names_all_that_move(self):
        self.write(SAVE + "\n\n    def load(path):\n        with open(path) as f:\n            fcntl.flock(f, fcntl.LOCK_SH)\n            return json.load(f)\n")
        self.assertEqual(
            [("LW102", "store.save", "Use lockwright_runtime's FileLock and replace_file() in save() and load()")],
            self.offered(),
        )

    def test_several_writes_are_collected(self):
        self.assert_moved(
            """\
            import fcntl


            def save(path, lines):
                out = open(path, "w", encoding="utf-8")
                try:
                    fcntl.flock(out, fcntl.LOCK_EX)
                    # A line each.
                    for line in lines:
                        out.write(line)
                    out.write("end")
                finally:
                    out.close()
            """,
            """\
            import io

            from lockwright_runtime import FileLock, replace_file


            def save(path, lines):
                with FileLock(path), io.StringIO() as out:
                    # A line each.
                    for line in lines:
                        out.write(line)
                    out.write("end")
                    replace_file(path, out.getvalue().encode())
            """,
        )

    def test_the_fallback_for_a_missing_file(self):
        self.assert_moved(
            """\
            import json
            import os


            def save(path, data, **options):
                try:
                    handle = open(path, "r+")
                except FileNotFoundError:
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    handle = open(path, "w")
                with handle:
                    locked = False
                    try:
                        import fcntl
                        fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                        locked = True
                    except (ImportError, OSError):
                        pass
                    try:
                        handle.seek(0)
                        handle.truncate()
                        json.dump(data, handle, **options)
                    finally:
                        if locked:
                            import fcntl
                            fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
            """\
            import json
            import os

            from lockwright_runtime import FileLock, replace_file


            def save(path, data, **options):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with FileLock(path):
                    replace_file(path, json.dumps(data, **options).encode())
            """,
        )

    def test_what_the_path_needs_stays_imported(self):
        text = self.moved("""\
            import fcntl
            import os


            def work(name, action):
                fd = os.open(os.path.join("locks", name), os.O_CREAT | os.O_RDWR)
                fcntl.flock(fd, fcntl.LOCK_EX)
                action()
                os.close(fd)
            """)
        self.assertIn("import os\n", text)
        self.assertNotIn("import fcntl\n", text)
        self.assertIn('with FileLock(os.path.join("locks", name)):', text)

    def test_the_lock_file_of_the_contract(self):
        """A flock on `path + ".lock"` is the very lock that the library takes on `path`."""
        self.assert_moved(
            '''\
            import os


            def build(target, work):
                """Builds it."""
                lock = target + ".lock"
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                if work() is None:
                    os.unlink(lock)
                    return False

                # Done.
                os.unlink(lock)
                return True
            ''',
            '''\
            from lockwright_runtime import FileLock


            def build(target, work):
                """Builds it."""
                with FileLock(target, timeout=0):
                    if work() is None:
                        return False

                    # Done.
                return True
            ''',
        )

    def test_who_was_refused_is_told_so(self):
        self.assert_moved(
            """\
            import os


            def build(target, work):
                try:
                    fd = os.open(f"{target}.lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                    os.write(fd, str(os.getpid()).encode())
                    os.close(fd)
                except FileExistsError:
                    return False
                work()
                os.unlink(f"{target}.lock")
                return True
            """,
            """\
            from lockwright_runtime import FileLock, LockTimeout


            def build(target, work):
                try:
                    hold = FileLock(target).acquire(timeout=0)
                except LockTimeout:
                    return False
                with hold:
                    work()
                return True
            """,
        )

    def test_coroutines_wait_without_stopping_the_loop(self):
        text = self.moved("""\
            import fcntl


            async def save(path, text):
                with open(path, "w") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    handle.write(text)
                    handle.flush()
            """)
        self.assertIn("    async with FileLock(path):\n        await replace_file_async(path, text.encode())\n", text)

    def test_a_pair_of_functions(self):
        self.write(
            """\
            import json

            from locks import acquire, release


            def load(session):
                fd = acquire(session)
                try:
                    return json.loads(open(session + ".json").read())
                finally:
                    release(fd)


            def finish(session):
                fd = acquire(session)
                try:
                    return load(session)
                finally:
                    release(fd)
            """,
            "agent.py",
        )
        self.assert_moved(
            """\
            import fcntl
            import os
            import time


            def acquire(session, timeout=30.0) -> int:
                path = session + ".lock"
                fd = os.open(path, os.O_CREAT | os.O_RDWR)
                deadline = time.monotonic() + timeout
                while True:
                    try:
                        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        return fd
                    except OSError:
                        if time.monotonic() > deadline:
                            os.close(fd)
                            raise TimeoutError(path)
                        time.sleep(0.1)


            def release(fd: int) -> None:
                fcntl.flock(fd, fcntl.LOCK_UN)
                os.close(fd)
            """,
            """\
            from lockwright_runtime import FileLock, Hold


            def acquire(session, timeout=30.0) -> Hold:
                path = session + ".lock"
                return FileLock(path, reentrant=True).acquire(timeout)


            def release(fd: Hold) -> None:
                fd.release()
            """,
            "locks.py",
        )

    def test_a_registry_keeps_holds(self):
        self.assert_moved(
            """\
            import asyncio
            import os

            HELD = {}


            async def acquire(path):
                if path in HELD:
                    return False
                lock_path = f"{path}.lock"
                HELD[path] = os.open(lock_path, os.O_CREAT | os.O_EXCL)
                return True


            async def release(path):
                fd = HELD.pop(path, None)
                if fd is None:
                    return
                await asyncio.to_thread(os.close, fd)  # and away
                await asyncio.to_thread(os.unlink, path + ".lock")
            """,
            """\
            from lockwright_runtime import FileLock

            HELD = {}


            async def acquire(path):
                if path in HELD:
                    return False
                lock_path = f"{path}.lock"
                HELD[path] = FileLock(path).acquire(timeout=0)
                return True


            async def release(path):
                fd = HELD.pop(path, None)
                if fd is None:
                    return
                fd.release()  # and away
            """,
        )

    def test_what_is_not_offered(self):
        for why, text in {
            "another function of the protocol cannot move": textwrap.dedent(SAVE)
            + "\n\ndef hold(path):\n    handle = open(path)\n    fcntl.flock(handle, fcntl.LOCK_SH)\n    return handle\n",
            "the file is read back": """\
                import fcntl

                def save(path, number):
                    with open(path, "w+") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        number += int(handle.read() or 0)
                        handle.write(str(number))
                        handle.flush()
                """,
            "leaving early would leave out the replacement": """\
                import fcntl

                def save(path, lines):
                    with open(path, "w") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        for line in lines:
                            if not line:
                                return
                            handle.write(line)
                        handle.flush()
                """,
            "somebody looks whether the lock file is there": """\
                import os

                LOCK = "/run/build.lck"

                def build(work):
                    os.close(os.open(LOCK, os.O_CREAT | os.O_EXCL))
                    work()
                    os.unlink(LOCK)

                def is_building():
                    return os.path.exists(LOCK)
                """,
            "work that follows the release would wait for others": """\
                import fcntl
                import os

                def work(path, first, second):
                    fd = os.open(path + ".lock", os.O_CREAT | os.O_RDWR)
                    fcntl.flock(fd, fcntl.LOCK_EX)
                    first()
                    fcntl.flock(fd, fcntl.LOCK_UN)
                    second()
                    os.close(fd)
                """,
            "somebody handles the refusal": """\
                import os

                def build(target, work):
                    os.close(os.open(target + ".lock", os.O_CREAT | os.O_EXCL))
                    work()
                    os.unlink(target + ".lock")

                def main(work):
                    try:
                        build("x", work)
                    except FileExistsError:
                        print("somebody else does")
                """,
            "somebody gets the descriptor of the registry": """\
                import asyncio
                import os

                HELD = {}

                async def acquire(path):
                    if path not in HELD:
                        HELD[path] = os.open(path + ".lock", os.O_CREAT | os.O_EXCL)
                    return HELD[path]

                async def release(path):
                    fd = HELD.pop(path)
                    await asyncio.to_thread(os.close, fd)
                    await asyncio.to_thread(os.unlink, path + ".lock")
                """,
            "a second lock is taken in between": """\
                import fcntl
                import os

                def move(source, target, work):
                    fd = os.open(source, os.O_RDWR)
                    fcntl.flock(fd, fcntl.LOCK_EX)
                    other = os.open(target, os.O_RDWR)
                    fcntl.flock(other, fcntl.LOCK_EX)
                    work(other)
                    os.close(fd)
                """,
        }.items():
            with self.subTest(why):
                self.write(text)
                self.assertEqual([], self.offered())
                self.assertTrue(findings(self.root))


@_lockwright.needs_binary
class TypeScript(Library):
    def test_lock_file(self):
        self.assert_moved(
            """\
            import * as fs from "node:fs/promises";
            import { Mutex } from "async-mutex";

            import { log } from "./log.js";

            export async function append(path: string, line: string): Promise<string> {
              const lockPath = `${path}.lock`;
              const handle = await fs.open(lockPath, "wx"); // nobody else
              // What there is.
              const text = await fs.readFile(path, "utf8");
              if (text === "") {
                await handle.close();
                await fs.unlink(lockPath);
                return text;
              }
              await fs.writeFile(path, text + line);
              log(line);

              await handle.close();
              await fs.unlink(lockPath);
              return text;
            }
            """,
            """\
            import * as fs from "node:fs/promises";
            import { Mutex } from "async-mutex";
            import { FileLock } from "@lockwright/runtime";

            import { log } from "./log.js";

            export async function append(path: string, line: string): Promise<string> {
              const hold = await new FileLock(path).acquire({ timeout: 0 }); // nobody else
              try {
                // What there is.
                const text = await fs.readFile(path, "utf8");
                if (text === "") {
                  return text;
                }
                await fs.writeFile(path, text + line);
                log(line);
                return text;
              } finally {
                hold.release();
              }
            }
            """,
            "store.ts",
        )

    def test_required(self):
        self.assert_moved(
            """\
            'use strict'
            const fs = require('fs/promises')
            const { log } = require('./log')

            exports.run = async function (path, work) {
            \tawait fs.mkdir(path + '.lock')
            \tawait work()
            \tawait fs.rmdir(path + '.lock')
            }
            """,
            """\
            'use strict'
            const fs = require('fs/promises')
            const { FileLock } = require('@lockwright/runtime')
            const { log } = require('./log')

            exports.run = async function (path, work) {
            \tconst hold = await new FileLock(path).acquire({ timeout: 0 })
            \ttry {
            \t\tawait work()
            \t} finally {
            \t\thold.release()
            \t}
            }
            """,
            "store.cjs",
        )

    def test_a_helper_that_tries_again(self):
        self.assert_moved(
            """\
            import fs from "node:fs/promises";

            async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
              const lock = `${file}.lock`;
              for (;;) {
                try {
                  const handle = await fs.open(lock, "wx");
                  await handle.close();
                  break;
                } catch (error: any) {
                  if (error.code !== "EEXIST") throw error;
                  await new Promise((resolve) => setTimeout(resolve, 50));
                }
              }
              try {
                return await work();
              } finally {
                await fs.rm(lock, { force: true });
              }
            }

            export class Store {
              constructor(private readonly file: string) {}

              set(key: string) {
                return withLock(this.file, () => fs.appendFile(this.file, key));
              }

              async setAll(keys: string[]) {
                await withLock(this.file, async () => {
                  for (const key of keys) await this.set(key);
                });
              }
            }
            """,
            """\
            import fs from "node:fs/promises";
            import { FileLock } from "@lockwright/runtime";

            async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
              const hold = await new FileLock(file, { reentrant: true }).acquire();
              try {
                return await work();
              } finally {
                hold.release();
              }
            }

            export class Store {
              constructor(private readonly file: string) {}

              set(key: string) {
                return withLock(this.file, () => fs.appendFile(this.file, key));
              }

              async setAll(keys: string[]) {
                await withLock(this.file, async () => {
                  for (const key of keys) await this.set(key);
                });
              }
            }
            """,
            "store.ts",
        )

    def test_a_registry_keeps_holds(self):
        self.assert_moved(
            """\
            import * as fs from "node:fs/promises";
            import { log } from "./log";

            export class Locks {
              private readonly held = new Map<string, fs.FileHandle>();

              async acquire(path: string): Promise<boolean> {
                if (this.held.has(path)) return false;
                const lockPath = `${path}.lock`;
                const handle = await fs.open(lockPath, "wx");
                this.held.set(path, handle);
                return true;
              }

              async release(path: string): Promise<void> {
                const handle = this.held.get(path);
                if (!handle) return;
                this.held.delete(path); // no more
                await handle.close();
                await fs.rm(`${path}.lock`, { force: true });
                log(path);
              }
            }
            """,
            """\
            import * as fs from "node:fs/promises";
            import { FileLock, type Hold } from "@lockwright/runtime";
            import { log } from "./log";

            export class Locks {
              private readonly held = new Map<string, Hold>();

              async acquire(path: string): Promise<boolean> {
                if (this.held.has(path)) return false;
                const handle = await new FileLock(path).acquire({ timeout: 0 });
                this.held.set(path, handle);
                return true;
              }

              async release(path: string): Promise<void> {
                const handle = this.held.get(path);
                if (!handle) return;
                handle.release();
                this.held.delete(path); // no more
                log(path);
              }
            }
            """,
            "store.ts",
        )

    def test_a_package(self):
        text = self.moved(
            """\
            import * as fs from "node:fs/promises";
            import lockfile from "proper-lockfile";

            export async function save(path: string, text: string): Promise<void> {
              const release = await lockfile.lock(path, { retries: 5 });
              const old = JSON.parse(await fs.readFile(path, "utf8"));
              try {
                await fs.writeFile(path, JSON.stringify([old, text]));
              } finally {
                await release();
              }
            }
            """,
            "store.ts",
        )
        self.assertNotIn("proper-lockfile", text)
        self.assertIn("  const hold = await new FileLock(path).acquire();\n  try {\n    const old", text)
        self.assertIn("    await fs.writeFile(path, JSON.stringify([old, text]));\n  } finally {\n    hold.release();\n  }\n", text)

    def test_save(self):
        text = self.moved(
            """\
            import * as fs from "node:fs";
            import { flockSync } from "fs-ext";

            export async function save(path, state) {
              const fd = fs.openSync(path, "w");
              try {
                flockSync(fd, "ex");
                fs.writeSync(fd, JSON.stringify(state));
              } finally {
                fs.closeSync(fd);
              }
            }
            """,
            "store.mjs",
        )
        self.assertIn("  const hold = await new FileLock(path).acquire();\n  try {\n", text)
        self.assertIn("    await replaceFile(path, JSON.stringify(state));\n  } finally {\n    hold.release();\n  }\n}\n", text)

    def test_what_is_not_offered(self):
        lock = 'fs.closeSync(fs.openSync(lockPath, "wx"));\n  work();\n  fs.unlinkSync(lockPath);'
        for why, text in {
            "a synchronous function": f"export function run(lockPath, work) {{\n  {lock}\n}}\n",
            "somebody handles the refusal": f"export async function run(lockPath, work) {{\n  {lock}\n}}\n"
            'export const busy = (error) => error.code === "EEXIST";\n',
            "somebody else removes such files": f"export async function run(lockPath, work) {{\n  {lock}\n}}\n"
            "export function reset(lockPath) {\n  fs.unlinkSync(lockPath);\n}\n",
        }.items():
            with self.subTest(why):
                self.write('import * as fs from "node:fs";\n\n' + text, "store.mjs")
                self.assertTrue(findings(self.root))
                self.assertEqual([], self.offered())


@_lockwright.needs_binary
class C(Library):
    """In place: there is no move."""

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
        text = self.moved(
            """\
            import * as fs from "node:fs";
            import { flockSync } from "fs-ext";

            async function add(path, steps) {
              for (let step = 0; step < steps; step++) {
                const lock = fs.openSync(path + ".lock", "a");
                flockSync(lock, "ex");
                const number = Number(fs.readFileSync(path, "utf8"));
                await new Promise(setImmediate);
                fs.writeFileSync(path, String(number + 1));
                flockSync(lock, "un");
                fs.closeSync(lock);
              }
            }

            await add(process.argv[2], Number(process.argv[3]));
            """,
            "store.mjs",
        )
        self.assertIn("await new FileLock(path).acquire();", text)
        self.assertNotIn("fs-ext", text)  # which is not installed here
        packages = self.root / "node_modules/@lockwright"
        packages.mkdir(parents=True)
        (packages / "runtime").symlink_to(RUNTIME / "typescript")
        (self.root / "count").write_text("0")
        self.run_workers([NODE, "store.mjs", "count", str(self.ROUNDS)])
        self.assertEqual(self.WORKERS * self.ROUNDS, int((self.root / "count").read_text()))


if __name__ == "__main__":
    unittest.main()
