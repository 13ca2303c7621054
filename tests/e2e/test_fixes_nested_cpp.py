"""Nested locks repaired in place in C and C++, word for word."""

import textwrap
import unittest

from _fixes import apply_edits
from _fixes_in_place_cpp import InPlace


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

    def test_parameters_that_a_constructor_is_given(self):
        # `std::ifstream in(name_of(id));` reads like the declaration of a function.
        body = """\
            std::string name_of(const std::string& id) { return "notes/" + id; }

            %sstd::string load(const std::string& id) {
            %s}

            std::string show(const std::string& id) {
              FileLock lock(id);
              return %s(id);
            }
            """
        work = "  std::ifstream in(name_of(id));\n  std::string text;\n  std::getline(in, text);\n  return text;\n"
        variant = "// As load(), for callers that hold the lock.\nstatic std::string load_unlocked(const std::string& id) {\n" + work + "}\n\n"
        self.assert_in(
            self.CPP,
            "notes.cpp",
            textwrap.dedent(body) % ("", "  FileLock lock(id);\n" + work, "load"),
            textwrap.dedent(body) % (variant, "  FileLock lock(id);\n  return load_unlocked(id);\n", "load_unlocked"),
        )

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


if __name__ == "__main__":
    unittest.main()
