/**
 * Who took a lock: a note in the lock file, for people. Nothing decides by it.
 *
 * It is JSON, padded with spaces to the file's first 1024 bytes and overwritten in place, so that the lock file is never
 * truncated. It stays after the release, and who has just acquired has not written yet: it tells who was seen last.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename } from "node:path";

const recordSize = 1024;
const longestName = 200; // of host and program, so that the record fits

/** What the last process that acquired a lock wrote into the lock file. */
export interface HolderRecord {
  readonly pid: number;
  readonly host: string;
  /** /proc/sys/kernel/random/boot_id; empty where there is none. */
  readonly boot_id: string;
  /** Of the process, in clock ticks since boot (proc(5), stat, field 22); 0: unknown. */
  readonly start_time: number;
  readonly program: string;
  /** "exclusive" or "shared"; "lease" for the owner of a lease. */
  readonly mode: string;
  /** Another one for every acquire. */
  readonly token: string;
  /** ISO 8601, UTC, by the holder's clock. */
  readonly acquired_at: string;
}

/** The record in a lock file; undefined if that is missing, unreadable or being written. Takes no lock. */
export function readHolder(lockPath: string): HolderRecord | undefined {
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(lockPath).subarray(0, recordSize).toString());
  } catch {
    return undefined;
  }
  if (typeof record !== "object" || record === null) return undefined;
  const members = record as Record<string, unknown>;
  const text = (name: string): string => (typeof members[name] === "string" ? members[name] : "");
  const number = (name: string): number => (typeof members[name] === "number" ? members[name] : 0);
  return {
    pid: number("pid"),
    host: text("host"),
    boot_id: text("boot_id"),
    start_time: number("start_time"),
    program: text("program"),
    mode: text("mode"),
    token: text("token"),
    acquired_at: text("acquired_at"),
  };
}

/** "pid 4711 (backup) on build-3 since 2026-01-31T12:00:00.000Z", for messages. */
export function describeHolder(record: HolderRecord): string {
  const since = record.acquired_at === "" ? "" : ` since ${record.acquired_at}`;
  return `pid ${record.pid} (${record.program}) on ${record.host}${since}`;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function describeSelf(): { start: string; token: string } {
  // The second field of stat may contain anything, so we count from its closing parenthesis.
  const stat = contentOf("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 1).trim().split(" ");
  const start = JSON.stringify({
    format: 1,
    pid: process.pid,
    host: hostname().slice(0, longestName),
    boot_id: contentOf("/proc/sys/kernel/random/boot_id").trim(),
    start_time: Number(fields[19] ?? 0),
    program: basename(process.argv[1] ?? process.execPath).slice(0, longestName),
  });
  // Escapes keep it to one byte a character.
  const ascii = start.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return { start: ascii.slice(0, -1), token: randomBytes(8).toString("hex") };
}

let self: { start: string; token: string } | undefined;
let acquires = 0;

/** The record of this process for one acquire, padded to its full size. */
export function holderRecord(shared: boolean): string {
  self ??= describeSelf();
  const mode = shared ? "shared" : "exclusive";
  const token = `${self.token}-${++acquires}`;
  const record = `${self.start},"mode":"${mode}","token":"${token}","acquired_at":"${new Date().toISOString()}"}`;
  return `${record.padEnd(recordSize - 1)}\n`;
}
