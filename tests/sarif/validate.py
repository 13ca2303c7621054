#!/usr/bin/env python3
"""Validates SARIF with the SARIF multitool, its GitHub rules included.

    tests/sarif/validate.py FILE.sarif...
    tests/sarif/validate.py --run LOCKWRIGHT check fixtures     runs it from the repository's root, validates that

Exit 0: no error and no warning. The multitool itself exits 0 whatever it finds, so its log is what counts.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
TOOL = TESTS / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"


def validate(path):
    """The complaints about one SARIF file, one line each."""
    TOOL.chmod(0o755)  # its package leaves that to an install script, which is not run
    with tempfile.TemporaryDirectory() as scratch:
        log = pathlib.Path(scratch) / "validation.sarif"
        command = [TOOL, "validate", path, "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning", "-o", log]
        run = subprocess.run(
            [*command, "--log", "ForceOverwrite"],
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if run.returncode or not log.exists():
            return [f"{path}: the validator failed:\n{run.stdout}"]
        runs = json.loads(log.read_text(encoding="utf-8-sig"))["runs"]
    complaints = [
        line.split(": ", 1)[1] if ": " in line else line
        for line in run.stdout.splitlines()
        if "): error " in line or "): warning " in line
    ]
    count = sum(len(one.get("results", [])) for one in runs)
    if count and not complaints:
        complaints = [f"{count} complaints; see the validator's output:\n{run.stdout}"]
    return [f"{path}: {complaint}" for complaint in complaints]


def produce(command, output):
    """Runs Lockwright with SARIF output into a file; 0 and 1 are its exit codes of a completed run."""
    root = TESTS.parent
    run = subprocess.run([*command, "--output-format", "sarif", "--output-file", output], cwd=root)
    if run.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} exited with {run.returncode}")


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    if not TOOL.exists():
        sys.exit("the SARIF multitool is not installed; run scripts/setup --tests")
    with tempfile.TemporaryDirectory() as scratch:
        files = arguments
        if arguments[0] == "--run":
            files = [f"{scratch}/lockwright.sarif"]
            produce(arguments[1:], files[0])
        complaints = [complaint for file in files for complaint in validate(file)]
    print("\n".join(complaints) or f"{len(files)} SARIF file(s): valid")
    sys.exit(1 if complaints else 0)


main()
