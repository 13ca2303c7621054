"""What this process holds and waits for.

To see nested acquires, to let threads and tasks wait for each other without asking the kernel, and to give a forked
child nothing. Holds are entered after the kernel has granted them and removed after it has taken them back.

fork(2) copies descriptors, and with them their share in the open file description that a lock belongs to. The child
closes its copies, which drops nothing (only LOCK_UN or the last close does), and forgets the holds. Opening and
closing are one step with the bookkeeping, under the mutex that fork takes: the child must neither miss a descriptor
nor close a number that is some other file's by now.

The mutex is reentrant, since the garbage collector or a signal handler may release a lock in the middle of things.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections import deque
from typing import Callable, TypeVar

from . import _holder, _kernel

_Key = TypeVar("_Key")

FIRST_INTERVAL = 0.0001  #: seconds between two questions to the kernel, at first
LONGEST_INTERVAL = 0.010  #: and at most
BEHIND_INTERVAL = 0.050  #: for those who are not first in the queue and have not been woken
PATIENCE = 0.005  #: after which who waits first is woken by the next release, and newcomers queue


class Owner:
    """A thread, or a task of its event loop. Two are the same owner if both members are."""

    __slots__ = ("in_loop", "task", "thread")

    def __init__(self, thread: object, task: object | None, in_loop: bool) -> None:
        self.thread = thread
        self.task = task
        self.in_loop = in_loop  # whether an event loop was running in the thread

    def same(self, other: Owner) -> bool:
        return self.thread is other.thread and self.task is other.task and self.in_loop == other.in_loop


class _Thread(threading.local):
    def __init__(self) -> None:
        self.token = object()  # unlike an ident, never somebody else's later
        self.outside_loops = Owner(self.token, None, False)


_thread = _Thread()


def current_owner() -> Owner:
    """Who is asking."""
    if asyncio._get_running_loop() is None:
        return _thread.outside_loops
    return Owner(_thread.token, asyncio.current_task(), True)


class HoldState:
    """One acquired lock, shared by the Hold objects that count on it."""

    __slots__ = ("born", "fd", "holders", "identity", "lock_path", "owner", "path", "shared", "site")

    def __init__(
        self, path: str, lock_path: str, owner: Owner, shared: bool, site: tuple[str, int], fd: int,
        identity: tuple[int, int],
    ) -> None:  # fmt: skip
        self.path = path
        self.lock_path = lock_path
        self.owner = owner
        self.shared = shared
        self.site = site
        self.fd = fd
        self.identity = identity
        self.born = generation
        self.holders = 0  # Hold objects that are not released; guarded by the registry's mutex

    def let_go(self) -> None:
        """One holder less; with the last the hold ends. Raises OSError with the lock gone. REQUIRES: the mutex."""
        self.holders -= 1
        if self.holders:
            return
        fd = self.fd
        try:
            try:
                _kernel.unlock(fd)
            finally:
                _descriptors.discard(fd)
                os.close(fd)
        finally:
            remove(self)


generation = 0  #: how often this process was forked: what an older generation held is not ours
mutex = threading.RLock()  # guards everything below
_descriptors: set[int] = set()
by_name: dict[str, list[HoldState]] = {}  #: what this process holds, by lock file
by_identity: dict[tuple[int, int], list[HoldState]] = {}  #: and under whatever name
queues: dict[str, Queue] = {}  #: who waits, by lock file
probed: set[int] = set()  #: devices whose locks were seen to exclude


class Habit:
    """Whether asking for a lock again for a moment has helped of late, which says how long its holds are."""

    __slots__ = ("_failures",)
    _MANY = 7

    def __init__(self) -> None:
        self._failures = 0  # those that a success has not made good

    @property
    def holds_are_long(self) -> bool:
        return self._failures >= self._MANY

    def spun(self, helped: bool) -> None:
        self._failures = max(self._failures - 1, 0) if helped else min(self._failures + 1, self._MANY + 1)


_habits = [Habit() for _ in range(64)]


def habit(lock_path: str) -> Habit:
    """That of this lock file, and of others now and then: they live as long as the process, so they are few."""
    return _habits[hash(lock_path) % len(_habits)]


class Queue:
    """Who waits for one lock file, in the order of coming."""

    __slots__ = ("places", "starving")

    def __init__(self) -> None:
        self.places: deque[Place] = deque()
        self.starving = False


def open_lock_file(path: str) -> int:
    """Opens it, and remembers the descriptor for the fork handler."""
    with mutex:
        fd = _kernel.open_lock_file(path)
        _descriptors.add(fd)
        return fd


def close(fd: int) -> None:
    """Closes it; it is gone also if this raises."""
    with mutex:
        _descriptors.discard(fd)
        os.close(fd)


def add(state: HoldState) -> None:
    """Enters a hold that the kernel has granted."""
    with mutex:
        _enter(by_name, state.lock_path, state)
        _enter(by_identity, state.identity, state)


def remove(state: HoldState) -> None:
    """To be called after the kernel lock is gone. Wakes who has waited long. REQUIRES: the mutex."""
    _discard(by_name, state.lock_path, state)
    _discard(by_identity, state.identity, state)
    if queues:
        queue = queues.get(state.lock_path)
        if queue is not None and queue.starving and queue.places:
            queue.places[0].wake()


def _enter(entries: dict[_Key, list[HoldState]], key: _Key, state: HoldState) -> None:
    if key in entries:
        entries[key].append(state)
    else:
        entries[key] = [state]


def _discard(entries: dict[_Key, list[HoldState]], key: _Key, state: HoldState) -> None:
    states = entries.get(key)
    if states == [state]:
        del entries[key]
    elif states is not None and state in states:
        states.remove(state)


class Place:
    """One waiter's place in the queue for a lock file, from its first refusal to its success or its giving up.

    Only the first asks the kernel, at intervals that grow. Who has just come may overtake it, which is what keeps a
    busy lock busy; but once the first has waited for PATIENCE, newcomers queue too and the next release wakes it. So
    nobody starves within a process. Those behind ask now and then all the same: the first may be a task whose event
    loop is blocked by one of them.
    """

    __slots__ = ("_interval", "_lock_path", "_queue", "_since", "starves", "wake")

    def __init__(self, lock_path: str, wake: Callable[[], None]) -> None:
        self.wake = wake
        self._lock_path = lock_path
        self._interval = FIRST_INTERVAL
        self._since = time.monotonic()
        self.starves = False  # it is the first, and has waited for PATIENCE
        with mutex:
            self._queue = queues.setdefault(lock_path, Queue())
            self._queue.places.append(self)

    @property
    def is_first(self) -> bool:
        with mutex:
            return self._queue.places[0] is self

    def next_pause(self) -> float:
        """For how many seconds to wait now, unless woken."""
        with mutex:
            if self._queue.places[0] is not self:
                return BEHIND_INTERVAL * random.uniform(0.5, 1)
            if time.monotonic() - self._since >= PATIENCE:
                self._queue.starving = self.starves = True
            pause = self._interval * random.uniform(0.5, 1)
            self._interval = min(self._interval * 2, LONGEST_INTERVAL)
            return pause

    def leave(self) -> None:
        """Lets the next one be first."""
        with mutex:
            queue = self._queue
            if self not in queue.places:
                return
            was_first = queue.places[0] is self
            queue.places.remove(self)
            if not queue.places:
                queues.pop(self._lock_path, None)
            elif was_first:
                queue.starving = False  # until the next one's patience ends
                queue.places[0].wake()


def newcomer_may_try(lock_path: str) -> bool:
    """Whether who has just come may ask the kernel before those who wait."""
    queue = queues.get(lock_path)
    return queue is None or not queue.starving


def _after_fork_in_child() -> None:
    global generation, mutex
    generation += 1
    mutex = threading.RLock()
    for fd in _descriptors:
        try:
            os.close(fd)
        except OSError:
            pass  # it is gone all the same
    _descriptors.clear()
    by_name.clear()
    by_identity.clear()
    queues.clear()  # the waiters are threads that do not exist here
    _holder.forget_self()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: mutex.acquire() and None,
        after_in_parent=lambda: mutex.release(),
        after_in_child=_after_fork_in_child,
    )
