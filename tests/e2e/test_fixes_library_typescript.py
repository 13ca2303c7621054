"""The move to the lock library in TypeScript, word for word."""

import unittest

import _lockwright
from _fixes import findings
from _fixes_library import Library


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

    def test_synchronous_functions(self):
        self.assert_moved(
            """\
            import * as fs from "node:fs";
            import lockfile from "proper-lockfile";
            import { flockSync } from "fs-ext";

            export function add(path, text) {
              const release = lockfile.lockSync(path);
              const old = JSON.parse(fs.readFileSync(path, "utf8"));
              fs.writeFileSync(path, JSON.stringify([...old, text]));
              release();
            }
            """,
            """\
            import * as fs from "node:fs";
            import { flockSync } from "fs-ext";
            import { FileLock } from "@lockwright/runtime";

            export function add(path, text) {
              const hold = new FileLock(path).acquireSync({ timeout: 0 });
              try {
                const old = JSON.parse(fs.readFileSync(path, "utf8"));
                fs.writeFileSync(path, JSON.stringify([...old, text]));
              } finally {
                hold.release();
              }
            }
            """,
            "store.mjs",
        )

    def test_synchronous_writes(self):
        text = self.moved(
            """\
            import * as fs from "node:fs";
            import { flockSync } from "fs-ext";

            export function save(path, state) {
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
        self.assertIn('import { FileLock, replaceFileSync } from "@lockwright/runtime";\n', text)
        self.assertIn("  const hold = new FileLock(path).acquireSync();\n  try {\n    replaceFileSync(path, JSON.stringify(state));\n", text)

    def test_what_is_not_offered(self):
        lock = 'fs.closeSync(fs.openSync(lockPath, "wx"));\n  work();\n  fs.unlinkSync(lockPath);'
        for why, text in {
            "a function that stops in the middle": f"export function* run(lockPath, work) {{\n  yield 1;\n  {lock}\n}}\n",
            "somebody handles the refusal": f"export async function run(lockPath, work) {{\n  {lock}\n}}\n"
            'export const busy = (error) => error.code === "EEXIST";\n',
            "somebody else removes such files": f"export async function run(lockPath, work) {{\n  {lock}\n}}\n"
            "export function reset(lockPath) {\n  fs.unlinkSync(lockPath);\n}\n",
        }.items():
            with self.subTest(why):
                self.write('import * as fs from "node:fs";\n\n' + text, "store.mjs")
                self.assertTrue(findings(self.root))
                self.assertEqual([], self.offered())


if __name__ == "__main__":
    unittest.main()
