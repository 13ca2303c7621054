#include "analyzer/ir/term.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lockwright::ir {
namespace {

using Terms = std::vector<Term>;

class TermTest : public ::testing::Test {
 protected:
  Term concat(Terms parts) { return terms.concat(parts); }
  Term apply(Term function, Terms arguments) { return terms.apply(function, arguments); }
  Terms operands(Term term) {
    const auto view = terms.operands(term);
    return {view.begin(), view.end()};
  }

  TermTable terms;
  Term x = terms.param(0);
  Term y = terms.param(1);
  Term f = terms.global("f");
};

TEST_F(TermTest, EqualContentsAreTheSameTerm) {
  EXPECT_EQ(terms.field(terms.self(), "path"), terms.field(terms.self(), std::string("path")));
  EXPECT_EQ(apply(f, {x, terms.integer(1)}), apply(f, {x, terms.integer(1)}));
  EXPECT_EQ(terms.fresh(3, 1), terms.fresh(3, 1));
  EXPECT_EQ(terms.unknown(), terms.unknown());
}

TEST_F(TermTest, DifferentContentsAreDifferentTerms) {
  const Terms different = {
      x,
      y,
      f,
      terms.local(Local{0}),
      terms.self(),
      terms.activation(),
      terms.frame(),
      terms.string("f"),
      terms.string(""),
      terms.integer(0),
      terms.integer(-1),
      terms.boolean(false),
      terms.boolean(true),
      terms.null(),
      terms.unknown(),
      terms.field(x, "f"),
      terms.field(x, "g"),
      terms.keyword("f", x),
      terms.index(x, y),
      terms.index(y, x),
      concat({x, y}),
      apply(x, {y}),
      apply(f, {}),
      apply(f, {x}),
      apply(f, {x, y}),
      terms.make(f, Terms{x}),
      terms.closure("f", Term::none),
      terms.closure("f", terms.activation()),
      terms.fresh(0, 0),
      terms.fresh(0, 1),
      terms.fresh(1, 0),
  };
  for (std::size_t i = 0; i < different.size(); ++i) {
    EXPECT_NE(different[i], Term::none);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(different[i], different[j]) << i << " and " << j;
  }
}

TEST_F(TermTest, AccessorsGiveBackWhatWasPutIn) {
  const Term term = terms.field(x, "lock");
  EXPECT_EQ(terms.kind(term), TermKind::field);
  EXPECT_EQ(terms.text(term), "lock");
  EXPECT_EQ(operands(term), Terms{x});
  EXPECT_EQ(terms.number(terms.integer(-7)), -7);
  EXPECT_EQ(terms.number(terms.fresh(5, 9)), 5);
  EXPECT_EQ(terms.context(terms.fresh(5, 9)), 9U);
  EXPECT_EQ(terms.context(x), 0U);
  EXPECT_EQ(operands(apply(f, {y, x})), (Terms{f, y, x}));
  EXPECT_EQ(operands(terms.closure("g", Term::none)), Terms{});
  EXPECT_EQ(terms.text(terms.string(std::string_view("a\0b", 3))).size(), 3U);
}

TEST_F(TermTest, ViewsStayValidWhileTheTableGrows) {
  const Term call = apply(f, {x, y});
  const std::string_view name = terms.text(f);
  const auto arguments = terms.operands(call);
  for (int i = 0; i < 20000; ++i) terms.field(terms.integer(i), "name" + std::to_string(i));
  EXPECT_EQ(name.data(), terms.text(f).data());
  EXPECT_EQ(arguments.data(), terms.operands(call).data());
  EXPECT_EQ(apply(f, {x, y}), call);
  EXPECT_EQ(terms.field(terms.integer(777), "name777"), terms.field(terms.integer(777), "name777"));
}

TEST_F(TermTest, AMovedTableKeepsItsTerms) {
  const Term call = apply(f, {x});
  const TermTable moved = std::move(terms);
  EXPECT_EQ(moved.text(moved.operands(call)[0]), "f");
}

TEST_F(TermTest, InternGivesOneViewForOneText) {
  const std::string_view first = terms.intern("exception");
  EXPECT_EQ(first, "exception");
  EXPECT_EQ(first.data(), terms.intern(std::string("exception")).data());
  EXPECT_EQ(terms.intern(""), "");
}

TEST_F(TermTest, NoneIsHarmless) {
  EXPECT_EQ(terms.kinds_in(Term::none), 0U);
  EXPECT_FALSE(terms.definite(Term::none));
  EXPECT_TRUE(terms.operands(Term::none).empty());
  EXPECT_EQ(terms.text(Term::none), "");
  EXPECT_EQ(terms.rewrite(Term::none, [](Term) { return Term::none; }), Term::none);
  EXPECT_EQ(terms.import(TermTable(), Term::none), Term::none);
  EXPECT_EQ(terms.field(Term::none, "a"), terms.field(terms.unknown(), "a"));
  EXPECT_EQ(concat({Term::none}), terms.unknown());
}

TEST_F(TermTest, ConcatIsFlat) {
  const Term inner = concat({x, terms.string("/")});
  EXPECT_EQ(operands(concat({inner, y, inner})), (Terms{x, terms.string("/"), y, x, terms.string("/")}));
}

TEST_F(TermTest, ConcatJoinsNeighbouringStrings) {
  const Term inner = concat({terms.string("b"), x, terms.string("c")});
  EXPECT_EQ(operands(concat({terms.string("a"), inner, terms.string("d"), terms.string("e")})),
            (Terms{terms.string("ab"), x, terms.string("cde")}));
  EXPECT_EQ(
      operands(concat({terms.string("a"), x, terms.string("b"), y, terms.string("c"), terms.string("d")})),
      (Terms{terms.string("a"), x, terms.string("b"), y, terms.string("cd")}));
}

TEST_F(TermTest, ConcatDropsEmptyStringsAndItselfWhenItCan) {
  EXPECT_EQ(concat({}), terms.string(""));
  EXPECT_EQ(concat({terms.string("")}), terms.string(""));
  EXPECT_EQ(concat({terms.string(""), x, terms.string("")}), x);
  EXPECT_EQ(concat({terms.string("a"), terms.string(""), terms.string("b")}), terms.string("ab"));
  EXPECT_EQ(operands(concat({x, terms.string(""), y})), (Terms{x, y}));
}

TEST_F(TermTest, ConcatThatExplodesIsUnknown) {
  Term doubling = concat({x, y});
  for (int i = 0; i < 40; ++i) doubling = concat({doubling, doubling});
  EXPECT_FALSE(terms.definite(doubling));
  Term text = terms.string("0123456789");
  for (int i = 0; i < 40; ++i) text = concat({text, text});
  EXPECT_FALSE(terms.definite(text));
}

TEST_F(TermTest, TermsThatNestTooDeeplyAreUnknown) {
  Term deep = x;
  for (std::uint32_t i = 1; i < TermTable::max_depth; ++i) deep = terms.field(deep, "next");
  EXPECT_TRUE(terms.definite(deep));
  EXPECT_EQ(terms.field(deep, "next"), terms.unknown());
}

TEST_F(TermTest, DefiniteMeansWithoutUnknown) {
  EXPECT_TRUE(terms.definite(apply(f, {x})));
  EXPECT_FALSE(terms.definite(terms.unknown()));
  EXPECT_FALSE(terms.definite(apply(f, {x, terms.field(terms.unknown(), "a")})));
}

TEST_F(TermTest, KindsInCoversTheWholeTerm) {
  EXPECT_EQ(terms.kinds_in(x), kinds_of(TermKind::param));
  EXPECT_EQ(terms.kinds_in(terms.index(terms.self(), concat({x, terms.string("s")}))),
            kinds_of(TermKind::index, TermKind::self, TermKind::concat, TermKind::param, TermKind::string));
}

TEST_F(TermTest, ContainsLooksEverywhere) {
  const Term part = terms.field(x, "a");
  const Term whole = apply(f, {y, terms.index(part, terms.integer(1))});
  EXPECT_TRUE(terms.contains(whole, whole));
  EXPECT_TRUE(terms.contains(whole, part));
  EXPECT_TRUE(terms.contains(whole, x));
  EXPECT_TRUE(terms.contains(whole, f));
  EXPECT_FALSE(terms.contains(part, whole));
  EXPECT_FALSE(terms.contains(whole, terms.field(x, "b")));
  EXPECT_FALSE(terms.contains(whole, terms.field(y, "a")));
}

TEST_F(TermTest, SharedSubtermsAreVisitedOnce) {
  Term shared = x;
  for (int i = 0; i < 100; ++i) shared = apply(f, {shared, shared});  // 2^100 leaves
  EXPECT_TRUE(terms.contains(shared, x));
  EXPECT_FALSE(terms.contains(shared, y));
  Term expected = y;
  for (int i = 0; i < 100; ++i) expected = apply(f, {expected, expected});
  int asked = 0;
  const auto replace = [&](Term term) {
    ++asked;
    return term == x ? y : term;
  };
  EXPECT_EQ(terms.rewrite(shared, replace), expected);
  EXPECT_EQ(asked, 102);  // x, f and each of the applications
  TermTable other;
  const Term copy = other.import(terms, shared);
  EXPECT_EQ(terms.import(other, copy), shared);
  EXPECT_LT(to_string(terms, shared).size(), 200U);
}

TEST_F(TermTest, RewriteReplacesLeavesAndWholes) {
  const Term before = apply(f, {terms.field(x, "a"), terms.keyword("k", x)});
  EXPECT_EQ(terms.rewrite(before, [&](Term term) { return term == x ? y : term; }),
            apply(f, {terms.field(y, "a"), terms.keyword("k", y)}));
  // A term with operands is asked about with its new operands.
  EXPECT_EQ(terms.rewrite(before,
                          [&](Term term) {
                            if (term == x) return y;
                            return term == terms.field(y, "a") ? terms.null() : term;
                          }),
            apply(f, {terms.null(), terms.keyword("k", y)}));
}

TEST_F(TermTest, RewriteReachesEveryKindOfOperand) {
  const Terms wholes = {terms.field(x, "a"),     terms.index(x, x),     concat({x, y, x}),    apply(x, {x}),
                        terms.make(x, Terms{x}), terms.keyword("k", x), terms.closure("g", x)};
  const auto to_self = [&](Term term) { return term == x ? terms.self() : term; };
  const Term s = terms.self();
  const Terms expected = {terms.field(s, "a"),     terms.index(s, s),     concat({s, y, s}),    apply(s, {s}),
                          terms.make(s, Terms{s}), terms.keyword("k", s), terms.closure("g", s)};
  for (std::size_t i = 0; i < wholes.size(); ++i) EXPECT_EQ(terms.rewrite(wholes[i], to_self), expected[i]);
}

TEST_F(TermTest, RewriteNormalizesConcatsAgain) {
  const Term before = concat({x, terms.string(".lock")});
  const auto with = [&](Term value) {
    return terms.rewrite(before, [&](Term term) { return term == x ? value : term; });
  };
  EXPECT_EQ(with(terms.string("a")), terms.string("a.lock"));
  EXPECT_EQ(with(concat({y, terms.string("/b")})), concat({y, terms.string("/b.lock")}));
  EXPECT_EQ(with(terms.string("")), terms.string(".lock"));
}

TEST_F(TermTest, RewriteWithoutChangeMakesNothing) {
  const Term term = apply(f, {terms.field(x, "a"), concat({x, y})});
  const std::size_t size = terms.size();
  EXPECT_EQ(terms.rewrite(term, [](Term same) { return same; }), term);
  EXPECT_EQ(terms.size(), size);
}

TEST_F(TermTest, RewriteByKindAsksOnlyWhereTheyOccur) {
  const Term other = terms.field(terms.self(), "b");
  const Term term = apply(f, {terms.field(x, "a"), other});
  Terms asked;
  const auto replace = [&](Term part) {
    asked.push_back(part);
    return part == x ? y : part;
  };
  EXPECT_EQ(terms.rewrite(term, kinds_of(TermKind::param), replace), apply(f, {terms.field(y, "a"), other}));
  EXPECT_EQ(asked, (Terms{x, terms.field(y, "a"), apply(f, {terms.field(y, "a"), other})}));
  asked.clear();
  EXPECT_EQ(terms.rewrite(term, kinds_of(TermKind::local, TermKind::fresh), replace), term);
  EXPECT_TRUE(asked.empty());
}

TEST_F(TermTest, RewriteMayRewriteInside) {
  const Term inner = terms.field(y, "inner");
  const Term term = apply(f, {x, terms.index(x, y)});
  const Term result = terms.rewrite(term, [&](Term part) {
    if (part != x) return part;
    return terms.rewrite(inner, [&](Term deep) { return deep == y ? terms.self() : deep; });
  });
  const Term self_inner = terms.field(terms.self(), "inner");
  EXPECT_EQ(result, apply(f, {self_inner, terms.index(self_inner, y)}));
}

TEST_F(TermTest, ImportKeepsEverything) {
  TermTable other;
  other.string("shifts the numbers");
  const Terms originals = {
      apply(f, {terms.field(x, "a"), terms.keyword("k", terms.string("v"))}),
      terms.make(f, Terms{terms.integer(-5), terms.boolean(true), terms.null()}),
      terms.closure("g", terms.activation()),
      terms.closure("g", Term::none),
      concat({terms.self(), terms.string(".lock"), terms.index(y, terms.local(Local{4}))}),
      terms.fresh(8, 2),
      terms.frame(),
      terms.unknown(),
  };
  TermImporter importer(other, terms);
  for (const Term original : originals) {
    const Term copy = importer.import(original);
    EXPECT_EQ(to_string(other, copy), to_string(terms, original));
    EXPECT_EQ(terms.import(other, copy), original);
    EXPECT_EQ(importer.import(original), copy);
  }
  const Term later = terms.string("made after the importer");
  EXPECT_EQ(other.text(importer.import(later)), "made after the importer");
}

TEST(TermTable, SharedTermsOutliveTheTable) {
  std::optional<TermTable> table(std::in_place);
  const Term term = table->field(table->global("pkg.lock"), "fd");
  const TermTable other = table->share();
  table.reset();
  EXPECT_EQ(to_string(other, term), "pkg.lock.fd");
}

}  // namespace
}  // namespace lockwright::ir
