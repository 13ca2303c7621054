// A function acquires and hands the hold on, so that its caller is not seen to be in it: when nothing is left that could
// release, the second acquire is told.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { AlreadyHeldError, FileLock } from "../../typescript/dist/index.js";

const path = process.argv[2];
const take = async () => await new FileLock(path).acquire();

const hold = await take();
await assert.rejects(new FileLock(path).acquire(), AlreadyHeldError);
await assert.rejects(new FileLock(path).withLock(() => undefined), AlreadyHeldError);
assert.equal(hold.held, true);

// As long as somebody is at work, it may be released.
sleep(50).then(() => hold.release());
(await take()).release();
