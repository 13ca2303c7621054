#!/usr/bin/env python3
"""Every C++ file is formatted as .clang-format says. `tests/lint/format.py --fix` formats them."""

import subprocess
import sys

from _sources import ROOT, finish, sources


def main():
    files = sources(".h", ".cpp")
    if not files:
        finish("format", [], 0)
    if "--fix" in sys.argv[1:]:
        subprocess.run(["clang-format-19", "-i", *files], check=True)
    run = subprocess.run(
        ["clang-format-19", "--dry-run", "--Werror", *files], stderr=subprocess.PIPE, text=True
    )
    failing = sorted({line.split(":")[0] for line in run.stderr.splitlines() if ": error:" in line})
    if run.returncode and not failing:
        failing = [run.stderr]
    root = f"{ROOT}/"
    finish(
        "format",
        [f"{name.removeprefix(root)}: not formatted; run tests/lint/format.py --fix" for name in failing],
        len(files),
    )


main()
