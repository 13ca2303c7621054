"""Who took a lock: a note in the lock file, for people. Nothing decides by it.

It is JSON, padded with spaces to the file's first 1024 bytes and overwritten in place, so that the lock file is never
truncated. It stays after the release, and who has just acquired has not written yet: it tells who was seen last.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import socket
import sys
import time
from typing import Any

RECORD_SIZE = 1024
_LONGEST_NAME = 200  # of host and program, so that the record fits


@dataclasses.dataclass(frozen=True)
class HolderRecord:
    """What the last process that acquired a lock wrote into the lock file."""

    pid: int = 0
    host: str = ""
    boot_id: str = ""  #: /proc/sys/kernel/random/boot_id; empty where there is none
    start_time: int = 0  #: of the process, in clock ticks since boot (proc(5), stat, field 22); 0: unknown
    program: str = ""
    mode: str = ""  #: "exclusive" or "shared"; "lease" for the owner of a lease
    token: str = ""  #: another one for every acquire
    acquired_at: str = ""  #: ISO 8601, UTC, by the holder's clock

    def __str__(self) -> str:
        since = f" since {self.acquired_at}" if self.acquired_at else ""
        return f"pid {self.pid} ({self.program}) on {self.host}{since}"


def read_holder(lock_path: str | os.PathLike[str]) -> HolderRecord | None:
    """The record in a lock file; None if that is missing, unreadable or being written. Takes no lock."""
    try:
        with open(lock_path, "rb") as file:
            record = json.loads(file.read(RECORD_SIZE))
    except (OSError, ValueError):
        return None
    if not isinstance(record, dict):
        return None
    found: dict[str, Any] = {}
    for field in dataclasses.fields(HolderRecord):
        value = record.get(field.name)
        if type(value) is type(field.default):
            found[field.name] = value
    return HolderRecord(**found)


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\n")
    except OSError:
        return ""


def _start_time() -> int:
    # The second field may contain anything, so we count from its closing parenthesis.
    fields = _first_line("/proc/self/stat").rpartition(")")[2].split()
    return int(fields[19]) if len(fields) > 19 else 0


def host_name() -> str:
    """This machine's name."""
    return socket.gethostname()


def _describe_self() -> tuple[bytes, bytes]:
    program = os.path.basename(sys.argv[0] if getattr(sys, "argv", None) else sys.executable or "python")
    start = {
        "format": 1,
        "pid": os.getpid(),
        "host": host_name()[:_LONGEST_NAME],
        "boot_id": _first_line("/proc/sys/kernel/random/boot_id"),
        "start_time": _start_time(),
        "program": program[:_LONGEST_NAME],
    }
    text = json.dumps(start)[:-1]
    return tuple(  # type: ignore[return-value]
        f'{text}, "mode": "{mode}", "token": "{os.urandom(8).hex()}-'.encode() for mode in ("exclusive", "shared")
    )


_self: tuple[bytes, bytes] | None = None
_acquires = itertools.count(1)
_second = (0, b"")


def forget_self() -> None:
    """After a fork: the process is another one."""
    global _self
    _self = None


def holder_record(shared: bool) -> bytes:
    """The record of this process for one acquire, padded to RECORD_SIZE."""
    global _self, _second
    if _self is None:
        _self = _describe_self()
    now = time.time_ns() // 1_000_000
    seconds, text = _second
    if seconds != now // 1000:
        seconds = now // 1000
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode()
        _second = (seconds, text)
    record = b'%s%d", "acquired_at": "%s.%03dZ"}' % (_self[shared], next(_acquires), text, now % 1000)
    return record.ljust(RECORD_SIZE - 1) + b"\n"
