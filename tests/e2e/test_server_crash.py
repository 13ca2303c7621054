"""The analysis crashes: the language server stays, and the client hears what it must and no more.

What crashes it here is a signal from outside, sent to the process that has the analysis.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest

import _lockwright
import _lsp

TRUNCATES = textwrap.dedent("""\
    import fcntl
    import json


    def save(path, data):
        with open(path, "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            json.dump(data, handle)
    """)

# A sanitizer takes its time to tell of most signals.
SANITIZED = os.environ.get("LOCKWRIGHT_SANITIZED")
CRASH = signal.SIGKILL if SANITIZED else signal.SIGSEGV


def children(process):
    try:
        return [int(each) for each in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def is_running(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(holds, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.005)


@_lockwright.needs_binary
@unittest.skipUnless(sys.platform == "linux", "finds the processes in /proc")
class Crash(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lockwright-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name).resolve()
        self.path = self.write("store.py", TRUNCATES)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def client(self, **options):
        client = _lsp.Client(self.root, **options)
        self.addCleanup(client.__exit__)
        return client

    def analysis(self, client):
        """The process that has the analysis."""
        (process,) = children(client.process.pid)
        return process

    def crash(self, client, number=CRASH):
        """Returns when the process is gone, and another one or none is there."""
        before = self.analysis(client)
        os.kill(before, number)
        wait_until(lambda: before not in children(client.process.pid), "it does not end")

    def crash_and_take_over(self, client):
        shown = len(client.published)
        self.crash(client)
        client.settled()
        client.wait(lambda: len(client.published) > shown)

    def give_up(self, client):
        """Crashes until the server stays without analysis. The open text was changed before."""
        for _ in range(3):
            self.crash_and_take_over(client)
        self.crash(client)
        client.wait(lambda: any("has stopped" in each for each in self.shown(client)))
        self.assertEqual(children(client.process.pid), [])

    def shown(self, client):
        return [each["params"]["message"] for each in client.notifications if each["method"] == "window/showMessage"]


class ComesBack(Crash):
    def test_with_the_text_that_was_typed(self):
        for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL):
            with self.subTest(signal=number):
                client = self.client()
                client.open(self.path)
                version = client.replace(self.path, "import json\n", "import json\n\n\n\n")
                self.assertEqual(client.findings(self.path, version), [(9, "LW102")])
                client.published.clear()
                client.diagnostics.clear()
                self.crash(client, number)
                self.assertEqual(client.findings(self.path, version), [(9, "LW102")])
                # Edits go on from there, and so do questions.
                version = client.replace(self.path, '"w"', '"r+"')
                self.assertEqual(client.findings(self.path, version), [])
                self.assertIsNone(client.settled()["result"])
                (message,) = self.shown(client)
                self.assertIn("was started again", message)
                self.assertEqual(client.stop(), 0)
                self.assertIn("the analysis ended", client.errors)

    def test_with_edits_that_nobody_has_read(self):
        client = self.client()
        client.open(self.path)
        client.settled()
        before = self.analysis(client)
        os.kill(before, signal.SIGSTOP)
        for _ in range(20):
            client.replace(self.path, '"w"', '"r+"')
            version = client.replace(self.path, '"r+"', '"w"')
        version = client.replace(self.path, "import json\n", "import json\n\n")
        asked = [client.ask("textDocument/hover", {"textDocument": {"uri": _lsp.uri(self.path)}, "position": _lsp.zero()})]
        asked.append(client.ask("workspace/executeCommand", {"command": "lockwright.explain", "arguments": ["LW102"]}))
        asked.append(client.ask("workspace/diagnostic", {"previousResultIds": []}))
        time.sleep(0.2)  # so that they have been taken from this client; if not, the answers come from the next server
        os.kill(before, signal.SIGKILL)
        codes = [client.answer(number)["error"]["code"] for number in asked]
        self.assertEqual(codes, [-32801, -32603, -32802])
        self.assertEqual(client.findings(self.path, version), [(7, "LW102")])

    def test_with_an_answer_to_everything_that_is_asked_meanwhile(self):
        client = self.client()
        client.open(self.path)
        client.settled()
        place = {"textDocument": {"uri": _lsp.uri(self.path)}, "position": {"line": 5, "character": 12}}
        crash = threading.Timer(0.02, os.kill, (self.analysis(client), CRASH))
        crash.start()
        answers = [client.answer(client.ask("textDocument/hover", place)) for _ in range(100)]
        crash.join()
        self.crash_and_take_over(client)

        def is_answered():  # null: from a server that has not looked at the text yet
            answers.append(client.request("textDocument/hover", place))
            return answers[-1].get("result") is not None

        wait_until(is_answered, "the hover stays empty")
        for each in answers:
            self.assertTrue("result" in each or each["error"]["code"] == -32801, each)
        self.assertIn("LW102", answers[-1]["result"]["contents"]["value"])

    def test_with_folders_and_settings_as_they_were_last(self):
        other = pathlib.Path(tempfile.mkdtemp(dir=self.root)) / "other.py"
        other.write_text(TRUNCATES)
        client = _lsp.Client(other.parent)
        self.addCleanup(client.__exit__)
        self.assertEqual(client.findings(other), [(6, "LW102")])
        event = {"added": [{"uri": _lsp.uri(self.root), "name": "all"}], "removed": [{"uri": _lsp.uri(other.parent), "name": "x"}]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        self.assertEqual(client.findings(self.path), [(6, "LW102")])
        lone = {"lockwright": {"exclude": ["store.py"]}}
        client.notify("workspace/didChangeConfiguration", {"settings": lone})
        client.settled()
        self.assertEqual(client.diagnostics[_lsp.uri(self.path)], [])
        client.published.clear()
        self.crash_and_take_over(client)
        self.assertEqual(client.findings(other), [(6, "LW102")])
        self.assertEqual(client.diagnostics[_lsp.uri(self.path)], [])
        self.assertNotIn(_lsp.uri(self.path), [each["uri"] for each in client.published])

    def test_and_what_is_gone_is_taken_away(self):
        client = self.client()
        self.assertEqual(client.findings(self.path), [(6, "LW102")])
        self.path.write_text("")
        self.crash(client)
        client.wait(lambda: client.diagnostics[_lsp.uri(self.path)] == [])

    def test_and_a_client_that_pulls_asks_again(self):
        client = self.client(capabilities=_lsp.pull_capabilities())
        client.open(self.path)
        client.settled()
        client.requests.clear()
        self.crash(client)
        client.wait(lambda: any(each["method"] == "workspace/diagnostic/refresh" for each in client.requests))
        document = {"textDocument": {"uri": _lsp.uri(self.path)}}
        items = client.request("textDocument/diagnostic", document)["result"]["items"]
        self.assertEqual([each["code"] for each in items], ["LW102"])

    def test_and_nothing_is_registered_twice(self):
        capabilities = _lsp.push_capabilities()
        capabilities["workspace"] |= {"didChangeWatchedFiles": {"dynamicRegistration": True}, "configuration": True}
        capabilities["window"] = {"workDoneProgress": True}
        client = self.client(capabilities=capabilities)
        client.settled()
        self.crash(client)
        client.settled()
        client.settled()
        methods = [each["method"] for each in client.requests]
        self.assertEqual(methods.count("client/registerCapability"), 1)
        names = [each["id"] for each in client.requests]
        self.assertEqual(len(names), len(set(names)), names)
        open_tokens = set()
        for each in client.notifications:
            if each["method"] == "$/progress":
                kind, token = each["params"]["value"]["kind"], each["params"]["token"]
                self.assertEqual(kind == "begin", token not in open_tokens)
                open_tokens = open_tokens - {token} if kind == "end" else open_tokens | {token}
        self.assertEqual(open_tokens, set())

    def test_before_it_was_initialized(self):
        client = self.client(start=False)
        wait_until(lambda: children(client.process.pid), "no analysis")
        before = self.analysis(client)
        os.kill(before, signal.SIGSTOP)
        number = client.ask("initialize", {"processId": os.getpid(), "capabilities": {}, "rootUri": _lsp.uri(self.root)})
        time.sleep(0.2)
        os.kill(before, signal.SIGKILL)
        self.assertEqual(client.answer(number)["result"]["serverInfo"]["name"], "lockwright")
        client.notify("initialized", {})
        self.assertEqual(client.findings(self.path), [(6, "LW102")])

    def test_large_texts(self):
        client = self.client()
        text = TRUNCATES + "words = '\U0001f512 and what else there is to say'\n" * 5_000
        client.open(self.path, text)
        self.assertEqual(client.findings(self.path, 1), [(6, "LW102")])
        client.published.clear()
        self.crash(client)
        self.assertEqual(client.findings(self.path, 1), [(6, "LW102")])


class AgainAndAgain(Crash):
    def test_the_text_that_was_changed_last_is_left_out_until_it_changes(self):
        other = self.write("other.py", TRUNCATES)
        client = self.client()
        client.open(other)
        client.open(self.path)
        version = client.replace(self.path, "import json\n", "import json\n\n")
        self.assertEqual(client.findings(self.path, version), [(7, "LW102")])
        for _ in range(3):
            self.crash_and_take_over(client)
        client.wait(lambda: client.diagnostics[_lsp.uri(self.path)] == [])
        self.assertEqual(client.findings(other), [(6, "LW102")])
        self.assertIn(str(self.path), self.shown(client)[-1])
        self.assertIn("left out", self.shown(client)[-1])
        time.sleep(2)
        version = client.replace(self.path, "import json\n", "import json\n\n")
        self.assertEqual(client.findings(self.path, version), [(8, "LW102")])

    def test_it_stops_and_a_change_starts_it_again(self):
        client = self.client()
        client.open(self.path)
        version = client.replace(self.path, "import json\n", "import json\n\n")
        self.give_up(client)
        self.assertEqual(client.diagnostics[_lsp.uri(self.path)], [])
        self.assertEqual(client.settled()["error"]["code"], -32801)
        self.assertEqual(client.request("workspace/diagnostic", {})["result"]["items"], [])
        client.send_bytes(b"Content-Length: 8\r\n\r\n{no json")
        self.assertEqual(client.answer(None)["error"]["code"], -32700)
        version = client.replace(self.path, "import json\n", "import json\n\n")
        self.assertEqual(client.findings(self.path, version), [(8, "LW102")])
        self.assertEqual(client.stop(), 0)

    def test_it_stops_and_can_still_be_shut_down(self):
        client = self.client()
        client.open(self.path)
        client.settled()
        self.give_up(client)
        self.assertEqual(client.stop(), 0)

    def test_it_stops_and_ends_with_its_input(self):
        client = self.client()
        client.open(self.path)
        client.settled()
        self.give_up(client)
        client.process.stdin.close()
        self.assertEqual(client.process.wait(timeout=60), 1)


class TheEnd(Crash):
    def test_nothing_is_left_behind(self):
        ends = {
            "killed": lambda client: client.process.kill(),
            "terminated": lambda client: client.process.terminate(),
            "input closed": lambda client: client.process.stdin.close(),
            "exit": lambda client: client.notify("exit", {}),
            "shut down": lambda client: client.stop(),
        }
        for name, end in ends.items():
            with self.subTest(end=name):
                client = self.client()
                client.settled()
                analysis = self.analysis(client)
                end(client)
                client.process.wait(timeout=60)
                wait_until(lambda process=analysis: not is_running(process), "the analysis is left behind", 10)

    def test_nothing_is_left_behind_while_it_is_busy(self):
        text = TRUNCATES.split("\n\n\n")[1]
        self.write("large.py", TRUNCATES + "".join(f"\n\n{text.replace('save', f'save{i}')}" for i in range(3000)))
        client = self.client()
        client.open(self.path)
        analysis = self.analysis(client)
        client.process.kill()
        client.process.wait()
        wait_until(lambda: not is_running(analysis), "the analysis is left behind", 10)

    def test_shutdown_when_the_analysis_has_just_gone(self):
        client = self.client()
        client.settled()
        before = self.analysis(client)
        os.kill(before, signal.SIGSTOP)
        number = client.ask("shutdown")
        time.sleep(0.2)
        os.kill(before, signal.SIGKILL)
        self.assertIsNone(client.answer(number)["result"])
        client.notify("exit", None)
        self.assertEqual(client.process.wait(timeout=60), 0)

    def test_a_crash_after_shutdown_does_not_matter(self):
        client = self.client()
        client.request("shutdown")
        self.crash(client)
        self.assertEqual(client.request("textDocument/hover", {})["error"]["code"], -32600)
        client.notify("exit", None)
        self.assertEqual(client.process.wait(timeout=60), 0)


class SlowReader(Crash):
    COUNT = 4000

    def test_a_client_that_does_not_read_costs_no_memory(self):
        server = subprocess.Popen(
            [_lockwright.binary(), "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for clean_up in (server.stdout.close, server.stdin.close, server.wait, server.kill):
            self.addCleanup(clean_up)
        os.set_blocking(server.stdin.fileno(), False)
        explain = {"command": "lockwright.explain", "arguments": ["LW102"]}
        self.unsent = self.message(0, "initialize", {"capabilities": {}})
        self.unsent += b"".join(self.message(each, "workspace/executeCommand", explain) for each in range(1, self.COUNT))
        pauses = 0
        while pauses < 20:
            pauses = 0 if self.send_some(server) else pauses + 1
            time.sleep(0.05)
        self.assertTrue(self.unsent, "it reads what it cannot answer")
        if not SANITIZED:
            self.assertLess(self.kilobytes(server.pid), 12_000)
        size = 0
        for number in range(self.COUNT):  # and nothing is lost
            length = int(server.stdout.readline().split()[1])
            server.stdout.readline()
            self.assertEqual(json.loads(server.stdout.read(length))["id"], number)
            size += length
            self.send_some(server)
        self.assertGreater(size, 30_000_000, "or this says nothing")

    def message(self, number, method, parameters):
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}).encode()
        return b"Content-Length: %d\r\n\r\n" % len(body) + body

    def send_some(self, server):
        """Whether any of it was taken."""
        try:
            sent = os.write(server.stdin.fileno(), self.unsent[:65536])
        except BlockingIOError:
            return False
        self.unsent = self.unsent[sent:]
        return sent > 0

    def kilobytes(self, process):
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        (line,) = [each for each in status.splitlines() if each.startswith("RssAnon")]
        return int(line.split()[1])


if __name__ == "__main__":
    unittest.main()
