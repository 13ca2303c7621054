"""Changing a file so that nobody ever reads half of it, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextvars
import errno
import inspect
import json
import os
import stat
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ._file_lock import FileLock

_Result = TypeVar("_Result")
_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Replaces the content of a file, or creates it. Readers see the old content or the new, whole.

    A temporary file of a unique name in the same directory is written, flushed to disk (fsync(2)), given the old
    file's permission bits (and its owner and group, as far as the system permits that), renamed over the old file,
    and the directory is flushed. A symbolic link stays one: its target is replaced. Hard links to the old file keep
    the old content; extended attributes and ACLs are not carried over.

    Raises OSError; then the old file stands and the temporary file is gone. One exception: if flushing the directory
    fails, the new content is in place, though perhaps not yet on disk. A process killed in here leaves the old or the
    new file, and maybe a file `.NAME.*.tmp`.

    Takes no lock: of two that replace at the same time, the last wins.
    """
    _replace_resolved(os.path.realpath(os.fspath(path)), content)


def _replace_resolved(target: str, content: bytes) -> None:
    data = memoryview(content).cast("B")
    try:
        old: os.stat_result | None = os.stat(target)
    except FileNotFoundError:
        old = None
    if old is not None and not stat.S_ISREG(old.st_mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(old.st_mode) else errno.EINVAL, "not a regular file", target)
    folder, name = os.path.split(target)
    # Short, so that a name of the greatest length can be replaced too: it is the bytes that count.
    short = os.fsdecode(os.fsencode(name)[:100])
    temporary = os.path.join(folder, f".{short}.{os.urandom(8).hex()}.tmp")
    # Nobody else may read what may be a secret until the bits are right; a new file gets what the umask leaves.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NOFOLLOW
    fd = -1
    try:
        fd = os.open(temporary, flags, 0o666 if old is None else 0o600)
        try:
            while data:
                data = data[os.write(fd, data) :]
            if old is not None:
                _take_attributes(fd, old)
            _flush(fd)
        finally:
            os.close(fd)
        if sys.platform == "win32":  # UNTESTED
            os.replace(temporary, target)
            return
        # Opened before the rename: what fails for want of a descriptor fails while the old file still stands.
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.rename(temporary, target)
            temporary = ""
            os.fsync(directory)
        finally:
            os.close(directory)
    except BaseException:
        if temporary and fd >= 0:
            try:
                os.unlink(temporary)
            except OSError:
                pass  # the error under way says more
        raise


def _take_attributes(fd: int, old: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    mine = os.fstat(fd)
    same_owner = (mine.st_uid, mine.st_gid) == (old.st_uid, old.st_gid)
    if not same_owner:
        # Before the mode: chown(2) clears set-id bits. Those are kept only with the owner they were meant for.
        try:
            os.fchown(fd, old.st_uid, old.st_gid)
            same_owner = True
        except PermissionError:
            try:
                os.fchown(fd, -1, old.st_gid)
            except PermissionError:
                pass
    os.fchmod(fd, stat.S_IMODE(old.st_mode) & (0o7777 if same_owner else 0o777))


def _flush(fd: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def update_file(
    path: str | os.PathLike[str], fn: Callable[[bytes | None], bytes], *, timeout: float | None = None
) -> bytes:
    """Reads a file, gives its content to `fn`, and replaces it by what `fn` returns, under the file's lock.

    No update of another user of this library is lost. `fn` gets None if there is no such file. Returns the new
    content. What `fn` raises is raised on, and the file stays as it is. Waits for the lock for `timeout` seconds
    (None: for ever), and raises as FileLock.acquire() and replace_file() do. `fn` must not acquire the lock of `path`
    itself: AlreadyHeldError.
    """
    lock = FileLock(path, timeout=timeout)
    with lock:
        content = fn(_read(lock.path))
        _replace_resolved(lock.path, content)
        return content


def update_json(
    path: str | os.PathLike[str], fn: Callable[[Any], Any], *, default: Any = None, timeout: float | None = None
) -> Any:
    """update_file() for JSON: `fn` gets the value, and returns the new one, which is returned.

    If there is no file, `fn` gets `default`. A file that is not JSON (an empty one is not) raises ValueError and
    stays as it is.
    """
    value: Any = None

    def change(content: bytes | None) -> bytes:
        nonlocal value
        value = fn(default if content is None else json.loads(content))
        return _dumped(value)

    update_file(path, change, timeout=timeout)
    return value


def _dumped(value: Any) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


async def in_thread(call: Callable[[], _Result]) -> _Result:
    """Runs `call` in a thread and waits until it has ended, also when cancelled meanwhile.

    A thread goes on when its awaiter is cancelled; who holds a lock for it must not let go before it is done.
    """
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(None, contextvars.copy_context().run, call)
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait((future,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not future.cancelled():
            future.exception()  # it has been looked at
        raise cancelled
    return future.result()


async def replace_file_async(path: str | os.PathLike[str], content: bytes) -> None:
    """replace_file() in a thread. When cancelled it still ends what it began, then raises CancelledError."""
    await in_thread(lambda: replace_file(path, content))


async def update_file_async(
    path: str | os.PathLike[str],
    fn: Callable[[bytes | None], bytes | Awaitable[bytes]],
    *,
    timeout: float | None = None,
) -> bytes:
    """update_file() for tasks: `fn` runs in the event loop and may be async; files are read and written in threads.

    When cancelled, the file has its old content or the new one, whole, and the lock is free.
    """
    lock = FileLock(path, timeout=timeout)
    async with lock:
        content = fn(await in_thread(lambda: _read(lock.path)))
        if inspect.isawaitable(content):
            content = await content
        data = content
        await in_thread(lambda: _replace_resolved(lock.path, data))
        return data


async def update_json_async(
    path: str | os.PathLike[str],
    fn: Callable[[Any], Any],
    *,
    default: Any = None,
    timeout: float | None = None,
) -> Any:
    """update_json() for tasks; `fn` may be async."""
    value: Any = None

    async def change(content: bytes | None) -> bytes:
        nonlocal value
        value = fn(default if content is None else json.loads(content))
        if inspect.isawaitable(value):
            value = await value
        return _dumped(value)

    await update_file_async(path, change, timeout=timeout)
    return value
