/**
 * Acquiring and releasing. The order of steps is what matters here. To acquire: open, ask the kernel, look that the file
 * still has its name, (once a file system) see that a second descriptor is refused, write the holder record. To release:
 * unlock, close, and only then let the hold be over and wake who waits. Whatever fails in acquiring undoes the steps
 * before it.
 *
 * None of the system calls waits. What waits is between the attempts, where nothing is held, so that aborting cannot
 * leave a lock behind.
 */
import { AlreadyHeldError, LockTimeout } from "./errors.js";
import { type Flow, endFlow, inFlow } from "./flows.js";
import { holderRecord, readHolder } from "./holder.js";
import { native } from "./native.js";
import { resolvedPath } from "./paths.js";
import { Place, enclosing, heldHere, newcomerMayTry, probed, scopes, wakeFirst, type HoldState } from "./registry.js";

export interface FileLockOptions {
  /** Held together with others that are shared. */
  readonly shared?: boolean;
  /**
   * Who holds the lock may acquire it again; the hold is then counted, and ends with the last. An exclusive hold also
   * serves a shared acquire. A shared one never serves an exclusive acquire (AlreadyHeldError): flock(2) does not convert
   * atomically, and two that wait to convert wait for each other.
   */
  readonly reentrant?: boolean;
}

export interface AcquireOptions {
  /** Milliseconds to wait; 0: tries once; undefined: for ever. */
  readonly timeout?: number | undefined;
  /** Ends the waiting: acquire() rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An acquired lock. `using` and `await using` release it at the end of the block. */
export interface Hold extends Disposable, AsyncDisposable {
  /**
   * Gives the lock up, synchronously: when it returns, or throws, the kernel lock is gone and the descriptor closed.
   * Does nothing the second time. Throws the system's error if unlocking or closing failed.
   */
  release(): void;
  /** Whether the lock is held through this object. */
  readonly held: boolean;
}

/** Releases what was forgotten, when it is collected: a lock that nobody can release would be held for ever. */
const forgotten = new FinalizationRegistry<{ state: HoldState; flow: Flow | undefined }>(({ state, flow }) => {
  process.emitWarning(`lock on ${state.path} was not released`, "LockNotReleased");
  endOne(state, flow);
});

class CountedHold implements Hold {
  readonly #state: HoldState;
  readonly #flow: Flow | undefined;
  #released = false;

  constructor(state: HoldState, flow?: Flow) {
    this.#state = state;
    this.#flow = flow;
    forgotten.register(this, { state, flow }, this);
  }

  get held(): boolean {
    return !this.#released;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    forgotten.unregister(this);
    endOne(this.#state, this.#flow);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }
}

/** Ends one of the counted holds. Nothing can run in between: all of it is synchronous. */
function endOne(state: HoldState, flow: Flow | undefined): void {
  if (flow !== undefined) endFlow(flow);
  if (state.holders > 1) {
    state.holders--;
    return;
  }
  try {
    native.unlockAndClose(state.descriptor, state.path);
  } finally {
    state.holders = 0;
    heldHere.delete(state);
    wakeFirst(state.lockPath);
  }
}

/**
 * The lock for one path.
 *
 * ```ts
 * await lock.withLock(async () => { ... });
 * await using hold = await lock.acquire({ timeout: 1000, signal });
 * ```
 *
 * Making one touches no file; a relative path is taken from the current directory and symbolic links are followed now,
 * also one whose target is not there yet, so that all spellings of a path have one lock.
 *
 * JavaScript has no name for the task that runs, so who acquires is told apart like this. Code that is called, however
 * indirectly, by the function given to withLock() (also to updateFile(), updateJson()) belongs to that hold until it
 * ends, and so does what follows `await lock.acquire()` in the function that awaits it, and what is called from there:
 * acquiring the same lock there, through whatever object or spelling, is nested. A bare acquire() belongs to its FileLock
 * object, too: acquiring again through the same object while it holds is nested. All others are somebody else and wait.
 * Concurrent tasks that share one object use withLock(); with acquire() each makes its own.
 *
 * A function that acquires and returns the hold hands it on: its caller is not seen to be in it. A second acquire there
 * waits, and is told that it is nested when nothing else in the process is left that could release.
 */
export class FileLock {
  /** What is locked, links resolved. */
  readonly path: string;
  /** The file that the kernel lock is on. */
  readonly lockPath: string;
  readonly #shared: boolean;
  readonly #reentrant: boolean;
  /** What bare acquires of this object hold, in order. */
  #acquired: { readonly hold: Hold; readonly state: HoldState }[] = [];

  constructor(path: string, options: FileLockOptions = {}) {
    this.path = resolvedPath(path);
    this.lockPath = `${this.path}.lock`;
    this.#shared = options.shared ?? false;
    this.#reentrant = options.reentrant ?? false;
  }

  /**
   * Acquires the lock, calls `fn`, and releases, whichever way `fn` ends; resolves to what `fn` resolves to. Rejects as
   * acquire() does. This is the form to use.
   */
  withLock<Result>(fn: (hold: Hold) => Result | Promise<Result>, options: AcquireOptions = {}): Promise<Result> {
    const site = callSite(this.withLock);
    return this.withLockFrom(site, fn, options);
  }

  /** @internal */
  async withLockFrom<Result>(
    site: { stack?: string },
    fn: (hold: Hold) => Result | Promise<Result>,
    options: AcquireOptions,
  ): Promise<Result> {
    const state = await this.#wait(site, options, undefined);
    const hold = new CountedHold(state);
    try {
      return await scopes.run({ state, outer: scopes.getStore() }, async () => fn(hold));
    } finally {
      hold.release();
    }
  }

  /**
   * Waits for the lock and acquires it; the event loop runs on.
   *
   * Rejects with LockTimeout after the timeout; with AlreadyHeldError at once if it is nested; with the signal's reason;
   * with the system's error: no directory, no permission, no space for the holder record, no descriptor left, no locks on
   * this file system (ENOLCK). Nothing is held or open then. RangeError if the timeout is negative.
   */
  acquire(options: AcquireOptions | number = {}): Promise<Hold> {
    const site = callSite(this.acquire);
    return inFlow((flow) => this.#acquire(site, typeof options === "number" ? { timeout: options } : options, flow));
  }

  async #acquire(site: { stack?: string }, options: AcquireOptions, flow: Flow): Promise<Hold> {
    const state = await this.#wait(site, options, () => this.#acquired.find(({ hold }) => hold.held)?.state);
    flow.state = state;
    const hold = new CountedHold(state, flow);
    this.#acquired = this.#acquired.filter((one) => one.hold.held);
    this.#acquired.push({ hold, state });
    return hold;
  }

  /** Ends what was last acquired by acquire() through this object; does nothing if there is nothing. See Hold.release(). */
  release(): void {
    this.#acquired.findLast(({ hold }) => hold.held)?.hold.release();
  }

  /** Whether a bare acquire() of this object holds the lock. */
  get held(): boolean {
    return this.#acquired.some(({ hold }) => hold.held);
  }

  /** Waits and acquires; the caller makes the Hold at once, without an await in between. */
  async #wait(
    site: { stack?: string },
    { timeout, signal }: AcquireOptions,
    own: (() => HoldState | undefined) | undefined,
  ): Promise<HoldState> {
    if (timeout !== undefined && !(timeout >= 0)) throw new RangeError(`timeout must be at least 0, not ${timeout}`);
    signal?.throwIfAborted();
    const counted = this.#nested(enclosing(this.lockPath) ?? own?.());
    if (counted !== undefined) return counted;

    const began = performance.now();
    const attempt = new Attempt(this.path, this.lockPath, this.#shared, site);
    const ask = (): HoldState | undefined => attempt.ask((id) => this.#nested(enclosing(this.lockPath, id) ?? own?.()));
    let place: Place | undefined;
    try {
      if (timeout === 0 || newcomerMayTry(this.lockPath)) {
        const state = ask();
        if (state !== undefined) return state;
      }
      if (timeout !== 0) place = new Place(this.lockPath);
      while (place !== undefined) {
        await place.pause(timeout === undefined ? Infinity : Math.max(began + timeout - performance.now(), 0), signal);
        signal?.throwIfAborted();
        if (place.hopeless !== undefined) throw this.#alreadyHeld(place.hopeless, " by this process, which has nothing else to do");
        const state = ask();
        if (state !== undefined) return state;
        if (timeout !== undefined && performance.now() - began >= timeout) break;
      }
      throw new LockTimeout(this.path, performance.now() - began, readHolder(this.lockPath));
    } finally {
      attempt.drop();
      place?.leave();
    }
  }

  /** What a hold of one's own means for another acquire: nothing, that it is counted, or that it is an error. */
  #nested(state: HoldState | undefined): HoldState | undefined {
    if (state === undefined) return undefined;
    const upgrade = state.shared && !this.#shared;
    if (this.#reentrant && !upgrade) {
      state.holders++;
      return state;
    }
    throw this.#alreadyHeld(state, upgrade ? " in shared mode and cannot become exclusive" : " here");
  }

  #alreadyHeld(state: HoldState, detail: string): AlreadyHeldError {
    const [file, line] = placeOf(state.site);
    return new AlreadyHeldError(this.path, file, line, detail);
  }
}

/** The open lock file of one acquire that has not succeeded yet. */
class Attempt {
  #descriptor: number | undefined;
  #id = "";

  constructor(
    private readonly path: string,
    private readonly lockPath: string,
    private readonly shared: boolean,
    private readonly site: { stack?: string },
  ) {}

  /** Asks once. undefined: somebody else holds the lock. Nothing is left open if it throws. */
  ask(nested: (id: string) => HoldState | undefined): HoldState | undefined {
    try {
      for (;;) {
        if (this.#descriptor === undefined) {
          [this.#descriptor, this.#id] = native.open(this.lockPath);
          const counted = nested(this.#id);
          if (counted !== undefined) {
            this.drop();
            return counted;
          }
        }
        const result = native.tryLock(this.#descriptor, this.lockPath, this.#id, this.shared);
        if (result === 0) return this.#keep(this.#descriptor);
        if (result === 1) return undefined;
        this.drop();
      }
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  #keep(descriptor: number): HoldState {
    const device = this.#id.slice(0, this.#id.indexOf(":"));
    if (!probed.has(device)) {
      native.probeExclusion(this.lockPath);
      probed.add(device);
    }
    native.writeRecord(descriptor, holderRecord(this.shared), this.lockPath);
    this.#descriptor = undefined;
    const { path, lockPath, shared, site } = this;
    const state: HoldState = { path, lockPath, id: this.#id, shared, site, descriptor, holders: 1 };
    heldHere.add(state);
    return state;
  }

  drop(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    try {
      native.unlockAndClose(descriptor, this.lockPath);
    } catch {
      // There is a better error under way, or the lock was not ours.
    }
  }
}

/** Where the caller of `above` is; as text only when somebody asks. */
export function callSite(above: (...parameters: never[]) => unknown): { stack?: string } {
  const site: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(site, above);
  Error.stackTraceLimit = limit;
  return site;
}

export function placeOf(site: { stack?: string }): [file: string, line: number] {
  const match = /\(?((?:file:\/\/)?[^()\n]*):(\d+):\d+\)?\s*$/.exec(site.stack ?? "");
  return match === null ? ["?", 0] : [(match[1] ?? "?").replace(/^\s*at (async )?/, "").replace(/^file:\/\//, ""), Number(match[2])];
}
