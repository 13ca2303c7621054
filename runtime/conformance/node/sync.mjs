// The synchronous forms: exclusion, nesting, timeouts, and what a thread that stands still must not wait for.
//   sync.mjs PATH            checks all of that
//   sync.mjs PATH add N      adds N to the counter file, one by one
//   sync.mjs PATH hold       holds the lock, says so, and stays
import assert from "node:assert/strict";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, chmodSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Worker, isMainThread, workerData } from "node:worker_threads";

import { AlreadyHeldError, FileLock, LockTimeout, replaceFileSync } from "../../typescript/dist/index.js";

const [path, what, times] = isMainThread ? process.argv.slice(2) : workerData;
const marker = `${path}.inside`;

function add() {
  for (let step = 0; step < Number(times); step++) {
    new FileLock(path).withLockSync(() => {
      closeSync(openSync(marker, "wx")); // fails if somebody else is here
      writeFileSync(path, String(Number(readFileSync(path, "utf8")) + 1));
      unlinkSync(marker);
    });
  }
}

function nesting() {
  const make = (options) => new FileLock(path, options);
  const hold = make().acquireSync();
  const began = performance.now();
  assert.throws(() => make().acquireSync({ timeout: 10000 }), (error) => {
    assert.ok(error instanceof AlreadyHeldError);
    assert.match(error.file, /sync\.mjs$/);
    return true;
  });
  assert.throws(() => make().tryAcquireSync(), AlreadyHeldError);
  assert.throws(() => make().withLockSync(() => undefined, { timeout: 10000 }), AlreadyHeldError);
  assert.ok(performance.now() - began < 5000, "it waited");
  const again = make({ reentrant: true }).acquireSync();
  hold.release();
  hold.release();
  assert.equal(again.held, true);
  assert.throws(() => make().acquireSync(0), AlreadyHeldError);
  again.release();
  make().acquireSync(0).release();

  const shared = make({ shared: true }).acquireSync();
  assert.throws(() => make({ reentrant: true }).acquireSync(), AlreadyHeldError); // no upgrade
  shared.release();
}

function everyWayOut() {
  const lock = new FileLock(path);
  assert.equal(lock.withLockSync(() => 7), 7);
  assert.throws(() => lock.withLockSync(() => { throw new RangeError("mine"); }), RangeError);
  assert.throws(() => lock.withLockSync(async () => undefined), TypeError);
  assert.throws(() => lock.acquireSync({ timeout: -1 }), RangeError);
  assert.equal(lock.held, false);
  lock.acquireSync();
  assert.equal(lock.held, true);
  lock.release();
  lock.tryAcquireSync().release();
}

/** Tasks of this thread: who has control has the hold; the others are not in it. */
async function tasks() {
  const holder = await new FileLock(path).acquire();
  let told;
  // Not in the hold: started by what ran before it.
  await new Promise((resolve) => outside(() => {
    try {
      new FileLock(path).acquireSync({ timeout: 10000 });
    } catch (error) {
      told = error;
    }
    assert.throws(() => new FileLock(path).acquireSync(0), LockTimeout);
    assert.equal(new FileLock(path).tryAcquireSync(), undefined);
    resolve();
  }));
  assert.ok(told instanceof AlreadyHeldError, String(told));
  holder.release();

  const sync = new FileLock(path).acquireSync();
  await assert.rejects(new FileLock(path).acquire({ timeout: 10000 }), AlreadyHeldError);
  sync.release();
  (await new FileLock(path).acquire(0)).release();
}

let outside;
const bell = [];
const bells = setInterval(() => bell.splice(0).forEach((ring) => ring()), 1);
outside = (ring) => bell.push(ring);

/** Another thread of the process holds: this one waits, and honours its timeout. */
async function workers() {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: [path, "keep", state] });
  while (Atomics.load(state, 0) === 0) await new Promise(setImmediate);
  const began = performance.now();
  assert.throws(() => new FileLock(path).acquireSync({ timeout: 50 }), (error) => error instanceof LockTimeout && error.waited >= 50);
  assert.ok(performance.now() - began >= 50);
  assert.equal(new FileLock(path).tryAcquireSync(), undefined);
  Atomics.store(state, 0, 2);
  Atomics.notify(state, 0);
  new FileLock(path).acquireSync({ timeout: 20000 }).release();
  await new Promise((ended) => worker.once("exit", ended));
}

function replacing() {
  chmodSync(path, 0o640);
  replaceFileSync(path, "new");
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.equal(statSync(path).mode & 0o777, 0o640);
  replaceFileSync(`${path}-2`, Buffer.from("made"));
  assert.equal(readFileSync(`${path}-2`, "utf8"), "made");
  assert.throws(() => replaceFileSync(dirname(path), "x"), { code: "EISDIR" });
  assert.throws(() => replaceFileSync(`${path}-none/file`, "x"), { code: "ENOENT" });
  assert.deepEqual(readdirSync(dirname(path)).filter((name) => name.endsWith(".tmp")), []);
}

if (what === "add") {
  add();
} else if (what === "keep") {
  const hold = new FileLock(path).acquireSync();
  Atomics.store(times, 0, 1);
  Atomics.wait(times, 0, 1);
  hold.release();
} else if (what === "hold") {
  new FileLock(path).acquireSync();
  writeSync(1, "held\n");
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
} else {
  writeFileSync(path, "0");
  nesting();
  everyWayOut();
  await tasks();
  await workers();
  replacing();
  assert.ok(existsSync(`${path}.lock`));
}
clearInterval(bells);
