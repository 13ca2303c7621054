// What follows the await of a bare acquire() is in its hold, whatever object asks; everybody else waits.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { AlreadyHeldError, FileLock } from "../../typescript/dist/index.js";

const path = process.argv[2];
const make = (options) => new FileLock(path, options);
const timeout = 10000;
const alive = setInterval(() => undefined, 1000); // so that what waits by mistake is not told for want of others

async function assertNested(acquire) {
  const began = performance.now();
  await assert.rejects(acquire(), AlreadyHeldError);
  assert.ok(performance.now() - began < 5000, "it waited");
}

// In the hold: what is awaited, called, scheduled from there.
const hold = await make().acquire();
await assertNested(() => make().acquire({ timeout }));
await assertNested(() => make().withLock(() => undefined, { timeout }));
await assertNested(async () => {
  await sleep(2);
  await make().acquire({ timeout });
});
await assertNested(() => new Promise((done, failed) => setTimeout(() => make().acquire({ timeout }).then(done, failed), 2)));
assert.equal(hold.held, true);
(await make({ reentrant: true }).acquire()).release();
await new FileLock(`${path}-other`).withLock(() => assertNested(() => make().acquire({ timeout })));
hold.release();
(await make().acquire(0)).release();

await make()
  .acquire()
  .then(async (own) => {
    await assertNested(() => make().acquire({ timeout }));
    own.release();
  });

// A promise that is awaited later than it was made.
const promised = make().acquire();
await sleep(5);
const later = await promised;
await assertNested(() => make().acquire({ timeout }));
later.release();

// Others: tasks that one function starts one after the other, also while one of them holds.
let inside = 0;
async function section(milliseconds) {
  const own = await make().acquire({ timeout });
  assert.equal(++inside, 1, "two hold the lock");
  await sleep(milliseconds);
  inside--;
  own.release();
}
await Promise.all(Array.from({ length: 20 }, () => section(1)));
const first = section(40);
await sleep(5);
await Promise.all([first, section(1), new Promise((done, failed) => setTimeout(() => section(1).then(done, failed), 2))]);

// Who is woken from inside a hold is not in it.
let wake;
const woken = new Promise((resolve) => (wake = resolve));
await Promise.all([
  make().acquire().then(async (own) => {
    wake();
    await sleep(20);
    own.release();
  }),
  woken.then(() => section(1)),
]);

// A hold that was passed on and ended leaves nothing behind, however often.
for (let turn = 0; turn < 100; turn++) {
  const next = await new FileLock(`${path}-${turn % 2}`).acquire();
  setImmediate(() => next.release());
  await sleep(0);
  await sleep(1);
}
clearInterval(alive);
