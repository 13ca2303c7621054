"""Repairs in place in C and C++, word for word: registries, and what is said of failures in C."""

import textwrap
import unittest

from _fixes_in_place_cpp import InPlace


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

    def test_a_goto_past_the_release(self):
        self.RULE = "LW301"
        self.TITLE = "Release the lock before every return"
        body = """\
            int count(const char *path, int *result)
            {
            \tint rc = -1;
            \tchar text[32];
            \tFILE *file;
            \tint fd = open("count.lock", O_RDWR | O_CREAT, 0644);

            \tif (fd < 0)
            \t\treturn -1;
            \tif (flock(fd, LOCK_EX) < 0)
            \t\tgoto out;
            \tfile = fopen(path, "r");
            %s\tif (!fgets(text, sizeof(text), file)) {
            \t\tfclose(file);
            %s\t\tgoto fail;
            \t}
            \tfclose(file);
            \tif (text[0] == '#')
            \t\tgoto out;
            \t*result = text[0];
            \trc = 0;
            out:
            \tclose(fd);
            \treturn rc;
            fail:
            \treturn -2;
            }
            """
        body = textwrap.dedent(body)
        self.assert_c(
            body % ("\tif (!file)\n\t\tgoto fail;\n", ""),
            body % ("\tif (!file) {\n\t\tclose(fd);\n\t\tgoto fail;\n\t}\n", "\t\tclose(fd);\n"),
        )


if __name__ == "__main__":
    unittest.main()
