"""A small client of the language server: starts the real binary, speaks the protocol, keeps what comes."""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time

from _lockwright import binary as default_binary


class Gone(Exception):
    """The server has closed its output."""


class Client:
    """One server and the folders it was opened with."""

    def __init__(self, *folders, capabilities=None, options=None, start=True, process_id=None, binary=None):
        self.process = subprocess.Popen(
            [binary or default_binary(), "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.folders = [pathlib.Path(folder) for folder in folders]
        self.diagnostics = {}  # uri -> the last published
        self.published = []  # all of them, in order
        self.notifications = []
        self.requests = []  # the server's
        self.configuration = {}
        self.versions = {}
        self.texts = {}
        self.encoding = "utf-16"
        self.number = 0
        self.messages = queue.Queue()
        self.responses = {}
        threading.Thread(target=self._read, daemon=True).start()
        if start:
            self.start(capabilities, options, process_id)

    def start(self, capabilities=None, options=None, process_id=None):
        parameters = {
            "processId": process_id or os.getpid(),
            "capabilities": push_capabilities() if capabilities is None else capabilities,
            "workspaceFolders": [{"uri": uri(folder), "name": folder.name} for folder in self.folders],
        }
        if options is not None:
            parameters["initializationOptions"] = options
        self.server = self.request("initialize", parameters)["result"]
        self.encoding = self.server["capabilities"]["positionEncoding"]
        self.notify("initialized", {})

    # Messages

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method, parameters):
        self.send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def ask(self, method, parameters=None):
        """Sends a request; its id, for answer()."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method}
        if parameters is not None:
            message["params"] = parameters
        self.send(message)
        return self.number

    def answer(self, number, timeout=60):
        self.wait(lambda: number in self.responses, timeout)
        return self.responses.pop(number)

    def request(self, method, parameters=None):
        return self.answer(self.ask(method, parameters))

    def wait(self, until, timeout=60):
        """Takes messages until the condition holds."""
        deadline = time.monotonic() + timeout
        while not until():
            try:
                message = self.messages.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"nothing came; notifications: {self.notifications[-5:]}") from None
            if message is None:
                self.messages.put(None)
                raise Gone()
            self._take(message)

    def _take(self, message):
        method = message.get("method")
        if method is None:
            self.responses[message.get("id")] = message
        elif "id" in message:
            self.requests.append(message)
            result = [self.configuration] if method == "workspace/configuration" else None
            self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        else:
            self.notifications.append(message)
            if method == "textDocument/publishDiagnostics":
                parameters = message["params"]
                self.diagnostics[parameters["uri"]] = parameters["diagnostics"]
                self.published.append(parameters)

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while True:
                line = stream.readline()
                if not line:
                    self.messages.put(None)
                    return
                if line == b"\r\n":
                    break
                name, value = line.split(b":")
                if name == b"Content-Length":
                    length = int(value)
            self.messages.put(json.loads(stream.read(length)))

    # Documents

    def open(self, path, text=None, language=None):
        path = pathlib.Path(path)
        text = path.read_text() if text is None else text
        language = language or {".py": "python", ".ts": "typescript", ".cpp": "cpp"}.get(path.suffix, "plaintext")
        self.versions[path] = 1
        self.texts[path] = text
        item = {"uri": uri(path), "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path, changes):
        path = pathlib.Path(path)
        self.versions[path] += 1
        document = {"uri": uri(path), "version": self.versions[path]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        return self.versions[path]

    def replace(self, path, old, new):
        """Replaces the first `old` in an open text by an incremental change; the version that it makes."""
        path = pathlib.Path(path)
        text = self.texts[path]
        at = text.index(old)
        edit = {"range": {"start": self.position(text, at), "end": self.position(text, at + len(old))}, "text": new}
        self.texts[path] = text[:at] + new + text[at + len(old) :]
        return self.change(path, [edit])

    def position(self, text, offset):
        line = text.count("\n", 0, offset)
        before = text[text.rfind("\n", 0, offset) + 1 : offset]
        return {"line": line, "character": width(before, self.encoding)}

    def close(self, path):
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri(path)}})
        del self.versions[pathlib.Path(path)]

    def findings(self, path, version=None):
        """The published diagnostics of a file, of a version at least, as (line, rule)."""
        name = uri(path)

        def known():
            return any(
                each["uri"] == name and (version is None or each.get("version", 0) >= version) for each in self.published
            )

        self.wait(known)
        return sorted((each["range"]["start"]["line"] + 1, each["code"]) for each in self.diagnostics[name])

    def settled(self):
        """Waits until the server has taken everything that was sent."""
        return self.request("textDocument/hover", {"textDocument": {"uri": "file:///none"}, "position": zero()})

    # The end

    def stop(self):
        """Shuts the server down in order; its exit code."""
        if self.process.poll() is None:
            try:
                self.request("shutdown")
                self.notify("exit", {})
                self.process.stdin.close()
            except (BrokenPipeError, Gone):
                pass
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.errors = self.process.stderr.read().decode()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


def uri(path):
    return pathlib.Path(path).as_uri()


def zero():
    return {"line": 0, "character": 0}


def width(text, encoding):
    if encoding == "utf-8":
        return len(text.encode())
    return len(text.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(text)


def push_capabilities(*encodings):
    """A client that is sent diagnostics."""
    capabilities = {
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": True,
                "codeDescriptionSupport": True,
                "tagSupport": {"valueSet": [1, 2]},
            },
            "hover": {"contentFormat": ["markdown", "plaintext"]},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}},
        },
        "workspace": {"workspaceEdit": {"documentChanges": True}},
    }
    if encodings:
        capabilities["general"] = {"positionEncodings": list(encodings)}
    return capabilities


def pull_capabilities(*, refresh=True, related=True):
    """A client that asks for diagnostics."""
    capabilities = push_capabilities()
    capabilities["textDocument"]["diagnostic"] = {"relatedDocumentSupport": related}
    capabilities["workspace"]["diagnostics"] = {"refreshSupport": refresh}
    return capabilities


def applied(text, edits, encoding):
    """A text with LSP edits made to it."""
    lines = text.split("\n")

    def offset(position):
        line = min(position["line"], len(lines) - 1)
        at = sum(len(each) + 1 for each in lines[:line])
        column = 0
        while width(lines[line][:column], encoding) < position["character"]:
            column += 1
        return at + column

    for edit in sorted(edits, key=lambda each: offset(each["range"]["start"]), reverse=True):
        begin, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:begin] + edit["newText"] + text[end:]
    return text
