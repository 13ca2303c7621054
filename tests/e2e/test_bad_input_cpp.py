"""What goes wrong outside of Lockwright in projects of C and C++: see test_bad_input.py."""

import json
import resource
import textwrap
import time

import _lockwright
from test_bad_input import GOOD as PYTHON
from test_bad_input import Project

# LW301 in its tenth line. Nothing that it includes is there.
GOOD = textwrap.dedent("""\
    #include "config.h"
    #include <sys/file.h>
    #include "missing/project.h"

    int update(const char *path)
    {
    \tint fd = open(path, O_RDWR);
    \tif (fd < 0)
    \t\treturn -1;
    \tif (flock(fd, LOCK_EX) != 0) { close(fd); return -1; }
    \tif (ftruncate(fd, 0) != 0)
    \t\treturn -1;
    \tflock(fd, LOCK_UN);
    \tclose(fd);
    \treturn 0;
    }
    """)


class BadCppFiles(Project):
    def setUp(self):
        super().setUp()
        (self.root / "good.py").unlink()
        self.write("good.c", GOOD)

    def assert_goes_on(self, run, *warnings):
        """good.c's finding is there, and these are the warnings."""
        self.assertEqual(run.exit_code, 1, run.out + run.err)
        self.assertEqual(run.err, "")
        self.assertRegex(run.out, r"good\.c:10:\d+: warning LW301")
        found = [line for line in run.out.splitlines() if line.startswith("warning: ")]
        self.assertEqual(len(found), len(warnings), run.out)
        for line, warning in zip(found, warnings):
            self.assertRegex(line, warning)

    def test_headers_are_missing(self):
        self.assert_goes_on(self.run_check("."))
        self.assert_goes_on(self.run_check(".", "--no-clang"))

    @_lockwright.needs_clang
    def test_findings_say_that_they_were_made_without_types(self):
        run = self.run_check(".", "--no-clang", output_format="text")
        self.assertIn("without a compiler's types", " ".join(run.out.split()))
        run = self.run_check(".", output_format="text")
        self.assertNotIn("without a compiler's types", " ".join(run.out.split()))

    @_lockwright.needs_clang
    def test_stats_count_what_was_read_without_types(self):
        self.write("broken.c", "#include <sys/file.h>\nint f(Missing *m) { return flock(m->fd, LOCK_EX); }\n")
        run = self.run_check(".", "--stats")
        self.assertRegex(run.err, r"C and C\+\+ functions read with Clang\s+1\b")
        self.assertRegex(run.err, r"C and C\+\+ functions read without types\s+1\b")
        self.assertRegex(run.err, r"C and C\+\+ functions lost\s+0\b")
        run = self.run_check(".", "--stats", "--no-clang")
        self.assertRegex(run.err, r"C and C\+\+ functions read without types\s+2\b")

    @_lockwright.needs_clang
    def test_clang_reads_the_files_in_which_locking_is_written(self):
        self.write("lock.h", "int lock_file(const char *path);\n")
        self.write("lock.c", '#include <fcntl.h>\n#include <sys/file.h>\n#include "lock.h"\n'
                             "int lock_file(const char *path)\n{\n\tint fd = open(path, O_RDWR);\n"
                             "\tif (fd >= 0)\n\t\tflock(fd, LOCK_EX);\n\treturn fd;\n}\n")
        self.write("use.c", '#include <unistd.h>\n#include "lock.h"\nint work(void);\n'
                            'int use(void)\n{\n\tint fd = lock_file("x");\n\twork();\n\tclose(fd);\n\treturn 0;\n}\n')
        run = self.run_check(".", "--stats")
        self.assertRegex(run.err, r"functions read with Clang\s+2\b")
        self.assertRegex(run.err, r"functions read without types\s+1\b")

    def test_a_database_with_unknown_flags_and_files_that_are_gone(self):
        good = {"directory": str(self.root), "file": "good.c", "command": "gcc -fno-such-flag -mwhatever=3 -c good.c"}
        gone = {"directory": "/no/such/folder", "file": "gone.c", "arguments": ["cc", "-c", "gone.c"]}
        self.write("compile_commands.json", json.dumps([gone, good]))
        self.assert_goes_on(self.run_check("."))

    def test_a_database_with_a_command_that_is_none(self):
        for command in ("cc -x no-such-language -c good.c", "cc -target no-such-machine -c good.c", "cc @gone.rsp -c good.c", ""):
            with self.subTest(command):
                self.write("compile_commands.json",
                           json.dumps([{"directory": str(self.root), "file": "good.c", "command": command}]))
                run = self.run_check(".")
                self.assertEqual(run.exit_code, 1, run.out + run.err)
                self.assertRegex(run.out, r"good\.c:10:\d+: warning LW301")

    @_lockwright.needs_clang
    def test_a_database_says_what_is_defined(self):
        (self.root / "good.c").rename(self.root / "off.c")
        text = "#ifdef LOCKED\n" + GOOD + "#endif\n"
        self.write("off.c", text)
        self.write("out/compile_commands.json", json.dumps(
            [{"directory": str(self.root), "file": "off.c", "command": "cc -DLOCKED off.c"}]))
        run = self.run_check(".", "--stats", "-p", "out")
        self.assertRegex(run.err, r"functions read with Clang\s+1\b")
        run = self.run_check(".", "--stats")
        self.assertRegex(run.err, r"functions read with Clang\s+0\b")

    @_lockwright.needs_clang
    def test_a_database_that_is_none(self):
        self.write("compile_commands.json", "{ not json")
        self.assert_goes_on(self.run_check("."), r"compile_commands\.json: is no compile database")

    @_lockwright.needs_clang
    def test_a_file_that_takes_for_ever(self):
        # Each macro is two of the one before: nobody sees the end of that.
        macros = "".join(f"#define M{n + 1} M{n} M{n}\n" for n in range(40))
        self.write("ever.c", f"#include <sys/file.h>\n#define M0 ;\n{macros}M40\n"
                             "int f(int fd) { return flock(fd, LOCK_EX); }\n")
        begin = time.monotonic()
        run = self.run_check(".", "--time-limit", "0.5")
        self.assertLess(time.monotonic() - begin, 30)
        self.assert_goes_on(run, r"ever\.c: takes Clang longer than --time-limit: read without types")

    def test_proofs_of_fixes_do_not_read_it_again(self):
        macros = "".join(f"#define M{n + 1} M{n} M{n}\n" for n in range(40))
        self.write("ever.c", f"#include <sys/file.h>\n#define M0 ;\n{macros}M40\n"
                             "int f(int fd) { return flock(fd, LOCK_EX); }\n")
        self.write("fixed.py", PYTHON)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        run = self.run_check(".", "--time-limit", "3", output_format="json")
        spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        fixes = [fix for finding in json.loads(run.out)["findings"] for fix in finding["fixes"]]
        self.assertTrue(fixes)
        self.assertLess(spent, 2 * 3)

    @_lockwright.needs_clang
    def test_templates_that_take_for_ever(self):
        # Each is made of two others, none of them the same: 2^60 in one declaration.
        self.write("tree.cc", "template <int N, long M> struct Tree {\n"
                              "  static constexpr long value = Tree<N - 1, 2 * M>::value + Tree<N - 1, 2 * M + 1>::value;\n};\n"
                              "template <long M> struct Tree<0, M> { static constexpr long value = M; };\n"
                              "long g(int fd) { return flock(fd, LOCK_EX) + Tree<60, 1>::value; }\n")
        begin = time.monotonic()
        run = self.run_check(".", "--time-limit", "0.5")
        self.assertLess(time.monotonic() - begin, 30)
        self.assert_goes_on(run, r"tree\.cc: takes Clang longer than --time-limit: read without types")

    def test_a_time_limit_that_is_none(self):
        run = self.run_check(".", "--time-limit", "soon")
        self.assertEqual(run.exit_code, 2)
        self.assertIn("'soon' is no time", run.err)

    def test_a_constant_that_takes_for_ever(self):
        self.write("loop.cc", "constexpr int f(int n) { int s = 0; while (n) { s += n; } return s; }\n"
                              "constexpr int value = f(1);\nint g(int fd) { return flock(fd, LOCK_EX) + value; }\n")
        self.assert_goes_on(self.run_check("."))

    def test_the_same_with_several_threads(self):
        for number in range(12):
            self.write(f"more{number}.c", GOOD.replace("update", f"update{number}"))
        alone = self.run_check(".", "-j1")
        self.assertEqual(alone.out, self.run_check(".", "-j2").out)
        self.assertEqual(alone.out.count("LW301"), 13)

    def test_old_style_definitions(self):
        self.write("old.c", "int lock(fd, how)\n  int fd;\n  int how;\n{\n  return flock(fd, how);\n}\n")
        self.assert_goes_on(self.run_check("."))

    def test_a_header_of_c_as_cpp(self):
        self.write("lock.h", "int lock_file(const char *class, int new, ...);\n#define LOCK_EX 2\n")
        self.write("use.cc", '#include "lock.h"\nvoid f(int fd) { flock(fd, LOCK_EX); lock_file("x", 1); }\n')
        self.assert_goes_on(self.run_check("."))

    def test_an_include_of_itself_and_a_circle(self):
        self.write("a.h", '#include "b.h"\n#include "a.h"\nint lock_a(int fd);\n')
        self.write("b.h", '#include "a.h"\n')
        self.write("a.cc", '#include "a.h"\nint lock_a(int fd) { return flock(fd, LOCK_EX); }\n')
        self.assert_goes_on(self.run_check("."))

    def test_text_that_is_no_code(self):
        self.write("broken.cc", "void f(int fd) { flock(fd, LOCK_EX); @@ ??? } }}}}\nint g( { \n")
        self.assert_goes_on(self.run_check("."), r"broken\.cc:\d+: syntax not understood here")

    def test_conditionals_that_do_not_end(self):
        self.write("torn.cc", "#if A\nvoid f(int fd) {\n#else\nvoid f(long fd) {\n  flock(fd, LOCK_EX);\n}\n")
        self.assert_goes_on(self.run_check("."), r"torn\.cc:\d+: syntax not understood here")

    def test_binary_file(self):
        self.write("blob.c", b"\x7fELF\0\0 flock LOCK_EX \0")
        self.assert_goes_on(self.run_check("."), r"blob\.c: is binary")

    def test_one_line_of_a_megabyte(self):
        line = "".join(f"static int f{i}(int fd){{if(flock(fd,LOCK_EX)<0)return -1;return {i};}}" for i in range(16_000))
        self.write("line.c", line)
        begin = time.monotonic()
        run = self.run_check(".")
        self.assertLess(time.monotonic() - begin, 60)
        self.assertRegex(run.out, r"good\.c:10:\d+: warning LW301")

    def test_deep_nesting(self):
        for name, text in (
            ("parens.c", "int f(int a) { return " + "(" * 10_000 + "a" + ")" * 10_000 + "; } // LOCK_EX"),
            ("blocks.c", "void f(void) " + "{" * 10_000 + "flock(1, LOCK_EX);" + "}" * 10_000),
            ("unclosed.c", "int f(void) { flock(1, LOCK_EX); " + "if (a) {" * 10_000),
            ("templates.cc", "A<" * 10_000 + "int" + ">" * 10_000 + " x; // LOCK_EX"),
            ("pointers.c", "int " + "*" * 10_000 + "p; // LOCK_EX"),
        ):
            with self.subTest(name):
                path = self.write(name, text)
                run = self.run_check(".")
                self.assertIn(run.exit_code, (0, 1), run.out[-500:] + run.err[-500:])
                self.assertRegex(run.out, r"good\.c:10:\d+: warning LW301")
                path.unlink()

    def test_expressions_without_end(self):
        for name, text in (
            ("sum.c", "int f(int fd) { return flock(fd, LOCK_EX) " + "+ fd" * 200_000 + "; }"),
            ("calls.cc", "int g(int); int f(int fd) { return flock(fd, LOCK_EX) + " + "g(" * 5_000 + "fd" + ")" * 5_000 + "; }"),
            ("chain.cc", "struct S { S &s(); }; int f(int fd, S s) { s" + ".s()" * 20_000 + "; return flock(fd, LOCK_EX); }"),
            ("else.c", "int f(int fd) { flock(fd, LOCK_EX);" + "if (fd) return 1; else " * 20_000 + "return 0; }"),
            ("lambdas.cc", "int f(int fd) { flock(fd, LOCK_EX); " + "[&] { " * 3_000 + "fd = 0;" + " }();" * 3_000 + " return 0; }"),
        ):
            with self.subTest(name):
                path = self.write(name, text)
                run = self.run_check(".", "--time-limit", "5")
                self.assertIn(run.exit_code, (0, 1), run.out[-500:] + run.err[-500:])
                self.assertRegex(run.out, r"good\.c:10:\d+: warning LW301")
                path.unlink()

    def test_macros_that_expand_to_themselves(self):
        self.write("macro.c", "#define A B\n#define B A\n#define F(x) F(x)\nint f(int fd) { return flock(F(A), LOCK_EX); }\n")
        self.assert_goes_on(self.run_check("."))

    def test_any_number_of_jobs_finds_the_same(self):
        for i in range(40):
            self.write(f"src/file{i}.c", GOOD.replace("update", f"update{i}"))
        self.write("src/ever.c", "#include <sys/file.h>\n#define M0 ;\n"
                   + "".join(f"#define M{n + 1} M{n} M{n}\n" for n in range(40))
                   + "M40\nint f(int fd) { return flock(fd, LOCK_EX); }\n")
        alone = self.run_check(".", "-j1", "--time-limit", "0.5")
        self.assertEqual(alone.out.count("LW301"), 41)
        self.assertEqual(alone.out, self.run_check(".", "-j2", "--time-limit", "0.5").out)
