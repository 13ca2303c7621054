"""Repairs in place, word for word: nested locks in TypeScript, failures after an acquire, C and C++."""

import shutil
import subprocess
import textwrap
import unittest

from _fixes import NODE, TIMEOUT, check, findings
from _fixes_in_place import InPlace


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
