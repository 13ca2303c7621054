"""A Neovim without a screen, with the configuration of editors/neovim, driven from outside step by step."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import _lockwright

NVIM = shutil.which("nvim")
TRANSCRIPT = bool(os.environ.get("LOCKWRIGHT_TRANSCRIPT"))
PATIENCE = 60  # seconds until what should happen has not; it takes tenths of a second

# Records what can be chosen from, and chooses without a person. (vim.ui.select is what code actions are shown with.)
_CHOOSER = """
_G.offered, _G.wanted = {}, nil
vim.ui.select = function(items, options, choose)
  _G.offered = {}
  for index, item in ipairs(items) do
    _G.offered[index] = options.format_item and options.format_item(item) or tostring(item)
  end
  for index, item in ipairs(items) do
    if _G.wanted and _G.offered[index]:find(_G.wanted, 1, true) then return choose(item, index) end
  end
end
"""


def _quoted(text):
    """As Vim script has a string."""
    return "'" + text.replace("'", "''") + "'"


class Neovim:
    """One editor in one project. Close it, as by addCleanup."""

    def __init__(self, project):
        """REQUIRES: the folder `project` exists. A folder `.editor` is made in it for what the editor needs."""
        self.project = pathlib.Path(project)
        self._began = time.monotonic()
        state = self.project / ".editor"
        (state / "bin").mkdir(parents=True)
        (state / "bin" / "lockwright").symlink_to(_lockwright.binary())
        (state / "chooser.lua").write_text(_CHOOSER)
        self._socket = str(state / "socket")
        self._log = (state / "log").open("wb")
        environment = {
            **os.environ,
            "PATH": f"{state / 'bin'}{os.pathsep}{os.environ['PATH']}",
            **{f"XDG_{name}_HOME": str(state) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
            "NVIM_LOG_FILE": str(state / "nvim.log"),
        }
        neovim = _lockwright.ROOT / "editors" / "neovim"
        self.process = subprocess.Popen(
            [NVIM, "--headless", "--clean", "-n", "-i", "NONE", "--listen", self._socket]
            + ["--cmd", f"set runtimepath^={str(neovim).replace(' ', chr(92) + ' ')} hidden"]
            + ["-c", "lua require('lockwright').setup()", "-c", f"luafile {state / 'chooser.lua'}"],
            cwd=self.project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # with all that it starts, so that close() leaves nothing behind
        )
        self.until(lambda: os.path.exists(self._socket), "the editor is up")

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._log.close()

    def say(self, text):
        """A line of the transcript, if one is wanted."""
        if TRANSCRIPT:
            print(f"{time.monotonic() - self._began:7.2f} s  {text}", file=sys.stderr)

    def lua(self, expression):
        """The value of an expression in Lua, as JSON has it."""
        answer = self.project / ".editor" / "answer.json"  # what is printed, Neovim abridges
        answer.unlink(missing_ok=True)
        value = f"json_encode(luaeval({_quoted(expression)}))"
        run = subprocess.run(
            [NVIM, "--server", self._socket, "--remote-expr", f"writefile([{value}], {_quoted(str(answer))})"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if not answer.exists():
            raise AssertionError(f"{expression}\n{run.stdout}{run.stderr}\n{self.log()}")
        return json.loads(answer.read_text())

    def do(self, *statements):
        """Runs statements in Lua."""
        self.lua(f"(function() {' '.join(statements)} return true end)()")

    def command(self, text):
        """Runs a command as after ':'."""
        self.say(f":{text}")
        self.do(f"vim.cmd({json.dumps(text)})")

    def type(self, keys, ends=False):
        """Presses keys; <Esc> and the like are keys. An editor that they end may be gone before it confirms them."""
        self.say(f"keys   {keys}")
        subprocess.run(
            [NVIM, "--server", self._socket, "--remote-send", keys],
            check=not ends,
            capture_output=ends,
            timeout=PATIENCE,
        )

    def go(self, line, column=1):
        """Puts the cursor there."""
        self.type(f"{line}G{column}|")
        self.until(lambda: self.lua("vim.api.nvim_win_get_cursor(0)") == [line, column - 1], f"the cursor at {line}:{column}")

    def edit(self, name):
        self.command(f"edit {self.project / name}")

    def text(self):
        """What the current buffer has, saved or not."""
        return "\n".join(self.lua("vim.api.nvim_buf_get_lines(0, 0, -1, false)")) + "\n"

    def diagnostics(self, name=None):
        """What is shown of a file (default: the current buffer): 'LW102 at 6', sorted by line."""
        buffer = 0 if name is None else self.lua(f"vim.fn.bufnr('{self.project / name}')")
        found = self.lua(
            f"vim.tbl_map(function(d) return {{line = d.lnum + 1, column = d.col + 1, severity = d.severity,"
            f" message = d.message, source = d.source or '',"
            f" code = tostring(d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code))}} end,"
            f" vim.diagnostic.get({buffer}))"
        )
        return sorted(found, key=lambda each: (each["line"], each["code"]))

    def rules(self, name=None):
        """Rule and line of every diagnostic of a file: [("LW102", 6)]."""
        return [(each["code"], each["line"]) for each in self.diagnostics(name)]

    def act(self, title=None):
        """Asks for the code actions at the cursor, takes the one whose title has these words, returns all titles."""
        self.do(
            f"_G.offered, _G.wanted = {{}}, {json.dumps(title) if title else 'nil'}",
            "vim.lsp.buf.code_action()",
        )
        self.until(lambda: self.lua("_G.offered"), "code actions are offered")
        offered = self.lua("_G.offered")
        if title and not any(title in each for each in offered):
            raise AssertionError(f"no code action {title!r} among {offered}")
        for each in offered:
            self.say(f"action {'*' if title and title in each else ' '} {each}")
        return offered

    def floating(self):
        """The text of the floating window, if there is one."""
        return self.lua(
            "(function() for _, w in ipairs(vim.api.nvim_list_wins()) do"
            " if vim.api.nvim_win_get_config(w).relative ~= '' then"
            "  return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(w), 0, -1, false), '\\n') end end"
            " return '' end)()"
        )

    def servers(self):
        """The language servers' process ids: the editor's children."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def until(self, condition, what):
        """Waits until the condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"the editor has ended before {what}\n{self.log()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {PATIENCE} s: {what}\n{self.log()}")
            time.sleep(0.02)
        self.say(f"seen   {what}")

    def log(self):
        """What the editor and its language client have written, for a failure's report."""
        state = self.project / ".editor"
        texts = [path.read_text(errors="replace")[-2000:] for path in [state / "log", *state.rglob("lsp.log")] if path.exists()]
        return "\n".join(text for text in texts if text.strip())
