"""Refreshes repaired in place in C and C++, word for word."""

import shutil
import subprocess
import textwrap
import unittest

from _fixes import TIMEOUT, check
from _fixes_in_place_cpp import InPlace


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


if __name__ == "__main__":
    unittest.main()
