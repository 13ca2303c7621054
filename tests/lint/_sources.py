"""Which files are ours, and how a check reports."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("analyzer", "rules", "runtime", "bench", "tests", "cmake")


def sources(*suffixes):
    """Our C++ files, sorted."""
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
    )


def finish(what, failures, count):
    """Ends the check: 1 if it failed, with every failure printed."""
    for failure in failures:
        print(failure)
    print(f"{what}: {count} files, {len(failures)} failures")
    sys.exit(1 if failures else 0)
