#!/usr/bin/env python3
"""clang-tidy over every C++ file: tests/lint/tidy.py BUILD [FILE...]

A file whose text, headers, command and checks have not changed since it last passed is not looked at again;
which headers it has is what the build recorded. In a fresh clone that is nothing, and all are looked at.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

from _sources import ROOT, finish

TIDY = "clang-tidy-19"
OUTPUT = re.compile(r" -o (\S+)")
DIAGNOSTIC = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning): )", re.MULTILINE)
CHATTER = re.compile(r"^\d+ warnings? (and \d+ errors? )?generated|^\d+ warnings? treated as error|^Suppressed |^Use -header")


def recorded_headers(build):
    """Object file -> the files it was compiled from, as ninja recorded them."""
    run = subprocess.run(["ninja", "-C", build, "-t", "deps"], stdout=subprocess.PIPE, text=True)
    headers, current = {}, None
    for line in run.stdout.splitlines():
        if line.startswith("    "):
            current.append(line.strip())
        elif ": #deps" in line:
            current = headers.setdefault(line.split(": #deps")[0], [])
    return headers


def key_of(entry, headers, digests):
    """What the verdict on a file depends on; None if the build has not recorded it."""
    output = OUTPUT.search(entry["command"])
    read = output and headers.get(output[1])
    if not read:
        return None
    digest = hashlib.sha256(entry["command"].encode())
    for path in sorted({str((pathlib.Path(entry["directory"]) / name).resolve()) for name in read}):
        if path not in digests:
            try:
                digests[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).digest()
            except OSError:
                return None
        digest.update(digests[path])
    return digest.hexdigest()


def check(build, file):
    """Whether the file passes, and its diagnostics."""
    run = subprocess.run(
        [TIDY, "--quiet", "-p", build, "--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option", file],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    text = "\n".join(line for line in run.stdout.splitlines() if not CHATTER.match(line))
    return run.returncode == 0, [part.strip() for part in DIAGNOSTIC.split(text) if part.strip()]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = {str(pathlib.Path(name).resolve()) for name in sys.argv[2:]}
    entries = [
        entry
        for entry in json.loads((build / "compile_commands.json").read_text())
        if pathlib.Path(entry["file"]).is_relative_to(ROOT)
        and not pathlib.Path(entry["file"]).is_relative_to(build)
        and "node_modules" not in entry["file"]
        and entry["file"].endswith(".cpp")
        and entry["file"] != str(ROOT / "cmake/fmt.cpp")
        and (not wanted or entry["file"] in wanted)
    ]
    config = hashlib.sha256((ROOT / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes()).hexdigest()
    memory = build / "tidy-passed.json"
    try:
        passed = json.loads(memory.read_text())
    except (OSError, ValueError):
        passed = {}
    headers, digests = recorded_headers(build), {}
    keys = {}
    for entry in entries:
        key = key_of(entry, headers, digests)
        keys[entry["file"]] = key and f"{config}-{key}"
    todo = [file for file, key in keys.items() if key is None or passed.get(file) != key]

    failures = {}  # as a set that keeps its order: what is wrong in a header is found in many files
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, (ok, diagnostics) in zip(todo, pool.map(lambda name: check(build, name), todo)):
            if ok:
                passed[file] = keys[file]
            else:
                failures.update((text.replace(f"{ROOT}/", ""), None) for text in diagnostics)
                if not diagnostics:
                    failures[f"{file}: clang-tidy failed without a word"] = None
    memory.write_text(json.dumps({file: key for file, key in passed.items() if key}, indent=1))
    finish("tidy", failures, len(entries))


main()
