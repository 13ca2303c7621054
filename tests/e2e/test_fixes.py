"""Fixes: what they promise, on every example of every page and on every fixture; and files that are hard to edit.

Of every fix that is offered: applied, its finding is gone and none is new, the file still parses, and nothing is left to
apply. Some repaired programs are also run, against the schedule on which the unrepaired ones go wrong.
"""

import ast
import collections
import contextlib
import fcntl
import importlib.util
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

import _lockwright
import _rule_pages

CORE = ("LW101", "LW102", "LW201", "LW301", "LW302")
NODE = shutil.which("node")
PATCH = shutil.which("patch")
FIXTURES = _lockwright.ROOT / "fixtures"
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
    """How many findings each rule has in each function."""
    return collections.Counter((each["rule"], each["path"], each["function"]) for each in found)


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


@_lockwright.needs_binary
class Promises(Scratch):
    """Property tests over all code that the project has."""

    def projects(self):
        """(name, directory) of every bad example of the core rules' pages and every side of every fixture."""
        for page in _rule_pages.all_pages():
            if page.rule_id not in CORE:
                continue
            for number, example in enumerate(page.examples):
                if example.expected:
                    directory = self.root / page.rule_id / str(number)
                    directory.mkdir(parents=True)
                    example.write_to(directory)
                    yield f"{page.rule_id}: {example.heading}", directory
        for side in sorted(FIXTURES.glob("*/*/")):
            directory = self.root / "fixtures" / side.parent.name / side.name
            shutil.copytree(side, directory)
            yield f"{side.parent.name}/{side.name}", directory

    def repairable(self):
        """Those of them for which a fix is offered, with their findings."""
        for name, directory in self.projects():
            found = findings(directory)
            if any(each["fixes"] for each in found):
                yield name, directory, found

    @contextlib.contextmanager
    def copied(self, directory):
        copy = self.root / "copy"
        shutil.copytree(directory, copy)
        try:
            yield copy
        finally:
            shutil.rmtree(copy)

    def test_each_fix_by_itself(self):
        """As an editor applies it."""
        offered = collections.Counter()
        for name, directory, before in self.repairable():
            for number, finding in enumerate(before):
                for fix in finding["fixes"]:
                    place = f"{finding['path']}:{finding['range']['start']['line']}"
                    with self.subTest(f"{name}: {place}: {fix['title']}"), self.copied(directory) as copy:
                        offered[finding["rule"]] += 1
                        apply_edits(copy, fix)
                        allowed = census(before[:number] + before[number + 1 :])
                        self.assertLessEqual(census(findings(copy)), allowed)
                        for path in {edit["path"] for edit in fix["edits"]}:
                            self.assertIsNone(parses(copy / path))
        # Something must be on offer, and be tried, for each.
        for rule in CORE:
            self.assertGreater(offered[rule], 5, rule)

    def test_fix_does_what_diff_shows_and_leaves_nothing_to_do(self):
        for name, directory, before in self.repairable():
            for arguments in ([], ["--unsafe-fixes"]):
                with self.subTest(f"{name} {' '.join(arguments)}"), self.copied(directory) as copy:
                    diff = check(directory, "--diff", *arguments).out
                    if diff and PATCH:
                        subprocess.run([PATCH, "-p0", "--quiet"], input=diff.encode(), cwd=copy, check=True)
                    run = check(directory, "--fix", *arguments)
                    self.assertIn(run.exit_code, (0, 1), run.err)
                    for path in directory.rglob("*"):
                        if path.is_file() and PATCH:
                            self.assertEqual((copy / path.relative_to(directory)).read_bytes(), path.read_bytes())
                    self.assertLessEqual(census(findings(directory)), census(before))
                    self.assertEqual("", check(directory, "--diff", *arguments).out)


TRUNCATES = textwrap.dedent("""\
    import fcntl
    import json


    def save(path, data):
        with open(path, "w") as handle:  # all of it
            fcntl.flock(handle, fcntl.LOCK_EX)
            json.dump(data, handle)
            handle.flush()
    """)
REPAIRED = TRUNCATES.replace('"w"', '"a"').replace(
    "LOCK_EX)\n", "LOCK_EX)\n        handle.seek(0)\n        handle.truncate()\n"
)


@_lockwright.needs_binary
class Files(Scratch):
    """Files as they come."""

    def write(self, content, name="store.py"):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def fixed(self, content, name="store.py"):
        path = self.write(content, name)
        run = check(self.root, "--fix")
        self.assertEqual(0, run.exit_code, run.out + run.err)
        return path.read_bytes()

    def test_summary(self):
        self.write(TRUNCATES)
        run = check(self.root)
        self.assertEqual(1, run.exit_code)
        self.assertIn("  fix: Open without truncating, and truncate under the lock\n", run.out)
        self.assertTrue(run.out.endswith("Fixable: 1 with --fix (--diff shows how)\n"), run.out)
        run = check(self.root, "--fix")
        self.assertEqual((0, "Fixed 1 finding in 1 file\nFound nothing in 1 file\n"), (run.exit_code, run.out))
        self.assertEqual(REPAIRED, (self.root / "store.py").read_text())

    def test_diff_changes_nothing(self):
        path = self.write(TRUNCATES)
        run = check(self.root, "--diff")
        self.assertEqual(1, run.exit_code)
        self.assertIn('-    with open(path, "w") as handle:  # all of it\n', run.out)
        self.assertIn("+        handle.truncate()\n", run.out)
        self.assertEqual(TRUNCATES.encode(), path.read_bytes())

    def test_sarif_carries_fixes(self):
        self.write(TRUNCATES)
        result = json.loads(check(self.root, "--output-format", "sarif").out)["runs"][0]["results"][0]
        fix = result["fixes"][0]
        self.assertEqual("safe", fix["properties"]["applicability"])
        (change,) = fix["artifactChanges"]
        self.assertEqual("store.py", change["artifactLocation"]["uri"])
        self.assertEqual("a", change["replacements"][0]["insertedContent"]["text"])

    def test_suppressed_findings_are_left_alone(self):
        text = TRUNCATES.replace("# all of it", "# lockwright: ignore[LW102] the newest run owns it")
        self.assertEqual(text.encode(), self.fixed(text))

    def test_crlf(self):
        self.assertEqual(REPAIRED.replace("\n", "\r\n").encode(), self.fixed(TRUNCATES.replace("\n", "\r\n")))

    def test_byte_order_mark(self):
        self.assertEqual(b"\xef\xbb\xbf" + REPAIRED.encode(), self.fixed(b"\xef\xbb\xbf" + TRUNCATES.encode()))

    def test_tabs(self):
        self.assertEqual(REPAIRED.replace("    ", "\t").encode(), self.fixed(TRUNCATES.replace("    ", "\t")))

    def test_mixed_indentation(self):
        def mixed(text):
            return text.replace("        ", "    \t")

        self.assertEqual(mixed(REPAIRED).encode(), self.fixed(mixed(TRUNCATES)))

    def test_single_quotes(self):
        self.assertEqual(REPAIRED.replace('"', "'").encode(), self.fixed(TRUNCATES.replace('"', "'")))

    def test_no_newline_at_the_end(self):
        for text in (
            "import fcntl\n\ndef f(lock, work):\n    lock.acquire()\n    work()\n    lock.release()",
            "import os\n\ndef f(p, work):\n    os.close(os.open(p + '.lock', os.O_CREAT | os.O_EXCL))\n    work()\n"
            "    os.unlink(p + '.lock')",
        ):
            path = self.write(text)
            check(self.root, "--fix")
            self.assertFalse(path.read_bytes().endswith(b"\n"))
            ast.parse(path.read_bytes())
        self.assertTrue(path.read_text().endswith("    finally:\n        os.unlink(p + '.lock')"))

    def test_strings_of_several_lines_are_not_indented(self):
        text = textwrap.dedent('''\
            import os


            def f(p, work):
                os.mkdir(p + ".lock")

                # Why it is done.
                work("""
            one
              two
            """)

                os.rmdir(p + ".lock")
            ''')
        wanted = textwrap.dedent('''\
            import os


            def f(p, work):
                os.mkdir(p + ".lock")

                try:
                    # Why it is done.
                    work("""
            one
              two
            """)

                finally:
                    os.rmdir(p + ".lock")
            ''')
        self.assertEqual(wanted, self.fixed(text).decode())

    def test_permission_bits_stay(self):
        path = self.write(TRUNCATES)
        path.chmod(0o750)
        check(self.root, "--fix")
        self.assertEqual(0o750, stat.S_IMODE(path.stat().st_mode))
        self.assertEqual(REPAIRED, path.read_text())

    def test_a_symbolic_link_stays_one(self):
        target = self.write(TRUNCATES, "elsewhere/target.py")
        (self.root / "src").mkdir()
        (self.root / "src/store.py").symlink_to(target)
        command = [_lockwright.binary(), "check", "src/store.py", "--isolated", "--fix"]
        subprocess.run(command, cwd=self.root, capture_output=True, timeout=TIMEOUT)
        self.assertTrue((self.root / "src/store.py").is_symlink())
        self.assertEqual(REPAIRED, target.read_text())

    @unittest.skipIf(os.geteuid() == 0, "root may write everything")
    def test_a_read_only_file_is_refused(self):
        path = self.write(TRUNCATES)
        path.chmod(0o440)
        run = check(self.root, "--fix")
        self.assertEqual(2, run.exit_code)
        self.assertIn("file cannot be written (permission denied): store.py", run.err)
        self.assertEqual(TRUNCATES, path.read_text())

    def test_a_file_without_its_bytes_in_order_is_left_alone(self):
        text = TRUNCATES.encode().replace(b"all of it", b"all of \xff it")
        self.assertIn(b"all of \xff it", self.fixed(text))

    def test_standard_input(self):
        command = [_lockwright.binary(), "check", "-", "--stdin-filename", "x.py", "--isolated"]
        run = Run(subprocess.run([*command, "--fix"], input=TRUNCATES.encode(), capture_output=True))
        self.assertEqual(2, run.exit_code)
        self.assertIn("use --diff", run.err)
        run = Run(subprocess.run([*command, "--diff"], input=TRUNCATES.encode(), capture_output=True))
        self.assertEqual(1, run.exit_code)
        self.assertIn("+++ x.py", run.out)

    def test_options_that_do_not_go_together(self):
        for arguments in (["--fix", "--diff"], ["--unsafe-fixes"]):
            run = check(self.root, *arguments)
            self.assertEqual(2, run.exit_code)
            self.assertEqual(1, run.err.count("\n"), run.err)


@_lockwright.needs_binary
class Repaired(Scratch):
    """Repaired programs, run."""

    def repaired(self, text, *arguments):
        path = self.root / "store.py"
        path.write_text(textwrap.dedent(text))
        check(self.root, "--fix", *arguments)
        spec = importlib.util.spec_from_file_location("repaired_store", path)
        module = importlib.util.module_from_spec(spec)
        with mock.patch.object(sys, "dont_write_bytecode", True):
            spec.loader.exec_module(module)
        return module

    def save_while_locked(self, module, existing):
        """Saves while somebody else holds the lock; gives what the file held when the lock was asked for, and after."""
        data = self.root / "data.json"
        if existing is not None:
            data.write_text(existing)
        seen = []
        flock = fcntl.flock

        def looking(handle, flags):
            if flags & fcntl.LOCK_EX:
                seen.append(data.read_text())
            return flock(handle, flags)

        with mock.patch.object(fcntl, "flock", looking):
            module.save(str(data), {"steps": [1]})
        return seen, data.read_text()

    def test_the_file_is_whole_until_the_lock_is_held(self):
        module = self.repaired(TRUNCATES)
        seen, after = self.save_while_locked(module, '{"steps": [1, 2, 3]}')
        self.assertEqual(['{"steps": [1, 2, 3]}'], seen)
        self.assertEqual('{"steps": [1]}', after)

    def test_a_missing_file_is_created(self):
        module = self.repaired(TRUNCATES)
        self.assertEqual('{"steps": [1]}', self.save_while_locked(module, None)[1])

    def test_two_first_writers(self):
        """Between the failed "r+" and the second open, another process has created and filled the file."""
        module = self.repaired("""\
            import fcntl
            import json


            def save(path, data):
                try:
                    handle = open(path, "r+")
                except FileNotFoundError:
                    met()
                    handle = open(path, "w")
                with handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    handle.seek(0)
                    handle.truncate()
                    json.dump(data, handle)
                    handle.flush()


            def met():
                pass
            """)
        module.met = lambda: (self.root / "data.json").write_text("the other's")
        seen, after = self.save_while_locked(module, None)
        self.assertEqual(["the other's"], seen)
        self.assertEqual('{"steps": [1]}', after)

    def test_a_lock_that_cannot_be_had_is_gone_without_as_before(self):
        module = self.repaired("""\
            import fcntl
            import json


            def save(path, data):
                with open(path, "w") as handle:
                    try:
                        fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                        json.dump(data, handle)
                        fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
                    except OSError:
                        json.dump(data, handle)
            """)
        self.assertIn('"a"', (self.root / "store.py").read_text())
        data = self.root / "data.json"
        data.write_text('{"steps": [1, 2, 3, 4, 5]}')
        with mock.patch.object(fcntl, "flock", side_effect=OSError("no locks here")):
            module.save(str(data), {"steps": [1]})
        self.assertEqual('{"steps": [1]}', data.read_text())

    def test_a_refresh_never_leaves_the_lock_missing(self):
        module = self.repaired("""\
            import json
            import os


            def refresh(lock_path, owner):
                with open(lock_path) as handle:
                    record = json.load(handle)
                if record["owner"] != owner:
                    return
                os.unlink(lock_path)
                with open(lock_path, "x") as out:
                    json.dump({"owner": owner, "count": record["count"] + 1}, out)
            """)
        lock = self.root / "a.lock"
        lock.write_text('{"owner": "me", "count": 1}')
        missing = []

        def trace(frame, event, _):
            missing.extend([frame.f_lineno] if not lock.exists() else [])
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            module.refresh(str(lock), "me")
        finally:
            sys.settrace(before)
        self.assertEqual([], missing)
        self.assertEqual({"owner": "me", "count": 2}, json.loads(lock.read_text()))
        self.assertEqual(["a.lock", "store.py"], sorted(path.name for path in self.root.iterdir()))

    def test_a_failed_refresh_leaves_the_old_lock_alone(self):
        module = self.repaired("""\
            import os
            from pathlib import Path


            def refresh(lock_path: Path, owner, render):
                if lock_path.read_text() == owner:
                    lock_path.unlink()
                    with lock_path.open("x") as out:
                        out.write(render())
            """)
        lock = self.root / "a.lock"
        lock.write_text("me")
        with self.assertRaises(ZeroDivisionError):
            module.refresh(lock, "me", lambda: 1 // 0)
        self.assertEqual("me", lock.read_text())
        self.assertEqual(["a.lock", "store.py"], sorted(path.name for path in self.root.iterdir()))

    def test_a_lock_is_released_when_the_work_fails(self):
        module = self.repaired("""\
            import os


            def build(target, work):
                os.close(os.open(target + ".lock", os.O_CREAT | os.O_EXCL))
                if work() is None:
                    os.unlink(target + ".lock")
                    return False
                os.unlink(target + ".lock")
                return True
            """)
        target = str(self.root / "target")
        with self.assertRaises(ZeroDivisionError):
            module.build(target, lambda: 1 // 0)
        self.assertFalse(module.build(target, lambda: None))
        self.assertTrue(module.build(target, lambda: 1))


if __name__ == "__main__":
    unittest.main()
