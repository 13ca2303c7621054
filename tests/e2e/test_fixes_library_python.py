"""The move to the lock library in Python, word for word."""

import textwrap
import unittest

import _lockwright
from _fixes import check, findings
from _fixes_library import SAVE, SAVED, Library


@_lockwright.needs_binary
class Python(Library):
    """What has moved, word for word."""

    def test_save(self):
        self.assert_moved(SAVE, SAVED)
        self.assertIn("Found nothing", check(self.root).out)

    def test_both_kinds_are_offered_the_safe_one_first(self):
        self.write(SAVE)
        (finding,) = findings(self.root)
        self.assertEqual(["safe", "unsafe"], [fix["applicability"] for fix in finding["fixes"]])
        self.assertEqual("Use lockwright_runtime's FileLock and replace_file()", finding["fixes"][1]["title"])
        out = check(self.root).out
        self.assertIn("  unsafe fix: Use lockwright_runtime's FileLock and replace_file()\n", out)
        check(self.root, "--fix", "--unsafe-fixes")  # no reason to look at anything
        self.assertNotIn("lockwright_runtime", (self.root / "store.py").read_text())

    def test_the_option_repairs_nothing_by_itself(self):
        run = check(self.root, "--use-library")
        self.assertEqual(2, run.exit_code)
        self.assertIn("add --fix or --diff", run.err)

    def test_line_ends_indentation_and_byte_order_mark_stay(self):
        before, after = textwrap.dedent(SAVE), textwrap.dedent(SAVED)
        for change in (
            lambda text: text.replace("\n", "\r\n").encode(),
            lambda text: text.replace("    ", "\t").encode(),
            lambda text: text.replace("    ", "  ").encode(),
            lambda text: text.replace('"', "'").encode(),
            lambda text: b"\xef\xbb\xbf" + text.encode(),
            lambda text: text.encode().removesuffix(b"\n"),
        ):
            with self.subTest(change(after)):
                path = self.write(change(before))
                check(self.root, "--fix", "--use-library")
                self.assertEqual(change(after), path.read_bytes())

    def test_import_stands_among_the_packages(self):
        imports = '''\
            #!/usr/bin/env python3
            """Keeps the state."""

            from __future__ import annotations

            import fcntl
            import json
            import os

            import attrs
            import requests

            from . import settings
            '''
        text = self.moved(textwrap.dedent(imports) + textwrap.dedent(SAVE).split("json\n", 1)[1] + "\nprint(os.sep)\n")
        wanted = textwrap.dedent(imports).replace("import fcntl\n", "").replace(
            "import attrs\n", "import attrs\nfrom lockwright_runtime import FileLock, replace_file\n"
        )
        self.assertEqual(wanted, text[: len(wanted)])

    def test_names_that_are_taken_are_written_out(self):
        text = self.moved(textwrap.dedent(SAVE) + "\n\nclass FileLock:\n    pass\n")
        self.assertIn("import lockwright_runtime\n", text)
        self.assertIn("with lockwright_runtime.FileLock(path):", text)
        self.assertIn("lockwright_runtime.replace_file(path, ", text)

    def test_readers_of_the_same_file_move_along(self):
        self.assert_moved(
            SAVE
            + """

    def load(path):
        with open(path) as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            return json.load(handle)
    """,
            SAVED
            + """

    def load(path):
        with FileLock(path, shared=True), open(path) as handle:
            return json.load(handle)
    """,
        )

    def test_a_title_names_all_that_move(self):
        self.write(SAVE + "\n\n    def load(path):\n        with open(path) as f:\n            fcntl.flock(f, fcntl.LOCK_SH)\n            return json.load(f)\n")
        self.assertEqual(
            [("LW102", "store.save", "Use lockwright_runtime's FileLock and replace_file() in save() and load()")],
            self.offered(),
        )

    def test_several_writes_are_collected(self):
        self.assert_moved(
            """\
            import fcntl


            def save(path, lines):
                out = open(path, "w", encoding="utf-8")
                try:
                    fcntl.flock(out, fcntl.LOCK_EX)
                    # A line each.
                    for line in lines:
                        out.write(line)
                    out.write("end")
                finally:
                    out.close()
            """,
            """\
            import io

            from lockwright_runtime import FileLock, replace_file


            def save(path, lines):
                with FileLock(path), io.StringIO() as out:
                    # A line each.
                    for line in lines:
                        out.write(line)
                    out.write("end")
                    replace_file(path, out.getvalue().encode())
            """,
        )

    def test_the_fallback_for_a_missing_file(self):
        self.assert_moved(
            """\
            import json
            import os


            def save(path, data, **options):
                try:
                    handle = open(path, "r+")
                except FileNotFoundError:
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    handle = open(path, "w")
                with handle:
                    locked = False
                    try:
                        import fcntl
                        fcntl.flock(handle.fileno(), fcntl.LOCK_EX)
                        locked = True
                    except (ImportError, OSError):
                        pass
                    try:
                        handle.seek(0)
                        handle.truncate()
                        json.dump(data, handle, **options)
                    finally:
                        if locked:
                            import fcntl
                            fcntl.flock(handle.fileno(), fcntl.LOCK_UN)
            """,
            """\
            import json
            import os

            from lockwright_runtime import FileLock, replace_file


            def save(path, data, **options):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with FileLock(path):
                    replace_file(path, json.dumps(data, **options).encode())
            """,
        )

    def test_what_the_path_needs_stays_imported(self):
        text = self.moved("""\
            import fcntl
            import os


            def work(name, action):
                fd = os.open(os.path.join("locks", name), os.O_CREAT | os.O_RDWR)
                fcntl.flock(fd, fcntl.LOCK_EX)
                action()
                os.close(fd)
            """)
        self.assertIn("import os\n", text)
        self.assertNotIn("import fcntl\n", text)
        self.assertIn('with FileLock(os.path.join("locks", name)):', text)

    def test_the_lock_file_of_the_contract(self):
        """A flock on `path + ".lock"` is the very lock that the library takes on `path`."""
        self.assert_moved(
            '''\
            import os


            def build(target, work):
                """Builds it."""
                lock = target + ".lock"
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                if work() is None:
                    os.unlink(lock)
                    return False

                # Done.
                os.unlink(lock)
                return True
            ''',
            '''\
            from lockwright_runtime import FileLock


            def build(target, work):
                """Builds it."""
                with FileLock(target, timeout=0):
                    if work() is None:
                        return False

                    # Done.
                return True
            ''',
        )

    def test_who_was_refused_is_told_so(self):
        self.assert_moved(
            """\
            import os


            def build(target, work):
                try:
                    fd = os.open(f"{target}.lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
                    os.write(fd, str(os.getpid()).encode())
                    os.close(fd)
                except FileExistsError:
                    return False
                work()
                os.unlink(f"{target}.lock")
                return True
            """,
            """\
            from lockwright_runtime import FileLock, LockTimeout


            def build(target, work):
                try:
                    hold = FileLock(target).acquire(timeout=0)
                except LockTimeout:
                    return False
                with hold:
                    work()
                return True
            """,
        )

    def test_coroutines_wait_without_stopping_the_loop(self):
        text = self.moved("""\
            import fcntl


            async def save(path, text):
                with open(path, "w") as handle:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    handle.write(text)
                    handle.flush()
            """)
        self.assertIn("    async with FileLock(path):\n        await replace_file_async(path, text.encode())\n", text)

    def test_a_pair_of_functions(self):
        self.write(
            """\
            import json

            from locks import acquire, release


            def load(session):
                fd = acquire(session)
                try:
                    return json.loads(open(session + ".json").read())
                finally:
                    release(fd)


            def finish(session):
                fd = acquire(session)
                try:
                    return load(session)
                finally:
                    release(fd)
            """,
            "agent.py",
        )
        self.assert_moved(
            """\
            import fcntl
            import os
            import time


            def acquire(session, timeout=30.0) -> int:
                path = session + ".lock"
                fd = os.open(path, os.O_CREAT | os.O_RDWR)
                deadline = time.monotonic() + timeout
                while True:
                    try:
                        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        return fd
                    except OSError:
                        if time.monotonic() > deadline:
                            os.close(fd)
                            raise TimeoutError(path)
                        time.sleep(0.1)


            def release(fd: int) -> None:
                fcntl.flock(fd, fcntl.LOCK_UN)
                os.close(fd)
            """,
            """\
            from lockwright_runtime import FileLock, Hold


            def acquire(session, timeout=30.0) -> Hold:
                path = session + ".lock"
                return FileLock(path, reentrant=True).acquire(timeout)


            def release(fd: Hold) -> None:
                fd.release()
            """,
            "locks.py",
        )

    def test_a_registry_keeps_holds(self):
        self.assert_moved(
            """\
            import asyncio
            import os

            HELD = {}


            async def acquire(path):
                if path in HELD:
                    return False
                lock_path = f"{path}.lock"
                HELD[path] = os.open(lock_path, os.O_CREAT | os.O_EXCL)
                return True


            async def release(path):
                fd = HELD.pop(path, None)
                if fd is None:
                    return
                await asyncio.to_thread(os.close, fd)  # and away
                await asyncio.to_thread(os.unlink, path + ".lock")
            """,
            """\
            from lockwright_runtime import FileLock

            HELD = {}


            async def acquire(path):
                if path in HELD:
                    return False
                lock_path = f"{path}.lock"
                HELD[path] = FileLock(path).acquire(timeout=0)
                return True


            async def release(path):
                fd = HELD.pop(path, None)
                if fd is None:
                    return
                fd.release()  # and away
            """,
        )

    def test_what_is_not_offered(self):
        for why, text in {
            "another function of the protocol cannot move": textwrap.dedent(SAVE)
            + "\n\ndef hold(path):\n    handle = open(path)\n    fcntl.flock(handle, fcntl.LOCK_SH)\n    return handle\n",
            "the file is read back": """\
                import fcntl

                def save(path, number):
                    with open(path, "w+") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        number += int(handle.read() or 0)
                        handle.write(str(number))
                        handle.flush()
                """,
            "leaving early would leave out the replacement": """\
                import fcntl

                def save(path, lines):
                    with open(path, "w") as handle:
                        fcntl.flock(handle, fcntl.LOCK_EX)
                        for line in lines:
                            if not line:
                                return
                            handle.write(line)
                        handle.flush()
                """,
            "somebody looks whether the lock file is there": """\
                import os

                LOCK = "/run/build.lck"

                def build(work):
                    os.close(os.open(LOCK, os.O_CREAT | os.O_EXCL))
                    work()
                    os.unlink(LOCK)

                def is_building():
                    return os.path.exists(LOCK)
                """,
            "work that follows the release would wait for others": """\
                import fcntl
                import os

                def work(path, first, second):
                    fd = os.open(path + ".lock", os.O_CREAT | os.O_RDWR)
                    fcntl.flock(fd, fcntl.LOCK_EX)
                    first()
                    fcntl.flock(fd, fcntl.LOCK_UN)
                    second()
                    os.close(fd)
                """,
            "somebody handles the refusal": """\
                import os

                def build(target, work):
                    os.close(os.open(target + ".lock", os.O_CREAT | os.O_EXCL))
                    work()
                    os.unlink(target + ".lock")

                def main(work):
                    try:
                        build("x", work)
                    except FileExistsError:
                        print("somebody else does")
                """,
            "somebody gets the descriptor of the registry": """\
                import asyncio
                import os

                HELD = {}

                async def acquire(path):
                    if path not in HELD:
                        HELD[path] = os.open(path + ".lock", os.O_CREAT | os.O_EXCL)
                    return HELD[path]

                async def release(path):
                    fd = HELD.pop(path)
                    await asyncio.to_thread(os.close, fd)
                    await asyncio.to_thread(os.unlink, path + ".lock")
                """,
            "a second lock is taken in between": """\
                import fcntl
                import os

                def move(source, target, work):
                    fd = os.open(source, os.O_RDWR)
                    fcntl.flock(fd, fcntl.LOCK_EX)
                    other = os.open(target, os.O_RDWR)
                    fcntl.flock(other, fcntl.LOCK_EX)
                    work(other)
                    os.close(fd)
                """,
        }.items():
            with self.subTest(why):
                self.write(text)
                self.assertEqual([], self.offered())
                self.assertTrue(findings(self.root))


if __name__ == "__main__":
    unittest.main()
