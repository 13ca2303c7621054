// Values, calls, names and declarations of C and C++.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/frontends/cpp/lowered.h"

namespace lockwright::frontends::cpp::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Code = std::vector<std::string>;

Code in_c(const std::string& body) {
  return Lowered("int f(int a, char *p) { " + body + " }", true).instructions("f");
}

TEST(CppExpressions, Literals) {
  EXPECT_THAT(in_c("x(0x10, 010, 1u, 'a', \"a\\n\" \"b\", 1.5, NULL);"),
              ElementsAre("call x(16, 8, 1, 97, \"a\\nb\", builtins.float(\"1.5\"), null)"));
}

TEST(CppExpressions, PointersAndWhatTheyPointTo) {
  EXPECT_THAT(in_c("struct s v; v.n = 1; x(&v); struct s *q = &v; q->n = 2; (*q).n = 3;"),
              ElementsAre("v := activation.@v", "store v.n := 1", "call x(v)", "q := v", "store q.n := 2",
                          "store q.n := 3"));
}

TEST(CppExpressions, NumbersWhoseAddressIsTaken) {
  EXPECT_THAT(
      in_c("int fd = -1; x(&fd); y(fd);"),
      ElementsAre("store activation.&fd.* := -1", "call x(activation.&fd)", "call y(activation.&fd.*)"));
  EXPECT_THAT(Lowered("void f(int *out) { *out = 3; }", true).instructions("f"),
              ElementsAre("store out.* := 3"));
}

TEST(CppExpressions, DesignatedInitializers) {
  EXPECT_THAT(in_c("struct flock fl = {.l_type = F_WRLCK}; x(&fl);"),
              ElementsAre("store activation.@fl.l_type := F_WRLCK", "fl := activation.@fl", "call x(fl)"));
}

TEST(CppExpressions, TextIsPutTogether) {
  EXPECT_THAT(
      Lowered("void f(std::string d) { auto p = d + \"/x\"; p += \".lock\"; x(p); }").instructions("f"),
      ElementsAre("p := f\"{d}/x\"", "p := f\"{p}.lock\"", "call x(p)"));
}

TEST(CppExpressions, Macros) {
  EXPECT_THAT(Lowered("#define DIR \"/run\"\n#define FILE DIR \"/x\"\nvoid f(void) { x(FILE); }", true)
                  .instructions("f"),
              ElementsAre("call x(\"/run/x\")"));
  const Lowered call("#define LOCK(fd) flock((fd), LOCK_EX)\nvoid f(int fd) { LOCK(fd); }", true);
  EXPECT_THAT(call.instructions("f"), ElementsAre("%1 = call flock(fd, LOCK_EX)"));
  EXPECT_EQ("LOCK(fd)", call.text(call.function("f").cfg.blocks[0].instructions[0].range));
}

TEST(CppExpressions, Enumerators) {
  EXPECT_THAT(Lowered("enum mode { r, w = 4, x }; void f(void) { g(r, w, x); }", true).instructions("f"),
              ElementsAre("call g(0, 4, 5)"));
}

TEST(CppExpressions, MovedFromIsNothing) {
  EXPECT_THAT(Lowered("void f() { Guard g(1); x(std::move(g)); }").instructions("f"),
              ElementsAre("%0 = call Guard(1)", "g := %0", "%2 := g", "g := null", "call x(%2)",
                          "call g.~(exception=null)"));
}

TEST(CppExpressions, SmartPointers) {
  const Code code =
      Lowered("void f() { std::unique_ptr<FILE, decltype(&fclose)> p(open_it(), &fclose); x(p.get()); }")
          .instructions("f");
  EXPECT_THAT(code, Contains("call x(p)"));
  EXPECT_THAT(code, Contains("call fclose(p, exception=null)"));
}

TEST(CppExpressions, SmartPointersOfAnotherNameAreWhatTheyOwn) {
  EXPECT_THAT(
      Lowered(
          "using File = std::unique_ptr<FILE, int (*)(FILE*)>; File f() { return File(open_it(), fclose); }")
          .instructions("f"),
      Contains("%0 = call open_it()"));
  const Lowered lowered(
      "struct S { S(int); }; using Owned = std::unique_ptr<S>; void f() { x(Owned(make_it())); }");
  EXPECT_THAT(lowered.instructions("f"), ElementsAre("%0 = call make_it()", "call x(%0)"));
}

TEST(CppExpressions, Lambdas) {
  const Lowered lowered("void f(int a) { int b = 1; run([&] { x(a, b); }); }");
  EXPECT_THAT(lowered.instructions("f"), ElementsAre("store activation.a := a", "store activation.b := 1",
                                                     HasSubstr("call run(closure f.<lambda")));
}

TEST(CppExpressions, MethodsOutOfLine) {
  const Lowered lowered(
      "namespace n { class C { void m(); int fd_ = -1; static int s(); };\n"
      "void C::m() { fd_ = 3; s(); other_ = 4; } }");
  EXPECT_THAT(lowered.instructions("n.C.m"),
              ElementsAre("store self.fd_ := 3", "call n.C.s()", "store self.other_ := 4"));
  EXPECT_EQ("n.C", lowered.function("n.C.m").owner);
}

TEST(CppExpressions, MethodsOfAClassThatIsNotSeen) {
  const Lowered lowered("bool Lock::take() { return flock(fd_, LOCK_EX) == 0; }");
  EXPECT_THAT(lowered.instructions("Lock.take"), ElementsAre("%0 = call flock(self.fd_, LOCK_EX)"));
  EXPECT_EQ("Lock", lowered.function("Lock.take").owner);
}

TEST(CppExpressions, ConstructorsAndDestructors) {
  const Lowered lowered(
      "class C { C(int fd) : fd_(fd), g_(fd) { x(); } ~C() { close(fd_); } int fd_; Guard g_; };");
  EXPECT_THAT(lowered.instructions("C.(init)"),
              ElementsAre("store self.fd_ := fd", "%1 = call Guard(fd)", "store self.g_ := %1", "call x()"));
  EXPECT_THAT(lowered.instructions("C.~"), ElementsAre("call close(self.fd_)", "call self.g_.~()"));
}

TEST(CppExpressions, MembersEndWithTheirObject) {
  const Lowered lowered("struct C { Guard g; };");
  EXPECT_THAT(lowered.instructions("C.~"), ElementsAre("call self.g.~()"));
}

TEST(CppExpressions, HeadersTellWhatNamesMean) {
  const std::string header = "namespace n { int helper(int mode = 2); struct Base { void lock(); }; }";
  const Lowered lowered("namespace n { struct D : Base { void go() { helper(1); lock(); } }; }", false,
                        header);
  EXPECT_THAT(lowered.instructions("n.D.go"), ElementsAre("call n.helper(1)", "call self.lock()"));
}

TEST(CppExpressions, FileLocalFunctionsAreTheFilesOwn) {
  const Lowered lowered("static int h(void) { return 1; } int f(void) { return h(); }", true);
  EXPECT_THAT(lowered.instructions("f"), ElementsAre("%0 = call m.c.h()"));
}

TEST(CppErrors, TextThatIsNoCodeIsAHole) {
  const Lowered lowered("int f(void) { x(); @@@ ; y(); return 0; }", true);
  EXPECT_THAT(lowered.instructions("f"), Contains("call x()"));
  EXPECT_THAT(lowered.instructions("f"), Contains("call y()"));
  EXPECT_FALSE(lowered.holes().empty());
}

TEST(CppErrors, OldStyleDefinitions) {
  const Lowered lowered("int f(path, mode)\n  char *path;\n  int mode;\n{\n  return open(path, mode);\n}\n",
                        true);
  EXPECT_THAT(lowered.instructions("f"), ElementsAre("%2 = call open(path, mode)"));
}

TEST(CppErrors, MacrosThatLookLikeNothing) {
  const Lowered lowered(
      "class EXPORT_API File {\n public:\n  void lock() EXCLUSIVE_LOCK_FUNCTION(mu_) { x(); }\n"
      "  int count GUARDED_BY(mu_) = 0;\n};\n");
  EXPECT_THAT(lowered.holes(), IsEmpty());
  EXPECT_THAT(lowered.instructions("File.lock"), ElementsAre("call x()"));
}

TEST(CppErrors, DeepNesting) {
  std::string text = "int f(int a) { return ";
  for (int i = 0; i < 5000; ++i) text += "(a+";
  text += "1";
  for (int i = 0; i < 5000; ++i) text += ")";
  const Lowered lowered(text + "; }", true);
  EXPECT_FALSE(lowered.module.functions.empty());
}

}  // namespace
}  // namespace lockwright::frontends::cpp::testing
