"""Runs every lock in turns and prints the two tables. Started by `run`."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

here, build, rounds, seconds, folder = sys.argv[1:]
rounds = int(rounds)
python, node, cpp = [f"{build}/venv/bin/python", "-B", f"{here}/locks.py"], ["node", f"{here}/locks.mjs"], [f"{build}/locks"]
PROCESSES = 4
WORKS = (0, 20, 100)  # µs of computing in each section, and as many after it
LOCKS = [
    ("C++", "lockwright", cpp),
    ("C++", "lockwright, keep_open", cpp),
    ("C++", "boost", cpp),
    ("Python", "lockwright", python),
    ("Python", "filelock", python),
    ("Python", "portalocker", python),
    ("Python", "fasteners", python),
    ("Node", "lockwright", node),
    ("Node", "proper-lockfile", node),
]
# What the label does not say: which of the contract's promises the lock was made to keep.
NOTES = {
    "boost": "POSIX lock: no exclusion between threads; no check of the file's name",
    "filelock": "flock",
    "portalocker": "flock; no check of the file's name",
    "fasteners": "POSIX lock: no exclusion between threads through two objects; no check of the file's name",
    "proper-lockfile": "mkdir and age: a holder that is stopped loses the lock",
    "lockwright": "flock; all of the contract",
    "lockwright, keep_open": "flock; all but that release closes the descriptor",
}


def uncontended(command, name, path):
    run = subprocess.run([*command, name, path, "uncontended", seconds], stdout=subprocess.PIPE, check=True)
    return float(run.stdout)


def contended(command, name, path, work):
    """Increments a second of all processes together, how many were lost, and the least one's share."""
    pathlib.Path(path).write_text("0")
    line = [*command, name, path, "contended", seconds, str(work)]
    running = [subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate()[0]) for process in running]
    assert all(process.returncode == 0 for process in running)
    return sum(counts) / float(seconds), sum(counts) - int(pathlib.Path(path).read_text()), min(counts) / (sum(counts) / PROCESSES)


def main():
    alone = {(language, name): [] for language, name, _ in LOCKS}
    together = {(language, name, work): [] for language, name, _ in LOCKS for work in WORKS}
    with tempfile.TemporaryDirectory(prefix="lockwright-bench-", dir=folder or None) as place:
        for turn in range(rounds):
            for language, name, command in LOCKS:
                path = os.path.join(place, f"{turn}-{language}-{name}")
                alone[language, name].append(uncontended(command, name, path))
            for work in WORKS:
                for language, name, command in LOCKS:
                    path = os.path.join(place, f"{turn}-{language}-{name}-{work}")
                    together[language, name, work].append(contended(command, name, path, work))
    print(f"{rounds} rounds of {seconds} s; uncontended: the best, contended ({PROCESSES} processes): the median; "
          f"{os.cpu_count()} processors\n")  # fmt: skip
    columns = [f"{work} µs: sections/s, least share" for work in WORKS]
    print(f"| language | lock | uncontended, µs | {' | '.join(columns)} | lost updates | promises |")
    print(f"|---|---|--:|{'--:|' * len(WORKS)}--:|---|")
    for language, name, _ in LOCKS:
        cells = []
        lost = 0
        for work in WORKS:
            runs = together[language, name, work]
            lost += sum(missing for _, missing, _ in runs)
            rate, share = (statistics.median(column) for column in (list(zip(*runs))[0], list(zip(*runs))[2]))
            cells.append(f"{rate:,.0f}, {share:.0%}")
        print(
            f"| {language} | {name} | {1e6 / max(alone[language, name]):.1f} | {' | '.join(cells)} | "
            f"{lost} | {NOTES[name]} |"
        )


main()
