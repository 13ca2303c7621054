"""The language server, spoken to by a client that knows the protocol: what is said, when, and about which text."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest
import urllib.parse

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

# The caller waits for itself once the callee locks: LW101 hangs on another file's text.
HELPER = textwrap.dedent("""\
    import fcntl


    def load(path):
        with open(path + ".lock", "a") as handle:
            LOCK
            return open(path).read()
    """)
CALLER = textwrap.dedent("""\
    import fcntl

    from helper import load


    def update(path):
        with open(path + ".lock", "a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            return load(path)
    """)
LOCKS = "fcntl.flock(handle, fcntl.LOCK_EX)"


@_lockwright.needs_binary
class Server(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lockwright-")
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name).resolve()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def client(self, *folders, **options):
        client = _lsp.Client(*(folders or (self.root,)), **options)
        self.addCleanup(client.__exit__)
        return client

    def actions(self, client, path, line, only=None):
        place = {"line": line, "character": 0}
        context = {"diagnostics": []}
        if only is not None:
            context["only"] = only
        document = {"textDocument": {"uri": _lsp.uri(path)}, "range": {"start": place, "end": place}, "context": context}
        return client.request("textDocument/codeAction", document)["result"]

    def edits_of(self, action):
        (change,) = action["edit"]["documentChanges"]
        return change["edits"]

    def shown(self, client):
        return [
            each["params"]["message"] for each in client.notifications if each["method"] == "window/showMessage"
        ]


class Lifecycle(Server):
    def test_starts_answers_and_stops(self):
        client = self.client()
        self.assertEqual(client.server["serverInfo"]["name"], "lockwright")
        self.assertEqual(client.stop(), 0)
        self.assertEqual(client.errors, "")

    def test_exit_without_shutdown_is_a_failure(self):
        client = self.client()
        client.notify("exit", {})
        self.assertEqual(client.process.wait(timeout=60), 1)

    def test_requests_before_and_after_its_time(self):
        client = self.client(start=False)
        self.assertEqual(client.request("textDocument/hover", {})["error"]["code"], -32002)
        client.start()
        self.assertEqual(client.request("initialize", {"capabilities": {}})["error"]["code"], -32600)
        client.request("shutdown")
        self.assertEqual(client.request("textDocument/hover", {})["error"]["code"], -32600)

    def test_ends_with_its_input(self):
        client = self.client()
        client.process.stdin.close()
        self.assertEqual(client.process.wait(timeout=60), 1)

    def test_ends_in_the_middle_of_a_message(self):
        client = self.client()
        client.send_bytes(b'Content-Length: 100\r\n\r\n{"jsonrpc"')
        client.process.stdin.close()
        self.assertEqual(client.process.wait(timeout=60), 1)

    def test_ends_with_the_process_of_the_client(self):
        # The pipes stay open: this test holds them.
        parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        client = self.client(process_id=parent.pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        self.assertEqual(client.process.wait(timeout=60), 1)


class BadMessages(Server):
    def error(self, client, data):
        client.send_bytes(data)
        return client.answer(None)["error"]["code"]

    def framed(self, body):
        return b"Content-Length: %d\r\n\r\n" % len(body) + body

    def test_each_gets_its_error_and_the_next_one_is_taken(self):
        client = self.client()
        for data, code in (
            (self.framed(b"{no json"), -32700),
            (self.framed(b"\xff\xfe{}"), -32700),
            (self.framed(b"[]"), -32600),
            (self.framed(b"[" * 100_000), -32700),
            (self.framed(b"17"), -32600),
            (self.framed(b'{"jsonrpc": "1.0", "method": "x"}'), -32600),
            (self.framed(b'{"jsonrpc": "2.0", "id": {}, "method": "x"}'), -32600),
            (b"Content-Length: many\r\n\r\n", -32700),
            (b"Content-Type: x\r\n\r\n", -32700),
            (b"rubbish " * 2000 + b"\r\n\r\n", -32700),
        ):
            with self.subTest(data=data[:40]):
                self.assertEqual(self.error(client, data), code)
        self.assertIsNone(client.settled()["result"])
        self.assertEqual(client.stop(), 0)

    def test_requests_that_are_wrong(self):
        client = self.client()
        for method, parameters, code in (
            ("textDocument/rename", {}, -32601),
            ("textDocument/hover", {}, -32602),
            ("textDocument/hover", {"textDocument": {"uri": 3}, "position": _lsp.zero()}, -32602),
            ("textDocument/hover", {"textDocument": {"uri": "file:///x"}, "position": []}, -32602),
            ("workspace/executeCommand", {"command": "rm"}, -32602),
            ("workspace/executeCommand", {"command": "lockwright.explain", "arguments": ["LW9999"]}, -32602),
            ("textDocument/codeAction", {"textDocument": {"uri": "file:///x"}}, -32602),
        ):
            with self.subTest(method=method, parameters=parameters):
                self.assertEqual(client.request(method, parameters)["error"]["code"], code)
        client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///never-opened"}})
        client.notify("no/such/notification", {})
        self.assertIsNone(client.settled()["result"])

    def test_a_message_in_pieces(self):
        client = self.client()
        body = b'{"jsonrpc": "2.0", "id": 77, "method": "workspace/diagnostic", "params": {}}'
        for byte in self.framed(body):
            client.send_bytes(bytes([byte]))
        self.assertIn("result", client.answer(77))


class Diagnostics(Server):
    def test_of_files_that_are_not_open(self):
        path = self.write("store.py", TRUNCATES)
        self.assertEqual(self.client().findings(path), [(6, "LW102")])

    def test_says_where_why_and_how(self):
        path = self.write("store.py", TRUNCATES)
        client = self.client()
        client.findings(path)
        (found,) = client.diagnostics[_lsp.uri(path)]
        self.assertEqual(found["range"]["start"], {"line": 5, "character": 9})
        self.assertEqual(found["severity"], 1)
        self.assertIn("Open without truncating", found["message"])
        self.assertRegex(found["codeDescription"]["href"], r"^https://.*/truncating-open-before-lock/rule\.md$")
        steps = [(each["location"]["range"]["start"]["line"], each["message"]) for each in found["relatedInformation"]]
        self.assertEqual(steps, [(5, "1. opens path and empties it"), (6, "2. acquires flock on path")])

    def test_follow_the_text_in_the_editor(self):
        path = self.write("store.py", TRUNCATES)
        client = self.client()
        client.open(path)
        self.assertEqual(client.findings(path, 1), [(6, "LW102")])
        version = client.replace(path, '"w"', '"r+"')
        self.assertEqual(client.findings(path, version), [])
        version = client.replace(path, '"r+"', '"w"')
        version = client.replace(path, "import json\n", "import json\n\n\n\n")
        self.assertEqual(client.findings(path, version), [(9, "LW102")])
        client.close(path)
        client.settled()
        self.assertEqual(client.findings(path), [(6, "LW102")])

    def test_columns_in_both_encodings(self):
        text = TRUNCATES.replace("    with open(path", "    x = '\U0001f512é'; f = open(path").replace(
            " as handle:\n        fcntl.flock(handle", "\n    fcntl.flock(f"
        )
        text = text.replace("        json.dump(data, handle)", "    json.dump(data, f)")
        path = self.write("store.py", text)
        for encoding, column in (("utf-16", 19), ("utf-8", 22), ("utf-32", 18)):
            with self.subTest(encoding=encoding):
                client = self.client(capabilities=_lsp.push_capabilities(encoding))
                self.assertEqual(client.encoding, encoding)
                client.open(path)
                client.findings(path, 1)
                (found,) = client.diagnostics[_lsp.uri(path)]
                self.assertEqual(found["range"]["start"], {"line": 5, "character": column})
                # An edit behind the wide characters arrives where it was made.
                version = client.replace(path, '"w"', '"r+"')
                self.assertEqual(client.findings(path, version), [])

    def test_without_an_offer_columns_are_utf_16(self):
        self.assertEqual(self.client().encoding, "utf-16")

    def test_a_file_that_is_not_on_disk_yet(self):
        self.write("other.py", "x = 1\n")
        client = self.client()
        path = self.root / "new.py"
        client.open(path, TRUNCATES)
        self.assertEqual(client.findings(path, 1), [(6, "LW102")])
        client.close(path)
        client.settled()
        self.assertEqual(client.diagnostics[_lsp.uri(path)], [])

    def test_what_is_left_out_by_the_configuration_stays_out(self):
        self.write("lockwright.toml", 'extend-exclude = ["gen"]\n')
        path = self.write("gen/store.py", TRUNCATES)
        client = self.client()
        client.open(path)
        self.assertEqual(client.findings(path, 1), [])

    def test_of_a_file_that_is_in_no_folder(self):
        path = self.write("lone/store.py", TRUNCATES)
        self.write("lone/beside.py", TRUNCATES)
        client = self.client(self.root / "nothing")
        client.open(path)
        self.assertEqual(client.findings(path, 1), [(6, "LW102")])
        self.assertNotIn(_lsp.uri(self.root / "lone/beside.py"), client.diagnostics)

    def test_an_unused_suppression_is_faded(self):
        path = self.write("a.py", "x = 1  # lockwright: ignore[LW101] old\n")
        client = self.client()
        client.findings(path)
        (found,) = client.diagnostics[_lsp.uri(path)]
        self.assertEqual((found["code"], found["tags"]), ("LW001", [1]))

    def test_a_huge_file_is_left_out_and_that_is_said_once(self):
        path = self.write("huge.py", TRUNCATES)
        client = self.client()
        client.open(path, TRUNCATES + "# x\n" * 1_500_000)
        client.settled()
        self.assertEqual(client.diagnostics.get(_lsp.uri(path), []), [])
        client.replace(path, "import json", "import  json")
        client.settled()
        (message,) = self.shown(client)
        self.assertIn("larger than the limit", message)

    def test_a_burst_of_edits_ends_with_the_newest(self):
        path = self.write("store.py", TRUNCATES)
        client = self.client()
        client.open(path)
        for _ in range(40):
            client.replace(path, '"w"', '"r+"')
            version = client.replace(path, '"r+"', '"w"')
        self.assertEqual(client.findings(path, version), [(6, "LW102")])
        self.assertEqual(client.published[-1]["version"], version)


class AcrossFiles(Server):
    def setUp(self):
        super().setUp()
        self.helper = self.write("helper.py", HELPER.replace("LOCK\n", "pass\n"))
        self.caller = self.write("caller.py", CALLER)

    def test_unsaved_text_changes_findings_in_files_that_depend_on_it(self):
        client = self.client()
        client.open(self.helper)
        client.settled()
        self.assertEqual(client.diagnostics.get(_lsp.uri(self.caller), []), [])
        client.replace(self.helper, "pass", LOCKS)
        client.settled()
        found = client.findings(self.helper) + client.findings(self.caller)
        self.assertIn("LW101", [rule for _, rule in found])
        client.replace(self.helper, LOCKS, "pass")
        client.settled()
        self.assertEqual(client.findings(self.helper) + client.findings(self.caller), [])

    def test_a_client_that_pulls_is_told_to_ask_again(self):
        client = self.client(capabilities=_lsp.pull_capabilities(related=False))
        for path in (self.helper, self.caller):
            client.open(path)
            self.assertEqual(self.pull(client, path)["items"], [])
        client.replace(self.helper, "pass", LOCKS)
        found = self.pull(client, self.helper)["items"] + self.pull(client, self.caller)["items"]
        self.assertIn("LW101", [each["code"] for each in found])
        self.assertIn("workspace/diagnostic/refresh", [each["method"] for each in client.requests])
        self.assertEqual(client.published, [])

    def test_a_client_that_pulls_gets_the_related_documents(self):
        client = self.client(capabilities=_lsp.pull_capabilities(refresh=False))
        client.open(self.caller)
        self.assertEqual(self.pull(client, self.caller)["items"], [])
        client.open(self.helper)
        client.replace(self.helper, "pass", LOCKS)
        report = self.pull(client, self.helper)
        found = report["items"] + report.get("relatedDocuments", {}).get(_lsp.uri(self.caller), {}).get("items", [])
        self.assertIn("LW101", [each["code"] for each in found])

    def pull(self, client, path, previous=None):
        parameters = {"textDocument": {"uri": _lsp.uri(path)}}
        if previous:
            parameters["previousResultId"] = previous
        return client.request("textDocument/diagnostic", parameters)["result"]

    def test_what_has_not_changed_is_not_sent_again(self):
        path = self.write("store.py", TRUNCATES)
        client = self.client(capabilities=_lsp.pull_capabilities())
        client.open(path)
        first = self.pull(client, path)
        self.assertEqual([each["code"] for each in first["items"]], ["LW102"])
        again = self.pull(client, path, first["resultId"])
        self.assertEqual((again["kind"], again["resultId"]), ("unchanged", first["resultId"]))
        report = client.request("workspace/diagnostic", {"previousResultIds": []})["result"]
        full = [each["uri"] for each in report["items"] if each["items"]]
        self.assertEqual(full, [_lsp.uri(path)])

    def test_a_watched_file_changes_on_disk(self):
        client = self.client()
        client.settled()
        self.helper.write_text(HELPER.replace("LOCK\n", LOCKS + "\n"))
        new = self.write("new.py", TRUNCATES)
        changes = [{"uri": _lsp.uri(self.helper), "type": 2}, {"uri": _lsp.uri(new), "type": 1}]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        self.assertEqual(client.findings(new), [(6, "LW102")])
        found = [each["code"] for every in client.diagnostics.values() for each in every]
        self.assertIn("LW101", found)
        new.unlink()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": _lsp.uri(new), "type": 3}]})
        client.settled()
        self.assertEqual(client.findings(new), [])


class Actions(Server):
    def setUp(self):
        super().setUp()
        self.path = self.write("store.py", TRUNCATES)
        self.client_ = self.client()
        self.client_.open(self.path)

    def test_a_fix_is_applied_and_the_finding_is_gone(self):
        fix = self.actions(self.client_, self.path, 5)[0]
        self.assertEqual((fix["kind"], fix["isPreferred"]), ("quickfix", True))
        self.assertEqual([each["code"] for each in fix["diagnostics"]], ["LW102"])
        text = _lsp.applied(TRUNCATES, self.edits_of(fix), self.client_.encoding)
        self.assertIn('open(path, "a")', text)
        self.assertIn("handle.truncate()", text)
        version = self.client_.change(self.path, [{"text": text}])
        self.assertEqual(self.client_.findings(self.path, version), [])

    def test_all_safe_fixes_at_once(self):
        twice = TRUNCATES + "\n\n" + TRUNCATES.split("\n\n\n")[1].replace("save", "store")
        self.client_.change(self.path, [{"text": twice}])
        (action,) = self.actions(self.client_, self.path, 0, only=["source.fixAll"])
        self.assertEqual(action["kind"], "source.fixAll.lockwright")
        text = _lsp.applied(twice, self.edits_of(action), self.client_.encoding)
        self.assertEqual(text.count("truncate()"), 2)
        version = self.client_.change(self.path, [{"text": text}])
        self.assertEqual(self.client_.findings(self.path, version), [])
        self.assertEqual(self.actions(self.client_, self.path, 0, only=["source.fixAll"]), [])

    def test_a_comment_silences(self):
        (action,) = [each for each in self.actions(self.client_, self.path, 5) if "Suppress" in each["title"]]
        text = _lsp.applied(TRUNCATES, self.edits_of(action), self.client_.encoding)
        self.assertIn("    # lockwright: ignore[LW102]\n    with open", text)
        version = self.client_.change(self.path, [{"text": text}])
        self.assertEqual(self.client_.findings(self.path, version), [])

    def test_explains_the_rule(self):
        (action,) = [each for each in self.actions(self.client_, self.path, 5) if "command" in each]
        command = action["command"]
        page = self.client_.request("workspace/executeCommand", command)["result"]
        self.assertTrue(page.startswith("# LW102"), page[:80])

    def test_nothing_where_nothing_is(self):
        self.assertEqual(self.actions(self.client_, self.path, 0), [])
        self.assertEqual(self.actions(self.client_, self.path, 5, only=["refactor"]), [])

    def test_hover_tells_the_rule_and_the_timeline(self):
        document = {"textDocument": {"uri": _lsp.uri(self.path)}, "position": {"line": 5, "character": 12}}
        contents = self.client_.request("textDocument/hover", document)["result"]["contents"]
        self.assertEqual(contents["kind"], "markdown")
        self.assertIn("truncating-open-before-lock", contents["value"])
        self.assertIn("2. store.py:7  acquires flock on path", contents["value"])
        document["position"] = _lsp.zero()
        self.assertIsNone(self.client_.request("textDocument/hover", document)["result"])

    def test_a_cancelled_request_is_answered_as_such_and_nothing_hangs(self):
        document = {"textDocument": {"uri": _lsp.uri(self.path)}, "position": _lsp.zero()}
        asked = [self.client_.ask("textDocument/hover", document) for _ in range(30)]
        self.client_.replace(self.path, "import json", "import  json")
        asked += [self.client_.ask("textDocument/hover", document) for _ in range(30)]
        for number in asked:
            self.client_.notify("$/cancelRequest", {"id": number})
        for number in asked:
            answer = self.client_.answer(number)
            self.assertTrue("result" in answer or answer["error"]["code"] == -32800, answer)
        self.client_.notify("$/cancelRequest", {"id": 123456})
        self.assertIsNone(self.client_.settled()["result"])


class Configuration(Server):
    def setUp(self):
        super().setUp()
        self.path = self.write("store.py", TRUNCATES)

    def changed(self, client, path):
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": _lsp.uri(path), "type": 2}]})
        client.settled()

    def test_one_that_breaks_leaves_the_last_good_one_in_force_and_is_shown(self):
        path = self.write("lockwright.toml", 'ignore = ["LW102"]\n')
        client = self.client()
        client.settled()
        self.assertEqual(client.diagnostics, {})
        path.write_text('\nignore = ["LW999"]\n')
        self.changed(client, path)
        self.assertEqual(client.diagnostics.get(_lsp.uri(self.path), []), [])
        (found,) = client.diagnostics[_lsp.uri(path)]
        self.assertEqual((found["severity"], found["range"]["start"]["line"]), (1, 1))
        self.assertIn("LW999", found["message"])
        (message,) = self.shown(client)
        self.assertIn("last good one", message)
        path.write_text("")
        self.changed(client, path)
        self.assertEqual(client.diagnostics[_lsp.uri(path)], [])
        self.assertEqual(client.findings(self.path), [(6, "LW102")])

    def test_one_that_is_broken_from_the_start(self):
        path = self.write("lockwright.toml", "no toml\n")
        client = self.client()
        client.settled()
        self.assertEqual(client.findings(self.path), [(6, "LW102")])
        self.assertEqual(len(client.diagnostics[_lsp.uri(path)]), 1)

    def test_settings_of_the_editor(self):
        client = self.client(options={"ignore": ["LW102"]})
        client.settled()
        self.assertEqual(client.diagnostics, {})
        client.notify("workspace/didChangeConfiguration", {"settings": {"lockwright": {"ignore": []}}})
        client.settled()
        self.assertEqual(client.findings(self.path), [(6, "LW102")])

    def test_settings_that_the_server_asks_for(self):
        capabilities = _lsp.push_capabilities()
        capabilities["workspace"]["configuration"] = True
        client = self.client(capabilities=capabilities, start=False)
        client.configuration = {"ignore": ["LW102"]}
        client.start(capabilities)
        client.wait(lambda: any(each["method"] == "workspace/configuration" for each in client.requests))
        client.settled()
        self.assertEqual(client.diagnostics.get(_lsp.uri(self.path), []), [])

    def test_folders_come_and_go(self):
        inner = self.write("inner/store.py", TRUNCATES)
        client = self.client(self.root / "inner")
        self.assertEqual(client.findings(inner), [(6, "LW102")])
        self.assertNotIn(_lsp.uri(self.path), client.diagnostics)
        event = {"added": [{"uri": _lsp.uri(self.root), "name": "all"}], "removed": []}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        self.assertEqual(client.findings(self.path), [(6, "LW102")])
        self.assertEqual(client.findings(inner), [(6, "LW102")])
        event = {"added": [], "removed": [{"uri": _lsp.uri(self.root), "name": "all"}]}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        client.settled()
        self.assertEqual(client.findings(self.path), [])
        self.assertEqual(client.findings(inner), [(6, "LW102")])

    def test_a_folder_that_cannot_be_read(self):
        closed = self.root / "closed"
        closed.mkdir(mode=0)
        self.addCleanup(closed.chmod, 0o700)
        client = self.client(self.root, closed, self.root / "does-not-exist")
        self.assertEqual(client.findings(self.path), [(6, "LW102")])
        self.assertEqual(client.stop(), 0)

    def test_watchers_and_progress_for_clients_that_have_them(self):
        capabilities = _lsp.push_capabilities()
        capabilities["workspace"]["didChangeWatchedFiles"] = {"dynamicRegistration": True}
        capabilities["window"] = {"workDoneProgress": True}
        client = self.client(capabilities=capabilities)
        client.settled()
        self.assertIn("client/registerCapability", [each["method"] for each in client.requests])
        kinds = [
            each["params"]["value"]["kind"] for each in client.notifications if each["method"] == "$/progress"
        ]
        self.assertEqual((kinds[0], kinds[-1]), ("begin", "end"))
        client.open(self.path)
        client.settled()
        self.assertEqual(kinds.count("begin"), 1)


class SameAsCheck(Server):
    """Whatever is typed, the findings are those of `lockwright check` on the same texts."""

    EDITS = 12 if os.environ.get("LOCKWRIGHT_SANITIZED") else 40
    WORDS = ("lock", "open", "unlink", "remove", "write", "rename", "with ", "def ", "import", "await", "return", "class ")

    def edited(self, text, original, chance, comment):
        lines = text.split("\n")
        telling = [number for number, line in enumerate(lines) if any(word in line for word in self.WORDS)]
        at = chance.choice(telling) if telling and chance.random() < 0.8 else chance.randrange(len(lines))
        kind = chance.choice(("delete", "repeat", "comment", "break", "type", "restore"))
        if kind == "delete":
            lines[at : at + 1] = []
        elif kind == "repeat":
            lines[at:at] = [lines[at]]
        elif kind == "comment":
            lines[at] = comment + lines[at]
        elif kind == "break":
            lines[at:at] = [""]
        elif kind == "type":
            column = chance.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:column] + chance.choice("abx( )\"'.:") + lines[at][column:]
        else:
            return original
        return "\n".join(lines)

    def test_after_every_edit(self):
        chance = random.Random(5)
        shutil.copytree(_lockwright.ROOT / "fixtures", self.root / "saved")
        shutil.copytree(_lockwright.ROOT / "fixtures", self.root / "typed")
        saved, typed = self.root / "saved", self.root / "typed"
        client = self.client(saved, capabilities=_lsp.push_capabilities("utf-32"))
        client.settled()
        files = sorted(path for path in saved.rglob("*") if path.suffix in (".py", ".ts", ".cpp") and path.stat().st_size)
        self.assertGreater(len(self.checked_findings(typed)), 20)
        self.assertEqual(self.shown_findings(client, saved), self.checked_findings(typed))
        for number in range(self.EDITS):
            path = chance.choice(files)
            if path not in client.texts:
                client.open(path)
            comment = "# " if path.suffix == ".py" else "// "
            text = self.edited(client.texts[path], path.read_text(), chance, comment)
            client.texts[path] = text
            client.change(path, [{"text": text}])
            client.settled()
            (typed / path.relative_to(saved)).write_text(text)
            with self.subTest(edit=number, file=str(path.relative_to(saved))):
                self.assertEqual(self.shown_findings(client, saved), self.checked_findings(typed))
        self.assertEqual(self.shown_findings(client, saved, witnesses=True), self.checked_witnesses(typed))

    def shown_findings(self, client, folder, witnesses=False):
        found = []
        for uri, diagnostics in client.diagnostics.items():
            path = pathlib.Path(urllib.parse.unquote(uri.removeprefix("file://"))).relative_to(folder)
            for each in diagnostics:
                start = each["range"]["start"]
                what = each["message"].split("\n")[0].rstrip(".")
                steps = [step["location"]["range"]["start"]["line"] + 1 for step in each["relatedInformation"]]
                place = (str(path), start["line"] + 1, start["character"] + 1)
                found.append((*place, each["code"], what, steps if witnesses else []))
        return sorted(found)

    def checked_findings(self, folder):
        """Without witnesses: reports that have them also try fixes, which takes longer than all the rest."""
        found = []
        for line in self.check(folder, "concise").splitlines():
            match = re.match(r"(.+?):(\d+):(\d+): \w+ (LW\d+) [\w-]+: (.*)", line)
            if match:
                found.append((match[1], int(match[2]), int(match[3]), match[4], match[5].rstrip("."), []))
        return sorted(found)

    def checked_witnesses(self, folder):
        found = []
        for each in json.loads(self.check(folder, "json"))["findings"]:
            if each["state"] != "open":
                continue
            start = each["range"]["start"]
            steps = []
            for step in each["witness"]:
                steps += [call["range"]["start"]["line"] for call in step["through"]]
                steps.append(step["range"]["start"]["line"])
            place = (each["path"], start["line"], start["column"])
            found.append((*place, each["rule"], each["message"].rstrip("."), steps))
        return sorted(found)

    def check(self, folder, output_format):
        command = [_lockwright.binary(), "check", ".", "--no-clang", "--output-format", output_format, "--color", "never"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    unittest.main()
