/**
 * What the lock library throws of its own, each with a `code`. Everything else that goes wrong is the system's error as
 * Node gives it (code, errno, syscall, path), or the AbortSignal's reason; none is swallowed.
 */
import { describeHolder, type HolderRecord } from "./holder.js";

/** Base of the library's own errors. */
export class LockwrightError extends Error {
  override readonly name: string = "LockwrightError";

  constructor(
    message: string,
    /** Tells the errors apart also between two copies of this package. */
    readonly code: string,
    /** What is locked or leased. */
    readonly path: string,
  ) {
    super(message);
  }
}

/** The lock, or the lease, could not be had in time. Nothing is held. */
export class LockTimeout extends LockwrightError {
  override readonly name = "LockTimeout";

  constructor(
    path: string,
    /** For how long, in milliseconds. */
    readonly waited: number,
    /** Who wrote itself into the lock file last, probably the holder. For messages only. */
    readonly holder: HolderRecord | undefined,
    detail = "",
  ) {
    const seen = holder === undefined ? "" : `; last holder seen: ${describeHolder(holder)}`;
    super(`${path} not acquired in ${Math.round(waited)} ms${detail}${seen}`, "ERR_LOCK_TIMEOUT", path);
  }
}

/** Waiting would be waiting for oneself. The hold that exists is not touched. */
export class AlreadyHeldError extends LockwrightError {
  override readonly name = "AlreadyHeldError";

  constructor(
    path: string,
    /** Where the lock was first acquired. */
    readonly file: string,
    readonly line: number,
    detail: string,
  ) {
    super(`${path} is held already${detail}, since ${file}:${line}`, "ERR_LOCK_ALREADY_HELD", path);
  }
}

/** An operation on a lease that this object has not acquired. */
export class NotHeldError extends LockwrightError {
  override readonly name = "NotHeldError";

  constructor(path: string) {
    super(`${path} is not held`, "ERR_LOCK_NOT_HELD", path);
  }
}

/** The lease is somebody else's by now, or nobody's: stop what it protects. Nothing was written. */
export class LeaseLost extends LockwrightError {
  override readonly name = "LeaseLost";

  constructor(
    path: string,
    /** The one that is not valid any more. */
    readonly token: number,
    detail: string,
  ) {
    super(`lease ${token} on ${path} is lost: ${detail}`, "ERR_LEASE_LOST", path);
  }
}

/**
 * A lease's record is there but is none: somebody else's program wrote the file. It is left as it is, since taking it
 * for free would take away a lease that may be held; a person has to look.
 */
export class InvalidRecord extends LockwrightError {
  override readonly name = "InvalidRecord";

  constructor(path: string, detail: string) {
    super(`${path} is no lease record: ${detail}`, "ERR_LEASE_INVALID", path);
  }
}
