/**
 * Whose hold a bare acquire() is: that of the code that goes on when its promise is fulfilled.
 *
 * JavaScript has no name for the task that runs, and AsyncLocalStorage's enterWith() would not do for one: what a
 * function enters before its first await is left behind in its caller, which may go on to start others. But Node tells
 * for every await (and every then()) which promise it waits for. What waits for the promise of an acquire is in its
 * hold, and so is all that is called, scheduled or awaited from there, until the hold ends.
 *
 * Node is asked to tell only from the first acquire() to some time after the last hold: it slows all promises down.
 */
import { createHook, executionAsyncResource } from "node:async_hooks";

import type { HoldState } from "./registry.js";

/** One acquire(): where in the program its hold is. */
export interface Flow {
  state: HoldState | undefined;
  ended: boolean;
  /** The hold that acquire() was called in. */
  outer: Flow | undefined;
  /** The asynchronous id of its promise. */
  promise: number;
}

const key = Symbol("lockwright.flow");
type Resource = { [key]?: Flow | undefined };

const awaited = new Map<number, Flow>();
let making: Flow | undefined;
let running = 0;
let asking = false;
let idle: NodeJS.Timeout | undefined;
const idleAfter = 1000; // to start and stop costs more than an acquire does

const hook = createHook({
  init(id, type, trigger, resource) {
    let flow: Flow | undefined;
    if (type === "PROMISE") {
      if (making !== undefined) {
        making.promise = id;
        awaited.set(id, making);
        making = undefined;
      }
      flow = awaited.get(trigger);
    }
    flow ??= (executionAsyncResource() as Resource)[key];
    if (flow !== undefined) (resource as Resource)[key] = flow;
  },
});

/** The innermost hold of a bare acquire() that this code is in. Ended ones in between are forgotten. */
function current(): Flow | undefined {
  if (running === 0) return undefined;
  let flow = (executionAsyncResource() as Resource)[key];
  while (flow?.ended === true) flow = flow.outer;
  for (let each = flow; each !== undefined; each = each.outer) {
    while (each.outer?.ended === true) each.outer = each.outer.outer;
  }
  return flow;
}

/** The hold, of those that bare acquires around this code have, on this file, under this name or another. */
export function holdAround(lockPath: string, id: string | undefined): HoldState | undefined {
  for (let flow = current(); flow !== undefined; flow = flow.outer) {
    const { state } = flow;
    if (state !== undefined && state.holders > 0 && (state.lockPath === lockPath || state.id === id)) return state;
  }
  return undefined;
}

function stopAsking(): void {
  idle = undefined;
  if (running > 0) return;
  hook.disable();
  asking = false;
}

/** To be called once the hold is over, or when there will be none. */
export function endFlow(flow: Flow): void {
  if (flow.ended) return;
  flow.ended = true;
  awaited.delete(flow.promise);
  running--;
  if (running === 0) idle ??= setTimeout(stopAsking, idleAfter).unref();
}

/** A promise for what `acquire` comes to; what goes on from it is in the hold. */
export function inFlow<Result>(acquire: (flow: Flow) => Promise<Result>): Promise<Result> {
  const flow: Flow = { state: undefined, ended: false, outer: current(), promise: -1 };
  running++;
  if (!asking) hook.enable();
  asking = true;
  let settle!: { resolve: (result: Result) => void; reject: (error: unknown) => void };
  making = flow;
  const promise = new Promise<Result>((resolve, reject) => {
    settle = { resolve, reject };
  });
  making = undefined;
  acquire(flow).then(settle.resolve, (error: unknown) => {
    endFlow(flow);
    settle.reject(error);
  });
  return promise;
}
