"""The Python locks. `locks.py NAME FILE uncontended SECONDS` prints acquire+release pairs a second;
`locks.py NAME FILE contended SECONDS WORK` adds 1 to FILE under the lock until the time is over, and computes for WORK
microseconds there and as long after it; prints how often."""

import os
import sys
import time

name, path, what, seconds = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])


def lock():
    if name == "lockwright":
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../runtime/python"))
        from lockwright_runtime import FileLock

        return FileLock(path)
    if name == "filelock":
        import filelock

        return filelock.FileLock(path + ".lock")
    if name == "portalocker":
        import portalocker

        return portalocker.Lock(path + ".lock", mode="a", timeout=3600)
    if name == "fasteners":
        import fasteners

        return fasteners.InterProcessLock(path + ".lock")
    raise SystemExit(f"no lock {name}")


def uncontended(one):
    best = 0.0
    for _ in range(5):
        end = time.perf_counter() + seconds / 5
        count = 0
        began = time.perf_counter()
        while time.perf_counter() < end:
            for _ in range(50):
                with one:
                    pass
            count += 50
        best = max(best, count / (time.perf_counter() - began))
    return best


def compute(microseconds):
    end = time.perf_counter_ns() + 1000 * microseconds
    while time.perf_counter_ns() < end:
        pass


def contended(one, work):
    file = os.open(path, os.O_RDWR)
    count = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with one:
            value = int(os.pread(file, 20, 0) or b"0")
            os.pwrite(file, b"%020d" % (value + 1), 0)
            if work:
                compute(work)
        if work:
            compute(work)
        count += 1
    return count


if what == "contended":
    one = lock()
    print("ready", flush=True)
    sys.stdin.readline()
    print(contended(one, int(sys.argv[5])))
else:
    print(uncontended(lock()))
