// Disposal, aborting, and whose hold is whose.
import assert from "node:assert/strict";

import { AlreadyHeldError, FileLock, LockTimeout, updateFile } from "../../typescript/dist/index.js";

const path = process.argv[2];
const lock = new FileLock(path);

const hold = await lock.acquire();
assert.equal(hold.held && lock.held, true);
await hold[Symbol.asyncDispose]();
hold[Symbol.dispose]();
assert.equal(hold.held || lock.held, false);

// Concurrent withLock() calls of one object are different holders; a task that a section started is not.
await Promise.all([lock.withLock(() => undefined), lock.withLock(() => undefined)]);
await lock.withLock(async () => {
  await assert.rejects(Promise.all([Promise.resolve().then(() => new FileLock(path).acquire())]), AlreadyHeldError);
  await assert.rejects(updateFile(path, () => "x"), AlreadyHeldError);
});
// What outlives the section is free to acquire.
let late;
await lock.withLock(() => {
  late = new Promise((resolve) => setTimeout(resolve, 20)).then(() => lock.withLock(() => "late"));
});
assert.equal(await late, "late");

// An aborted signal, before and while waiting.
const reason = new Error("enough");
await assert.rejects(lock.acquire({ signal: AbortSignal.abort(reason) }), reason);
const held = await (async () => new FileLock(path).acquire())(); // handed on: this code is not seen to be in it
const controller = new AbortController();
const waiting = lock.acquire({ signal: controller.signal });
setTimeout(() => controller.abort(reason), 10);
await assert.rejects(waiting, reason);
await assert.rejects(lock.acquire(-1), RangeError);
await assert.rejects(lock.acquire(NaN), RangeError);
const others = setInterval(() => undefined, 1000); // somebody might release it
await assert.rejects(lock.acquire(10), LockTimeout);
clearInterval(others);
held.release();
lock.release();
(await lock.acquire(0)).release();
