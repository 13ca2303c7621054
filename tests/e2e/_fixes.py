"""Runs of the binary that repair code, and what to hold against what they wrote."""

import ast
import collections
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import _lockwright

NODE = shutil.which("node")
TIMEOUT = 120


class Run:
    def __init__(self, completed):
        self.exit_code = completed.returncode
        self.out = completed.stdout.decode()
        self.err = completed.stderr.decode()


def check(directory, *arguments):
    command = [_lockwright.binary(), "check", ".", "--isolated", "--color", "never", *arguments]
    return Run(subprocess.run(command, cwd=directory, capture_output=True, timeout=TIMEOUT))


def findings(directory):
    """The report's findings, as dictionaries."""
    return json.loads(check(directory, "--output-format", "json").out)["findings"]


def census(found):
    """How many findings each rule has in each function. Those without a name are called by their line."""
    return collections.Counter((each["rule"], each["path"], re.sub(r"@\d+", "", each["function"])) for each in found)


def parses(path):
    """Why the file does not parse; None if it does, or if nothing here can tell."""
    text = path.read_bytes()
    if path.suffix == ".py":
        try:
            ast.parse(text)
        except SyntaxError as error:
            return f"{path.name}: {error}"
    elif path.suffix in (".js", ".mjs") and NODE:
        run = subprocess.run([NODE, "--check", str(path)], capture_output=True, text=True)
        return run.stderr if run.returncode else None
    return None


def apply_edits(directory, fix):
    """Applies one fix of the JSON report by hand, as an editor would."""
    by_file = collections.defaultdict(list)
    for edit in fix["edits"]:
        by_file[edit["path"]].append(edit)
    for path, edits in by_file.items():
        text = (directory / path).read_bytes().decode()
        lines = text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)

        def offset(position):
            return starts[position["line"] - 1] + position["column"] - 1

        for edit in reversed(edits):
            begin, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
            text = text[:begin] + edit["text"] + text[end:]
        (directory / path).write_bytes(text.encode())


class Scratch(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lockwright-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
