// The Node locks; the arguments are those of locks.py.
import { openSync, readSync, writeSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [, , name, path, what, time, workText] = process.argv;
const milliseconds = Number(time) * 1000;
const work = Number(workText ?? 0) / 1000;
const require = createRequire(import.meta.url);

async function makeLock() {
  if (name === "lockwright") {
    const { FileLock } = await import("../../runtime/typescript/dist/index.js");
    const lock = new FileLock(path);
    return (fn) => lock.withLock(fn);
  }
  const lockfile = require("proper-lockfile");
  const retries = { forever: true, factor: 2, minTimeout: 1, maxTimeout: 10, randomize: true };
  return async (fn) => {
    const release = await lockfile.lock(path, { retries, realpath: false });
    try {
      return fn();
    } finally {
      await release();
    }
  };
}

const withLock = await makeLock();

async function uncontended() {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    let count = 0;
    while (performance.now() - began < milliseconds / 5) {
      for (let step = 0; step < 10; step++) await withLock(() => undefined);
      count += 10;
    }
    best = Math.max(best, (count / (performance.now() - began)) * 1000);
  }
  return best;
}

function compute() {
  for (const end = performance.now() + work; performance.now() < end; );
}

async function contended() {
  const file = openSync(path, "r+");
  const buffer = Buffer.alloc(20);
  const end = performance.now() + milliseconds;
  let count = 0;
  while (performance.now() < end) {
    await withLock(() => {
      const length = readSync(file, buffer, 0, 20, 0);
      const value = Number(buffer.toString("latin1", 0, length) || 0);
      writeSync(file, String(value + 1).padStart(20, "0"), 0);
      if (work > 0) compute();
    });
    if (work > 0) compute();
    count++;
  }
  return count;
}

if (what === "contended") {
  console.log("ready");
  process.stdin.once("data", async () => {
    console.log(await contended());
    process.exit(0);
  });
} else {
  writeFileSync(path, "0", { flag: "a" });
  console.log(await uncontended());
}
