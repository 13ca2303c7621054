"""Repairs in place in C and C++, word for word: refreshes, registries, nested locks."""

import shutil
import subprocess
import textwrap
import unittest

import _lockwright
from _fixes import TIMEOUT, Scratch, apply_edits, check, findings


@_lockwright.needs_binary
class InPlace(Scratch):
    RULE = ""
    TITLE = ""

    def write(self, text, name):
        """Line ends are kept."""
        path = self.root / name
        path.write_bytes(textwrap.dedent(text).encode())
        return path

    def compile(self, name):
        """What is repaired compiles, and says nothing that a compiler warns of."""
        compiler, standard = ("cc", "gnu11") if name.endswith(".c") else ("c++", "c++17")
        if not shutil.which(compiler):
            return
        command = [compiler, f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", name]
        run = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual("", run.stderr)

    def offered(self, rule=None):
        """The rule's findings, each with its fixes in place."""
        found = [each for each in findings(self.root) if each["rule"] == (rule or self.RULE)]
        self.assertTrue(found)
        return [[fix for fix in each["fixes"] if "lockwright::runtime" not in fix["title"]] for each in found]

    def assert_repaired(self, name, before, after, applicability="safe"):
        """The finding's one repair in place does this, to both kinds of line ends, and its rule finds nothing more."""
        for ends in ("\n", "\r\n"):
            path = self.write(textwrap.dedent(before).replace("\n", ends), name)
            ((fix,),) = self.offered()
            self.assertEqual((self.TITLE, applicability), (fix["title"], fix["applicability"]))
            apply_edits(self.root, fix)
            self.assertEqual(textwrap.dedent(after).replace("\n", ends), path.read_bytes().decode())
            self.assertEqual([], [each for each in findings(self.root) if each["rule"] == self.RULE])
            self.compile(name)

    def assert_refused(self, name, text):
        self.write(text, name)
        self.assertEqual([], [fix["title"] for fixes in self.offered() for fix in fixes])


class Registry(InPlace):
    """LW302"""

    RULE = "LW302"
    TITLE = "Give the lock up before its entry is erased, under the mutex"
    CLASS = """\
        #include <fcntl.h>
        #include <sys/file.h>
        #include <unistd.h>

        #include <condition_variable>
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

        RELEASE
         private:
          void give_up(int fd) {
            flock(fd, LOCK_UN);
            close(fd);
          }
          void note(const std::string& path);
          // Asks for the mutex, too.
          void forget(int fd) {
            std::lock_guard<std::mutex> hold(mutex_);
            close(fd);
          }

          std::mutex mutex_;
          std::condition_variable free_;
          std::map<std::string, int> held_;
        };
        """

    def text(self, release):
        return textwrap.dedent(self.CLASS).replace("RELEASE\n", textwrap.indent(textwrap.dedent(release), "  "))

    def assert_release(self, before, after):
        self.assert_repaired("locks.cpp", self.text(before), self.text(after))

    def test_a_block_with_a_guard(self):
        self.assert_release(
            """\
            void release(const std::string& path) {
              int fd;
              {
                std::lock_guard<std::mutex> hold(mutex_);
                auto it = held_.find(path);
                if (it == held_.end()) return;
                fd = it->second;
                // Nobody has it any more.
                held_.erase(it);
              }

              // In this order.
              close(fd);
              unlink((path + ".lock").c_str());  // for all to see
            }
            """,
            """\
            void release(const std::string& path) {
              int fd;
              {
                std::lock_guard<std::mutex> hold(mutex_);
                auto it = held_.find(path);
                if (it == held_.end()) return;
                fd = it->second;
                // In this order.
                close(fd);
                unlink((path + ".lock").c_str());  // for all to see
                // Nobody has it any more.
                held_.erase(it);
              }
            }
            """,
        )

    def test_a_guard_that_is_told_to_unlock(self):
        self.assert_release(
            """\
            void release(const std::string& path) {
              std::unique_lock<std::mutex> lock(mutex_);
              const int fd = held_.at(path);
              held_.erase(path);
              lock.unlock();
              free_.notify_one();
              if (fd >= 0) {
                give_up(fd);
              }
              unlink((path + ".lock").c_str());
            }
            """,
            """\
            void release(const std::string& path) {
              std::unique_lock<std::mutex> lock(mutex_);
              const int fd = held_.at(path);
              if (fd >= 0) {
                give_up(fd);
              }
              unlink((path + ".lock").c_str());
              held_.erase(path);
              lock.unlock();
              free_.notify_one();
            }
            """,
        )

    def test_work_that_is_not_known(self):
        release = """\
            void release(const std::string& path) {
              std::unique_lock<std::mutex> lock(mutex_);
              const int fd = held_.at(path);
              held_.erase(path);
              lock.unlock();
              %s
              close(fd);
              unlink((path + ".lock").c_str());
              %s
            }
            """
        for before, after in (("note(path);", ""), ("forget(fd);", ""), ("write(fd, path.data(), path.size());", "")):
            self.assert_refused("locks.cpp", self.text(release % (before, after)))

    CONDITIONAL = """\
        void release(const std::string& path) {
          int fd = -1;
          {
            std::lock_guard<std::mutex> hold(mutex_);
            if (held_.count(path)) {
              fd = held_[path];
        %s      held_.erase(path);
            }
          }
        %s}
        """

    def test_only_when_there_was_an_entry(self):
        def clean_up(indent):
            return "".join(indent + line for line in ("if (fd >= 0) {\n", "  close(fd);\n", '  unlink((path + ".lock").c_str());\n', "}\n"))

        body = textwrap.dedent(self.CONDITIONAL)
        self.assert_release(body % ("", clean_up("  ")), body % (clean_up(" " * 6), ""))

    def test_whether_or_not_there_was_an_entry(self):
        clean_up = '  close(fd);\n  unlink((path + ".lock").c_str());\n'
        self.assert_refused("locks.cpp", self.text(textwrap.dedent(self.CONDITIONAL) % ("", clean_up)))


class Refresh(InPlace):
    """LW201"""

    RULE = "LW201"
    TITLE = "Write a temporary file and rename it over the lock file"
    C = """\
        #include <fcntl.h>
        #include <stdio.h>
        #include <unistd.h>

        int acquire(const char *lock_path)
        {
        \tint fd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0600);

        \tif (fd < 0)
        \t\treturn -1;
        \treturn close(fd);
        }

        """
    CPP = """\
        #include <fcntl.h>
        #include <unistd.h>

        #include <filesystem>
        #include <fstream>
        #include <string>

        std::string host();

        bool acquire(const std::string& lock_path) {
          int fd = ::open(lock_path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
          if (fd < 0) return false;
          ::close(fd);
          return true;
        }

        """

    def assert_c(self, before, after, headers, applicability="safe"):
        head = textwrap.dedent(self.C)
        changed = head.replace("#include <fcntl.h>\n#include <stdio.h>\n#include <unistd.h>\n", "".join(f"#include <{each}>\n" for each in headers))
        self.assert_repaired("lock.c", head + textwrap.dedent(before), changed + textwrap.dedent(after), applicability)

    def assert_cpp(self, before, after, system=(), standard=()):
        head = textwrap.dedent(self.CPP)
        changed = "".join(f"#include <{each}>\n" for each in sorted(("fcntl.h", "unistd.h", *system)))
        changed += "\n" + "".join(f"#include <{each}>\n" for each in sorted(("filesystem", "fstream", "string", *standard)))
        after = head.replace(head[: head.index("\nstd::string host")], changed) + textwrap.dedent(after)
        self.assert_repaired("lock.cpp", head + textwrap.dedent(before), after)

    def test_a_descriptor_in_c(self):
        self.assert_c(
            """\
            /* Says that we are alive. */
            int refresh(const char *lock_path)
            {
            \tchar text[32];
            \tint fd, n;

            \tn = snprintf(text, sizeof(text), "%d\\n", (int)getpid());
            \tunlink(lock_path); /* ours */
            \tfd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
            \tif (fd < 0)
            \t\treturn -1;
            \tif (write(fd, text, n) != n) { /* full? */
            \t\tclose(fd);
            \t\tunlink(lock_path);
            \t\treturn -1;
            \t}
            \tclose(fd);
            \treturn 0;
            }
            """,
            """\
            /* Says that we are alive. */
            int refresh(const char *lock_path)
            {
            \tchar text[32];
            \tint fd, n;
            \tchar temporary[4096];

            \tn = snprintf(text, sizeof(text), "%d\\n", (int)getpid());
            \tsnprintf(temporary, sizeof(temporary), "%s.XXXXXX", lock_path);
            \tfd = mkstemp(temporary);
            \tif (fd < 0)
            \t\treturn -1;
            \tif (write(fd, text, n) != n) { /* full? */
            \t\tclose(fd);
            \t\tunlink(temporary);
            \t\treturn -1;
            \t}
            \tif (close(fd) != 0 || rename(temporary, lock_path) != 0) {
            \t\tint saved_errno = errno;

            \t\tunlink(temporary);
            \t\terrno = saved_errno;
            \t\treturn -1;
            \t}
            \treturn 0;
            }
            """,
            ("errno.h", "fcntl.h", "stdio.h", "stdlib.h", "unistd.h"),
        )

    def test_a_goto_and_other_permissions(self):
        self.assert_c(
            """\
            int refresh(const char *lock_path)
            {
            \tint fd;

            \tif (unlink(lock_path) != 0)
            \t\treturn -1;
            \tif ((fd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) == -1) {
            \t\tperror(lock_path);
            \t\treturn -1;
            \t}
            \tif (dprintf(fd, "%d\\n", (int)getpid()) < 0)
            \t\tgoto fail;
            \treturn close(fd);
            fail:
            \tclose(fd);
            \treturn -1;
            }
            """,
            """\
            int refresh(const char *lock_path)
            {
            \tint fd;
            \tchar temporary[4096];
            \tstruct stat status;

            \tsnprintf(temporary, sizeof(temporary), "%s.XXXXXX", lock_path);
            \tif ((fd = mkstemp(temporary)) == -1) {
            \t\tperror(lock_path);
            \t\treturn -1;
            \t}
            \tif (stat(lock_path, &status) == 0)
            \t\tfchmod(fd, status.st_mode & 07777);
            \tfcntl(fd, F_SETFD, FD_CLOEXEC);
            \tif (dprintf(fd, "%d\\n", (int)getpid()) < 0) {
            \t\tint saved_errno = errno;

            \t\tunlink(temporary);
            \t\terrno = saved_errno;
            \t\tgoto fail;
            \t}
            \tif (close(fd) != 0 || rename(temporary, lock_path) != 0) {
            \t\tint saved_errno = errno;

            \t\tunlink(temporary);
            \t\terrno = saved_errno;
            \t\treturn -1;
            \t}
            \treturn 0;
            fail:
            \tclose(fd);
            \treturn -1;
            }
            """,
            ("errno.h", "fcntl.h", "stdio.h", "stdlib.h", "sys/stat.h", "unistd.h"),
            # The function fails when the lock file is gone: no longer.
            "unsafe",
        )

    def test_one_way_out(self):
        body = """\
            int refresh(const char *lock_path)
            {
            \tint ret = -1;
            \tint fd;
            %s
            %s
            \tif (fd < 0)
            \t\tgoto out;
            %s
            \tret = 0;
            out_close:
            \tclose(fd);
            out:
            \treturn ret;
            }
            """
        create = "\n\tunlink(lock_path);\n\tfd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0600);"
        write = '\tif (dprintf(fd, "%d\\n", (int)getpid()) < 0)'
        give_up = " {\n\t\tint saved_errno = errno;\n\n\t\tunlink(temporary);\n\t\terrno = saved_errno;\n\t\tgoto out_close;\n\t}"
        rename = "\tif (rename(temporary, lock_path) != 0)"
        made = '\n\tsnprintf(temporary, sizeof(temporary), "%s.XXXXXX", lock_path);\n\tfd = mkstemp(temporary);'
        body = textwrap.dedent(body).replace("\n%s\n%s\n", "\n%s%s\n")
        self.assert_c(
            body % ("", create, f"{write}\n\t\tgoto out_close;"),
            body % ("\tchar temporary[4096];\n", made, f"{write}{give_up}\n{rename}{give_up}"),
            ("errno.h", "fcntl.h", "stdio.h", "stdlib.h", "unistd.h"),
        )
        # Here, what it returns is not known to say that it has failed.
        other = body % ("", create, '\tret = dprintf(fd, "%d\\n", (int)getpid());\n\tif (ret < 0)\n\t\tgoto out_close;')
        self.assert_refused("lock.c", textwrap.dedent(self.C) + other)

    def test_stdio_and_braces_on_their_own_lines(self):
        self.assert_c(
            """\
            int refresh(const char *lock_path)
            {
                FILE *fp;

                remove(lock_path);
                fp = fopen(lock_path, "w");
                if (fp == NULL)
                {
                    fprintf(stderr, "cannot refresh %s\\n", lock_path);
                    return 1;
                }
                fprintf(fp, "%ld\\n", (long)getpid());
                fclose(fp);
                return 0;
            }
            """,
            """\
            int refresh(const char *lock_path)
            {
                FILE *fp;
                char temporary[4096];
                struct stat status;
                int fd;

                snprintf(temporary, sizeof(temporary), "%s.XXXXXX", lock_path);
                fd = mkstemp(temporary);
                if (fd < 0)
                {
                    fprintf(stderr, "cannot refresh %s\\n", lock_path);
                    return 1;
                }
                if (stat(lock_path, &status) == 0)
                    fchmod(fd, status.st_mode & 07777);
                fp = fdopen(fd, "w");
                if (fp == NULL)
                {
                    int saved_errno = errno;

                    close(fd);
                    remove(temporary);
                    errno = saved_errno;
                    fprintf(stderr, "cannot refresh %s\\n", lock_path);
                    return 1;
                }
                fprintf(fp, "%ld\\n", (long)getpid());
                if (fclose(fp) != 0 || rename(temporary, lock_path) != 0)
                {
                    int saved_errno = errno;

                    remove(temporary);
                    errno = saved_errno;
                    fprintf(stderr, "cannot refresh %s\\n", lock_path);
                    return 1;
                }
                return 0;
            }
            """,
            ("errno.h", "fcntl.h", "stdio.h", "stdlib.h", "sys/stat.h", "unistd.h"),
        )

    def test_a_stream(self):
        self.assert_cpp(
            """\
            void refresh(const std::string& lock_path) {
              std::filesystem::remove(lock_path);
              std::ofstream out(lock_path);
              out << ::getpid() << '\\n';  // that is all
            }
            """,
            """\
            void refresh(const std::string& lock_path) {
              const std::string temporary = lock_path + "." + std::to_string(std::random_device{}()) + ".tmp";
              std::ofstream out(temporary);
              out << ::getpid() << '\\n';  // that is all
              out.close();
              std::error_code error;
              if (out) std::filesystem::rename(temporary, lock_path, error);
              if (!out || error) {
                std::error_code ignored;
                std::filesystem::remove(temporary, ignored);
                if (error) throw std::filesystem::filesystem_error("rename", temporary, lock_path, error);
              }
            }
            """,
            standard=("random", "system_error"),
        )

    def test_a_stream_and_what_may_throw(self):
        self.assert_cpp(
            """\
            bool renew(const std::filesystem::path& lock_path) {
              std::error_code ec;
              std::filesystem::remove(lock_path, ec);
              std::ofstream out{lock_path, std::ios::trunc};
              if (!out) {
                return false;
              }
              out << ::getpid() << ' '
                  << host() << '\\n';
              return out.good();
            }
            """,
            """\
            bool renew(const std::filesystem::path& lock_path) {
              std::error_code ec;
              const std::string temporary = lock_path.string() + "." + std::to_string(std::random_device{}()) + ".tmp";
              std::ofstream out{temporary, std::ios::trunc};
              if (!out) {
                return false;
              }
              try {
                out << ::getpid() << ' '
                    << host() << '\\n';
              } catch (...) {
                std::filesystem::remove(temporary, ec);
                throw;
              }
              out.close();
              if (out) std::filesystem::rename(temporary, lock_path, ec);
              if (!out || ec) {
                std::filesystem::remove(temporary, ec);
                return false;
              }
              return true;
            }
            """,
            standard=("random",),
        )

    def test_a_descriptor_in_cpp(self):
        self.assert_cpp(
            """\
            bool keep_alive(const std::string& lock_path) {
              ::unlink(lock_path.c_str());
              int fd = ::open(lock_path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
              if (fd < 0) return false;
              const std::string text = std::to_string(::getpid());
              if (::write(fd, text.data(), text.size()) < 0) return false;
              ::close(fd);
              return true;
            }
            """,
            """\
            bool keep_alive(const std::string& lock_path) {
              const std::string temporary = lock_path + "." + std::to_string(std::random_device{}()) + ".tmp";
              int fd = ::open(temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
              if (fd < 0) return false;
              const std::string text = std::to_string(::getpid());
              if (::write(fd, text.data(), text.size()) < 0) {
                int saved_errno = errno;
                ::unlink(temporary.c_str());
                errno = saved_errno;
                return false;
              }
              if (::close(fd) != 0 || ::rename(temporary.c_str(), lock_path.c_str()) != 0) {
                int saved_errno = errno;
                ::unlink(temporary.c_str());
                errno = saved_errno;
                return false;
              }
              return true;
            }
            """,
            system=("stdio.h",),
            standard=("cerrno", "random"),
        )

    def test_a_descriptor_beside_the_filesystem_library(self):
        self.assert_cpp(
            """\
            bool renew(const std::string& lock_path) {
              std::filesystem::remove(lock_path);
              int fd = ::open(lock_path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
              if (fd < 0) return false;
              dprintf(fd, "%d", static_cast<int>(::getpid()));
              if (::close(fd) != 0) {
                // The disk is full, perhaps.
                return false;
              }
              return true;
            }
            """,
            """\
            bool renew(const std::string& lock_path) {
              const std::string temporary = lock_path + "." + std::to_string(std::random_device{}()) + ".tmp";
              int fd = ::open(temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644);
              if (fd < 0) return false;
              dprintf(fd, "%d", static_cast<int>(::getpid()));
              if (::close(fd) != 0 || std::rename(temporary.c_str(), lock_path.c_str()) != 0) {
                // The disk is full, perhaps.
                int saved_errno = errno;
                std::remove(temporary.c_str());
                errno = saved_errno;
                return false;
              }
              return true;
            }
            """,
            standard=("cerrno", "cstdio", "random"),
        )

    def test_refusals(self):
        body = """\
            \tunlink(lock_path);
            \tint fd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
            \tif (fd < 0)
            \t\treturn %s;
            %s\tdprintf(fd, "%%d\\n", (int)getpid());
            %s}
            """
        for why, failure, before, after in (
            ("the handle is kept", "-1", "", "\treturn fd;\n"),
            ("it is not always removed", "-1", "", "\tclose(fd);\n\treturn 0;\n"),
            ("the new lock file is asked for", "-1", "\tif (access(lock_path, R_OK) != 0)\n\t\treturn -2;\n", "\tclose(fd);\n\treturn 0;\n"),
            ("what is got in between is given back", "-1", "\tchar *text = strdup(lock_path);\n", "\tclose(fd);\n\tfree(text);\n\treturn 0;\n"),
        ):
            with self.subTest(why):
                text = "int refresh(const char *lock_path)\n{\n" + textwrap.dedent(body) % (failure, before, after)
                if why == "it is not always removed":
                    text = text.replace("\tunlink(", "\tif (getpid() == 2)\n\t\tunlink(")
                self.assert_refused("lock.c", textwrap.dedent(self.C) + text)

    def test_a_repaired_program_keeps_its_lock(self):
        if not shutil.which("cc"):
            self.skipTest("no C compiler")
        refresh = """\
            int refresh(const char *lock_path)
            {
            \tint fd;

            \tunlink(lock_path);
            \tfd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0640);
            \tif (fd < 0)
            \t\treturn -1;
            \tdprintf(fd, "%d\\n", (int)getpid());
            \treturn close(fd);
            }

            int main(int argc, char **argv) { return argc == 2 && refresh(argv[1]) == 0 ? 0 : 1; }
            """
        self.write(textwrap.dedent(self.C) + textwrap.dedent(refresh), "lock.c")
        check(self.root, "--fix", "--select", "LW201")
        subprocess.run(["cc", "-o", "refresh", "lock.c"], cwd=self.root, check=True, timeout=TIMEOUT)
        lock = self.root / "it.lock"
        lock.write_text("old\n")
        lock.chmod(0o640)
        inode = lock.stat().st_ino
        run = subprocess.run(["./refresh", "it.lock"], cwd=self.root, timeout=TIMEOUT, check=False)
        self.assertEqual(0, run.returncode)
        self.assertNotEqual(inode, lock.stat().st_ino)
        self.assertEqual((0o640, True), (lock.stat().st_mode & 0o777, lock.read_text().strip().isdigit()))
        # What cannot be made leaves nothing behind.
        (self.root / "directory.lock" / "full").mkdir(parents=True)
        run = subprocess.run(["./refresh", "directory.lock"], cwd=self.root, timeout=TIMEOUT, check=False)
        self.assertEqual(1, run.returncode)
        left = {each.name for each in self.root.iterdir()}
        self.assertEqual({"lock.c", "refresh", "it.lock", "directory.lock"}, left)


class Nested(InPlace):
    """LW101"""

    RULE = "LW101"
    TITLE = "Call a variant that does not lock"
    C = """\
        #include <fcntl.h>
        #include <stdio.h>
        #include <sys/file.h>
        #include <unistd.h>

        static int store_lock(const char *path)
        {
        \tint fd = open(path, O_RDWR | O_CREAT, 0600);

        \tif (fd < 0)
        \t\treturn -1;
        \tif (flock(fd, LOCK_EX) != 0) {
        \t\tclose(fd);
        \t\treturn -1;
        \t}
        \treturn fd;
        }

        static void store_unlock(int fd)
        {
        \tflock(fd, LOCK_UN);
        \tclose(fd);
        }

        """
    CPP = """\
        #include <fcntl.h>
        #include <sys/file.h>
        #include <unistd.h>

        #include <fstream>
        #include <stdexcept>
        #include <string>

        class FileLock {
         public:
          explicit FileLock(const std::string& path) : fd_(open(path.c_str(), O_RDWR | O_CREAT, 0600)) {
            if (fd_ < 0) throw std::runtime_error("open");
            if (flock(fd_, LOCK_EX) != 0) throw std::runtime_error("flock");
          }
          ~FileLock() { close(fd_); }
          FileLock(const FileLock&) = delete;

         private:
          int fd_;
        };

        """

    def assert_in(self, head, name, before, after, applicability="unsafe"):
        head = textwrap.dedent(head)
        self.assert_repaired(name, head + textwrap.dedent(before), head + textwrap.dedent(after), applicability)

    SHOW = """
        int store_show(const char *path)
        {
        \tchar buffer[512];
        \tint fd = store_lock(path);
        \tint n;

        \tif (fd < 0)
        \t\treturn -1;
        \tn = store_load(path, buffer, sizeof(buffer));
        \tstore_unlock(fd);
        \treturn n;
        }
        """

    def test_a_callee_with_a_goto(self):
        before = """\
            /*
             * Reads all of the store.
             */
            int store_load(const char *path, char *buffer, int size)
            {
            \tint fd = store_lock(path);
            \tFILE *in;
            \tint n;

            \tif (fd < 0)
            \t\treturn -1;

            \t/* It is beside the lock. */
            \tin = fopen("data", "r");
            \tif (!in) {
            \t\tperror(path);
            \t\tn = -1;
            \t\tgoto out;
            \t}
            \tn = (int)fread(buffer, 1, size, in);
            \tfclose(in);
            out:
            \tstore_unlock(fd);
            \treturn n;
            }
            """
        after = """\
            /* As store_load(), for callers that hold the lock. */
            static int store_load_unlocked(const char *path, char *buffer, int size)
            {
            \tFILE *in;
            \tint n;

            \t/* It is beside the lock. */
            \tin = fopen("data", "r");
            \tif (!in) {
            \t\tperror(path);
            \t\tn = -1;
            \t\tgoto out;
            \t}
            \tn = (int)fread(buffer, 1, size, in);
            \tfclose(in);
            out:
            \treturn n;
            }

            /*
             * Reads all of the store.
             */
            int store_load(const char *path, char *buffer, int size)
            {
            \tint fd = store_lock(path);
            \tint result;

            \tif (fd < 0)
            \t\treturn -1;
            \tresult = store_load_unlocked(path, buffer, size);
            \tstore_unlock(fd);
            \treturn result;
            }
            """
        show = textwrap.dedent(self.SHOW)
        self.assert_in(
            self.C,
            "store.c",
            textwrap.dedent(before) + show,
            textwrap.dedent(after) + show.replace("= store_load(", "= store_load_unlocked("),
        )

    def test_a_method_and_its_declaration(self):
        before = """\
            class Store {
             public:
              explicit Store(std::string path) : path_(std::move(path)) {}
              std::string load() const;
              void append(const std::string& text);

             private:
              std::string path_;
            };

            // All of it.
            std::string Store::load() const
            {
                const std::string name = path_ + ".lock";
                FileLock lock(name);

                std::string text;
                std::ifstream(path_) >> text;  // one word
                return text;
            }

            void Store::append(const std::string& text)
            {
                FileLock lock(path_ + ".lock");
                const std::string old = load();
                std::ofstream(path_) << old << text;
            }
            """
        after = """\
            class Store {
             public:
              explicit Store(std::string path) : path_(std::move(path)) {}
              std::string load() const;
              std::string load_unlocked() const;
              void append(const std::string& text);

             private:
              std::string path_;
            };

            // As load(), for callers that hold the lock.
            std::string Store::load_unlocked() const
            {
                std::string text;
                std::ifstream(path_) >> text;  // one word
                return text;
            }

            // All of it.
            std::string Store::load() const
            {
                const std::string name = path_ + ".lock";
                FileLock lock(name);
                return load_unlocked();
            }

            void Store::append(const std::string& text)
            {
                FileLock lock(path_ + ".lock");
                const std::string old = load_unlocked();
                std::ofstream(path_) << old << text;
            }
            """
        self.assert_in(self.CPP, "store.cpp", before, after)

    def test_both_in_one_function(self):
        self.TITLE = "Leave out the second acquire of the lock that is held"
        before = """\
            void put(const std::string& path) {
              FileLock lock(path + ".lock");
              if (!path.empty()) {
                FileLock inner(path + ".lock");  // to be sure
                std::ofstream(path) << 1;
              }
            }
            """
        after = """\
            void put(const std::string& path) {
              FileLock lock(path + ".lock");
              if (!path.empty()) {
                std::ofstream(path) << 1;
              }
            }
            """
        self.assert_in(self.CPP, "store.cpp", before, after, "safe")

    def test_both_in_one_function_of_c(self):
        self.TITLE = "Leave out the second acquire of the lock that is held"
        body = """\
            int put(const char *path)
            {
            \tint fd = store_lock(path);
            \tint %sn = 0;

            \tif (fd < 0)
            \t\treturn -1;
            %s\tif (path[0] != '/')
            \t\tn = path[0];
            %s\tstore_unlock(fd);
            \treturn n;
            }
            """
        again = "\tagain = open(path, O_RDWR);\n\tif (again < 0)\n\t\treturn -1;\n\tflock(again, LOCK_EX);\n"
        before = textwrap.dedent(body) % ("again, ", again, "\tflock(again, LOCK_UN);\n\tclose(again);\n")
        self.assert_in(self.C, "store.c", before, textwrap.dedent(body) % ("", "", ""), "safe")

    def test_a_callee_further_down(self):
        body = """\
            #include <fcntl.h>
            #include <sys/file.h>
            #include <unistd.h>

            static int count_items(const char *dir);
            %sint list_items(const char *dir)
            {
            \tint fd = open("items.lock", O_RDWR | O_CREAT, 0644);
            \tint n;

            \tif (fd == -1)
            \t\treturn -1;
            \tflock(fd, LOCK_EX);
            \tn = %s(dir);
            \tflock(fd, LOCK_UN);
            \tclose(fd);
            \treturn n;
            }

            %sstatic int
            count_items(const char *dir)
            {
            %s
            """
        take = "\tif ((fd = open(\"items.lock\", O_RDWR | O_CREAT, 0644)) == -1)\n\t\treturn -1;\n\tif (flock(fd, LOCK_EX) == -1) {\n\t\tclose(fd);\n\t\treturn -1;\n\t}\n"
        count = "\tfor (; *dir; dir++) {\n\t\tif (*dir == '/') {\n%s\t\t\treturn -2;\n\t\t}\n\t\tn++;\n\t}\n"
        give = "\tflock(fd, LOCK_UN);\n\tclose(fd);\n"
        body = textwrap.dedent(body)
        inside = give.replace("\t", "\t\t\t")
        variant = (
            "/* As count_items(), for callers that hold the lock. */\nstatic int\ncount_items_unlocked(const char *dir)\n{\n\tint n = 0;\n\n"
            + count % ""
            + "\treturn n;\n}\n\n"
        )
        self.assert_repaired(
            "items.c",
            body % ("", "count_items", "", "\tint n = 0, fd;\n\n" + take + count % inside + give + "\treturn n;\n}"),
            body
            % (
                "static int count_items_unlocked(const char *dir);\n",
                "count_items_unlocked",
                variant,
                "\tint fd;\n\tint result;\n\n" + take + "\tresult = count_items_unlocked(dir);\n" + give + "\treturn result;\n}",
            ),
            "unsafe",
        )

    def test_another_file_and_a_header(self):
        lock = textwrap.dedent(self.C).replace("static ", "")
        load = "int store_load(const char *path)\n{\n\tint fd = store_lock(path);\n\tint n;\n\n\tif (fd < 0)\n\t\treturn -1;\n\tn = path[0];\n\tstore_unlock(fd);\n\treturn n;\n}\n"
        header = "#ifndef STORE_H\n#define STORE_H\n\nint store_lock(const char *path);\nvoid store_unlock(int fd);\n%sint store_load(const char *path); /* a number */\n%s\n#endif\n"
        main = "#include \"store.h\"\n\nint main(void)\n{\n\tint fd = store_lock(\"it\");\n\tint n;\n\n\tif (fd < 0)\n\t\treturn 1;\n\tn = %s(\"it\");\n\tstore_unlock(fd);\n\treturn n < 0;\n}\n"
        self.write(header % ("", ""), "store.h")
        self.write("#include \"store.h\"\n" + lock + load, "store.c")
        self.write(main % "store_load", "main.c")
        ((fix,),) = self.offered()
        apply_edits(self.root, fix)
        self.assertEqual(main % "store_load_unlocked", (self.root / "main.c").read_text())
        self.assertEqual(header % ("", "int store_load_unlocked(const char *path);\n"), (self.root / "store.h").read_text())
        self.assertIn("*/\nint store_load_unlocked(const char *path)\n{\n\tint n;\n\n\tn = path[0];\n\treturn n;\n}\n\nint store_load(", (self.root / "store.c").read_text())
        for name in ("store.c", "main.c"):
            self.compile(name)

    def test_refusals(self):
        load = """\
            int store_load(const char *path, char *buffer, int size)
            {
            \tint fd = store_lock(path);
            \tint n;

            \tif (fd < 0)
            \t\treturn -1;
            \tn = %s(fd, buffer, size);
            \tstore_unlock(fd);
            \treturn n;
            }
            """
        text = textwrap.dedent(self.C) + textwrap.dedent(load) + textwrap.dedent(self.SHOW)
        # The lock's descriptor is what is read.
        self.assert_refused("store.c", text % "(int)read")
        # The check is not for the lock alone.
        more = text.replace("\tif (fd < 0)\n\t\treturn -1;\n\tn = %s", "\tif (fd < 0 || size == 0)\n\t\treturn -1;\n\tn = %s")
        self.assertNotEqual(text, more)
        self.assert_refused("store.c", more.replace("%s(fd", "store_count(path") + "int store_count(const char *, char *, int);\n")
        # The outer lock is given up before the inner one.
        swap = """\
            void swap(const std::string& path) {
              int fd = open(path.c_str(), O_RDWR);
              if (fd < 0) return;
              flock(fd, LOCK_EX);
              int again = open(path.c_str(), O_RDWR);
              flock(again, LOCK_EX);
              close(fd);
              std::ofstream(path + ".log") << 1;
              flock(again, LOCK_UN);
              close(again);
            }
            """
        (self.root / "store.c").unlink()
        self.assert_refused("store.cpp", textwrap.dedent(self.CPP) + textwrap.dedent(swap))


class PlainC(InPlace):
    """LW102 and LW301 in C."""

    HEAD = """\
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <sys/file.h>
        #include <unistd.h>

        """

    def assert_c(self, before, after):
        head = textwrap.dedent(self.HEAD)
        self.assert_repaired("save.c", head + textwrap.dedent(before), head + textwrap.dedent(after))

    def test_a_truncating_open(self):
        self.RULE = "LW102"
        self.TITLE = "Open without truncating, and truncate under the lock"
        body = """\
            int save(const char *path, const char *text, size_t size)
            {
            \tint fd = open(path, O_WRONLY | O_CREAT%s, 0644);

            \tif (fd < 0)
            \t\treturn -1;
            \tif (flock(fd, LOCK_EX) < 0)
            \t\tgoto fail;
            %s\tif (write(fd, text, size) < 0)
            \t\tgoto fail;
            \treturn close(fd);
            fail:
            \tclose(fd);
            \treturn -1;
            }
            """
        body = textwrap.dedent(body)
        self.assert_c(body % (" | O_TRUNC", ""), body % ("", "\tif (ftruncate(fd, 0) < 0)\n\t\tgoto fail;\n"))

    def test_returns_and_their_errno(self):
        self.RULE = "LW301"
        self.TITLE = "Release the lock before every return"
        self.assert_c(
            """\
            int save(const char *path)
            {
                int fd = open(path, O_RDWR);
                if (fd < 0)
                {
                    return -errno;
                }
                flock(fd, LOCK_EX);
                if (ftruncate(fd, 0) != 0)
                    return -errno;
                if (fsync(fd) < 0) return -1;
                flock(fd, LOCK_UN);
                close(fd);
                return 0;
            }
            """,
            """\
            int save(const char *path)
            {
                int fd = open(path, O_RDWR);
                if (fd < 0)
                {
                    return -errno;
                }
                flock(fd, LOCK_EX);
                if (ftruncate(fd, 0) != 0)
                {
                    int saved_errno = errno;

                    flock(fd, LOCK_UN);
                    close(fd);
                    errno = saved_errno;
                    return -errno;
                }
                if (fsync(fd) < 0)
                {
                    flock(fd, LOCK_UN);
                    close(fd);
                    return -1;
                }
                flock(fd, LOCK_UN);
                close(fd);
                return 0;
            }
            """,
        )


if __name__ == "__main__":
    unittest.main()
