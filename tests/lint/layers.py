#!/usr/bin/env python3
"""No file includes a header of a stage that its own stage may not see.

The static linker would let a forbidden include pass as long as it resolves to something inline, or in an order
that happens to link. What a stage may see stands in CMakeLists.txt (lw_stage), which writes stages.json.
"""

import json
import pathlib
import re
import sys

from _sources import ROOT, finish, sources

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def main():
    build = pathlib.Path(sys.argv[1])
    stages = json.loads((build / "stages.json").read_text())

    def seen(name):
        return {name}.union(*(seen(other) for other in stages[name]["sees"]))

    def stage_of(path):
        """The stage with the longest folder that contains the path."""
        holding = [name for name, stage in stages.items() if path.startswith(stage["folder"] + "/")]
        return max(holding, key=lambda name: len(stages[name]["folder"]), default=None)

    failures = []
    files = sources(".h", ".cpp")
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        stage = stage_of(name)
        if stage is None:
            if name.startswith(("analyzer/", "rules/")):
                failures.append(f"{name}: in no stage; add an lw_stage() to CMakeLists.txt")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            other = stage_of(match[1]) if match else None
            if other and other not in seen(stage):
                failures.append(f"{name}:{number}: {stage} may not see {other} ({match[1]})")
    finish("layers", failures, len(files))


main()
