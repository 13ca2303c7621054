// A worker thread that acquires and is then terminated, while its process lives on.
import assert from "node:assert/strict";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

import { FileLock, LockTimeout } from "../../typescript/dist/index.js";

if (!isMainThread) {
  globalThis.hold = await new FileLock(workerData).acquire();
  parentPort.postMessage("held");
  setInterval(() => undefined, 1000);
} else {
  const path = process.argv[2];
  const lock = new FileLock(path);
  const worker = new Worker(new URL(import.meta.url), { workerData: path });
  await new Promise((resolve) => worker.once("message", resolve));
  await assert.rejects(lock.acquire(0), LockTimeout);
  await worker.terminate();
  (await lock.acquire(0)).release();
}
