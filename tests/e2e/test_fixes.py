"""Fixes: files that are hard to edit, and repaired programs run on the schedule on which the unrepaired go wrong."""

import ast
import fcntl
import importlib.util
import json
import os
import pathlib
import stat
import subprocess
import sys
import textwrap
import unittest
from unittest import mock

import _lockwright
from _fixes import TIMEOUT, Run, Scratch, check

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
