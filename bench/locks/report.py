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


def contended(command, name, path):
    """Increments a second of all processes together, how many were lost, and the least one's share."""
    pathlib.Path(path).write_text("0")
    line = [*command, name, path, "contended", seconds]
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
    results = {(language, name): ([], []) for language, name, _ in LOCKS}
    with tempfile.TemporaryDirectory(prefix="lockwright-bench-", dir=folder or None) as place:
        for turn in range(rounds):
            for language, name, command in LOCKS:
                path = os.path.join(place, f"{turn}-{language}-{name}")
                results[language, name][0].append(uncontended(command, name, path))
                results[language, name][1].append(contended(command, name, path + "-c"))
    print(f"{rounds} rounds of {seconds} s; uncontended: the best, contended ({PROCESSES} processes): the median; "
          f"{os.cpu_count()} processors\n")  # fmt: skip
    print("| language | lock | uncontended, µs | contended, sections/s | least process's share | lost updates | promises |")
    print("|---|---|--:|--:|--:|--:|---|")
    for language, name, _ in LOCKS:
        alone, together = results[language, name]
        least = statistics.median(share for _, _, share in together)
        print(
            f"| {language} | {name} | {1e6 / max(alone):.1f} | "
            f"{statistics.median(rate for rate, _, _ in together):,.0f} | {least:.0%} | "
            f"{sum(lost for _, lost, _ in together)} | {NOTES[name]} |"
        )


main()
