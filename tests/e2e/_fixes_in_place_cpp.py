"""What is asked of a repair in place in C and C++."""

import shutil
import subprocess
import textwrap

import _lockwright
from _fixes import TIMEOUT, Scratch, apply_edits, findings


@_lockwright.needs_binary
class InPlace(Scratch):
    RULE = ""
    TITLE = ""

    def write(self, text, name):
        """Line ends are kept."""
        path = self.root / name
        path.write_bytes(textwrap.dedent(text).encode())
        return path

    def compile(self, name):
        """What is repaired compiles, and says nothing that a compiler warns of."""
        compiler, standard = ("cc", "gnu11") if name.endswith(".c") else ("c++", "c++17")
        if not shutil.which(compiler):
            return
        command = [compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", name]
        run = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual("", run.stderr)

    def offered(self, rule=None):
        """The rule's findings, each with its fixes in place."""
        found = [each for each in findings(self.root) if each["rule"] == (rule or self.RULE)]
        self.assertTrue(found)
        return [[fix for fix in each["fixes"] if "lockwright::runtime" not in fix["title"]] for each in found]

    def assert_repaired(self, name, before, after, applicability="safe"):
        """The finding's one repair in place does this, to both kinds of line ends, and its rule finds nothing more."""
        for ends in ("\n", "\r\n"):
            path = self.write(textwrap.dedent(before).replace("\n", ends), name)
            ((fix,),) = self.offered()
            self.assertEqual((self.TITLE, applicability), (fix["title"], fix["applicability"]))
            apply_edits(self.root, fix)
            self.assertEqual(textwrap.dedent(after).replace("\n", ends), path.read_bytes().decode())
            self.assertEqual([], [each for each in findings(self.root) if each["rule"] == self.RULE])
            self.compile(name)

    def assert_refused(self, name, text):
        self.write(text, name)
        self.assertEqual([], [fix["title"] for fixes in self.offered() for fix in fixes])
