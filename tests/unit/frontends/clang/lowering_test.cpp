// What Clang's tree is lowered to: the same as what the syntactic frontend makes of the text, where that
// knows enough; and what only a compiler can tell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/clang/read.h"

namespace lockwright::frontends::compiler::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Code = std::vector<std::string>;

#define SKIP_WITHOUT_CLANG() \
  if (clang_version().empty()) GTEST_SKIP() << "built without Clang"

constexpr const char* in_front =
    "struct s { int n; struct s *next; int lock(int); };\n"
    "struct Guard { explicit Guard(int fd); ~Guard(); int n; };\n"
    "int x(...); int y(...); int z(...); void t() { throw 1; }\n";

/// Functions f that both ways of reading understand in full.
class BothWays : public ::testing::TestWithParam<const char*> {};

TEST_P(BothWays, LowerToTheSame) {
  SKIP_WITHOUT_CLANG();
  const std::string text = in_front + std::string(GetParam());
  const Read by_clang(text);
  const Read by_text(text, false, false);
  EXPECT_TRUE(by_clang.has_types("f"));
  EXPECT_EQ(by_clang.code("f"), by_text.code("f"));
}

INSTANTIATE_TEST_SUITE_P(
    ClangLowering, BothWays,
    ::testing::Values(
        "int f(int a) { if (a == 0) x(); if (a != 3 && !a) y(a); else z(); return 0; }",
        "int f(int a, int b) { while (a < b) { if (x(a)) continue; if (y()) break; a++; } return a; }",
        "int f(int a) { do { x(); } while (y(a) == -1); for (int i = 0; i < a; i++) z(i); return 0; }",
        "int f(int a) { if (a) goto out; x(); out: y(); return 0; }",
        "int f(int a) { again: x(); if (y(a)) goto again; return 0; }",
        "int f(int a) { switch (a) { case 1: x(); case 2: y(); break; default: z(); } return 0; }",
        "int f(int a, int b) { Guard g(a); if (b) return 1; x(); return 2; }",
        "int f(int a) { try { x(); } catch (...) { z(); throw; } return 0; }", "void f() noexcept { x(); }",
        "int f() { static int count = 0; count++; return count; }",
        "int f() { s v; v.n = 1; x(&v); s *q = &v; q->n = 2; (*q).n = 3; return q->next->n; }",
        "int f() { int fd = -1; x(&fd); y(fd); return fd; }", "void f(int *out) { *out = 3; }",
        "int f(int a) { return a ? x(a) : y(a); }", "int f(s *p) { return p->lock(p->n | 4); }",
        "int f(int a) { auto g = [&](int how) { return x(a, how); }; return g(3); }",
        "int f(int a) { int b; b = a; b += 2; b |= 4; return -b; }",
        "int f(int a[4]) { a[1] = 2; x(a[1], \"text\" \" more\", 'c', true, nullptr, 0x10); return 0; }",
        "void f(int a) { if (a) throw a; x(); }",
        "int f(int a) { int b = 0; if (x() || (b = y()) == a) return b; return 1; }"));

TEST(ClangLowering, MacrosOfTheTextAreSeenThrough) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "int x(int); int y(int);\n#define TRY(call) do { if ((call) < 0) return -1; } while (0)\n"
      "int f(int a) {\n  TRY(x(a));\n  return y(a);\n}\n",
      true);
  EXPECT_THAT(read.code("f"), Contains("branch operator.lt(%1, 0) ? 1 : 2"));
  EXPECT_THAT(read.code("f"), Contains("return -1"));
  EXPECT_THAT(read.holes(), IsEmpty());
}

TEST(ClangLowering, RangesAreWhereTheUserWrote) {
  SKIP_WITHOUT_CLANG();
  const Read read("int x(int);\n#define LOCKED(fd) x(fd)\nint f(int a) { return LOCKED(a); }\n", true);
  const ir::Instruction& call = read.function("f").cfg.blocks[0].instructions[0];
  EXPECT_EQ(read.text(call.range), "LOCKED(a)");
}

TEST(ClangLowering, ConstantsOfTheSystemKeepTheirNames) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "#include <errno.h>\n#include <fcntl.h>\n#define MODE (O_RDWR | O_CREAT)\n#define OWN 7\n"
      "int f(const char *p) { int fd = open(p, MODE, OWN); if (errno == EEXIST) return F_SETLK; return fd; "
      "}\n",
      true);
  EXPECT_THAT(read.code("f"), Contains("%1 = call open(p, operator.or(O_RDWR, O_CREAT), 7)"));
  EXPECT_THAT(read.code("f"), Contains("branch operator.eq(errno, EEXIST) ? 1 : 2"));
  EXPECT_THAT(read.code("f"), Contains("return F_SETLK"));
}

TEST(ClangLowering, MembersOfTheSystemKeepTheirNames) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "#include <sys/stat.h>\nlong f(struct stat *s) { return s->st_mtime; }\n"
      "long g(struct stat *s) { return s->st_mtim.tv_sec; }\n",
      true);
  EXPECT_THAT(read.code("f"), Contains("return s.st_mtime"));
  EXPECT_THAT(read.code("g"), Contains("return s.st_mtim.tv_sec"));
}

TEST(ClangLowering, TypesBehindOtherNamesEnd) {
  SKIP_WITHOUT_CLANG();
  const Read read(std::string(in_front) +
                  "using Held = Guard; Guard make();\n"
                  "void f() { auto one = make(); Held two(2); x(); }\n"
                  "void only_text(Guard *g) { x(g->n); }\n");
  EXPECT_THAT(read.instructions("f"), Contains("call one.~(exception=null)"));
  EXPECT_THAT(read.instructions("f"), Contains("call two.~(exception=null)"));
}

TEST(ClangLowering, AFunctionThatCannotRaiseDoesNot) {
  SKIP_WITHOUT_CLANG();
  const Read read(std::string(in_front) +
                  "int quiet() noexcept; extern \"C\" int c_like(int);\n"
                  "void f() { Guard g(1); quiet(); c_like(2); }\n");
  // Only making the guard may raise, and then there is none to end.
  EXPECT_THAT(read.code("f"), Not(Contains(HasSubstr("landing"))));
}

TEST(ClangLowering, OwnersWithDeleters) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "#include <memory>\n#include <cstdio>\nint x();\n"
      "void f() { std::unique_ptr<FILE, decltype(&fclose)> file(fopen(\"a\", \"w\"), &fclose); x(); }\n"
      "void g() { std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(\"a\", \"w\"), fclose); x(); }\n");
  EXPECT_THAT(read.instructions("f"), Contains("call fclose(file, exception=null)"));
  EXPECT_THAT(read.instructions("g"), Contains("call fclose(file, exception=null)"));
}

TEST(ClangLowering, StandardNames) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "#include <fstream>\n#include <filesystem>\n#include <cstdio>\nnamespace fs = std::filesystem;\n"
      "void f(const std::string& p) { std::ofstream out(p); fs::remove(p); std::remove(p.c_str()); }\n");
  EXPECT_THAT(read.instructions("f"), Contains(HasSubstr("call std.filesystem.remove(")));
  EXPECT_THAT(read.instructions("f"), Contains(HasSubstr("call remove(")));
}

TEST(ClangLowering, TemplatesAreReadAsTheyAreUsedFirst) {
  SKIP_WITHOUT_CLANG();
  const Read read(std::string(in_front) +
                  "template <typename T> void f(int fd) { T guard(fd); x(); }\n"
                  "void user() { f<Guard>(1); }\ntemplate <typename T> void unused(T t) { t.go(); }\n");
  EXPECT_TRUE(read.has_types("f"));
  EXPECT_THAT(read.instructions("f"), Contains("call guard.~(exception=null)"));
  EXPECT_FALSE(read.has_types("unused"));
}

TEST(ClangLowering, NamesOfAFilesOwnAreThoseOfTheText) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "static int helper(int a) { return a; }\nnamespace n { namespace { int hidden() { return 1; } } "
      "int f() { return helper(hidden()); } }\n");
  EXPECT_THAT(read.instructions("n.f"),
              ElementsAre("%0 = call m.cc.n.(local).hidden()", "%1 = call m.cc.helper(%0)"));
}

TEST(ClangLowering, WhatClangDoesNotUnderstandIsReadFromTheText) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "#include \"missing.h\"\nint x(int);\nint sound(int a) { return x(a); }\n"
      "int broken(int a) { Missing m(a); return x(a); }\nint Unknown::method(int a) { return x(a); }\n");
  EXPECT_TRUE(read.has_types("sound"));
  EXPECT_FALSE(read.has_types("broken"));
  EXPECT_FALSE(read.has_types("Unknown.method"));
  EXPECT_THAT(read.instructions("broken"), Contains(HasSubstr("call x(a)")));
}

TEST(ClangLowering, BranchesThatAreOffAreReadFromTheText) {
  SKIP_WITHOUT_CLANG();
  const Read read(
      "int x(int); int y(int);\nint f(int a) {\n#ifdef HAVE_LOCKS\n  x(a);\n#endif\n  return y(a);\n}\n",
      true);
  EXPECT_FALSE(read.has_types("f"));
  EXPECT_THAT(read.instructions("f"), Contains("call x(a)"));
}

TEST(ClangReading, StopsInTime) {
  SKIP_WITHOUT_CLANG();
  cpp::Input input;
  input.module_name = "m.cc";
  input.text = "#include <string>\nint f();\n";
  const Outcome outcome = read(input, "/no/such/m.cc", {"/", {"-x", "c++"}}, 1e-6);
  EXPECT_FALSE(outcome.module);
  EXPECT_EQ(outcome.failure, Failure::slow);
}

TEST(ClangReading, FlagsThatNobodyKnows) {
  SKIP_WITHOUT_CLANG();
  cpp::Input input;
  input.module_name = "m.cc";
  input.text = "int f() { return 1; }\n";
  const Outcome outcome =
      read(input, "/no/such/m.cc",
           {"/no/such/folder", {"-fno-such-flag", "-mno-such", "--param", "x=1", "-std=c++98"}}, 60);
  ASSERT_TRUE(outcome.module);
  EXPECT_FALSE(outcome.module->functions[1].without_types);
}

}  // namespace
}  // namespace lockwright::frontends::compiler::testing
