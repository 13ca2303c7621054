#!/usr/bin/env python3
"""clang-tidy over every C++ file: tests/lint/tidy.py BUILD [FILE...]

A file whose text, headers, command and checks have not changed since it last passed is not looked at again;
which headers it has is what the build recorded. In a fresh clone that is nothing, and all are looked at.

Most of what clang-tidy would look at is the system's headers. A plug-in (own_code.cpp) spares it that; where Clang's
headers are not installed, and the plug-in is not built, the same is found in three times the time.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from _sources import ROOT, finish

TIDY = "clang-tidy-19"
OUTPUT = re.compile(r" -o (\S+)")
DIAGNOSTIC = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning): )", re.MULTILINE)
FOUND = re.compile(r"^(.+?):(\d+):\d+: warning: .*\[([^\]]+)\]$", re.MULTILINE)
CHATTER = re.compile(r"^\d+ warnings? (and \d+ errors? )?generated|^\d+ warnings? treated as error|^Suppressed |^Use -header")

PROBE = {
    "probe.h": """\
#include <map>
#include <string>
#include <vector>
#define PROBED(name) int name(std::string text) { return text.empty(); }
template <typename T>
struct Probed {
  int* Pointer = 0;  // modernize-use-nullptr readability-identifier-naming
  bool look(const std::vector<T>& all) { return all.size() == 0; }  // readability-container-size-empty
};
int by_value(std::string text);
""",
    "probe.cpp": """\
#include "probe.h"
#include <utility>
namespace {
std::string after_move(std::string text) {
  std::string moved = std::move(text);
  return moved + text;  // bugprone-use-after-move
}
bool same(int number) { return number == number; }  // misc-redundant-expression
}
PROBED(from_macro)  // performance-unnecessary-value-param
int by_value(std::string text) { return same(1) + after_move({}).size() + text.size(); }  // performance-unnecessary-value-param
bool contains(const std::map<int, int>& all) { return all.count(1) > 0; }  // readability-container-contains
""",
}


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


def command(build):
    """clang-tidy, with the plug-in if it is built."""
    plug_in = build / "tests" / "lw_own_code.so"
    return [TIDY, "--quiet", *(["--load", str(plug_in)] if plug_in.exists() else [])]


def wrong_with_probe(build):
    """What clang-tidy sees otherwise than it should in a small program of ours: a header, a macro, a template."""
    arguments = [f"--config-file={ROOT / '.clang-tidy'}", "--warnings-as-errors=-*"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "tests"  # where the configuration takes headers for ours
        folder.mkdir()
        for name, text in PROBE.items():
            (folder / name).write_text(text)
        run = subprocess.run(
            [*command(build), *arguments, str(folder / "probe.cpp"), "--", "-std=c++20"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    seen = {
        (pathlib.Path(file).name, int(line), check)
        for file, line, checks in FOUND.findall(run.stdout)
        for check in checks.split(",")
    }
    expected = {
        (name, number, check)
        for name, text in PROBE.items()
        for number, line in enumerate(text.splitlines(), 1)
        for check in line.partition("// ")[2].split()
    }
    wrong = [("does not see", missed) for missed in expected - seen] + [("sees", invented) for invented in seen - expected]
    return [f"clang-tidy {what} {check} in {name}:{line}" for what, (name, line, check) in sorted(wrong)]


def check(build, file):
    """Whether the file passes, and its diagnostics."""
    run = subprocess.run(
        [
            *command(build),
            "-p",
            build,
            "--extra-arg=-Wno-error",
            "--extra-arg=-Wno-unknown-warning-option",
            file,
        ],
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
    failures = dict.fromkeys(wrong_with_probe(build))  # a set that keeps its order: headers are looked at many times
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
