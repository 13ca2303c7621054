"""What fixes promise, on every bad example of the core rules' pages and on every fixture.

Of every fix that is offered: applied, its finding is gone and none is new, the file still parses, and nothing is left to
apply.
"""

import collections
import contextlib
import itertools
import os
import shutil
import subprocess
import unittest

import _lockwright
import _rule_pages
from _fixes import Scratch, apply_edits, census, check, findings, parses

CORE = ("LW101", "LW102", "LW201", "LW301", "LW302")
PATCH = shutil.which("patch")
FIXTURES = _lockwright.ROOT / "fixtures"
# The sanitized binary is some eight times slower: there, the promises are held against every eighth project of
# each rule.
STRIDE = 8 if os.environ.get("LOCKWRIGHT_SANITIZED") else 1


@_lockwright.needs_binary
class Promises(Scratch):
    """Property tests over all code that the project has."""

    def projects(self):
        """(name, directory) of every bad example of the core rules' pages and every side of every fixture."""
        pages = [self.examples(page) for page in _rule_pages.all_pages() if page.rule_id in CORE]
        for group in [*pages, self.fixtures()]:
            yield from itertools.islice(group, 0, None, STRIDE)

    def examples(self, page):
        for number, example in enumerate(page.examples):
            if example.expected:
                directory = self.root / page.rule_id / str(number)
                directory.mkdir(parents=True)
                example.write_to(directory)
                yield f"{page.rule_id}: {example.heading}", directory

    def fixtures(self):
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
            self.assertGreater(offered[rule], 5 // STRIDE, rule)

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
