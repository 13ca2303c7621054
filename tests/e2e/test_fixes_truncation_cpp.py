"""Files emptied before they are locked, repaired in place in C and C++, word for word."""

import textwrap
import unittest

from _fixes_in_place_cpp import InPlace


class Truncation(InPlace):
    """LW102"""

    RULE = "LW102"
    TITLE = "Open without truncating, and truncate under the lock"
    HEAD = """\
        #include <errno.h>
        #include <fcntl.h>
        #include <stdio.h>
        #include <sys/file.h>
        #include <unistd.h>

        """
    C = """\
        int save(const char *path, const char *text, size_t size)
        {
        \tint rc;
        \tint fd = open(path, O_WRONLY | O_CREAT%s, 0644);

        \tif (fd < 0)
        \t\treturn -1;
        %s\tif (write(fd, text, size) < 0)
        \t\tgoto fail;
        \treturn close(fd);
        fail:
        \trc = errno;
        \tclose(fd);
        \terrno = rc;
        \treturn -1;
        }
        """
    CPP = """\
        #include <fcntl.h>
        #include <sys/file.h>
        #include <unistd.h>

        #include <cstdio>
        #include <memory>
        #include <string>

        using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

        """

    def assert_c(self, taking, again):
        text = textwrap.dedent(self.HEAD) + textwrap.dedent(self.C)
        taking, again = (textwrap.indent(textwrap.dedent(each), "\t") for each in (taking, again))
        self.assert_repaired("save.c", text % (" | O_TRUNC", taking), text % ("", taking + again))

    def test_a_loop_that_asks_again_after_a_signal(self):
        self.assert_c(
            """\
            while (flock(fd, LOCK_EX) < 0) {
            \tif (errno != EINTR)
            \t\tgoto fail;
            }
            """,
            """\
            if (ftruncate(fd, 0) != 0)
            \tgoto fail;
            """,
        )
        self.assert_c(
            """\
            while (flock(fd, LOCK_EX) != 0) {
            \tif (errno == EINTR)
            \t\tcontinue;
            \tperror(path);
            \tclose(fd);
            \treturn -1;
            }
            """,
            """\
            if (ftruncate(fd, 0) != 0) {
            \tperror(path);
            \tclose(fd);
            \treturn -1;
            }
            """,
        )

    def test_a_result_that_is_asked_behind(self):
        check = """\
            if (rc != 0) {
            \tclose(fd);
            \treturn rc;
            }
            """
        check = textwrap.dedent(check)
        for taking in ("rc = flock(fd, LOCK_EX);\n", "do {\n\trc = flock(fd, LOCK_EX);\n} while (rc < 0 && errno == EINTR);\n"):
            self.assert_c(taking + check, "rc = ftruncate(fd, 0);\n" + check)

    def test_what_is_not_known_to_fail_is_refused(self):
        text = textwrap.dedent(self.HEAD) + textwrap.dedent(self.C)
        for taking in (
            "\twhile (flock(fd, LOCK_EX) < 0 && errno == EINTR)\n\t\t;\n",
            "\twhile (flock(fd, LOCK_EX) < 0)\n\t\tperror(path);\n",
            "\trc = flock(fd, LOCK_EX);\n\tif (rc != 0 && errno != EINTR)\n\t\tgoto fail;\n",
        ):
            self.assert_refused("save.c", text % (" | O_TRUNC", taking))

    HELPER = """\
        File open_file(const std::string& path, const char* mode) {
          return File(std::fopen(path.c_str(), mode), std::fclose);
        }

        bool save(const std::string& path, const std::string& text) {
          const File file = open_file(path, "%s");
          if (file == nullptr) return false;
          if (flock(fileno(file.get()), LOCK_EX) != 0) return false;
        %s  return std::fputs(text.c_str(), file.get()) >= 0;
        }
        """

    def test_a_helper_that_is_told_how_to_open(self):
        text = textwrap.dedent(self.CPP) + textwrap.dedent(self.HELPER)
        again = "  if (ftruncate(fileno(file.get()), 0) != 0) return false;\n"
        self.assert_repaired("save.cpp", text % ("w", ""), text % ("a", again))
        # The helper's other callers want it so.
        self.assert_refused("save.cpp", (text % ("w", "")).replace(", mode)", ', "w")'))

    def test_a_fallback(self):
        text = """\
            bool save(const std::string& path, const std::string& text) {
              std::FILE* file = std::fopen(path.c_str(), "r+");
              if (file == nullptr) file = std::fopen(path.c_str(), "%s");
              if (file == nullptr) return false;
              if (flock(fileno(file), LOCK_EX) != 0) {
                std::fclose(file);
                return false;
              }
              const bool written = ftruncate(fileno(file), 0) == 0 && std::fputs(text.c_str(), file) >= 0;
              return std::fclose(file) == 0 && written;
            }
            """
        text = textwrap.dedent(self.CPP) + textwrap.dedent(text)
        self.assert_repaired("save.cpp", text % "w", text % "a")


if __name__ == "__main__":
    unittest.main()
