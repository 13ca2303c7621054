#include <gtest/gtest.h>

#include "analyzer/frontends/cpp/frontend.h"

namespace lockwright::frontends::cpp {
namespace {

bool mentions_flock(std::string_view text) {
  return mentions(text, source::Prefilter({{.text = "flock"}, {.text = "F_SETLK"}}));
}

TEST(Mentions, BodiesOfFunctionsCount) {
  EXPECT_TRUE(mentions_flock("int f(int fd) { return flock(fd, 2); }"));
  EXPECT_TRUE(
      mentions_flock("struct S { int f(int fd) { struct flock lock; return fcntl(fd, 6, &lock); } };"));
  EXPECT_TRUE(
      mentions_flock("namespace n { template <class T> int f(T fd) { return fcntl(fd, F_SETLK); } }"));
  EXPECT_TRUE(mentions_flock("auto f = 1;\nvoid g() { run([&] { flock(1, 2); }); }"));
}

TEST(Mentions, MacrosCount) {
  EXPECT_TRUE(mentions_flock("#define LOCK(fd) flock(fd, 2)\n"));
  EXPECT_TRUE(mentions_flock("#define COMMAND F_SETLK\n"));
}

TEST(Mentions, WhatDoesNotParseCounts) {
  EXPECT_TRUE(mentions_flock("void f( { @ flock(1, 2); \n"));
}

TEST(Mentions, CommentsAndDeclarationsDoNot) {
  EXPECT_FALSE(mentions_flock("// flock(fd)\nint f(int fd) { /* F_SETLK */ return fd; }"));
  EXPECT_FALSE(mentions_flock("extern int flock(int fd, int how);\nint f(int fd) { return fd; }"));
  EXPECT_FALSE(mentions_flock("#ifdef F_SETLK\nint f(int fd) { return fd; }\n#endif\n"));
  EXPECT_FALSE(mentions_flock("int f(int fd) { return my_flock(fd); }"));
}

}  // namespace
}  // namespace lockwright::frontends::cpp
