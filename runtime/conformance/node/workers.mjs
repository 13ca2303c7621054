// Workers and the main thread add to one counter under the lock, all in one process.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { Worker, isMainThread, workerData } from "node:worker_threads";

import { FileLock } from "../../typescript/dist/index.js";

const path = isMainThread ? process.argv[2] : workerData;
const times = 150;

async function add() {
  for (let step = 0; step < times; step++) {
    const hold = await new FileLock(path).acquire();
    try {
      const count = Number(readFileSync(path, "utf8"));
      await new Promise(setImmediate);
      writeFileSync(path, String(count + 1));
    } finally {
      hold.release();
    }
  }
}

if (isMainThread) {
  writeFileSync(path, "0");
  const workers = Array.from({ length: 3 }, () => new Worker(new URL(import.meta.url), { workerData: path }));
  const ended = workers.map((worker) => new Promise((done, failed) => worker.once("error", failed).once("exit", done)));
  await Promise.all([add(), add(), ...ended]);
  assert.equal(readFileSync(path, "utf8"), String(5 * times));
} else {
  await add();
}
