"""When no move to the lock library is offered in C++, and that what has moved behaves."""

import os
import subprocess
import textwrap
import unittest

import _lockwright
from _fixes import findings
from _fixes_library import RUNTIME, TIMEOUT
from _fixes_library_cpp import BUILT, COMPILER, SAVE, WORK, Cpp


@_lockwright.needs_binary
class Refusals(Cpp):
    """What cannot move safely is found, and no move is offered."""

    HEAD = "#include <fcntl.h>\n#include <sys/file.h>\n#include <unistd.h>\n#include <errno.h>\n#include <stdexcept>\n#include <string>\n"
    SECTION = textwrap.dedent("""\
        SIGNATURE {
          int fd = open(path.c_str(), O_RDWR | O_CREAT, 0600);
          if (fd < 0) FAIL
          flock(fd, LOCK_EX);
          work(path);
          flock(fd, LOCK_UN);
          close(fd);
        }
        """)

    def section(self, signature="void run(const std::string& path)", fail='throw std::runtime_error("open");', change=()):
        text = self.SECTION.replace("SIGNATURE", signature).replace("FAIL", fail)
        if change:
            self.assertIn(change[0], text)
            text = text.replace(*change)
        return self.HEAD + textwrap.dedent(WORK) + text

    def test_the_section_itself_moves(self):
        self.write(self.section(), "store.cpp")
        self.assertTrue(self.offered())

    def test_what_is_not_offered(self):
        for why, text in {
            "another function takes part in a way that is not understood": self.section()
            + "int hand_on(const std::string& path) {\n  int fd = open(path.c_str(), O_RDWR);\n  flock(fd, LOCK_EX);\n  return fd;\n}\n",
            "it is locked again": self.section(
                change=("  flock(fd, LOCK_UN);\n", "  flock(fd, LOCK_UN);\n  flock(fd, LOCK_EX);\n  work(path);\n")
            ),
            "a jump over the hold": self.section(change=("  work(path);\n", "  if (path.size() > 9) goto end;\n  work(path);\nend:\n")),
            "the refusal is told apart": self.section(
                change=(
                    "flock(fd, LOCK_EX);",
                    "if (flock(fd, LOCK_EX | LOCK_NB) != 0) {\n    close(fd);\n"
                    "    if (errno == EWOULDBLOCK) return;\n    throw std::runtime_error(path);\n  }",
                )
            ),
            "a part of the file is locked": self.section(
                change=("flock(fd, LOCK_EX);", "struct flock part = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 9, .l_pid = 0};\n  fcntl(fd, F_SETLKW, &part);")
            ),
            "only where the system has it": self.section(
                change=("  flock(fd, LOCK_EX);\n", "#if defined(__linux__)\n  flock(fd, LOCK_EX);\n#endif\n")
            ),
        }.items():
            with self.subTest(why):
                self.write(text, "store.cpp")
                self.assertTrue([each for each in findings(self.root) if each["rule"] == "LW301"], why)
                self.assertEqual([], self.offered())

    def test_an_exception_would_end_the_program(self):
        save = (
            "#include <stdio.h>\n#include <sys/file.h>\n\nvoid save(const char *path, const char *text)%s {\n"
            '  FILE *file = fopen(path, "w");\n  flock(fileno(file), LOCK_EX);\n  fputs(text, file);\n  fclose(file);\n}\n'
        )
        for word, offered in ((" noexcept", 0), ("", 1)):
            self.write(save % word, "save.cpp")
            self.assertEqual(offered, len(self.offered()), word)

    def test_c_has_no_way_to_the_library(self):
        self.write(
            "#include <stdio.h>\n#include <sys/file.h>\n\nint save(const char *path, const char *text)\n{\n"
            '\tFILE *file = fopen(path, "w");\n\tif (!file)\n\t\treturn -1;\n\tflock(fileno(file), LOCK_EX);\n'
            "\tfputs(text, file);\n\treturn fclose(file);\n}\n",
            "save.c",
        )
        self.assertTrue(findings(self.root))
        self.assertEqual([], self.offered())


@_lockwright.needs_binary
@unittest.skipUnless(COMPILER and BUILT.exists(), "no C++ compiler, or the library is not built")
class Runs(Cpp):
    """Programs that have moved, run by several processes at once."""

    WORKERS = 4
    ROUNDS = 50

    def build(self, name, main):
        path = self.root / name
        path.write_text(path.read_text() + textwrap.dedent(main))
        flags = ["-std=c++20", "-O1", "-I", RUNTIME / "cpp/include", "-o", "program", name, BUILT, "-pthread"]
        flags += ["-fsanitize=address,undefined"] if os.environ.get("LOCKWRIGHT_SANITIZED") else []
        subprocess.run([COMPILER, *flags], cwd=self.root, check=True, timeout=TIMEOUT)

    def run_workers(self, *arguments):
        command = ["./program", *map(str, arguments)]
        workers = [subprocess.Popen(command, cwd=self.root, stderr=subprocess.PIPE, text=True) for _ in range(self.WORKERS)]
        for worker in workers:
            _, errors = worker.communicate(timeout=TIMEOUT)
            self.assertEqual(0, worker.returncode, errors)

    def test_no_update_is_lost(self):
        self.moved(SAVE, "store.cpp")
        self.build(
            "store.cpp",
            """
            int main(int, char** given) {
              for (int i = 0; i < std::stoi(given[2]); ++i) {
                if (!add(given[1])) return 1;
              }
            }
            """,
        )
        (self.root / "count").write_text("0")
        self.run_workers("count", self.ROUNDS)
        self.assertEqual(self.WORKERS * self.ROUNDS, int((self.root / "count").read_text()))
        self.assertTrue((self.root / "count.lock").exists())
        # Who cannot have the lock is told as before.
        run = subprocess.run(["./program", "none/count", "1"], cwd=self.root, timeout=TIMEOUT, check=False)
        self.assertEqual(1, run.returncode)

    def test_what_fails_leaves_no_lock(self):
        self.moved(SAVE, "store.cpp")
        self.build(
            "store.cpp",
            """
            int main(int, char** given) {
              try {
                add(given[1]);
              } catch (const std::runtime_error&) {
              }
              std::ofstream(given[1]) << 1;
              return add(given[1]) && number_in(given[1]) == 2 ? 0 : 1;
            }
            """,
        )
        (self.root / "count").write_text("no number")
        run = subprocess.run(["./program", "count"], cwd=self.root, timeout=TIMEOUT, check=False)
        self.assertEqual(0, run.returncode)

    def test_a_holder_takes_its_lock_again(self):
        self.moved(
            """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            #include <fstream>
            #include <string>

            int load(const std::string& path) {
              int fd = open((path + ".lock").c_str(), O_RDWR | O_CREAT, 0644);
              flock(fd, LOCK_EX);
              int number = 0;
              std::ifstream(path) >> number;
              close(fd);
              return number;
            }

            void twice(const std::string& path) {
              int fd = open((path + ".lock").c_str(), O_RDWR | O_CREAT, 0644);
              flock(fd, LOCK_EX);
              const int number = load(path);
              std::ofstream(path) << 2 * number;
              close(fd);
            }
            """,
            "store.cpp",
        )
        self.build("store.cpp", "\nint main() { twice(\"number\"); }\n")
        (self.root / "number").write_text("1")
        self.run_workers()
        self.assertEqual(2**self.WORKERS, int((self.root / "number").read_text()))


if __name__ == "__main__":
    unittest.main()
