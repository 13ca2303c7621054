"""What is asked of a repair in place in Python and TypeScript."""

import textwrap

import _lockwright
from _fixes import Scratch, apply_edits, findings


@_lockwright.needs_binary
class InPlace(Scratch):
    def write(self, text, name):
        path = self.root / name
        path.write_text(textwrap.dedent(text))
        return path

    def assert_repaired(self, name, before, after, rule, title):
        """The fix of this title is offered for the rule's one finding, does this, and the rule finds nothing more."""
        path = self.write(before, name)
        (finding,) = [each for each in findings(self.root) if each["rule"] == rule]
        fixes = [fix for fix in finding["fixes"] if fix["title"] == title]
        self.assertEqual(1, len(fixes), finding["fixes"])
        apply_edits(self.root, fixes[0])
        self.assertEqual(textwrap.dedent(after), path.read_text())
        self.assertEqual([], [each for each in findings(self.root) if each["rule"] == rule])

    def assert_none(self, name, text, rule):
        self.write(text, name)
        found = [each for each in findings(self.root) if each["rule"] == rule]
        self.assertTrue(found)
        self.assertEqual([], [fix["title"] for each in found for fix in each["fixes"]])
