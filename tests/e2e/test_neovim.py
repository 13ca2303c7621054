"""`lockwright server` with a real client: Neovim, with the configuration that editors/neovim has.

What a person does there is done here: files are opened, text is typed, code actions are taken; and what the person would
see is what is looked at.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import textwrap
import time
import unittest

import _lockwright
import _neovim

STORE = """\
    import fcntl
    import json


    def save(path, session):
        with open(path, "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            json.dump(session, handle)
            handle.flush()
    """

PROJECT = {"lockwright.toml": "", "store.py": STORE}

LOCKS = """\
    import contextlib
    import fcntl


    @contextlib.contextmanager
    def locked(path):
        with open(path, "a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


    def load(path):
        with locked(path):
            return open(path).read()
    """

AGENT = """\
    from locks import load, locked


    def update(path):
        with locked(path):
            return load(path)
    """


def is_running(process):
    """Whether the process is there and does more than wait for its parent to notice its end."""
    try:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in "ZX"


@_lockwright.needs_binary
@unittest.skipUnless(_neovim.NVIM, "Neovim is not installed: scripts/setup --tests installs it")
class NeovimTest(unittest.TestCase):
    def open(self, files, name=None):
        """An editor in a folder of these files, with one of them open if it is named."""
        folder = tempfile.mkdtemp(prefix="lockwright editor ")  # paths with spaces are everybody's
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.project = pathlib.Path(folder).resolve()
        for path, text in files.items():
            (self.project / path).parent.mkdir(parents=True, exist_ok=True)
            (self.project / path).write_text(textwrap.dedent(text))
        editor = _neovim.Neovim(self.project)
        self.addCleanup(editor.close)
        if name:
            editor.edit(name)
        return editor

    def wait_for(self, editor, expected, name=None):
        """Waits for these diagnostics and no others."""
        seen = []

        def as_expected():
            seen[:] = editor.rules(name)
            return seen == expected

        try:
            wanted = ", ".join(f"{rule} at line {line}" for rule, line in expected) or "no finding"
            editor.until(as_expected, f"{wanted} in {name or 'the buffer'}")
        except AssertionError as error:
            raise AssertionError(f"{seen} instead: {error}") from None

    def on_disk(self, name="store.py"):
        return (self.project / name).read_text()

    def test_a_finding_is_shown_where_it_is(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        [shown] = editor.diagnostics()
        [found] = _lockwright.check("store.py", cwd=self.project).open()
        self.assertEqual((found.line, found.column), (shown["line"], shown["column"]))
        self.assertIn(found.message, shown["message"])
        self.assertEqual("lockwright", shown["source"])
        self.assertEqual(1, shown["severity"])

    def test_what_is_shown_of_the_fixtures_is_what_the_command_line_finds(self):
        for fixture in sorted((_lockwright.ROOT / "fixtures").glob("incident-*")):
            files = {
                str(path.relative_to(fixture / "bad")): path.read_text()
                for path in (fixture / "bad").rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            }
            with self.subTest(fixture.name):
                editor = self.open({"lockwright.toml": "", **files})
                found = _lockwright.check(".", cwd=self.project, options=["--no-clang"]).open()
                self.assertTrue(found)
                for name in sorted({each.path for each in found}):
                    editor.edit(name)
                    expected = [(each.rule, each.line) for each in found if each.path == name]
                    self.wait_for(editor, sorted(expected, key=lambda each: (each[1], each[0])))

    def test_a_fix_is_applied_and_is_what_the_command_line_makes(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.go(6)
        editor.act("Open without truncating")
        self.wait_for(editor, [])
        self.assertEqual(textwrap.dedent(STORE), self.on_disk(), "nothing is saved but by the user")
        editor.command("write")
        fixed = self.on_disk()
        self.assertIn("handle.truncate()", fixed)
        compile(fixed, "store.py", "exec")
        (self.project / "store.py").write_text(textwrap.dedent(STORE))
        _lockwright_fix(self.project)
        self.assertEqual(self.on_disk(), fixed)

    def test_a_fix_is_undone_in_one_step(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.go(6)
        editor.act("Open without truncating")
        self.wait_for(editor, [])
        editor.type("u")
        self.wait_for(editor, [("LW102", 6)])
        self.assertEqual(textwrap.dedent(STORE), editor.text())

    def test_findings_follow_what_is_typed_and_not_saved(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.type("ggO# one more line<Esc>")
        self.wait_for(editor, [("LW102", 7)])
        editor.type('/"w"<CR>lra')  # "w" becomes "a"
        self.wait_for(editor, [])
        self.assertIn('"a"', editor.text())
        self.assertEqual(textwrap.dedent(STORE), self.on_disk())

    def test_an_unsaved_edit_of_a_helper_changes_its_caller(self):
        editor = self.open({"lockwright.toml": "", "locks.py": LOCKS, "agent.py": AGENT}, "agent.py")
        self.wait_for(editor, [("LW101", 6)], "agent.py")
        editor.edit("locks.py")
        editor.type("/with locked<CR>ccif path:<Esc>")
        editor.until(lambda: "if path:" in editor.text(), "the helper locks no more")
        self.wait_for(editor, [], "agent.py")
        editor.type("u")
        self.wait_for(editor, [("LW101", 6)], "agent.py")
        self.assertEqual(textwrap.dedent(LOCKS), self.on_disk("locks.py"))

    def test_a_finding_is_accepted_with_a_comment(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.go(6)
        editor.act("Suppress LW102")
        editor.until(lambda: "# lockwright: ignore[LW102]" in editor.text(), "the comment is there")
        self.wait_for(editor, [])

    def test_a_rule_is_explained(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.go(6)
        editor.act("Explain LW102")
        editor.until(lambda: "truncating-open-before-lock" in editor.floating(), "the page is shown")
        self.assertIn("What goes wrong", editor.floating())

    def test_a_finding_is_explained_on_hover(self):
        editor = self.open(PROJECT, "store.py")
        self.wait_for(editor, [("LW102", 6)])
        editor.go(6, 10)
        editor.do("vim.lsp.buf.hover()")
        editor.until(lambda: "LW102" in editor.floating(), "the hover is shown")

    def test_a_file_that_belongs_to_no_project(self):
        editor = self.open({"alone.py": STORE, "other.py": STORE}, "alone.py")
        self.wait_for(editor, [("LW102", 6)])
        self.assertEqual(["alone.py"], editor.lua("vim.tbl_map(function(d) return vim.fn.fnamemodify("
            "vim.api.nvim_buf_get_name(d.bufnr), ':t') end, vim.diagnostic.get())"))

    def test_the_server_ends_with_the_editor(self):
        for how in ("quit", "kill"):
            with self.subTest(how):
                editor = self.open(PROJECT, "store.py")
                self.wait_for(editor, [("LW102", 6)])
                [server] = editor.servers()
                self.assertTrue(is_running(server))
                if how == "quit":
                    editor.type(":qall!<CR>", ends=True)
                    self.assertEqual(0, editor.process.wait(_neovim.PATIENCE))
                else:
                    os.kill(editor.process.pid, signal.SIGKILL)
                    editor.process.wait(_neovim.PATIENCE)
                deadline = time.monotonic() + _neovim.PATIENCE
                while is_running(server):
                    self.assertLess(time.monotonic(), deadline, "the server outlives its editor")
                    time.sleep(0.02)


def _lockwright_fix(folder):
    """Repairs the folder's files from the command line."""
    command = [_lockwright.binary(), "check", "--fix", "--exit-zero", "."]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


if __name__ == "__main__":
    unittest.main()
