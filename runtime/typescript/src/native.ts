/** The addon that the package builds on installation (native/addon.cpp says what the functions do). */
import { createRequire } from "node:module";

interface Native {
  open(path: string): [descriptor: number, id: string];
  /** 0: granted; 1: somebody else holds it; 2: granted, but the path names another file by now. */
  tryLock(descriptor: number, path: string, id: string, shared: boolean): 0 | 1 | 2;
  probeExclusion(path: string): void;
  writeRecord(descriptor: number, record: string, path: string): void;
  unlockAndClose(descriptor: number, path: string): void;
}

export const native = createRequire(import.meta.url)("../build/Release/lockwright_lock.node") as Native;
