"""What the lock library raises of its own.

Everything else that goes wrong is the operating system's OSError, with the path in it; none is swallowed. All of
these can be pickled.
"""

from __future__ import annotations

from typing import Any

from ._holder import HolderRecord


class LockwrightError(Exception):
    """Base of the library's own errors."""


class LockTimeout(LockwrightError, TimeoutError):
    """The lock, or the lease, could not be had in time. Nothing is held.

    `path`: what should be locked. `waited`: for how long, in seconds. `holder`: who wrote itself into the lock file
    last, probably the holder, or None; for messages only.
    """

    def __init__(self, path: str, waited: float, holder: HolderRecord | None = None, detail: str = "") -> None:
        self.path = path
        self.waited = waited
        self.holder = holder
        self.detail = detail
        seen = f"; last holder seen: {holder}" if holder is not None else ""
        super().__init__(f"{path} not acquired in {waited:.3f} s{detail}{seen}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.waited, self.holder, self.detail)


class AlreadyHeldError(LockwrightError, RuntimeError):
    """This thread or task holds the lock already: waiting for it would be waiting for itself.

    The hold that exists is not touched. `path`: what is locked. `file`, `line`: where it was first acquired.
    """

    def __init__(self, path: str, file: str, line: int, detail: str = "") -> None:
        self.path = path
        self.file = file
        self.line = line
        self.detail = detail
        super().__init__(f"{path} is held already{detail}, since {file}:{line}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.file, self.line, self.detail)


class NotHeldError(LockwrightError, RuntimeError):
    """An operation on a lease that this object has not acquired."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path} is not held")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path,)


class LeaseLost(LockwrightError, RuntimeError):
    """The lease is somebody else's by now, or nobody's: stop what it protects. Nothing was written.

    `path`: what was leased. `token`: the one that is not valid any more.
    """

    def __init__(self, path: str, token: int, detail: str) -> None:
        self.path = path
        self.token = token
        self.detail = detail
        super().__init__(f"lease {token} on {path} is lost: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.token, self.detail)


class InvalidRecord(LockwrightError, ValueError):
    """A lease's record is there but is none: somebody else's program wrote the file.

    It is left as it is, since taking it for free would take away a lease that may be held; a person has to look.
    """

    def __init__(self, path: str, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(f"{path} is no lease record: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.detail)
