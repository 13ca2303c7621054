"""Repairs in place in Python, and of refreshes by helpers in TypeScript, word for word."""

import textwrap
import unittest

from _fixes import findings
from _fixes_in_place import InPlace


class Refresh(InPlace):
    """LW201 in Python, where a helper makes the file."""

    CLAIMS = """\
        import json
        import os
        %s

        class Claims:
            def __init__(self, path: str):
                self.path = path

            def write(self, path, claim)%s:
                %s

            def renew(self, agent):
                with open(self.path) as handle:
                    claim = json.load(handle)
                if claim["agent"] == agent:
        """
    TELLS = (
        " -> bool",
        """try:
                    with open(path, "x") as handle:
                        json.dump(claim, handle)
                    return True
                except OSError:
                    return False""",
    )
    RENEWED = """\
        temporary = f"{self.path}.{uuid.uuid4().hex}.tmp"
        try:
            if self.write(temporary, claim):
                os.replace(temporary, self.path)
        finally:
            if os.path.lexists(temporary):
                os.unlink(temporary)
        """
    TITLE = "Write a temporary file and rename it over the lock file"

    def claims(self, helper, imported, renewal):
        head = textwrap.dedent(self.CLAIMS % (imported, *helper))
        return head + textwrap.indent(textwrap.dedent(renewal), " " * 12)

    def test_a_handler_that_makes_the_lock_again(self):
        """There is nothing to make again; what is not all there replaces nothing."""
        self.assert_repaired(
            "claims.py",
            self.claims(
                self.TELLS,
                "",
                """\
                try:
                    os.unlink(self.path)
                    self.write(self.path, claim)
                except Exception:
                    self.write(self.path, claim)
                    raise
                """,
            ),
            self.claims(
                self.TELLS,
                "import uuid\n",
                self.RENEWED,
            ),
            "LW201",
            self.TITLE,
        )

    def test_a_handler_that_goes_on(self):
        """What it does for the one who calls stays."""
        before = """\
            try:
                os.unlink(self.path)
                self.write(self.path, claim)
            except OSError:
                print("lost")
            """
        after = f"try:\n{textwrap.indent(textwrap.dedent(self.RENEWED), ' ' * 4)}except OSError:\n    print(\"lost\")\n"
        self.assert_repaired(
            "claims.py", self.claims(self.TELLS, "", before), self.claims(self.TELLS, "import uuid\n", after), "LW201", self.TITLE
        )


class RefreshByHelpers(InPlace):
    """LW201 where helpers of another file remove and make the lock file."""

    TITLE = Refresh.TITLE

    def test_in_python(self):
        self.write(
            """\
            def drop(path):
                \"\"\"Removes it.\"\"\"
                path.unlink(missing_ok=True)

            def make(path, owner):
                with path.open("x") as out:
                    out.write(owner)
            """,
            "lockfiles.py",
        )
        text = """\
            %sfrom lockfiles import %s

            def renew(lock_path, owner):
                if lock_path.read_text() == owner:
            %s"""
        text = textwrap.dedent(text)
        after = """\
            temporary = lock_path.with_name(f"{lock_path.name}.{uuid.uuid4().hex}.tmp")
            try:
                make(temporary, owner)
                os.replace(temporary, lock_path)
            finally:
                temporary.unlink(missing_ok=True)
            """
        self.assert_repaired(
            "lease.py",
            text % ("", "drop, make", "        drop(lock_path)\n        make(lock_path, owner)\n"),
            text % ("import os\nimport uuid\n", "make", textwrap.indent(textwrap.dedent(after), " " * 8)),
            "LW201",
            self.TITLE,
        )

    def test_in_typescript(self):
        self.write(
            """\
            import { open, rm } from "node:fs/promises";

            export async function create(lockPath: string, owner: string): Promise<void> {
              const handle = await open(lockPath, "wx");
              try {
                await handle.writeFile(owner);
              } finally {
                await handle.close();
              }
            }

            export const remove = async (lockPath: string): Promise<void> => {
              await rm(lockPath, { force: true });
            };
            """,
            "lockfiles.ts",
        )
        text = """\
            import fs from "node:fs";
            import { %s } from "./lockfiles";
            %s
            export async function renew(lockPath: string, owner: string): Promise<void> {
              if (fs.readFileSync(lockPath, "utf8") !== owner) throw new Error("lock lost");
            %s}
            """
        text = textwrap.dedent(text)
        after = """\
              const temporary = `${lockPath}.${randomUUID()}.tmp`;
              try {
                await create(temporary, owner);
                await fs.promises.rename(temporary, lockPath);
              } finally {
                await fs.promises.rm(temporary, { force: true });
              }
            """
        self.assert_repaired(
            "lease.ts",
            text % ("create, remove", "", "  await remove(lockPath);\n  await create(lockPath, owner);\n"),
            text % ("create", 'import { randomUUID } from "node:crypto";\n', textwrap.indent(textwrap.dedent(after), "  ")),
            "LW201",
            self.TITLE,
        )

    def test_a_maker_of_another_file_that_tells(self):
        self.write(
            """\
            # Its functions stand where the other file has other things.
            import os


            def make(path, owner) -> bool:
                try:
                    with open(path, "x") as out:
                        out.write(owner)
                    return True
                except FileExistsError:
                    return False
            """,
            "lockfiles.py",
        )
        text = """\
            import os
            %sfrom lockfiles import make

            def renew(lock_path, owner):
                with open(lock_path) as handle:
                    mine = handle.read() == owner
                if mine:
            %s"""
        after = """\
            temporary = f"{lock_path}.{uuid.uuid4().hex}.tmp"
            try:
                if make(temporary, owner):
                    os.replace(temporary, lock_path)
            finally:
                if os.path.lexists(temporary):
                    os.unlink(temporary)
            """
        text = textwrap.dedent(text)
        self.assert_repaired(
            "lease.py",
            text % ("", "        os.unlink(lock_path)\n        make(lock_path, owner)\n"),
            text % ("import uuid\n", textwrap.indent(textwrap.dedent(after), " " * 8)),
            "LW201",
            self.TITLE,
        )

    def test_a_helper_that_does_more_is_needed(self):
        text = """\
            import os

            def drop(path):
                print("released")
                os.unlink(path)

            def renew(lock_path, owner):
                with open(lock_path) as handle:
                    mine = handle.read() == owner
                if mine:
                    drop(lock_path)
                    with open(lock_path, "x") as out:
                        out.write(owner)
            """
        self.assert_none("lease.py", text, "LW201")
        self.write(text.replace('    print("released")\n    ', ""), "lease.py")


class Registry(InPlace):
    """LW302 in Python, with a mutex."""

    TITLE = "Give the lock up before its entry is erased, under the mutex"
    HEAD = """\
        import os
        import threading


        class Held:
            def __init__(self):
                self._mutex = threading.Lock()
                self._held = {}

            def acquire(self, path):
                with self._mutex:
                    if path in self._held:
                        return False
                    self._held[path] = os.open(path + ".lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                    return True

            def _notify(self, path):
                print(path)

            def release(self, path):
        """

    def text(self, body):
        return textwrap.dedent(self.HEAD) + textwrap.indent(textwrap.dedent(body), " " * 8)

    def test_what_follows_the_mutex_moves_under_it(self):
        self.assert_repaired(
            "held.py",
            self.text(
                """\
                with self._mutex:
                    if path not in self._held:
                        return
                    fd = self._held.pop(path)

                # In this order.
                os.close(fd)
                os.unlink(path + ".lock")
                self._notify(path)
                """
            ),
            self.text(
                """\
                with self._mutex:
                    if path not in self._held:
                        return
                    fd = self._held[path]

                    try:
                        # In this order.
                        os.close(fd)
                        os.unlink(path + ".lock")
                    finally:
                        del self._held[path]
                self._notify(path)
                """
            ),
            "LW302",
            self.TITLE,
        )

    def test_what_may_ask_for_the_mutex_stays_outside(self):
        body = """\
            with self._mutex:
                fd = self._held.pop(path)
            os.close(fd)
            self._notify(path)
            os.unlink(path + ".lock")
            """
        self.write(self.text(body), "held.py")
        found = [each for each in findings(self.root) if each["rule"] == "LW302"]
        self.assertTrue(found)
        self.assertNotIn(self.TITLE, [fix["title"] for each in found for fix in each["fixes"]])


class Nested(InPlace):
    """LW101 where a function opens its lock file, locks it, and does its work."""

    TITLE = "Call a variant that does not lock"

    def assert_variant(self, locking, variant, kept):
        text = """\
            import fcntl
            import json


            class Store:
                def __init__(self, path):
                    self.path = path

            %s
                def update(self, change):
                    with open(self.path + ".lock", "a") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        data = self.%s()
                        change(data)
            """
        text = textwrap.dedent(text)
        locking, variant, kept = (textwrap.indent(textwrap.dedent(each), "    ") for each in (locking, variant, kept))
        self.assert_repaired("store.py", text % (locking, "load"), text % (kept + "\n" + variant, "load_unlocked"), "LW101", self.TITLE)

    def test_the_work_is_taken_out_of_the_with(self):
        self.assert_variant(
            """\
            def load(self):
                with open(self.path + ".lock", "a") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)

                    # Whole.
                    with open(self.path) as source:
                        data = json.load(source)
                    return data
            """,
            """\
            def load_unlocked(self):
                # Whole.
                with open(self.path) as source:
                    data = json.load(source)
                return data
            """,
            """\
            def load(self):
                with open(self.path + ".lock", "a") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    return self.load_unlocked()
            """,
        )

    def test_with_a_release_and_a_name_for_the_lock_file(self):
        self.assert_variant(
            """\
            def load(self):
                \"\"\"What is stored.\"\"\"
                lock = self.path + ".lock"
                with open(lock, "a") as handle:
                    fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                    # All of it.
                    try:
                        with open(self.path) as source:
                            return json.load(source)
                    finally:
                        fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
            """\
            def load_unlocked(self):
                \"\"\"As load(), for callers that hold the lock.\"\"\"
                # All of it.
                with open(self.path) as source:
                    return json.load(source)
            """,
            """\
            def load(self):
                \"\"\"What is stored.\"\"\"
                lock = self.path + ".lock"
                with open(lock, "a") as handle:
                    fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                    try:
                        return self.load_unlocked()
                    finally:
                        fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
        )

    def test_a_handle_that_the_work_needs(self):
        text = """\
            import fcntl

            def load(path):
                with open(path, "r+") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    return handle.read()

            def refresh(path):
                with open(path, "r+") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    handle.write(load(path))
            """
        self.write(text, "store.py")
        found = [each for each in findings(self.root) if each["rule"] == "LW101"]
        self.assertTrue(found)
        self.assertNotIn(self.TITLE, [fix["title"] for each in found for fix in each["fixes"]])


class TwoLocks(InPlace):
    """LW301 in Python where the second of two locks cannot be had, and where a lock is a field."""

    LOCK = """\
        import fcntl
        import os


        def lock(path):
            fd = os.open(path, os.O_CREAT | os.O_RDWR)
            fcntl.flock(fd, fcntl.LOCK_EX)
            return fd


        def move(source, target):
        """

    def text(self, body):
        return textwrap.dedent(self.LOCK) + textwrap.indent(textwrap.dedent(body), "    ")

    def test_each_gets_a_try_of_its_own(self):
        for before, kept in (("os.close(second)\n    os.close(first)\n", "os.close(second)"), ("os.close(first)\n    os.close(second)\n", "os.close(second)")):
            body = """\
                first = lock(source)
                second = lock(target)
                try:
                    # Both are held.
                    os.replace(source, target)
                finally:
                    %s"""
            after = """\
                first = lock(source)
                try:
                    second = lock(target)
                    try:
                        # Both are held.
                        os.replace(source, target)
                    finally:
                        %s
                finally:
                    os.close(first)
                """
            self.assert_repaired(
                "move.py",
                self.text(textwrap.dedent(body) % before),
                self.text(textwrap.dedent(after) % kept),
                "LW301",
                "Release the lock in a finally block",
            )

    def test_a_descriptor_in_a_field(self):
        text = """\
            import fcntl
            import os


            class Store:
                def __init__(self, path, load):
                    self.path = path
                    self.load = load

                def __enter__(self):
                    self.fd = os.open(self.path, os.O_CREAT | os.O_RDWR)
                    fcntl.flock(self.fd, fcntl.LOCK_EX)
            %s
                    return self

                def __exit__(self, *exc):
                    os.close(self.fd)
            """
        after = """\
            try:
                self.state = self.load(self.path)
            except BaseException:
                os.close(self.fd)
                raise"""
        text = textwrap.dedent(text)
        self.assert_repaired(
            "store.py",
            text % "        self.state = self.load(self.path)",
            text % textwrap.indent(textwrap.dedent(after), " " * 8),
            "LW301",
            "Give the lock up when what follows fails",
        )


if __name__ == "__main__":
    unittest.main()
