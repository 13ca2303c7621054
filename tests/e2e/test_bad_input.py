"""What goes wrong outside of Lockwright: files, configuration and arguments that are not as they should be.

Whatever it is, it gets one clear line that names it, and the right exit code; the rest of the run goes on, so that the
finding in good.py, which is always part of the run, is still reported.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import textwrap
import unittest

import _lockwright

TIMEOUT = 600 if os.environ.get("LOCKWRIGHT_SANITIZED") else 120

# LW102 in its sixth line.
GOOD = textwrap.dedent("""\
    import fcntl
    import json


    def save(path, data):
        f = open(path, "w")
        fcntl.flock(f, fcntl.LOCK_EX)
        json.dump(data, f)
        f.close()
    """)


class Run:
    def __init__(self, completed):
        self.exit_code = completed.returncode
        self.out = completed.stdout.decode()
        self.err = completed.stderr.decode()


@_lockwright.needs_binary
class Project(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lockwright-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        self.write("good.py", GOOD)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_check(self, *arguments, config=False, output_format="concise", stdin=b""):
        command = [_lockwright.binary(), "check", *arguments, "--color", "never", "--output-format", output_format]
        if not config:
            command.append("--isolated")
        # A crash with a signal has a negative exit code, which no test expects; a hang raises.
        return Run(subprocess.run(command, cwd=self.root, input=stdin, capture_output=True, timeout=TIMEOUT))

    def found(self, *arguments, **options):
        """The findings of a run: (path, line, rule, state)."""
        run = self.run_check(*arguments, output_format="json", **options)
        self.assertIn(run.exit_code, (0, 1), run.err)
        report = _lockwright.parse(run.out, run.exit_code)
        return [(each.path.removeprefix("./"), each.line, each.rule, each.state) for each in report.findings]


class BadFiles(Project):
    def assert_goes_on(self, run, warning=None):
        """good.py's finding is there, and `warning`, if given, is the one warning."""
        self.assertEqual(run.exit_code, 1, run.out + run.err)
        self.assertEqual(run.err, "")
        self.assertIn("good.py:6:9: error LW102", run.out)
        warnings = [line for line in run.out.splitlines() if line.startswith("warning: ")]
        if warning is None:
            self.assertEqual(warnings, [])
        else:
            self.assertEqual(len(warnings), 1, run.out)
            self.assertRegex(warnings[0], warning)

    def test_unreadable_file(self):
        path = self.write("locked_up.py", GOOD)
        path.chmod(0)
        self.addCleanup(path.chmod, 0o600)
        if os.access(path, os.R_OK):
            self.skipTest("this user can read every file")
        self.assert_goes_on(self.run_check("."), r"locked_up\.py: ")

    def test_directory_loop(self):
        (self.root / "inner").mkdir()
        (self.root / "inner" / "again").symlink_to("..", target_is_directory=True)
        run = self.run_check(".")
        self.assert_goes_on(run)
        self.assertEqual(run.out.count("LW102"), 1, "the file is seen once")

    def test_link_to_nothing(self):
        (self.root / "dangling.py").symlink_to("nowhere.py")
        run = self.run_check(".")
        self.assertEqual(run.exit_code, 1, run.err)
        self.assertIn("good.py:6:9: error LW102", run.out)

    def test_binary_file(self):
        self.write("binary.py", b"import fcntl\n\0\1\2 flock LOCK_EX\0")
        self.assert_goes_on(self.run_check("."), r"binary\.py: is binary")

    def test_invalid_utf8(self):
        self.write("latin.py", b"# \xe9\xff\xfe\n" + GOOD.encode())
        run = self.run_check(".")
        self.assert_goes_on(run, r"latin\.py: is not valid UTF-8 \(first in line 1\)")
        self.assertIn("latin.py:7:9: error LW102", run.out)

    def test_large_generated_file(self):
        line = b"table.append(fcntl.LOCK_EX)  # generated, as every line of this file is\n"
        self.write("generated.py", GOOD.encode() + line * (6_000_000 // len(line) + 1))
        self.assert_goes_on(self.run_check("."), r"generated\.py: is 6\.0 MB, larger than the limit of 5\.0 MB")

    def test_huge_file(self):
        os.truncate(self.write("huge.py", GOOD), 50_000_000)
        self.assert_goes_on(self.run_check("."), r"huge\.py: is 50\.0 MB, larger than the limit of 5\.0 MB")

    def test_deep_nesting(self):
        for name, brackets in (("closed.py", "[" * 10_000 + "]" * 10_000), ("unclosed.py", "(" * 10_000)):
            with self.subTest(name):
                path = self.write(name, f"import fcntl\n\nflock = {brackets}\n")
                run = self.run_check(".")
                self.assertEqual(run.exit_code, 1, run.err)
                self.assertEqual(run.err, "")
                self.assertIn("good.py:6:9: error LW102", run.out)
                path.unlink()

    def test_syntax_error_in_the_middle(self):
        broken = "\n\ndef broken(path):\n    value = = path\n    return value\n"
        self.write("half.py", GOOD + broken + GOOD.replace("save", "save_again"))
        run = self.run_check(".")
        self.assert_goes_on(run, r"half\.py:13: syntax not understood here")
        self.assertIn("half.py:6:9: error LW102", run.out)
        self.assertIn("half.py:20:9: error LW102", run.out)

    def test_empty_file(self):
        self.write("empty.py", "")
        self.assert_goes_on(self.run_check(".", "empty.py"))
        run = self.run_check("empty.py")
        self.assertEqual((run.exit_code, run.err), (0, ""))

    def test_sarif_has_the_warning_as_a_notification(self):
        self.write("binary.py", b"import fcntl\n\0\1\2 flock LOCK_EX\0")
        run = self.run_check(".", output_format="sarif")
        self.assertEqual(run.exit_code, 1, run.err)
        notifications = json.loads(run.out)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        self.assertEqual(len(notifications), 1)
        self.assertIn("binary", json.dumps(notifications))


class BadRequests(Project):
    def assert_fails(self, run, *words):
        """Exit code 2, and one line on stderr that has all the words."""
        self.assertEqual(run.exit_code, 2, run.out + run.err)
        self.assertEqual(len(run.err.splitlines()), 1, run.err)
        self.assertTrue(run.err.startswith("lockwright: error: "), run.err)
        for word in words:
            self.assertIn(word, run.err)

    def test_path_that_does_not_exist(self):
        run = self.run_check("nowhere", "good.py")
        self.assert_fails(run, "path does not exist", "nowhere")
        self.assertIn("good.py:6:9: error LW102", run.out)

    def test_unknown_rule(self):
        self.assert_fails(self.run_check("good.py", "--select", "LW999"), "unknown rule 'LW999'", "--select")
        self.assert_fails(
            self.run_check("good.py", "--select", "nested-same-file-lok"), "did you mean 'nested-same-file-lock'?"
        )

    def test_broken_toml(self):
        self.write("lockwright.toml", 'select = ["LW1"\nignore = [\n')
        self.assert_fails(self.run_check("good.py", config=True), "not valid TOML", "lockwright.toml:")

    def test_unknown_key(self):
        self.write("lockwright.toml", '# comment\nselekt = ["LW1"]\n')
        self.assert_fails(
            self.run_check("good.py", config=True), "unknown key 'selekt'", "lockwright.toml:2", "did you mean 'select'?"
        )

    def test_wrong_type(self):
        self.write("pyproject.toml", "[tool.lockwright]\nexclude = 7\n")
        self.assert_fails(self.run_check("good.py", config=True), "exclude", "pyproject.toml:2", "a list of strings")

    def test_broken_model_file(self):
        self.write("lockwright.toml", 'models = ["locks.json"]\n')
        self.assert_fails(self.run_check("good.py", config=True), "locks.json", "lockwright.toml:1")
        self.write("locks.json", '{"rows": [')
        self.assert_fails(self.run_check("good.py", config=True), "locks.json: not a valid model file")
        self.write("locks.json", '{"language": "python", "rows": [{"callee": "a.b", "retruns": null}]}')
        self.assert_fails(self.run_check("good.py", config=True), "locks.json", "a.b")

    def test_broken_baseline(self):
        self.write("baseline.json", "{")
        self.assert_fails(self.run_check("good.py", "--baseline", "baseline.json"), "baseline.json")

    def test_isolated_needs_no_configuration(self):
        self.write("lockwright.toml", "[[[")
        self.assertEqual(self.run_check("good.py").exit_code, 1)


class Reports(Project):
    def test_output_does_not_depend_on_threads(self):
        for number in range(20):
            self.write(f"part{number % 4}/save{number}.py", GOOD)
        self.write("broken.py", GOOD + "\n\nx = = 1\n")
        for output_format in ("text", "json", "sarif"):
            with self.subTest(output_format):
                runs = [self.run_check(".", "--jobs", jobs, output_format=output_format) for jobs in ("1", "2", "2")]
                self.assertEqual(runs[0].exit_code, 1, runs[0].err)
                for run in runs[1:]:
                    self.assertEqual(run.out, runs[0].out)
                    self.assertEqual(run.exit_code, runs[0].exit_code)

    def test_standard_input(self):
        run = self.run_check("-", "--stdin-filename", "x.py", stdin=GOOD.encode())
        self.assertEqual((run.exit_code, run.err), (1, ""))
        self.assertIn("x.py:6:9: error LW102", run.out)

    def test_suppression(self):
        opened = 'open(path, "w")'
        comment = "  # lockwright: ignore[LW102] the newest wins"
        self.write("good.py", GOOD.replace(opened, opened + comment))
        run = self.run_check("good.py")
        self.assertEqual(run.exit_code, 0, run.out + run.err)
        self.assertNotIn("LW102 ", run.out)
        self.assertEqual(self.found("good.py"), [("good.py", 6, "LW102", "suppressed")])

    def test_unused_suppression(self):
        self.write("tidy.py", "import fcntl\n\n\ndef f(a):\n    return a  # lockwright: ignore[LW102] once\n")
        self.assertIn(("tidy.py", 5, "LW001", "open"), self.found("."))
        self.assertIn(("good.py", 6, "LW102", "open"), self.found("."))

    def test_a_test_is_looked_through_for_suppressions_alone(self):
        self.write("tests/locks.py", GOOD + "\n\nhere = 1  # lockwright: ignore[LW102] once\n")
        found = [each for each in self.found(".") if each[0] == "tests/locks.py"]
        self.assertEqual([each[2] for each in found], ["LW001"])

    def test_baseline(self):
        written = self.run_check("good.py", "--write-baseline", "baseline.json")
        self.assertEqual(written.err, "")
        accepted = self.run_check("good.py", "--baseline", "baseline.json")
        self.assertEqual((accepted.exit_code, accepted.err), (0, ""), accepted.out)
        # An edit above does not bring it back; a new finding is reported, and it alone.
        self.write("good.py", "# moved\n\n" + GOOD)
        self.write("new.py", GOOD.replace("save", "save_new"))
        states = self.found(".", "--baseline", "baseline.json")
        self.assertEqual(
            states, [("good.py", 8, "LW102", "baselined"), ("new.py", 6, "LW102", "open")], "baselined, then new"
        )


if __name__ == "__main__":
    unittest.main()
