"""The move to the lock library in C++, word for word."""

import textwrap
import unittest

import _lockwright
from _fixes import check
from _fixes_library_cpp import SAVE, SAVED, WORK, Cpp


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


if __name__ == "__main__":
    unittest.main()
