"""A lock between processes, threads and tasks; atomic file replacement; leases.

    from lockwright_runtime import FileLock

    with FileLock("state.json", timeout=5):
        ...  # nobody else is here

    async with FileLock("state.json"):
        ...  # the same between tasks; the event loop runs on while this one waits

The lock is a kernel lock (flock(2); msvcrt.locking on Windows, untested) on a file beside the path, `state.json.lock`,
since the file itself is replaced by others and by replace_file(). Processes that use the C++ or TypeScript form of this
library exclude each other and these. What is promised (the whole table: runtime/README.md):

 1. Mutual exclusion among all processes, threads and asyncio tasks that use it, on a local file system. The first
    acquire on a file system tries whether its locks exclude; where they do not, acquiring raises OSError(ENOLCK).
 2. The kernel drops the lock when the holder dies, however it dies.
 3. The lock file is never deleted and never truncated. If somebody else deletes it, an acquire notices that what it
    locked has no name any more, and starts again.
 4. A nested acquire raises AlreadyHeldError at once, with the place of the first; `reentrant=True` counts instead.
 5. When a release returns, the descriptor is closed and the kernel lock gone; only then the in-process entry goes.
    Every way out of the scoped form releases: return, exception, cancellation, generator close.
 6. Descriptors are close-on-exec; after a fork the child owns none of its parent's locks and cannot release them.
 7. Waiting never blocks an event loop in the async forms, backs off with jitter, honours its timeout, and can be
    cancelled without leaving a lock behind.
 8. Who acquired is written into the lock file, for people and messages; nothing decides by it.
 9. replace_file(): a reader sees the old or the new content, whole; on failure the old file stands.
10. Lease: ownership that outlives a process, with a fencing token that only grows.

Limits. Locks are advisory. Two hard links to one data file are two names and two locks (symbolic links are resolved).
Whoever deletes the lock file of a holder lets a second one in. The async forms are asyncio's; greenlets are not told
apart.
"""

from ._errors import AlreadyHeldError, InvalidRecord, LeaseLost, LockTimeout, LockwrightError, NotHeldError
from ._file_lock import FileLock, Hold
from ._holder import HolderRecord, read_holder
from ._lease import Lease, LeaseRecord
from ._replace import (
    replace_file,
    replace_file_async,
    update_file,
    update_file_async,
    update_json,
    update_json_async,
)

__all__ = [
    "AlreadyHeldError",
    "FileLock",
    "Hold",
    "HolderRecord",
    "InvalidRecord",
    "Lease",
    "LeaseLost",
    "LeaseRecord",
    "LockTimeout",
    "LockwrightError",
    "NotHeldError",
    "read_holder",
    "replace_file",
    "replace_file_async",
    "update_file",
    "update_file_async",
    "update_json",
    "update_json_async",
]
