"""Ownership of a file that outlives the process: an agent's claim on it, for a time.

The record is only ever read to decide, and only ever written, with the lock of its file held.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import random
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from . import _replace
from ._errors import AlreadyHeldError, InvalidRecord, LeaseLost, LockTimeout, NotHeldError
from ._file_lock import FileLock, _call_site
from ._holder import HolderRecord, host_name

_Result = TypeVar("_Result")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1


@dataclasses.dataclass(frozen=True)
class LeaseRecord:
    """What stands in `path.lease`."""

    owner: str | None  #: None: released
    token: int  #: the last one that was handed out
    ttl_ms: int
    expires_at_ms: int  #: milliseconds since 1970, UTC
    pid: int = 0  #: who wrote it last, for people
    host: str = ""

    @property
    def expired(self) -> bool:
        """Whether its time is over, by this machine's clock."""
        return time.time() * 1000 >= self.expires_at_ms

    def __str__(self) -> str:
        return "it was released" if self.owner is None else f"it is {self.owner}'s, by token {self.token}"


class Lease:
    """One owner's claim on one path, for `ttl` seconds at a time.

        lease = Lease("plan.md", "agent-7", ttl=300)
        token = lease.acquire()
        ...
        lease.refresh()            # LeaseLost: somebody took over; stop
        lease.replace_file(data)   # only if the lease is still this one
        lease.release()

    The claim is a JSON record in `plan.md.lease`. Every operation on it happens under a FileLock of that file, and by
    replace_file(): the record is always there and always whole. Time is the system's wall clock; a lease is for claims
    of minutes, not for mutual exclusion: a holder that was stopped for longer than its ttl goes on working unless it
    checks. What makes that safe is the fencing token: whoever is asked to write for a lease refuses a token below the
    highest it has seen; replace_file() does so for the leased file itself.

    `owner` is a name for people, not an identity: the token is. Any number of threads and tasks may use one object.
    Dropping the object releases nothing, since the claim outlives the process; `with lease:` acquires at once and
    releases at the end of the block.

    Methods that change the record wait for its lock for at most `ttl`, and raise LockTimeout if that is not enough;
    they raise OSError as replace_file() does, and InvalidRecord if `path.lease` is no lease record. The record is then
    unchanged. The `_async` methods are the same for tasks; cancelled, they end what they began.
    """

    def __init__(self, path: str | os.PathLike[str], owner: str, ttl: float) -> None:
        if not owner:
            raise ValueError("a lease needs an owner")
        if not ttl > 0:
            raise ValueError(f"a lease's ttl must be positive, not {ttl!r}")
        self.path = os.path.realpath(os.fspath(path))
        self.owner = owner
        self.ttl = ttl
        self._record_path = self.path + ".lease"
        self._mutex = threading.Lock()  # guards _token and _site
        self._token: int | None = None
        self._site = ("?", 0)

    @property
    def token(self) -> int | None:
        """The fencing token of the lease held; None: none."""
        return self._token

    @staticmethod
    def read(path: str | os.PathLike[str]) -> LeaseRecord | None:
        """The record as it is now; None if there is none. Takes no lock."""
        return _read_record(os.path.realpath(os.fspath(path)) + ".lease")

    def acquire(self, timeout: float | None = 0) -> int:
        """Takes the lease if it is free or expired; else waits for that, then raises LockTimeout.

        Returns the token: greater than every one before, also than those of a record that was deleted (as long as
        the clock was not set back behind it: tokens are at least the time in microseconds). AlreadyHeldError if this
        object holds the lease; another object with the same `owner` has to wait like everybody.
        """
        self._begin()
        waiting = _Waiting(timeout)
        while True:
            with self._record_lock(waiting.for_lock(self.ttl)):
                record = self._try(_call_site())
            if record is None:
                assert self._token is not None
                return self._token
            time.sleep(waiting.pause_or_raise(self.path, record))

    async def acquire_async(self, timeout: float | None = 0) -> int:
        """acquire() for tasks. Cancelled, it has not acquired, or has released again."""
        site = _call_site()
        self._begin()
        waiting = _Waiting(timeout)
        while True:
            async with self._record_lock(waiting.for_lock(self.ttl)):
                try:
                    record = await _replace.in_thread(lambda: self._try(site))
                except asyncio.CancelledError:
                    # The thread may have taken it all the same.
                    await _replace.in_thread(self._release)
                    raise
            if record is None:
                assert self._token is not None
                return self._token
            await asyncio.sleep(waiting.pause_or_raise(self.path, record))

    def resume(self, token: int) -> None:
        """Goes on with a lease that an earlier process acquired, whose token was passed on, and refreshes it.

        LeaseLost if it is not that lease any more.
        """
        self._locked(lambda: self._resume(token))

    async def resume_async(self, token: int) -> None:
        """resume() for tasks."""
        await self._locked_async(lambda: self._resume(token))

    def refresh(self) -> None:
        """Extends the lease to `ttl` from now; also an expired one that nobody has taken over.

        LeaseLost if it is somebody else's; NotHeldError if it was not acquired.
        """
        token = self._required()
        self._locked(lambda: self._refresh(token))

    async def refresh_async(self) -> None:
        """refresh() for tasks."""
        token = self._required()
        await self._locked_async(lambda: self._refresh(token))

    def check(self) -> None:
        """Raises LeaseLost unless the lease is this one and has not expired; NotHeldError."""
        token = self._required()
        self._locked(lambda: self._check(token))

    async def check_async(self) -> None:
        """check() for tasks."""
        token = self._required()
        await self._locked_async(lambda: self._check(token))

    def replace_file(self, content: bytes) -> None:
        """Replaces the content of the leased file, if the lease is this one and has not expired, in one step.

        No take-over can come in between. LeaseLost, NotHeldError.
        """
        token = self._required()
        self._locked(lambda: self._replace(token, content))

    async def replace_file_async(self, content: bytes) -> None:
        """replace_file() for tasks."""
        token = self._required()
        await self._locked_async(lambda: self._replace(token, content))

    def release(self) -> bool:
        """Gives the lease up; the record stays, for its token.

        False if it was not this one's any more (nothing is changed then), or not acquired.
        """
        return self._token is not None and self._locked(self._release)

    async def release_async(self) -> bool:
        """release() for tasks."""
        return self._token is not None and await self._locked_async(self._release)

    def __enter__(self) -> Lease:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    async def __aenter__(self) -> Lease:
        await self.acquire_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release_async()

    def _record_lock(self, timeout: float | None) -> FileLock:
        return FileLock(self._record_path, timeout=timeout)

    def _locked(self, step: Callable[[], _Result]) -> _Result:
        with self._record_lock(self.ttl):
            return step()

    async def _locked_async(self, step: Callable[[], _Result]) -> _Result:
        async with self._record_lock(self.ttl):
            return await _replace.in_thread(step)

    def _begin(self) -> None:
        with self._mutex:
            if self._token is not None:
                raise AlreadyHeldError(self.path, *self._site, detail=" by this Lease")

    def _required(self) -> int:
        token = self._token
        if token is None:
            raise NotHeldError(self.path)
        return token

    # The steps below require that the record's lock is held.

    def _try(self, site: tuple[str, int]) -> LeaseRecord | None:
        record = _read_record(self._record_path)
        if record is not None and record.owner is not None and not record.expired:
            return record
        # A number that grows also where no record tells the last one.
        token = max(record.token + 1 if record is not None else 0, time.time_ns() // 1000)
        self._write(self.owner, token)
        with self._mutex:
            self._token, self._site = token, site
        return None

    def _current(self, token: int) -> LeaseRecord:
        record = _read_record(self._record_path)
        if record is None:
            raise LeaseLost(self.path, token, "its record was deleted")
        if record.owner != self.owner or record.token != token:
            raise LeaseLost(self.path, token, str(record))
        return record

    def _resume(self, token: int) -> None:
        self._refresh(token)
        with self._mutex:
            self._token, self._site = token, _call_site()

    def _refresh(self, token: int) -> None:
        self._current(token)
        self._write(self.owner, token)

    def _check(self, token: int) -> None:
        if self._current(token).expired:
            raise LeaseLost(self.path, token, "it has expired")

    def _replace(self, token: int, content: bytes) -> None:
        self._check(token)
        _replace.replace_file(self.path, content)

    def _release(self) -> bool:
        token = self._token
        if token is None:
            return False
        record = _read_record(self._record_path)
        ours = record is not None and (record.owner, record.token) == (self.owner, token)
        if ours:
            self._write(None, token)
        with self._mutex:
            if self._token == token:
                self._token = None
        return ours

    def _write(self, owner: str | None, token: int) -> None:
        ttl = int(self.ttl * 1000)
        record = {
            "format": 1,
            "owner": owner,
            "token": token,
            "ttl_ms": ttl,
            "expires_at_ms": 0 if owner is None else time.time_ns() // 1_000_000 + ttl,
            "pid": os.getpid(),
            "host": host_name(),
        }
        _replace.replace_file(self._record_path, (json.dumps(record) + "\n").encode())


def _read_record(path: str) -> LeaseRecord | None:
    content = _replace._read(path)
    if content is None:
        return None
    try:
        record: Any = json.loads(content)
        numbers = [record["token"], record["ttl_ms"], record["expires_at_ms"], record.get("pid", 0)]
        owner, host = record["owner"], record.get("host", "")
        if record["format"] != 1 or not all(type(number) is int for number in numbers):
            raise ValueError("its format is not 1")
        if not isinstance(owner, (str, type(None))) or not isinstance(host, str):
            raise ValueError("its owner is no text")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidRecord(path, f"{type(error).__name__}: {error}") from error
    return LeaseRecord(owner or None, numbers[0], numbers[1], numbers[2], numbers[3], host)


class _Waiting:
    """How long an acquire has waited for a lease, and how long it may."""

    def __init__(self, timeout: float | None) -> None:
        if timeout is not None and not timeout >= 0:
            raise ValueError(f"timeout must be None or at least 0, not {timeout!r}")
        self._timeout = timeout
        self._began = time.monotonic()
        self._pause = _FIRST_PAUSE

    def for_lock(self, ttl: float) -> float | None:
        """A try that does not wait for the lease still waits for those who are just at the record."""
        return None if self._timeout is None else max(self._timeout - (time.monotonic() - self._began), ttl)

    def pause_or_raise(self, path: str, record: LeaseRecord) -> float:
        waited = time.monotonic() - self._began
        if self._timeout is not None and waited >= self._timeout:
            holder = HolderRecord(record.pid, record.host, program=record.owner or "", mode="lease", token=str(record.token))
            raise LockTimeout(path, waited, holder, f": {record}")
        pause = self._pause * random.uniform(0.5, 1)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        left = max(record.expires_at_ms / 1000 - time.time(), 0.001)
        return min(pause, left, pause if self._timeout is None else self._timeout - waited)
