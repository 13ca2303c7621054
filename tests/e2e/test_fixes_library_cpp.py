"""The move to the lock library in C++: what it looks like, when it is not offered, and that what has moved behaves."""

import os
import pathlib
import shutil
import subprocess
import textwrap
import unittest

import _lockwright
from _fixes import check, findings
from test_fixes_library import RUNTIME, TIMEOUT, Library, is_library

COMPILER = shutil.which("c++")
BUILT = pathlib.Path(_lockwright.binary() or ".").parent / "runtime/cpp/liblockwright_runtime.a"

WORK = """\
    void work(const std::string& path) {
      if (path.empty()) throw std::runtime_error("path");
    }
    """


class Cpp(Library):
    def assert_moved(self, before, after, name="store.cpp"):
        super().assert_moved(before, after, name)
        self.compile(name)

    def compile(self, name):
        """What has moved is C++, and says nothing that a compiler warns of."""
        if not COMPILER:
            return
        flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", RUNTIME / "cpp/include", "-I."]
        run = subprocess.run([COMPILER, *flags, name], cwd=self.root, capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual("", run.stderr)


SAVE = """\
    #include <fcntl.h>
    #include <sys/file.h>
    #include <unistd.h>

    #include <fstream>
    #include <stdexcept>
    #include <string>

    int number_in(const std::string& path) {
      int number = 0;
      if (!(std::ifstream(path) >> number)) throw std::runtime_error("no number in " + path);
      return number;
    }

    // One more.
    bool add(const std::string& path) {
      const std::string lock = path + ".lock";
      int fd = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);  // there is one for each
      if (fd < 0) {
        return false;
      }
      // Take the lock.
      if (flock(fd, LOCK_EX) != 0) {
        close(fd);
        return false;
      }

      // Read, add, write.
      const int number = number_in(path);
      if (number < 0) {
        flock(fd, LOCK_UN);
        close(fd);
        return false;
      }
      std::ofstream(path) << number + 1;

      // Release the lock.
      flock(fd, LOCK_UN);
      close(fd);
      return true;
    }
    """
SAVED = """\
    #include <fstream>
    #include <optional>
    #include <stdexcept>
    #include <string>
    #include <system_error>

    #include "lockwright/runtime.h"

    int number_in(const std::string& path) {
      int number = 0;
      if (!(std::ifstream(path) >> number)) throw std::runtime_error("no number in " + path);
      return number;
    }

    // One more.
    bool add(const std::string& path) {
      std::optional<lockwright::runtime::Hold> hold;  // there is one for each
      try {
        hold = lockwright::runtime::FileLock(path).acquire();
      } catch (const std::system_error&) {
        return false;
      }

      // Read, add, write.
      const int number = number_in(path);
      if (number < 0) {
        return false;
      }
      std::ofstream(path) << number + 1;

      return true;
    }
    """


@_lockwright.needs_binary
class Moves(Cpp):
    """Word for word."""

    def test_a_section(self):
        self.assert_moved(SAVE, SAVED)
        self.assertNotIn("LW301", check(self.root).out)

    def test_line_ends_indentation_and_byte_order_mark_stay(self):
        before, after = textwrap.dedent(SAVE), textwrap.dedent(SAVED)
        for change in (
            lambda text: text.replace("\n", "\r\n").encode(),
            lambda text: text.replace("  ", "\t").encode(),
            lambda text: text.replace("  ", "    ").encode(),
            lambda text: b"\xef\xbb\xbf" + text.encode(),
            lambda text: text.encode().removesuffix(b"\n"),
        ):
            with self.subTest(change(after)):
                path = self.write(change(before), "store.cpp")
                check(self.root, "--fix", "--use-library")
                self.assertEqual(change(after), path.read_bytes())

    def test_braces_on_their_own_lines_and_what_errno_says(self):
        before = (
            "#include <fcntl.h>\n#include <stdio.h>\n#include <sys/file.h>\n#include <unistd.h>\n\n"
            "#include <stdexcept>\n#include <string>\n\n"
            + textwrap.dedent(WORK)
            + textwrap.dedent("""
            int run(const std::string& path)
            {
                int fd = open(path.c_str(), O_RDWR);
                if (fd == -1)
                {
                    perror("open");
                    return -1;
                }
                if (flock(fd, LOCK_EX) == -1)
                {
                    perror("flock");
                    close(fd);
                    return -1;
                }
                work(path);
                flock(fd, LOCK_UN);
                close(fd);
                return 0;
            }
            """)
        )
        path = self.write(before, "run.cpp")
        check(self.root, "--fix", "--use-library")
        text = path.read_text()
        self.assertIn(
            textwrap.indent(
                textwrap.dedent("""\
                std::optional<lockwright::runtime::Hold> hold;
                try
                {
                    hold = lockwright::runtime::FileLock(path).acquire();
                }
                catch (const std::system_error& error)
                {
                    errno = error.code().value();
                    perror("flock");
                    return -1;
                }
                work(path);
                """),
                "    ",
            ),
            text,
        )
        self.assertIn("#include <cerrno>\n", text)
        self.compile("run.cpp")

    def test_a_lock_file_that_is_waited_for(self):
        head = '#include <errno.h>\n#include <fcntl.h>\n#include <unistd.h>\n#include <stdexcept>\n#include <string>\n#include "log.h"\n\n'
        self.write("#pragma once\n#include <string>\nvoid note(const std::string& what);\n", "log.h")
        work = textwrap.dedent(WORK).replace("  ", "\t")
        self.assert_moved(
            head
            + work
            + textwrap.dedent("""
            void run(const std::string &path, int rounds)
            {
            \tfor (int i = 0; i < rounds; ++i) {
            \t\tint fd;
            \t\twhile ((fd = open((path + ".lock").c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600)) < 0) {
            \t\t\tif (errno != EEXIST)
            \t\t\t\tthrow std::runtime_error("lock");
            \t\t\tusleep(1000);
            \t\t}
            \t\tclose(fd);
            \t\twork(path);
            \t\tunlink((path + ".lock").c_str());
            \t\tnote(path);
            \t}
            }
            """),
            # In the order of the file's own headers.
            '#include <errno.h>\n#include <stdexcept>\n#include <string>\n#include "lockwright/runtime.h"\n#include "log.h"\n\n'
            + work
            + textwrap.dedent("""
            void run(const std::string &path, int rounds)
            {
            \tfor (int i = 0; i < rounds; ++i) {
            \t\tauto hold = lockwright::runtime::FileLock(path).acquire();
            \t\twork(path);
            \t\thold.release();
            \t\tnote(path);
            \t}
            }
            """),
        )

    def test_a_lock_file_that_is_tried(self):
        self.assert_moved(
            """\
            #include <fcntl.h>
            #include <stdio.h>
            #include <unistd.h>

            #include <stdexcept>
            #include <string>

            """
            + textwrap.indent(WORK, "        ")
            + """
            bool build(const std::string& target) {
              std::string lock = target + ".lock";
              int fd = open(lock.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
              if (fd < 0) {
                return false;  // somebody else builds it
              }
              dprintf(fd, "%d\\n", getpid());
              close(fd);
              work(target);
              unlink(lock.c_str());
              return true;
            }
            """,
            """\
            #include <stdio.h>

            #include <stdexcept>
            #include <string>

            #include "lockwright/runtime.h"

            """
            + textwrap.indent(WORK, "        ")
            + """
            bool build(const std::string& target) {
              auto hold = lockwright::runtime::FileLock(target).try_acquire();
              if (!hold) {
                return false;  // somebody else builds it
              }
              work(target);
              return true;
            }
            """,
        )

    def test_a_file_that_is_read_stays_open(self):
        self.assert_moved(
            """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            #include <stdexcept>
            #include <string>

            std::string load(const std::string& path) {
              int fd = ::open(path.c_str(), O_RDONLY);
              if (fd < 0) throw std::runtime_error("open");
              if (::flock(fd, LOCK_SH) != 0) { ::close(fd); throw std::runtime_error("flock"); }
              std::string bytes(4096, ' ');
              const auto size = ::read(fd, bytes.data(), bytes.size());
              if (size < 0) throw std::runtime_error("read");
              ::flock(fd, LOCK_UN); ::close(fd);
              return bytes;
            }
            """,
            """\
            #include <fcntl.h>
            #include <unistd.h>

            #include <stdexcept>
            #include <string>

            #include "lockwright/runtime.h"

            std::string load(const std::string& path) {
              auto hold = lockwright::runtime::FileLock(path, {.mode = lockwright::runtime::Mode::shared}).acquire();
              int fd = ::open(path.c_str(), O_RDONLY);
              if (fd < 0) throw std::runtime_error("open");
              std::string bytes(4096, ' ');
              const auto size = ::read(fd, bytes.data(), bytes.size());
              if (size < 0) throw std::runtime_error("read");
              ::close(fd);
              return bytes;
            }
            """,
        )

    def test_a_header_that_brings_another_stays(self):
        text = self.moved(
            """\
            #include <sys/file.h>
            #include <unistd.h>

            #include <stdexcept>
            #include <string>

            void run(const std::string& path) {
              int fd = open(path.c_str(), O_RDWR);
              flock(fd, LOCK_EX);
              if (ftruncate(fd, 1) != 0) throw std::runtime_error(path);
              flock(fd, LOCK_UN);
              close(fd);
            }
            """,
            "store.cpp",
        )
        self.assertIn("#include <sys/file.h>\n#include <unistd.h>\n", text)
        self.compile("store.cpp")

    def test_a_file_that_is_written_is_replaced(self):
        self.assert_moved(
            """\
            #include <sys/file.h>

            #include <cstdio>
            #include <stdexcept>
            #include <string>

            int save(const char *path, const std::string &text) {
            \tFILE *file = fopen(path, "w");
            \tif (!file)
            \t\tthrow std::runtime_error("open");
            \tflock(fileno(file), LOCK_EX);
            \tfputs(text.c_str(), file);
            \treturn fclose(file);
            }
            """,
            """\
            #include <cstdio>
            #include <stdexcept>
            #include <string>

            #include "lockwright/runtime.h"

            int save(const char *path, const std::string &text) {
            \tauto hold = lockwright::runtime::FileLock(path).acquire();
            \tlockwright::runtime::replace_file(path, text);
            \treturn 0;
            }
            """,
        )

    def test_a_guard_of_boost(self):
        moved = self.moved(
            """\
            #include <fstream>
            #include <string>

            #include <boost/interprocess/sync/file_lock.hpp>
            #include <boost/interprocess/sync/scoped_lock.hpp>

            void save(const std::string& path, const std::string& text) {
              std::ofstream out(path);
              boost::interprocess::file_lock lock(path.c_str());
              boost::interprocess::scoped_lock<boost::interprocess::file_lock> guard(lock);
              out << text;
            }
            """,
            "store.cpp",
        )
        self.assertEqual(
            textwrap.dedent("""\
            #include <fstream>
            #include <string>

            #include <lockwright/runtime.h>

            void save(const std::string& path, const std::string& text) {
              auto guard = lockwright::runtime::FileLock(path).acquire();
              std::ofstream out(path);
              out << text;
            }
            """),
            moved,
        )
        self.compile("store.cpp")

    def test_a_class_that_locks(self):
        self.assert_moved(
            """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            #include <stdexcept>
            #include <string>

            class Guard {
             public:
              explicit Guard(const std::string& path) : fd_(open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
                if (fd_ < 0) throw std::runtime_error("open");
                if (flock(fd_, LOCK_EX) != 0) throw std::runtime_error("flock");
              }
              ~Guard() { close(fd_); }
              Guard(const Guard&) = delete;

             private:
              int fd_;
            };

            void load(const std::string& path) {
              Guard guard(path + ".lock");
            }

            void update(const std::string& path) {
              Guard guard(path + ".lock");
              load(path);
            }
            """,
            """\
            #include <stdexcept>
            #include <string>

            #include "lockwright/runtime.h"

            class Guard {
             public:
              explicit Guard(const std::string& path) : hold_(lockwright::runtime::FileLock::reentrant(path).acquire()) {}
              Guard(const Guard&) = delete;

             private:
              lockwright::runtime::Hold hold_;
            };

            void load(const std::string& path) {
              Guard guard(path + ".lock");
            }

            void update(const std::string& path) {
              Guard guard(path + ".lock");
              load(path);
            }
            """,
        )

    def test_a_registry(self):
        self.assert_moved(
            """\
            #include <fcntl.h>
            #include <unistd.h>

            #include <map>
            #include <mutex>
            #include <string>

            class Locks {
             public:
              bool acquire(const std::string& path) {
                std::lock_guard<std::mutex> hold(mutex_);
                if (held_.count(path)) return false;
                int fd = open((path + ".lock").c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
                if (fd < 0) return false;
                held_[path] = fd;
                return true;
              }

              void release(const std::string& path) {
                int fd;
                {
                  std::lock_guard<std::mutex> hold(mutex_);
                  fd = held_[path];
                  held_.erase(path);  // no more
                }
                close(fd);
                unlink((path + ".lock").c_str());
              }

             private:
              std::mutex mutex_;
              std::map<std::string, int> held_;
            };
            """,
            """\
            #include <map>
            #include <mutex>
            #include <string>
            #include <utility>

            #include "lockwright/runtime.h"

            class Locks {
             public:
              bool acquire(const std::string& path) {
                std::lock_guard<std::mutex> hold(mutex_);
                if (held_.count(path)) return false;
                auto fd = lockwright::runtime::FileLock(path).try_acquire();
                if (!fd) return false;
                held_.emplace(path, std::move(*fd));
                return true;
              }

              void release(const std::string& path) {
                {
                  std::lock_guard<std::mutex> hold(mutex_);
                  held_.erase(path);  // no more
                }
              }

             private:
              std::mutex mutex_;
              std::map<std::string, lockwright::runtime::Hold> held_;
            };
            """,
        )

    def test_a_refresh(self):
        text = self.moved(
            """\
            #include <fcntl.h>
            #include <unistd.h>

            #include <fstream>
            #include <string>

            bool acquire(const std::string& lock_path) {
              int fd = open(lock_path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
              if (fd < 0) return false;
              close(fd);
              return true;
            }

            void refresh(const std::string& lock_path) {
              unlink(lock_path.c_str());
              std::ofstream out(lock_path);
              out << getpid() << "\\n";
            }
            """,
            "store.cpp",
        )
        self.assertIn(
            "void refresh(const std::string& lock_path) {\n"
            '  lockwright::runtime::replace_file(lock_path, (std::ostringstream() << getpid() << "\\n").str());\n}\n',
            text,
        )
        self.assertIn("#include <fstream>\n#include <sstream>\n#include <string>\n", text)
        self.compile("store.cpp")

    def test_a_header_with_its_guard(self):
        before = (
            "#ifndef STORE_H\n#define STORE_H\n\n#include <fcntl.h>\n#include <sys/file.h>\n#include <unistd.h>\n\n"
            "#include <stdexcept>\n#include <string>\n\n"
        )
        work = textwrap.dedent(WORK).replace("void", "inline void")
        section = (
            "\ninline void run(const std::string& path) {\n  int fd = open((path + \".lock\").c_str(), O_RDWR | O_CREAT, 0644);\n"
            "  flock(fd, LOCK_EX);\n  work(path);\n  flock(fd, LOCK_UN);\n  close(fd);\n}\n\n#endif\n"
        )
        moved = "\ninline void run(const std::string& path) {\n  auto hold = lockwright::runtime::FileLock(path).acquire();\n  work(path);\n}\n\n#endif\n"
        self.write('#include "store.h"\n\nint main() { run("state"); }\n', "main.cpp")
        # Who includes the header may rely on what it includes.
        self.assertEqual(
            before + '#include "lockwright/runtime.h"\n\n' + work + moved, self.moved(before + work + section, "store.h")
        )

    def test_all_that_take_part_move(self):
        def function(name, work):
            return (
                f"\nvoid {name}(const std::string& path) {{\n  int fd = open(path.c_str(), O_RDWR);\n"
                f"  flock(fd, LOCK_EX);\n{work}  close(fd);\n}}\n"
            )

        head = "#include <fcntl.h>\n#include <sys/file.h>\n#include <unistd.h>\n#include <stdexcept>\n#include <string>\n\n"
        work = textwrap.dedent(WORK)
        self.write(head + work + function("one", "  work(path);\n") + function("two", "  work(path + path);\n"), "store.cpp")
        self.assertEqual(
            {"Use lockwright::runtime's FileLock in one() and two()", "Use lockwright::runtime's FileLock in two() and one()"},
            {title for _, _, title in self.offered()},
        )


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
