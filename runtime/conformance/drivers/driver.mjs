// The TypeScript form's driver. README.md says what the operations do.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";

import { FileLock, Lease, replaceFile, updateFile, updateJson } from "../../typescript/dist/index.js";

const holds = new Map();
const leases = new Map();
const locks = new Map(); // one object for each actor and file: acquire() belongs to the object

const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const ms = (seconds) => (seconds === undefined || seconds === null ? undefined : seconds * 1000);
const optionsOf = (request) => ({ timeout: ms(request.timeout) });
const lockOf = (request, path = request.path, prefix = "") =>
  new FileLock(path, { shared: request[`${prefix}shared`] ?? false, reentrant: request.reentrant ?? false });

class Failure extends Error {
  name = "Failure";
}

function described(error) {
  const result = { type: error.name === "Error" ? "OSError" : error.name, message: error.message };
  if (typeof error.errno === "number") result.errno = -error.errno;
  if (error.code !== undefined) result.code = error.code;
  for (const name of ["path", "file", "line", "token"]) if (error[name] !== undefined) result[name] = error[name];
  if (error.waited !== undefined) result.waited = error.waited / 1000;
  if (error.holder) result.holder = { pid: error.holder.pid, mode: error.holder.mode, program: error.holder.program };
  return result;
}

function addInPlace(path) {
  const count = Number(readFileSync(path, "utf8") || 0);
  writeFileSync(path, String(count + 1));
}

const leaseOf = (request) => new Lease(request.path, request.owner, request.ttl * 1000);

const operations = {
  hello: () => ({ language: "typescript", pid: process.pid, actor: "task" }),
  begin(request) {
    for (const hold of holds.values()) hold.release();
    for (const map of [holds, leases, locks]) map.clear();
    process.chdir(request.folder);
  },
  async acquire(request) {
    const key = JSON.stringify([request.actor, request.path, request.shared, request.reentrant]);
    if (!locks.has(key)) locks.set(key, lockOf(request));
    holds.set(request.as, await locks.get(key).acquire(optionsOf(request)));
  },
  release: (request) => holds.get(request.as).release(),
  held: (request) => holds.get(request.as).held,
  async nest(request) {
    if (request.bare) {
      const outer = await lockOf(request).acquire();
      try {
        (await lockOf(request, request.inner, "inner_").acquire({ timeout: 20000 })).release();
      } finally {
        if (!outer.held) throw new Failure("the nested acquire ended the hold");
        outer.release();
      }
      return;
    }
    await lockOf(request).withLock(async () => {
      const inner = await lockOf(request, request.inner, "inner_").acquire({ timeout: 20000 });
      inner.release();
    });
  },
  async leave(request) {
    const lock = lockOf(request);
    const { how } = request;
    if (how === "return") {
      await lock.withLock(() => 1);
    } else if (how === "exception") {
      await lock.withLock(() => { throw new Failure(); }).catch((error) => { if (!(error instanceof Failure)) throw error; });
    } else if (how === "generator") {
      async function* section() {
        const hold = await lock.acquire();
        try {
          yield;
        } finally {
          await hold[Symbol.asyncDispose]();
        }
      }
      const generator = section();
      await generator.next();
      await generator.return();
    } else if (how === "cancel") {
      const signal = AbortSignal.timeout(30);
      await lock
        .withLock(() => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))), { signal })
        .catch((error) => { if (error !== signal.reason) throw error; });
    }
  },
  async cancel(request) {
    const signal = AbortSignal.timeout(request.after * 1000);
    try {
      await new FileLock(request.path).withLock(() => undefined, { signal });
      return "not cancelled";
    } catch (error) {
      if (error !== signal.reason) throw error;
      return "cancelled";
    }
  },
  async increment(request) {
    const lock = lockOf(request, request.lock);
    const { marker } = request;
    let overlaps = 0;
    for (let step = 0; step < request.times; step++) {
      await lock.withLock(async () => {
        if (marker) {
          try { closeSync(openSync(marker, "wx")); } catch (error) { if (error.code !== "EEXIST") throw error; overlaps++; }
        }
        await turn();
        addInPlace(request.path);
        if (marker) {
          try { unlinkSync(marker); } catch (error) { if (error.code !== "ENOENT") throw error; overlaps++; }
        }
      });
    }
    return overlaps;
  },
  async update(request) {
    for (let step = 0; step < request.times; step++) {
      await updateFile(request.path, (content) => String(Number(content?.toString() ?? 0) + 1));
      say({ event: request.id, n: step });
    }
  },
  async save(request) {
    for (let step = 0; step < request.times; step++) {
      await updateJson(
        request.path,
        async (value) => {
          const count = value[request.key] ?? 0;
          await turn();
          return { ...value, [request.key]: count + 1 };
        },
        { default: {} },
      );
    }
  },
  fail_update: (request) => updateFile(request.path, () => { throw new Failure("in the function"); }),
  nest_update: (request) =>
    updateFile(request.path, async () => {
      (await lockOf(request).acquire({ timeout: 20000 })).release();
      return "nested";
    }),
  async replace(request) {
    const content = request.letter.repeat(request.size);
    for (let step = 0; step < request.times; step++) {
      await replaceFile(request.path, content);
      say({ event: request.id, n: step });
    }
  },
  async race(request) {
    const lock = lockOf(request);
    let inside = 0;
    let overlaps = 0;
    const run = async () => {
      for (let step = 0; step < request.times; step++) {
        await lock.withLock(async () => {
          if (++inside !== 1) overlaps++;
          await turn();
          inside--;
        });
      }
    };
    await Promise.all([run(), run()]);
    return overlaps;
  },
  fork(request) {
    // Node has no fork(2); a spawned child is forked and exec'd.
    const child = spawn("sleep", [String(request.seconds)], { stdio: "ignore", detached: true });
    return { pid: child.pid };
  },
  lease_acquire(request) {
    if (!leases.has(request.as)) leases.set(request.as, leaseOf(request));
    return leases.get(request.as).acquire({ timeout: ms(request.timeout ?? 0) });
  },
  async lease_resume(request) {
    leases.set(request.as, leaseOf(request));
    await leases.get(request.as).resume(request.token);
  },
  async lease_refresh(request) {
    for (let step = 0; step < (request.times ?? 1); step++) await leases.get(request.as).refresh();
  },
  lease_release: (request) => leases.get(request.as).release(),
  lease_check: (request) => leases.get(request.as).check(),
  lease_token: (request) => leases.get(request.as).token ?? null,
  lease_replace: (request) => leases.get(request.as).replaceFile(request.text),
};

const actors = new Map();

async function perform(request) {
  try {
    say({ id: request.id, ok: (await operations[request.op](request)) ?? null });
  } catch (error) {
    say({ id: request.id, error: described(error) });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const name = request.actor ?? "main";
  actors.set(name, (actors.get(name) ?? Promise.resolve()).then(() => perform(request)));
}
process.exit(0);
