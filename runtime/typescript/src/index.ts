/**
 * A lock between processes and tasks; atomic file replacement; leases.
 *
 * ```ts
 * import { FileLock } from "@lockwright/runtime";
 *
 * const lock = new FileLock("state.json");
 * await lock.withLock(async () => {
 *   // nobody else is here
 * }, { timeout: 5000 });
 * ```
 *
 * Code that cannot await has `withLockSync()`, `acquireSync()`, `tryAcquireSync()` and `replaceFileSync()`, by which the
 * thread waits.
 *
 * The lock is a kernel lock (flock(2); LockFileEx on Windows, untested) on a file beside the path, `state.json.lock`,
 * since the file itself is replaced by others and by {@link replaceFile}. Processes that use the C++ or Python form of
 * this library exclude each other and these. What is promised (the whole table: runtime/README.md):
 *
 *  1. Mutual exclusion among all processes, workers and tasks that use it, on a local file system. The first acquire on
 *     a file system tries whether its locks exclude; where they do not, acquiring throws ENOLCK.
 *  2. The kernel drops the lock when the holder dies, however it dies.
 *  3. The lock file is never deleted and never truncated. If somebody else deletes it, an acquire notices that what it
 *     locked has no name any more, and starts again.
 *  4. A nested acquire throws {@link AlreadyHeldError} at once, with the place of the first; `reentrant: true` counts
 *     instead. What is nested: see {@link FileLock}.
 *  5. When a release returns, the descriptor is closed and the kernel lock gone; only then the in-process entry goes.
 *     Every way out of the scoped form releases.
 *  6. Descriptors are close-on-exec: a child process owns none of its parent's locks.
 *  7. Waiting (but for the synchronous forms) never blocks the event loop, backs off with jitter, honours its timeout, and can be aborted by an
 *     AbortSignal without leaving a lock behind.
 *  8. Who acquired is written into the lock file, for people and messages; nothing decides by it.
 *  9. {@link replaceFile}: a reader sees the old or the new content, whole; on failure the old file stands.
 * 10. {@link Lease}: ownership that outlives a process, with a fencing token that only grows.
 *
 * Times are in milliseconds. Limits: locks are advisory; two hard links to one data file are two names and two locks
 * (symbolic links are resolved); whoever deletes the lock file of a holder lets a second one in.
 *
 * @packageDocumentation
 */
export { AlreadyHeldError, InvalidRecord, LeaseLost, LockTimeout, LockwrightError, NotHeldError } from "./errors.js";
export { FileLock, type AcquireOptions, type AcquireSyncOptions, type FileLockOptions, type Hold } from "./file-lock.js";
export { readHolder, type HolderRecord } from "./holder.js";
export { Lease, type LeaseRecord } from "./lease.js";
export { replaceFile, replaceFileSync, updateFile, updateJson, type UpdateOptions } from "./replace-file.js";
