"""Runs the lockwright binary that $LOCKWRIGHT names, and reads its JSON report."""

import json
import os
import pathlib
import subprocess
import unittest
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT = 60  # seconds; a run takes hundredths of a second, sanitized builds some tenths


class Finding(NamedTuple):
    """A finding of the report. Sorts as the report does: by place."""

    path: str  # as reported: relative to the working directory, with slashes
    line: int
    column: int
    rule: str
    name: str
    message: str
    function: str
    state: str  # "open", "suppressed" or "baselined"
    witness: tuple[tuple[str, int], ...]  # path and line of every step, and of the calls that lead to it


class Report(NamedTuple):
    exit_code: int
    findings: list[Finding]
    notes: list[str]  # what went wrong with files: "path: message"

    def open(self):
        """The findings that are neither suppressed nor in a baseline."""
        return [finding for finding in self.findings if finding.state == "open"]


class RunFailed(Exception):
    """The binary crashed, hung, or printed no report."""


def binary():
    """The binary's absolute path, or None if the environment names none."""
    path = os.environ.get("LOCKWRIGHT")
    return os.path.abspath(path) if path else None


#: Decorator of tests that need the binary. CTest always gives it, so nothing is skipped there.
needs_binary = unittest.skipUnless(binary(), "the environment variable LOCKWRIGHT does not name the binary")


def has_clang():
    """Whether the binary reads C and C++ with Clang, too: it says when it does not."""
    return binary() and "without Clang" not in subprocess.run([binary(), "--version"], capture_output=True, text=True).stdout


#: Decorator of tests of what Clang tells. scripts/setup installs Clang, so nothing is skipped in CI.
needs_clang = unittest.skipUnless(has_clang(), "$LOCKWRIGHT is built without Clang")


def check(*paths, cwd, select=(), options=()):
    """The report of `lockwright check PATHS OPTIONS` without configuration, run in the directory `cwd`."""
    command = [binary(), "check", *map(str, paths), "--isolated", "--output-format", "json", "--color", "never"]
    command += options
    if select:
        command += ["--select", ",".join(select)]
    try:
        run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise RunFailed(f"{' '.join(command)}: no answer within {TIMEOUT} s") from error
    except OSError as error:
        raise RunFailed(f"{command[0]}: cannot be run: {error.strerror}") from error
    if run.returncode not in (0, 1):
        raise RunFailed(f"{' '.join(command)}: exit code {run.returncode}\n{run.stderr.strip()}")
    try:
        return parse(run.stdout, run.returncode)
    except (ValueError, KeyError) as error:
        raise RunFailed(f"{' '.join(command)}: not a report: {error!r}\n{run.stdout[:2000]}") from error


def parse(text, exit_code=0):
    """A Report from the text of the JSON format (described at the top of analyzer/report/json.cpp)."""
    report = json.loads(text)
    notes = [f"{note['path']}: {note['message']}" for note in report["notes"]]
    return Report(exit_code, sorted(map(_finding, report["findings"])), notes)


def _finding(entry):
    places = []
    for step in entry["witness"]:
        places += [_place(call) for call in step["through"]]
        places.append(_place(step))
    path, line = _place(entry)
    return Finding(
        path=path,
        line=line,
        column=entry["range"]["start"]["column"],
        rule=entry["rule"],
        name=entry["name"],
        message=entry["message"],
        function=entry["function"],
        state=entry["state"],
        witness=tuple(places),
    )


def _place(entry):
    return entry["path"].removeprefix("./"), entry["range"]["start"]["line"]
