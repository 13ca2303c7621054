/**
 * Ownership of a file that outlives the process: an agent's claim on it, for a time. The record is only ever read to
 * decide, and only ever written, with the lock of its file held.
 */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { AlreadyHeldError, InvalidRecord, LeaseLost, LockTimeout, NotHeldError } from "./errors.js";
import { FileLock, callSite, placeOf, type AcquireOptions } from "./file-lock.js";
import { resolvedPath } from "./paths.js";
import { replaceFile } from "./replace-file.js";

/** What stands in `path.lease`. */
export interface LeaseRecord {
  /** null: released. */
  readonly owner: string | null;
  /** The last one that was handed out. */
  readonly token: number;
  readonly ttl_ms: number;
  /** Milliseconds since 1970, UTC. */
  readonly expires_at_ms: number;
  /** Who wrote it last, for people. */
  readonly pid: number;
  readonly host: string;
}

const firstPause = 5;
const longestPause = 100;

/**
 * One owner's claim on one path, for `ttl` milliseconds at a time.
 *
 * ```ts
 * const lease = new Lease("plan.md", "agent-7", 300_000);
 * const token = await lease.acquire();
 * await lease.refresh();          // LeaseLost: somebody took over; stop
 * await lease.replaceFile(text);  // only if the lease is still this one
 * await lease.release();
 * ```
 *
 * The claim is a JSON record in `plan.md.lease`. Every operation on it happens under a FileLock of that file, and by
 * replaceFile(): the record is always there and always whole. Time is the system's wall clock; a lease is for claims of
 * minutes, not for mutual exclusion: a holder that was stopped for longer than its ttl goes on working unless it checks.
 * What makes that safe is the fencing token: whoever is asked to write for a lease refuses a token below the highest it
 * has seen; replaceFile() does so for the leased file itself.
 *
 * `owner` is a name for people, not an identity: the token is. Any number of tasks may use one object. Dropping it
 * releases nothing, since the claim outlives the process; withLease() acquires and releases.
 *
 * Methods that change the record wait for its lock for at most `ttl`, and reject with LockTimeout if that is not enough;
 * they reject with the system's errors as replaceFile() does, and with InvalidRecord if `path.lease` is no lease record.
 * The record is then unchanged.
 */
export class Lease {
  readonly path: string;
  readonly #recordPath: string;
  #token: number | undefined;
  #site: { stack?: string } = {};

  constructor(
    path: string,
    readonly owner: string,
    readonly ttl: number,
  ) {
    if (owner === "") throw new RangeError("a lease needs an owner");
    if (!(ttl > 0)) throw new RangeError(`a lease's ttl must be positive, not ${ttl}`);
    this.path = resolvedPath(path);
    this.#recordPath = `${this.path}.lease`;
  }

  /** The fencing token of the lease held; undefined: none. */
  get token(): number | undefined {
    return this.#token;
  }

  /** The record as it is now; undefined if there is none. Takes no lock. */
  static async read(path: string): Promise<LeaseRecord | undefined> {
    return await readRecord(`${resolvedPath(path)}.lease`);
  }

  /**
   * Takes the lease if it is free or expired; else waits for that (`timeout` is 0 unless given: not at all), then rejects
   * with LockTimeout. Resolves to the token: greater than every one before, also than those of a record that was deleted
   * (as long as the clock was not set back behind it: tokens are at least the time in microseconds). AlreadyHeldError if
   * this object holds the lease; another object with the same `owner` has to wait like everybody.
   */
  acquire(options: AcquireOptions | number = {}): Promise<number> {
    const site = callSite(this.acquire);
    return this.#acquire(site, typeof options === "number" ? { timeout: options } : options);
  }

  async #acquire(site: { stack?: string }, { timeout = 0, signal }: AcquireOptions): Promise<number> {
    if (this.#token !== undefined) throw new AlreadyHeldError(this.path, ...placeOf(this.#site), " by this Lease");
    const began = performance.now();
    const waited = (): number => performance.now() - began;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      // A try that does not wait for the lease still waits for those who are just at the record.
      const record = await this.#locked(() => this.#try(site), { timeout: Math.max(timeout - waited(), this.ttl), signal });
      if (typeof record === "number") return record;
      if (waited() >= timeout) {
        const holder = { ...record, boot_id: "", start_time: 0, program: record.owner ?? "", mode: "lease" };
        throw new LockTimeout(
          this.path,
          waited(),
          { ...holder, token: String(record.token), acquired_at: "" },
          `: ${whose(record)}`,
        );
      }
      const left = Math.max(record.expires_at_ms - Date.now(), 1);
      const jittered = pause * (0.5 + Math.random() / 2);
      await sleep(Math.min(jittered, left, timeout - waited()), undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Acquires, calls `fn` with the token, and releases, whichever way `fn` ends. */
  async withLease<Result>(fn: (token: number) => Result | Promise<Result>, options: AcquireOptions = {}): Promise<Result> {
    const token = await this.#acquire(callSite(this.withLease), options);
    try {
      return await fn(token);
    } finally {
      await this.release();
    }
  }

  /**
   * Goes on with a lease that an earlier process acquired, whose token was passed on, and refreshes it. LeaseLost if it is
   * not that lease any more.
   */
  async resume(token: number): Promise<void> {
    const site = callSite(this.resume);
    await this.#locked(async () => {
      await this.#current(token);
      await this.#write(this.owner, token);
      this.#token = token;
      this.#site = site;
    });
  }

  /**
   * Extends the lease to `ttl` from now; also an expired one that nobody has taken over. LeaseLost if it is somebody
   * else's; NotHeldError if it was not acquired.
   */
  async refresh(): Promise<void> {
    const token = this.#required();
    await this.#locked(async () => {
      await this.#current(token);
      await this.#write(this.owner, token);
    });
  }

  /** Rejects with LeaseLost unless the lease is this one and has not expired; NotHeldError. */
  async check(): Promise<void> {
    const token = this.#required();
    await this.#locked(() => this.#check(token));
  }

  /**
   * Replaces the content of the leased file, if the lease is this one and has not expired, in one step: no take-over can
   * come in between. LeaseLost, NotHeldError.
   */
  async replaceFile(content: Uint8Array | string): Promise<void> {
    const token = this.#required();
    await this.#locked(async () => {
      await this.#check(token);
      await replaceFile(this.path, content);
    });
  }

  /**
   * Gives the lease up; the record stays, for its token. False if it was not this one's any more (nothing is changed
   * then), or not acquired.
   */
  async release(): Promise<boolean> {
    const token = this.#token;
    if (token === undefined) return false;
    return await this.#locked(async () => {
      const record = await readRecord(this.#recordPath);
      const ours = record?.owner === this.owner && record.token === token;
      if (ours) await this.#write(null, token);
      if (this.#token === token) this.#token = undefined;
      return ours;
    });
  }

  #locked<Result>(step: () => Promise<Result>, options: AcquireOptions = { timeout: this.ttl }): Promise<Result> {
    return new FileLock(this.#recordPath).withLock(step, options);
  }

  #required(): number {
    if (this.#token === undefined) throw new NotHeldError(this.path);
    return this.#token;
  }

  // The steps below require that the record's lock is held.

  async #try(site: { stack?: string }): Promise<LeaseRecord | number> {
    const record = await readRecord(this.#recordPath);
    if (record !== undefined && record.owner !== null && Date.now() < record.expires_at_ms) return record;
    // A number that grows also where no record tells the last one.
    const token = Math.max(record === undefined ? 0 : record.token + 1, Date.now() * 1000);
    await this.#write(this.owner, token);
    this.#token = token;
    this.#site = site;
    return token;
  }

  async #current(token: number): Promise<LeaseRecord> {
    const record = await readRecord(this.#recordPath);
    if (record === undefined) throw new LeaseLost(this.path, token, "its record was deleted");
    if (record.owner !== this.owner || record.token !== token) throw new LeaseLost(this.path, token, whose(record));
    return record;
  }

  async #check(token: number): Promise<void> {
    if (Date.now() >= (await this.#current(token)).expires_at_ms) {
      throw new LeaseLost(this.path, token, "it has expired");
    }
  }

  async #write(owner: string | null, token: number): Promise<void> {
    const record: LeaseRecord & { format: 1 } = {
      format: 1,
      owner,
      token,
      ttl_ms: Math.trunc(this.ttl),
      expires_at_ms: owner === null ? 0 : Math.trunc(Date.now() + this.ttl),
      pid: process.pid,
      host: hostname(),
    };
    await replaceFile(this.#recordPath, `${JSON.stringify(record)}\n`);
  }
}

function whose(record: LeaseRecord): string {
  return record.owner === null ? "it was released" : `it is ${record.owner}'s, by token ${record.token}`;
}

async function readRecord(path: string): Promise<LeaseRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let record: Partial<Record<string, unknown>> | null;
  try {
    record = JSON.parse(text) as Partial<Record<string, unknown>> | null;
  } catch (error) {
    throw new InvalidRecord(path, String(error));
  }
  const { format, owner, token, ttl_ms, expires_at_ms, pid = 0, host = "" } = record ?? {};
  const numbers = [token, ttl_ms, expires_at_ms, pid];
  if (format !== 1 || !numbers.every(Number.isSafeInteger)) throw new InvalidRecord(path, "its format is not 1");
  if ((owner !== null && typeof owner !== "string") || typeof host !== "string") {
    throw new InvalidRecord(path, "its owner is no text");
  }
  const [goodToken, goodTtl, goodExpiry, goodPid] = numbers as [number, number, number, number];
  return {
    owner: owner === "" ? null : owner,
    token: goodToken,
    ttl_ms: goodTtl,
    expires_at_ms: goodExpiry,
    pid: goodPid,
    host,
  };
}
