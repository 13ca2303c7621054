"""What is asked of a move to the lock library in C++, and what moves."""

import pathlib
import shutil
import subprocess

import _lockwright
from _fixes_library import RUNTIME, TIMEOUT, Library

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
