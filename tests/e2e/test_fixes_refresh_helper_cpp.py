"""Refreshes whose lock file a helper makes, repaired in place in C and C++, word for word."""

import textwrap
import unittest

from _fixes_in_place_cpp import InPlace


class RefreshByHelper(InPlace):
    """LW201"""

    RULE = "LW201"
    TITLE = "Write a temporary file and rename it over the lock file"
    C = """\
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <unistd.h>

        static int write_owner(const char *lock_path)
        {
        \tint fd = open(lock_path, O_WRONLY | O_CREAT | O_EXCL, 0600);

        \tif (fd < 0)
        \t\treturn -1;
        \tdprintf(fd, "%d\\n", (int)getpid());
        \treturn close(fd);
        }

        """
    CPP = """\
        #include <fcntl.h>
        #include <unistd.h>

        #include <cstdio>
        #include <random>
        #include <string>

        std::string host();

        RESULT write_owner(const std::string& path) {
          const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
          if (fd < 0) FAILURE;
        WORK  ::close(fd);
          SUCCESS;
        }

        """

    def assert_c(self, before, after):
        head = textwrap.dedent(self.C)
        self.assert_repaired("lock.c", head + textwrap.dedent(before), head + textwrap.dedent(after))

    def cpp(self, result, work=""):
        failure, success = {"bool": ("return false", "return true"), "void": ("return", "return"), "int": ("return -1", "return fd")}[result]
        text = textwrap.dedent(self.CPP)
        for word, replacement in (("RESULT", result), ("FAILURE", failure), ("SUCCESS", success), ("WORK", work)):
            text = text.replace(word, replacement)
        return text

    def test_a_result_that_is_handed_on_in_c(self):
        self.assert_c(
            """\
            int refresh(const char *lock_path)
            {
            \tunlink(lock_path);
            \treturn write_owner(lock_path);
            }
            """,
            """\
            int refresh(const char *lock_path)
            {
            \tchar temporary[4096];

            \tsnprintf(temporary, sizeof(temporary), "%s.%ld.tmp", lock_path, (long)getpid());
            \tif (write_owner(temporary) != 0 || rename(temporary, lock_path) != 0) {
            \t\tint saved_errno = errno;

            \t\tunlink(temporary);
            \t\terrno = saved_errno;
            \t\treturn -1;
            \t}
            \treturn 0;
            }
            """,
        )

    def test_a_result_that_is_asked(self):
        body = """\
            bool refresh(const std::string& path) {
            %s    // Somebody was faster.
                return false;
              }
              return true;
            }
            """
        body = textwrap.dedent(body)
        named = '  const std::string temporary = path + "." + std::to_string(std::random_device{}()) + ".tmp";\n'
        before = self.cpp("bool") + body % "  unlink(path.c_str());\n  if (!write_owner(path)) {\n"
        after = named + "  if (!write_owner(temporary) || std::rename(temporary.c_str(), path.c_str()) != 0) {\n    unlink(temporary.c_str());\n"
        after = self.cpp("bool") + (body % after).replace("    // Somebody was faster.\n", "")
        self.assert_repaired("lock.cpp", before, after)

    def test_a_result_that_nobody_asks_for(self):
        before = self.cpp("bool") + "void refresh(const std::string& path) {\n  unlink(path.c_str());\n  write_owner(path);\n}\n"
        after = textwrap.dedent(
            """\
            void refresh(const std::string& path) {
              const std::string temporary = path + "." + std::to_string(std::random_device{}()) + ".tmp";
              if (!write_owner(temporary) || std::rename(temporary.c_str(), path.c_str()) != 0)
                unlink(temporary.c_str());
            }
            """
        )
        self.assert_repaired("lock.cpp", before, self.cpp("bool") + after)

    def test_a_helper_that_may_throw(self):
        work = '  ::dprintf(fd, "%s", host().c_str());\n'
        before = self.cpp("void", work) + "void refresh(const std::string& path) {\n  unlink(path.c_str());\n  write_owner(path);\n}\n"
        after = textwrap.dedent(
            """\
            void refresh(const std::string& path) {
              const std::string temporary = path + "." + std::to_string(std::random_device{}()) + ".tmp";
              try {
                write_owner(temporary);
                if (std::rename(temporary.c_str(), path.c_str()) != 0)
                  unlink(temporary.c_str());
              } catch (...) {
                unlink(temporary.c_str());
                throw;
              }
            }
            """
        )
        self.assert_repaired("lock.cpp", before, self.cpp("void", work) + after)

    def test_refusals(self):
        for why, result, body in (
            ("a result that is no success", "int", "  unlink(path.c_str());\n  return write_owner(path) >= 0;\n"),
            ("a result that is kept", "bool", "  unlink(path.c_str());\n  const bool written = write_owner(path);\n  return written;\n"),
            ("named twice", "bool", "  unlink(path.c_str());\n  return write_owner(path) && path.empty();\n"),
        ):
            with self.subTest(why):
                self.assert_refused("lock.cpp", self.cpp(result) + "bool refresh(const std::string& path) {\n" + body + "}\n")


if __name__ == "__main__":
    unittest.main()
