"""What goes wrong outside of Lockwright in projects of TypeScript and JavaScript: see test_bad_input.py."""

import os
import textwrap
import unittest

from test_bad_input import Project

# LW302 in its fifth line.
GOOD = textwrap.dedent("""\
    import fs from "node:fs/promises";
    const held = new Map<string, fs.FileHandle>();
    export async function release(file: string) {
      const handle = held.get(file);
      held.delete(file);
      await handle?.close();
      await fs.unlink(`${file}.lock`);
    }
    export async function acquire(file: string) {
      if (held.has(file)) return;
      held.set(file, await fs.open(`${file}.lock`, "wx"));
    }
    """)


class BadTypeScriptFiles(Project):
    def setUp(self):
        super().setUp()
        (self.root / "good.py").unlink()
        self.write("good.ts", GOOD)

    def assert_goes_on(self, run, *warnings):
        """good.ts's finding is there, and these are the warnings."""
        self.assertEqual(run.exit_code, 1, run.out + run.err)
        self.assertEqual(run.err, "")
        self.assertIn("good.ts:5:3: error LW302", run.out)
        found = [line for line in run.out.splitlines() if line.startswith("warning: ")]
        self.assertEqual(len(found), len(warnings), run.out)
        for line, warning in zip(found, warnings):
            self.assertRegex(line, warning)

    def test_nothing_is_wrong(self):
        self.assert_goes_on(self.run_check("."))

    def test_unreadable_file(self):
        path = self.write("locked_up.ts", GOOD)
        path.chmod(0)
        self.addCleanup(path.chmod, 0o600)
        if os.access(path, os.R_OK):
            self.skipTest("this user can read every file")
        self.assert_goes_on(self.run_check("."), r"locked_up\.ts: ")

    def test_binary_file(self):
        self.write("stream.ts", b"G\x40\x00\x10\0\0 lockfile 'wx'\0")
        self.assert_goes_on(self.run_check("."), r"stream\.ts: is binary")

    def test_invalid_utf8(self):
        self.write("latin.ts", b"// \xe9\xff\xfe\n" + GOOD.encode())
        run = self.run_check(".")
        self.assert_goes_on(run, r"latin\.ts: is not valid UTF-8 \(first in line 1\)")
        self.assertIn("latin.ts:6:3: error LW302", run.out)

    def test_huge_generated_file(self):
        os.truncate(self.write("huge.js", GOOD), 50_000_000)
        self.assert_goes_on(self.run_check("."), r"huge\.js: is 50\.0 MB, larger than the limit of 5\.0 MB")

    def test_minified_bundle(self):
        bundle = 'require("fs").openSync(p,"wx");' * (4_900_000 // 31)
        self.write("dist/bundle.js", bundle)
        self.write("vendor.min.js", 'require("fs").openSync(p,"wx")')
        self.assert_goes_on(
            self.run_check("."), r"dist/bundle\.js: is minified \(\d+ bytes a line\)", r"vendor\.min\.js: is minified"
        )

    def test_deep_nesting(self):
        for name, text in (
            ("closed.ts", "[" * 10_000 + "]" * 10_000),
            ("unclosed.ts", "(" * 10_000),
            ("braces.ts", "{" * 10_000),
            ("arrows.ts", "() => " * 10_000 + "1"),
            ("tags.tsx", "<a>" * 10_000),
        ):
            with self.subTest(name):
                path = self.write(name, f"const lockfile = {text}\n")
                run = self.run_check(".")
                self.assertEqual(run.exit_code, 1, run.err)
                self.assertEqual(run.err, "")
                self.assertIn("good.ts:5:3: error LW302", run.out)
                path.unlink()

    def test_syntax_error_in_the_middle(self):
        broken = "\nfunction broken(path: string) {\n  const value = = path;\n  return value;\n}\n"
        self.write("half.ts", GOOD + broken + GOOD.replace("held", "others").replace("import", "// import"))
        run = self.run_check(".")
        self.assert_goes_on(run, r"half\.ts:1\d: syntax not understood here")
        self.assertIn("half.ts:5:3: error LW302", run.out)
        self.assertIn("half.ts:22:3: error LW302", run.out)

    def test_empty_file(self):
        self.write("empty.ts", "")
        self.assert_goes_on(self.run_check(".", "empty.ts"))

    def test_only_a_byte_order_mark(self):
        self.write("mark.ts", b"\xef\xbb\xbf")
        self.assert_goes_on(self.run_check("."))

    def test_declarations_are_not_analysed(self):
        self.write("types.d.ts", GOOD)
        self.assert_goes_on(self.run_check("."))
        self.assert_goes_on(self.run_check(".", "types.d.ts"), r"types\.d\.ts: only declares types")

    def test_packages_that_are_installed_are_left_out(self):
        self.write("node_modules/pkg/index.ts", GOOD)
        run = self.run_check(".")
        self.assert_goes_on(run)
        self.assertNotIn("node_modules", run.out)

    def test_package_json_and_tsconfig_that_are_not_json(self):
        self.write("package.json", '{"name": "x",\n')
        self.write("tsconfig.json", "compilerOptions: {}")
        self.assert_goes_on(
            self.run_check("."), r"package\.json: is not JSON \(line 2\)", r"tsconfig\.json: is not JSON \(line 1\)"
        )

    def test_package_json_that_is_binary(self):
        self.write("package.json", b"\0\1\2\xff")
        self.assert_goes_on(self.run_check("."), r"package\.json: is not JSON \(line 1\)")

    def test_configuration_matters_to_typescript_only(self):
        (self.root / "good.ts").unlink()
        self.write("package.json", "no json")
        self.write("lock.py", "import fcntl\nfcntl.flock(f, fcntl.LOCK_EX)\n")
        run = self.run_check(".")
        self.assertEqual(run.exit_code, 0, run.out + run.err)
        self.assertNotIn("warning", run.out)


class TwoLanguages(Project):
    """good.py and good.ts in one run."""

    def setUp(self):
        super().setUp()
        self.write("good.ts", GOOD)

    def test_both_are_analysed(self):
        self.assertEqual(
            sorted((path, line, rule) for path, line, rule, _ in self.found(".")),
            [("good.py", 6, "LW102"), ("good.ts", 5, "LW302")],
        )

    def test_suppressions(self):
        lines = GOOD.splitlines()
        for name, mark in (
            ("line.ts", "// lockwright: ignore[LW302] held by nobody else"),
            ("block.ts", "/* lockwright: ignore[LW302] held by nobody else */"),
        ):
            self.write(name, "\n".join([*lines[:4], f"{lines[4]} {mark}", *lines[5:], ""]))
        self.write("above.ts", "\n".join([*lines[:4], "  // lockwright: ignore[LW302]", *lines[4:], ""]))
        self.write("file.ts", "// lockwright: ignore-file[LW302] all of it\n" + GOOD)
        text = [*lines[:4], "  const s = `", "// lockwright: ignore[LW302]`; const r = /[/*]/;", *lines[4:], ""]
        self.write("text.ts", "\n".join(text))
        found = {path: state for path, _, rule, state in self.found(".") if rule == "LW302"}
        expected = dict.fromkeys(("line.ts", "block.ts", "above.ts", "file.ts"), "suppressed")
        self.assertEqual(found, {**expected, "text.ts": "open", "good.ts": "open"})


if __name__ == "__main__":
    unittest.main()
