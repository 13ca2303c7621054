"""What is asked of a move to the lock library."""

import textwrap

import _lockwright
from _fixes import Scratch, check, findings

RUNTIME = _lockwright.ROOT / "runtime"
ADDON = RUNTIME / "typescript/dist/index.js"
TIMEOUT = 60


def is_library(fix):
    return any(name in fix["title"] for name in ("lockwright_runtime", "@lockwright/runtime", "lockwright::runtime"))


class Library(Scratch):
    def write(self, text, name="store.py"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    def offered(self):
        """The moves that are offered for the scratch directory: (rule, function, title)."""
        return [
            (finding["rule"], finding["function"], fix["title"])
            for finding in findings(self.root)
            for fix in finding["fixes"]
            if is_library(fix)
        ]

    def moved(self, text, name="store.py"):
        path = self.write(text, name)
        run = check(self.root, "--fix", "--use-library")
        self.assertIn("Fixed", run.out, run.err)
        return path.read_bytes().decode()

    def assert_moved(self, before, after, name="store.py"):
        self.assertEqual(textwrap.dedent(after), self.moved(before, name))


SAVE = """\
    import fcntl
    import json


    def save(path, data):
        with open(path, "w") as handle:  # all of it
            fcntl.flock(handle, fcntl.LOCK_EX)
            json.dump(data, handle, indent=2)
            handle.flush()
    """
SAVED = """\
    import json

    from lockwright_runtime import FileLock, replace_file


    def save(path, data):
        with FileLock(path):  # all of it
            replace_file(path, json.dumps(data, indent=2).encode())
    """
