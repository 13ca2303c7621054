"""The projects in fixtures/: every side is analysed, and exactly what its expected.json lists is found."""

import json
import re
import subprocess
import unittest

import _lockwright

FIXTURES = _lockwright.ROOT / "fixtures"


def projects():
    return sorted(path.parent for path in FIXTURES.glob("*/expected.json"))


def expected_of(project):
    return json.loads((project / "expected.json").read_text(encoding="utf-8"))


class ExpectedFiles(unittest.TestCase):
    """What expected.json says of the sources, without running anything."""

    def test_there_are_projects(self):
        self.assertTrue(projects())

    def test_every_side_is_listed(self):
        for project in projects():
            with self.subTest(project.name):
                sides = sorted(path.name for path in project.iterdir() if path.is_dir())
                self.assertEqual(sides, sorted(expected_of(project)))
                self.assertIn("bad", sides)
                self.assertEqual([], expected_of(project)["good"])

    def test_lines_have_the_text_that_is_expected_there(self):
        for project in projects():
            for side, entries in expected_of(project).items():
                for entry in entries:
                    with self.subTest(f"{project.name}/{side}/{entry['file']}:{entry['line']}"):
                        lines = (project / side / entry["file"]).read_text(encoding="utf-8").splitlines()
                        self.assertEqual(entry["text"], lines[entry["line"] - 1].strip())


class Findings(unittest.TestCase):
    maxDiff = None

    def compare(self, expected, found):
        """Equal as lists of `FILE:LINE: RULE`; the messages of what is unexpected are shown."""
        wanted = sorted(f"{entry['file']}:{entry['line']}: {entry['rule']}" for entry in expected)
        got = sorted(f"{finding.path}:{finding.line}: {finding.rule}" for finding in found)
        messages = "\n".join(f"{f.path}:{f.line}: {f.rule} {f.message}" for f in found)
        self.assertEqual(wanted, got, f"found:\n{messages}")

    def compare_witnesses(self, expected, found):
        for entry in expected:
            if "witness" in entry:
                place = (entry["file"], entry["line"], entry["rule"])
                finding = next(each for each in found if (each.path, each.line, each.rule) == place)
                files = sorted({path for path, _ in finding.witness})
                self.assertEqual(sorted(entry["witness"]), files, f"{place}: files of the witness")

    @_lockwright.needs_binary
    def test_each_side_by_itself(self):
        for project in projects():
            for side, expected in expected_of(project).items():
                with self.subTest(f"{project.name}/{side}"):
                    report = _lockwright.check(".", cwd=project / side)
                    self.assertEqual([], report.notes)
                    self.compare(expected, report.open())
                    self.compare_witnesses(expected, report.open())
                    self.assertEqual(1 if expected else 0, report.exit_code)

    @_lockwright.needs_binary
    def test_c_and_cpp_read_without_clang_say_the_same(self):
        for project in (project for project in projects() if project.name.endswith("-cpp")):
            for side, expected in expected_of(project).items():
                with self.subTest(f"{project.name}/{side}"):
                    self.compare(expected, _lockwright.check(".", cwd=project / side, options=["--no-clang"]).open())

    @_lockwright.needs_binary
    def test_all_fixtures_in_one_run(self):
        """What the README shows: `lockwright check fixtures`. The sides have modules of the same names; none of
        them may be taken for another's."""
        expected = [
            {**entry, "file": f"fixtures/{project.name}/{side}/{entry['file']}"}
            for project in projects()
            for side, entries in expected_of(project).items()
            for entry in entries
        ]
        report = _lockwright.check("fixtures", cwd=_lockwright.ROOT)
        self.assertEqual([], report.notes)
        self.compare(expected, report.open())
        self.assertEqual(1, report.exit_code)

    @_lockwright.needs_binary
    def test_what_the_readme_shows(self):
        """The README's finding is the first that is printed, word for word."""
        readme = (_lockwright.ROOT / "README.md").read_text(encoding="utf-8")
        command = "check fixtures/incident-000/bad"
        block = re.search(rf"```console\n\$ scripts/lockwright {command}\n(.*?)```", readme, re.DOTALL)
        self.assertIsNotNone(block, f"the README does not show `{command}`")
        run = subprocess.run(
            [_lockwright.binary(), *command.split()], cwd=_lockwright.ROOT, capture_output=True, text=True, timeout=60
        )
        first = run.stdout.split("\n\n")[0] + "\n"
        self.assertEqual(first, block[1])


if __name__ == "__main__":
    unittest.main()
