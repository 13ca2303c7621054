"""Acquiring and releasing.

The order of steps is what matters here. To acquire: open, ask the kernel, look that the file still has its name, (once
a file system) see that a second descriptor is refused, write the holder record, enter the hold in the registry. To
release: unlock, close, remove the hold from the registry, tell who waits in this process. Whatever fails in acquiring
undoes the steps before it.

The async form makes the same system calls: none of them waits. What waits is between the attempts, where nothing is
held, so cancelling cannot leave a lock behind.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Coroutine
from types import FrameType, TracebackType
from typing import Any, TypeVar

from . import _kernel, _registry
from ._errors import AlreadyHeldError, LockTimeout
from ._holder import holder_record, read_holder
from ._registry import HoldState, Owner, Place, current_owner

_Key = TypeVar("_Key")


class _FromLock:
    """The default of acquire's `timeout`: the lock's own."""


_FROM_LOCK = _FromLock()

_MOMENT = 50e-6  #: seconds for which who waits asks again and again
_SHORT_MOMENT = 10e-6  #: and that where holds are long


def _give_way() -> None:
    """Lets another process have the processor, if one wants it."""
    if sys.platform == "win32":
        time.sleep(0)
    else:
        os.sched_yield()


def _call_site() -> tuple[str, int]:
    """The first frame outside this package."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame is not None else ("?", 0)


class Hold:
    """An acquired lock; ends when it is released, or when it is left as a context manager.

    It may be passed on, also to another thread or task, and be released there; the one that acquired stays the one
    whose nested acquires are errors. In a child made by fork it holds nothing. One that is forgotten releases when
    it is collected, with a ResourceWarning.
    """

    __slots__ = ("_counts", "_lock", "_state")

    def __init__(self, state: HoldState, lock: FileLock) -> None:
        self._state = state
        self._lock = weakref.ref(lock)
        self._counts = True
        state.holders += 1

    def release(self) -> None:
        """Gives the lock up.

        When it returns, or raises, the kernel lock is gone and the descriptor closed. Does nothing the second time,
        and in a forked child. Raises OSError if unlocking or closing failed.
        """
        state = self._state
        try:
            with _registry.mutex:  # a second release waits until the first has ended
                # What was acquired before a fork is the parent's: not ours to release, and closed already.
                if self._counts and state.born == _registry.generation:
                    self._counts = False
                    state.let_go()
        except OSError as error:
            error.filename = state.lock_path
            raise
        finally:
            lock = self._lock()
            if lock is not None:
                lock._forget(self)

    @property
    def held(self) -> bool:
        """Whether the lock is held through this object, in this process."""
        return self._counts and self._state.born == _registry.generation

    def __enter__(self) -> Hold:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    async def __aenter__(self) -> Hold:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __del__(self) -> None:
        if self._counts and self.held:
            self.release()
            warnings.warn(f"lock on {self._state.path} was not released", ResourceWarning, source=self)


class _Attempt:
    """The open lock file of one acquire that has not succeeded yet."""

    __slots__ = ("_fd", "_identity", "_locked", "lock", "owner", "site")

    def __init__(self, lock: FileLock, owner: Owner, site: tuple[str, int]) -> None:
        self.lock = lock
        self.owner = owner
        self.site = site
        self._fd = -1
        self._locked = False
        self._identity = (0, 0)

    def ask(self, waits: bool, blocks: bool, in_kernel: bool = False) -> Hold | None:
        """Asks once. None: somebody else holds the lock; with `in_kernel` that is waited for.

        Nothing is left open if it raises or grants.
        """
        lock = self.lock
        try:
            while True:
                if self._fd < 0:
                    self._fd = _registry.open_lock_file(lock.lock_path)
                    status = os.fstat(self._fd)
                    if not stat.S_ISREG(status.st_mode):
                        raise OSError(errno.EINVAL, "the lock file is not a regular file")
                    # Which file it is, as long as it is open: inode numbers are used again once it is gone.
                    self._identity = (status.st_dev, status.st_ino)
                    if self._identity in _registry.by_identity:
                        nested = lock._nested(self.owner, _registry.by_identity, self._identity, waits, blocks)
                        if nested is not None:
                            self.drop()
                            return nested
                # From here on perhaps: drop() unlocks.
                self._locked = True
                if in_kernel:
                    _kernel.wait_lock(self._fd, lock.shared)
                elif not _kernel.try_lock(self._fd, lock.shared):
                    self._locked = False
                    return None
                try:
                    status = os.lstat(lock.lock_path)
                    if (status.st_dev, status.st_ino) == self._identity:
                        return self._keep()
                except FileNotFoundError:
                    pass
                self.drop()
        except BaseException as error:
            self.drop()
            if isinstance(error, OSError) and error.errno is not None and error.filename is None:
                error.filename = lock.lock_path  # fcntl knows no names
            raise

    def _keep(self) -> Hold:
        lock, device = self.lock, self._identity[0]
        if device not in _registry.probed:
            _kernel.probe_exclusion(lock.lock_path)
            _registry.probed.add(device)
        _kernel.write_record(self._fd, holder_record(lock.shared))
        state = HoldState(lock.path, lock.lock_path, self.owner, lock.shared, self.site, self._fd, self._identity)
        hold = Hold(state, lock)
        try:
            _registry.add(state)
            lock._holds.append(hold)
        except BaseException:
            self._fd = -1
            hold.release()
            raise
        self._fd = -1
        return hold

    def drop(self) -> None:
        """Closes what is open. Errors are dropped: there is a better one under way, or the lock was not ours."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        try:
            if self._locked:
                _kernel.unlock(fd)
        except OSError:
            pass
        try:
            _registry.close(fd)
        except OSError:
            pass
        self._locked = False


class FileLock:
    """The lock for one path.

        with FileLock("state.json", timeout=5): ...
        async with FileLock("state.json"): ...
        with lock.acquire(timeout=1) as hold: ...

    One object may be used by any number of threads and tasks, and any number of objects may be made for one path.
    Making one touches no file; a relative path is taken from the current directory and symbolic links are followed
    now, also one whose target is not there yet, so that all spellings of a path have one lock.

    shared: hold it together with others that are shared. reentrant: let a thread or task that holds the lock acquire
    it again; the hold is then counted. An exclusive hold also serves a shared acquire; a shared one never serves an
    exclusive acquire (AlreadyHeldError): flock(2) does not convert atomically, and two that wait to convert wait for
    each other. timeout: seconds that an acquire waits; 0: it tries once; None: for ever.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        shared: bool = False,
        reentrant: bool = False,
        timeout: float | None = None,
    ) -> None:
        _check_timeout(timeout)
        self.path = os.path.realpath(os.fspath(path))  #: what is locked, links resolved
        self.lock_path = self.path + ".lock"  #: the file that the kernel lock is on
        self.shared = shared
        self.reentrant = reentrant
        self.timeout = timeout
        self._holds: list[Hold] = []
        self._entered: list[Hold] = []

    def __repr__(self) -> str:
        return f"FileLock({self.path!r})"

    def acquire(self, timeout: float | None | _FromLock = _FROM_LOCK) -> Hold:
        """Waits for the lock and acquires it; blocks the thread.

        Raises LockTimeout after `timeout` seconds (0: tries once; None: never); AlreadyHeldError at once if this
        thread or task holds the lock, through whatever object or spelling, or if another task of the running event
        loop does, which could not release it while this call waits; OSError for what the system says: no directory,
        no permission, no space for the holder record, no descriptor left, no locks on this file system (ENOLCK).
        Nothing is held or open then.
        """
        return self._acquire(self._timeout(timeout), _call_site())

    def _acquire(self, timeout: float | None, site: tuple[str, int]) -> Hold:
        owner = current_owner()
        waits = timeout is None or timeout > 0
        if self.lock_path in _registry.by_name:
            nested = self._nested(owner, _registry.by_name, self.lock_path, waits, True)
            if nested is not None:
                return nested
        attempt = _Attempt(self, owner, site)
        place: Place | None = None
        try:
            began = time.monotonic()
            if not waits or not _registry.queues or _registry.newcomer_may_try(self.lock_path):
                hold = attempt.ask(waits, True)
                if hold is None and waits:
                    hold = self._spin(attempt, timeout)
                if hold is not None:
                    return hold
            woken = threading.Event()
            if waits:
                place = Place(self.lock_path, woken.set)
            while place is not None:
                pause = place.next_pause()
                if timeout is not None:
                    pause = min(pause, began + timeout - time.monotonic())
                if pause > 0:
                    woken.wait(pause)
                woken.clear()
                hold = self._spin(attempt, timeout) if place.is_first else None
                if hold is not None:
                    return hold
                # Who has all the time there is, and has waited for long, stands in the kernel's queue, which is fair.
                hold = attempt.ask(waits, True, _kernel.CAN_WAIT and timeout is None and place.starves)
                if hold is not None:
                    return hold
                if timeout is not None and time.monotonic() - began >= timeout:
                    break
            raise LockTimeout(self.path, time.monotonic() - began, read_holder(self.lock_path))
        finally:
            attempt.drop()
            if place is not None:
                place.leave()

    def _spin(self, attempt: _Attempt, timeout: float | None) -> Hold | None:
        """Asks again and again for a moment, and gives way to others in between.

        To sleep and be woken takes some fifty microseconds, in which nobody would hold the lock. Where asking has not
        helped of late, holds are long and the moment is a short one.
        """
        habit = _registry.habit(self.lock_path)
        moment = _SHORT_MOMENT if habit.holds_are_long else _MOMENT
        if timeout is not None:
            moment = min(moment, timeout)
        began = now = time.monotonic()
        while now < began + moment:
            _give_way()
            hold = attempt.ask(True, True)
            if hold is not None:
                habit.spun(True)
                return hold
            now = time.monotonic()
        if now < began + 2 * moment:  # else another had the processor for most of the moment, and it says nothing
            habit.spun(False)
        return None

    def acquire_async(self, timeout: float | None | _FromLock = _FROM_LOCK) -> Coroutine[Any, Any, Hold]:
        """Waits for the lock and acquires it, for the task that calls; the event loop runs on.

        Raises as acquire() does; a hold of another task is waited for. When it is cancelled nothing is held or open.
        """
        return self._acquire_async(self._timeout(timeout), _call_site(), current_owner())

    async def _acquire_async(self, timeout: float | None, site: tuple[str, int], owner: Owner) -> Hold:
        if not owner.in_loop:  # called before the event loop was started
            owner = current_owner()
        waits = timeout is None or timeout > 0
        if self.lock_path in _registry.by_name:
            nested = self._nested(owner, _registry.by_name, self.lock_path, waits, False)
            if nested is not None:
                return nested
        attempt = _Attempt(self, owner, site)
        if not waits or not _registry.queues or _registry.newcomer_may_try(self.lock_path):
            hold = attempt.ask(waits, False)
            if hold is not None:
                return hold
        place: Place | None = None
        try:
            began = time.monotonic()
            woken = _LoopEvent()
            if waits:
                place = Place(self.lock_path, woken.set)
            while place is not None:
                pause = place.next_pause()
                if timeout is not None:
                    pause = min(pause, began + timeout - time.monotonic())
                await woken.wait(max(pause, 0))
                hold = attempt.ask(waits, False)
                if hold is not None:
                    return hold
                if timeout is not None and time.monotonic() - began >= timeout:
                    break
            raise LockTimeout(self.path, time.monotonic() - began, read_holder(self.lock_path))
        finally:
            attempt.drop()
            if place is not None:
                place.leave()

    def release(self) -> None:
        """Ends what this thread or task last acquired through this object; nothing if there is nothing.

        What others acquired through it is not touched. When it returns, or raises OSError, the kernel lock is gone
        and the descriptor closed (if no counted hold is left). Never waits, so it serves async code too.
        """
        hold = self._latest(self._holds, current_owner())
        if hold is not None:
            hold.release()

    @property
    def held(self) -> bool:
        """Whether this thread or task holds the lock through this object."""
        return self._latest(self._holds, current_owner()) is not None

    def __enter__(self) -> Hold:
        hold = self._acquire(self.timeout, _call_site())
        self._entered.append(hold)
        return hold

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def __aenter__(self) -> Coroutine[Any, Any, Hold]:
        return self._enter_async(_call_site(), current_owner())

    async def _enter_async(self, site: tuple[str, int], owner: Owner) -> Hold:
        hold = await self._acquire_async(self.timeout, site, owner)
        self._entered.append(hold)
        return hold

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        # A generator that is closed by somebody else, as event loops do, leaves its scope in another thread or task.
        # What was released in its scope is in here until the scope is left: it is not to be taken for another's.
        entered = self._entered
        hold = entered[0] if len(entered) == 1 else self._latest(entered, current_owner()) or entered[-1]
        entered.remove(hold)
        hold.release()

    def _forget(self, hold: Hold) -> None:
        if hold in self._holds:
            try:
                self._holds.remove(hold)
            except ValueError:
                pass  # another thread was faster

    @staticmethod
    def _latest(holds: list[Hold], owner: Owner) -> Hold | None:
        for hold in reversed(holds):
            if hold._state.owner.same(owner) and hold._state.born == _registry.generation:
                return hold
        return None

    def _timeout(self, timeout: float | None | _FromLock) -> float | None:
        if isinstance(timeout, _FromLock):
            return self.timeout
        _check_timeout(timeout)
        return timeout

    def _nested(
        self, owner: Owner, held: dict[_Key, list[HoldState]], key: _Key, waits: bool, blocks: bool
    ) -> Hold | None:
        """What holds of this process on the same file mean for another acquire.

        None: nothing. A counted hold if the owner has one and may count. Else AlreadyHeldError if waiting would be
        for oneself: the owner's own hold; that of code around the running event loop; for an acquire that `blocks`
        the thread, that of another task on it.
        """
        for state in tuple(held.get(key, ())):
            if state.owner.thread is not owner.thread:
                continue
            if state.owner.same(owner):
                upgrade = state.shared and not self.shared
                if self.reentrant and not upgrade:
                    with _registry.mutex:
                        if not state.holders:
                            continue  # who it was passed on to is just releasing it
                        hold = Hold(state, self)
                        self._holds.append(hold)
                        return hold
                whose = " in shared mode and cannot become exclusive" if upgrade else " by this thread or task"
            elif self.shared and state.shared:
                continue
            elif not state.owner.in_loop:
                whose = " around the running event loop"
            elif blocks and waits:
                whose = " by another task of the event loop that this acquire would block"
            else:
                continue
            raise AlreadyHeldError(self.path, state.site[0], state.site[1], whose)
        return None


class _LoopEvent:
    """A flag to wait for in one event loop; any thread may set it."""

    __slots__ = ("_future", "_loop", "_set")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] | None = None
        self._set = False

    def set(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._done)
        except RuntimeError:
            pass  # the loop was closed, and nobody waits any more

    def _done(self) -> None:
        self._set = True
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def wait(self, timeout: float) -> None:
        """Until it is set, and clears it; or for `timeout` seconds."""
        if not self._set:
            self._future = self._loop.create_future()
            timer = self._loop.call_later(timeout, self._done)
            try:
                await self._future
            finally:
                timer.cancel()
                self._future = None
        self._set = False


def _check_timeout(timeout: float | None) -> None:
    if timeout is not None and not timeout >= 0:
        raise ValueError(f"timeout must be None or at least 0, not {timeout!r}")
