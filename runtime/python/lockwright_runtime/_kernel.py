"""The few system calls that the lock is made of.

flock(2), and not one of the other two. POSIX record locks (fcntl.lockf) belong to the process: they do not keep two
threads apart, and closing any descriptor of the file, by whatever library, drops them. OFD locks belong to the open
file description as flock's do, but only Linux has them, and there they contend with POSIX locks that others take.
"""

from __future__ import annotations

import errno
import os
import sys

if sys.platform == "win32":
    # UNTESTED: written from Microsoft's and Python's documentation, never run by this project's tests.
    import msvcrt

    #: One byte far behind the holder record, the same as in the C++ form: locks are mandatory on Windows, and the
    #: record has to stay readable.
    _LOCKED_BYTE = 1 << 30
    CAN_WAIT = False
    _OPEN = os.O_RDWR | os.O_CREAT | os.O_BINARY | os.O_NOINHERIT

    def open_lock_file(path: str) -> int:
        return os.open(path, _OPEN, 0o666)

    def try_lock(fd: int, shared: bool) -> bool:
        if shared:  # msvcrt.locking knows exclusive locks only
            raise OSError(errno.ENOTSUP, "no shared locks in the Python form on Windows")
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True

    def wait_lock(fd: int, shared: bool) -> None:
        raise NotImplementedError("LK_LOCK gives up after ten tries")

    def unlock(fd: int) -> None:
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

    def write_record(fd: int, record: bytes) -> None:
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, record)

else:
    import fcntl

    CAN_WAIT = True  #: there is a wait_lock()
    _OPEN = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NOCTTY

    def open_lock_file(path: str) -> int:
        """Opens the lock file, makes it if there is none, never truncates it.

        Close-on-exec from the start. A symbolic link is not followed: writing the holder record through one would
        overwrite somebody's file.
        """
        try:
            # First without O_CREAT: with it, Linux refuses somebody else's file in /tmp (fs.protected_regular).
            return os.open(path, _OPEN)
        except FileNotFoundError:
            return os.open(path, _OPEN | os.O_CREAT, 0o666)

    def try_lock(fd: int, shared: bool) -> bool:
        """Asks for the lock without waiting; False: somebody else holds it."""
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_lock(fd: int, shared: bool) -> None:
        """Waits for the lock in the kernel; signals are handled meanwhile, and what a handler raises ends the waiting."""
        fcntl.flock(fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)

    def unlock(fd: int) -> None:
        """Drops the lock, explicitly.

        A child that was forked and has not yet run its handler or exec'd shares it, and closing alone would leave it
        held.
        """
        fcntl.flock(fd, fcntl.LOCK_UN)

    def write_record(fd: int, record: bytes) -> None:
        """Overwrites the first bytes of the lock file."""
        done = os.pwrite(fd, record, 0)
        while done < len(record):
            done += os.pwrite(fd, record[done:], done)


def probe_exclusion(path: str) -> None:
    """With the lock held on `path`: raises ENOLCK if a second descriptor gets it too. The hold stays."""
    second = os.open(path, _OPEN)
    try:
        granted = try_lock(second, False)
    finally:
        os.close(second)
    if granted:
        raise OSError(errno.ENOLCK, "locks do not exclude on this file system", path)
