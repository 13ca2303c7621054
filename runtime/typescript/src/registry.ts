/**
 * What this JavaScript thread holds and waits for: to see nested acquires, and to let tasks wait for each other without
 * asking the kernel. Everything here is synchronous, so no other task runs in between.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isMainThread } from "node:worker_threads";

import { holdAround } from "./flows.js";

/** One acquired lock, shared by the Hold objects that count on it. */
export interface HoldState {
  readonly path: string;
  readonly lockPath: string;
  readonly id: string;
  readonly shared: boolean;
  /** Error's text from where it was acquired. */
  readonly site: { stack?: string };
  readonly descriptor: number;
  /** Hold objects; 0: released. */
  holders: number;
}

/** The holds around the code that runs: those of withLock() calls that it was called in. */
export interface Scope {
  readonly state: HoldState;
  readonly outer: Scope | undefined;
}

export const scopes = new AsyncLocalStorage<Scope | undefined>();

/** What this JavaScript thread holds. */
export const heldHere = new Set<HoldState>();

/** The hold on this file, under this name or another, that the code that runs is in. */
export function enclosing(lockPath: string, id?: string): HoldState | undefined {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    const { state } = scope;
    if (state.holders > 0 && (state.lockPath === lockPath || state.id === id)) return state;
  }
  return holdAround(lockPath, id);
}

/** Devices on which locks were seen to exclude. */
export const probed = new Set<string>();

const firstInterval = 1;
const longestInterval = 10;
const behindInterval = 50;
const patience = 5;

interface Queue {
  places: Place[];
  starving: boolean;
}

const queues = new Map<string, Queue>();

/** Whether who has just come may ask the kernel before those who wait. */
export function newcomerMayTry(lockPath: string): boolean {
  return queues.get(lockPath)?.starving !== true;
}

/** To be called after a kernel lock is gone: the first that waits for it tries at once. */
export function wakeFirst(lockPath: string): void {
  queues.get(lockPath)?.places[0]?.wake();
}

/** Those who wait for what this thread itself holds. */
const waitingHere = new Set<Place>();

/**
 * Nothing is left to do but waiting for locks that this thread holds (whoever waits for one does not keep the process
 * alive): nobody will release them.
 */
function tellTheHopeless(): void {
  setImmediate(() => undefined); // what goes on now may wait again, and is to be told, too
  for (const place of waitingHere) place.giveUp();
}

/**
 * One waiter's place in the queue for a lock file, from its first refusal to its success or its giving up.
 *
 * Only the first asks the kernel, at intervals that grow, and when a release here wakes it. Who has just come may
 * overtake it; but once the first has waited for `patience`, newcomers queue too. So nobody starves within a process.
 */
export class Place {
  readonly #lockPath: string;
  readonly #since = performance.now();
  #interval = firstInterval;
  #wake: (() => void) | undefined;
  /** The hold that this waits for, when nobody can end it any more. */
  hopeless: HoldState | undefined;

  constructor(lockPath: string) {
    this.#lockPath = lockPath;
    const queue = queues.get(lockPath);
    if (queue === undefined) queues.set(lockPath, { places: [this], starving: false });
    else queue.places.push(this);
  }

  wake(): void {
    this.#wake?.();
  }

  /** This thread's own hold that this waits for. In a worker nobody would say that it is idle. */
  #holder(): HoldState | undefined {
    if (!isMainThread) return undefined;
    for (const state of heldHere) if (state.lockPath === this.#lockPath) return state;
    return undefined;
  }

  giveUp(): void {
    this.hopeless = this.#holder();
    this.wake();
  }

  /** Waits until it is worth asking the kernel again, or for `left` ms; rejects when the signal aborts. */
  async pause(left: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const queue = queues.get(this.#lockPath);
    let interval = behindInterval;
    if (queue !== undefined && queue.places[0] === this) {
      if (performance.now() - this.#since >= patience) queue.starving = true;
      interval = this.#interval;
      this.#interval = Math.min(interval * 2, longestInterval);
    }
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, Math.min(left, interval * (0.5 + Math.random() / 2)));
        if (this.#holder() !== undefined) {
          timer.unref();
          if (waitingHere.size === 0) process.on("beforeExit", tellTheHopeless);
          waitingHere.add(this);
        }
        if (signal !== undefined) {
          abort = () => reject(signal.reason);
          signal.addEventListener("abort", abort);
        }
      });
    } finally {
      this.#wake = undefined;
      clearTimeout(timer);
      if (waitingHere.delete(this) && waitingHere.size === 0) process.off("beforeExit", tellTheHopeless);
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }
  }

  leave(): void {
    const queue = queues.get(this.#lockPath);
    const index = queue?.places.indexOf(this) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.places.splice(index, 1);
    if (queue.places.length === 0) {
      queues.delete(this.#lockPath);
    } else if (index === 0) {
      queue.starving = false; // until the next one's patience ends
      queue.places[0]?.wake();
    }
  }
}
