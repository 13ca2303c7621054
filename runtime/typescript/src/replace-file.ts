/** Changing a file so that nobody ever reads half of it, and nothing is lost. */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, openSync, renameSync, statSync, unlinkSync, writeFileSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";

import { FileLock, callSite, type AcquireOptions } from "./file-lock.js";
import { resolvedPath } from "./paths.js";

export interface UpdateOptions extends AcquireOptions {}

/** undefined if there is no such file. */
async function orMissing<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Owner and group first: chown(2) clears set-id bits. Those are kept only with the owner they were meant for. */
async function takeAttributes(file: FileHandle, old: Stats): Promise<void> {
  const mine = await file.stat();
  let sameOwner = mine.uid === old.uid && mine.gid === old.gid;
  if (!sameOwner) {
    const tryOwner = async (uid: number): Promise<boolean> => {
      try {
        await file.chown(uid, old.gid);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
        throw error;
      }
    };
    sameOwner = await tryOwner(old.uid);
    if (!sameOwner) await tryOwner(mine.uid);
  }
  await file.chmod(old.mode & (sameOwner ? 0o7777 : 0o777));
}

/**
 * Replaces the content of a file, or creates it. Readers see the old content or the new, whole.
 *
 * A temporary file of a unique name in the same directory is written, flushed to disk (fsync(2)), given the old file's
 * permission bits (and its owner and group, as far as the system permits that), renamed over the old file, and the
 * directory is flushed. A symbolic link stays one: its target is replaced. Hard links to the old file keep the old
 * content; extended attributes and ACLs are not carried over.
 *
 * Rejects with the system's error; then the old file stands and the temporary file is gone. One exception: if flushing
 * the directory fails, the new content is in place, though perhaps not yet on disk. A process killed in here leaves the
 * old or the new file, and maybe a file `.NAME.*.tmp`.
 *
 * Takes no lock: of two that replace at the same time, the last wins.
 */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  await replaceResolved(resolvedPath(path), content);
}

function checkRegular(target: string, old: Stats | undefined): void {
  if (old === undefined || old.isFile()) return;
  const code = old.isDirectory() ? "EISDIR" : "EINVAL";
  throw Object.assign(new Error(`${code}: not a regular file, '${target}'`), { code, path: target });
}

function temporaryFor(target: string): string {
  // Short, so that a name of the greatest length can be replaced too: it is the bytes that count.
  const name = Buffer.from(basename(target)).subarray(0, 100).toString().replace(/\ufffd+$/, "");
  return join(dirname(target), `.${name}.${randomBytes(8).toString("hex")}.tmp`);
}

async function replaceResolved(target: string, content: Uint8Array | string): Promise<void> {
  const old = await orMissing(stat(target));
  checkRegular(target, old);
  const folder = dirname(target);
  const temporary = temporaryFor(target);
  // Nobody else may read what may be a secret until the bits are right; a new file gets what the umask leaves.
  const file = await open(temporary, "wx", old === undefined ? 0o666 : 0o600);
  let renamed = false;
  try {
    try {
      await file.writeFile(content);
      if (old !== undefined) await takeAttributes(file, old);
      await file.sync();
    } finally {
      await file.close();
    }
    // Opened before the rename: what fails for want of a descriptor fails while the old file still stands.
    const directory = process.platform === "win32" ? undefined : await open(folder, "r");
    try {
      await rename(temporary, target);
      renamed = true;
      await directory?.sync();
    } finally {
      await directory?.close();
    }
  } finally {
    // The error under way says more than one from here.
    if (!renamed) await unlink(temporary).catch(() => undefined);
  }
}

function takeAttributesSync(file: number, old: Stats): void {
  const mine = fstatSync(file);
  let sameOwner = mine.uid === old.uid && mine.gid === old.gid;
  if (!sameOwner) {
    const tryOwner = (uid: number): boolean => {
      try {
        fchownSync(file, uid, old.gid);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EPERM") return false;
        throw error;
      }
    };
    sameOwner = tryOwner(old.uid);
    if (!sameOwner) tryOwner(mine.uid);
  }
  fchmodSync(file, old.mode & (sameOwner ? 0o7777 : 0o777));
}

/** replaceFile() for code that cannot await, with the same promises; throws what that rejects with. */
export function replaceFileSync(path: string, content: Uint8Array | string): void {
  const target = resolvedPath(path);
  const old = statSync(target, { throwIfNoEntry: false });
  checkRegular(target, old);
  const temporary = temporaryFor(target);
  const file = openSync(temporary, "wx", old === undefined ? 0o666 : 0o600);
  let renamed = false;
  try {
    try {
      writeFileSync(file, content);
      if (old !== undefined) takeAttributesSync(file, old);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const directory = process.platform === "win32" ? undefined : openSync(dirname(target), "r");
    try {
      renameSync(temporary, target);
      renamed = true;
      if (directory !== undefined) fsyncSync(directory);
    } finally {
      if (directory !== undefined) closeSync(directory);
    }
  } finally {
    if (!renamed) {
      try {
        unlinkSync(temporary);
      } catch {
        // The error under way says more.
      }
    }
  }
}

/**
 * Reads a file, gives its content to `fn` (undefined if there is no such file), and replaces it by what `fn` returns,
 * under the file's lock: no update of another user of this library is lost. Resolves to the new content.
 *
 * What `fn` throws is thrown on, and the file stays as it is. Rejects as FileLock.acquire() and replaceFile() do. `fn`
 * must not acquire the lock of `path` itself: AlreadyHeldError. The signal ends waiting for the lock, nothing else.
 */
export function updateFile<Content extends Uint8Array | string>(
  path: string,
  fn: (content: Buffer | undefined) => Content | Promise<Content>,
  options: UpdateOptions = {},
): Promise<Content> {
  return updateFrom(callSite(updateFile), path, fn, options);
}

async function updateFrom<Content extends Uint8Array | string>(
  site: { stack?: string },
  path: string,
  fn: (content: Buffer | undefined) => Content | Promise<Content>,
  options: UpdateOptions,
): Promise<Content> {
  const lock = new FileLock(path);
  return await lock.withLockFrom(
    site,
    async () => {
      const content = await fn(await orMissing(readFile(lock.path)));
      await replaceResolved(lock.path, content);
      return content;
    },
    options,
  );
}

/**
 * updateFile() for JSON: `fn` gets the value and returns the new one, to which this resolves. If there is no file, `fn`
 * gets `options.default`. A file that is not JSON (an empty one is not) rejects with a SyntaxError and stays as it is.
 */
export async function updateJson<Value>(
  path: string,
  fn: (value: Value) => Value | Promise<Value>,
  options: UpdateOptions & { readonly default?: Value } = {},
): Promise<Value> {
  let value = options.default as Value;
  await updateFrom(
    callSite(updateJson),
    path,
    async (content) => {
      value = await fn(content === undefined ? value : (JSON.parse(content.toString()) as Value));
      const text: string | undefined = JSON.stringify(value, undefined, 2);
      if (text === undefined) throw new TypeError("the new value is nothing that JSON can say");
      return `${text}\n`;
    },
    options,
  );
  return value;
}
