// How TypeScript sees the package.
import { FileLock, Lease, LockTimeout, replaceFile, replaceFileSync, updateJson, type Hold } from "@lockwright/runtime";

export async function save(path: string, signal: AbortSignal): Promise<number> {
  const lock = new FileLock(path, { reentrant: false });
  {
    await using hold = await lock.acquire({ timeout: 1000, signal });
    const same: Hold = hold;
    same.release();
  }
  const length: number = await lock.withLock(async (hold) => (hold.held ? path.length : 0));
  await replaceFile(path, new Uint8Array([length]));
  const count = await updateJson<{ count: number }>(path, (value) => ({ count: value.count + 1 }), { default: { count: 0 } });
  const lease = new Lease(path, "agent", 60_000);
  const token: number = await lease.acquire({ timeout: 0 });
  try {
    await lease.refresh();
  } catch (error) {
    if (error instanceof LockTimeout) return error.waited;
  } finally {
    const ours: boolean = await lease.release();
    if (!ours) process.exitCode = token;
  }
  return count.count;
}

export function saveSync(path: string): number {
  const lock = new FileLock(path);
  {
    using hold = lock.acquireSync({ timeout: 1000 });
    const same: Hold = hold;
    same.release();
  }
  const tried: Hold | undefined = lock.tryAcquireSync();
  tried?.release();
  replaceFileSync(path, "text");
  return lock.withLockSync((hold) => (hold.held ? path.length : 0));
}
