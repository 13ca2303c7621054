#include "analyzer/ir/term_print.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockwright::ir {
namespace {

using Terms = std::vector<Term>;

class TermPrintTest : public ::testing::Test {
 protected:
  std::string text(Term term) { return to_string(terms, term); }
  std::string exact(Term term) { return to_string(terms, term, {.exact = true}); }

  TermTable terms;
};

TEST_F(TermPrintTest, LeavesReadAsInSource) {
  EXPECT_EQ(text(terms.self()), "self");
  EXPECT_EQ(text(terms.param(2)), "$2");
  EXPECT_EQ(text(terms.local(Local{3})), "%3");
  EXPECT_EQ(text(terms.integer(-12)), "-12");
  EXPECT_EQ(text(terms.boolean(true)), "true");
  EXPECT_EQ(text(terms.null()), "null");
  EXPECT_EQ(text(terms.unknown()), "?");
  EXPECT_EQ(text(terms.global("fcntl.LOCK_EX")), "fcntl.LOCK_EX");
  EXPECT_EQ(text(terms.string("a\"b\\\n{}\x01")), R"("a\"b\\\n{}\x01")");
  EXPECT_EQ(text(Term::none), "none");
}

TEST_F(TermPrintTest, CompoundsReadAsInSource) {
  const Term lock = terms.field(terms.self(), "_lock");
  EXPECT_EQ(text(lock), "self._lock");
  EXPECT_EQ(text(terms.index(lock, terms.string("k"))), "self._lock[\"k\"]");
  EXPECT_EQ(text(terms.apply(terms.field(lock, "get"), Terms{terms.integer(1), terms.keyword("n", lock)})),
            "self._lock.get(1, n=self._lock)");
  EXPECT_EQ(text(terms.concat(Terms{terms.string("{a}"), terms.param(0), terms.string(".lock\n")})),
            "f\"{{a}}{$0}.lock\\n\"");
  EXPECT_EQ(text(terms.make(terms.global("pathlib.Path"), Terms{terms.string("x")})), "pathlib.Path(\"x\")");
  EXPECT_EQ(text(terms.closure("m.f.<locals>.g", terms.activation())), "m.f.<locals>.g");
}

TEST_F(TermPrintTest, ExactTellsApartWhatReadsTheSame) {
  EXPECT_EQ(text(terms.field(terms.activation(), "x")), "x");
  EXPECT_EQ(text(terms.field(terms.frame(), "x")), "x");
  EXPECT_EQ(exact(terms.field(terms.activation(), "x")), "activation.x");
  EXPECT_EQ(exact(terms.field(terms.frame(), "x")), "frame.x");
  EXPECT_EQ(exact(terms.make(terms.global("C"), {})), "new C()");
  EXPECT_EQ(exact(terms.closure("g", terms.activation())), "closure g[activation]");
  EXPECT_EQ(exact(terms.closure("g", Term::none)), "closure g");
  EXPECT_EQ(exact(terms.fresh(3, 1)), "#3@1");
  EXPECT_EQ(text(terms.fresh(3, 1)), "#3");
}

TEST_F(TermPrintTest, NamesAreUsedWhereKnown) {
  const Term path = terms.concat(Terms{terms.param(0), terms.param(1)});
  const auto name = [](std::uint32_t i) { return i == 0 ? std::string_view("path") : std::string_view(); };
  EXPECT_EQ(to_string(terms, path, name), "f\"{path}{$1}\"");
  const TermStyle style{.local_name = [](Local) { return std::string_view("fd"); }};
  EXPECT_EQ(to_string(terms, terms.local(Local{9}), style), "fd");
}

TEST_F(TermPrintTest, LongTextIsCutBetweenCharacters) {
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  EXPECT_EQ(to_string(terms, terms.string(umlauts), {.max_length = 4}), "\"ü…");
  EXPECT_EQ(to_string(terms, terms.string(umlauts), {.max_length = 5}), "\"üü…");
  EXPECT_EQ(to_string(terms, terms.string("abc"), {.max_length = 5}), "\"abc\"");
}

}  // namespace
}  // namespace lockwright::ir
