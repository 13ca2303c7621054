// Deciding conditions. Only what is certain is decided: constants, values that cannot be null because they
// were just made, and conditions taken before on the same path. All else stays open and both ways are gone.
#include "analyzer/paths/conditions.h"

#include "analyzer/ir/operators.h"
#include "analyzer/paths/intervals.h"

namespace lockwright::paths {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;

constexpr std::size_t max_facts = 48;

Truth truth_of(bool value) {
  return value ? Truth::yes : Truth::no;
}

bool is_constant(TermKind kind) {
  return kind == TermKind::string || kind == TermKind::integer || kind == TermKind::boolean ||
         kind == TermKind::null;
}

/// A value that was made, so it is something.
bool is_object(TermKind kind) {
  return kind == TermKind::make || kind == TermKind::closure || kind == TermKind::fresh ||
         kind == TermKind::concat || kind == TermKind::self;
}

Truth by_itself(const ir::TermTable& terms, Term test) {
  switch (terms.kind(test)) {
    case TermKind::null: return Truth::no;
    case TermKind::boolean:
    case TermKind::integer: return truth_of(terms.number(test) != 0);
    case TermKind::string: return truth_of(!terms.text(test).empty());
    case TermKind::closure:
    case TermKind::self: return Truth::yes;
    case TermKind::make: {
      const auto operands = terms.operands(test);
      const std::string_view type = terms.text(operands[0]);
      if (type == "builtins.list" || type == "builtins.tuple" || type == "builtins.dict" ||
          type == "builtins.set") {
        return truth_of(operands.size() > 1);
      }
      // A record: with members that have names.
      if (operands.size() > 1 && terms.kind(operands[1]) == TermKind::keyword) return Truth::yes;
      return Truth::open;
    }
    default: return Truth::open;
  }
}

/// Two numbers compared: a counter that was just set.
Truth by_order(const ir::TermTable& terms, Term test) {
  for (const std::string_view name : {"operator.lt", "operator.gt", "operator.le", "operator.ge"}) {
    if (!is_operator(terms, test, {name})) continue;
    const Term left = terms.operands(test)[1];
    const Term right = terms.operands(test)[2];
    if (terms.kind(left) != TermKind::integer || terms.kind(right) != TermKind::integer) return Truth::open;
    const auto one = terms.number(left);
    const auto other = terms.number(right);
    if (name == "operator.lt") return truth_of(one < other);
    if (name == "operator.gt") return truth_of(one > other);
    return truth_of(name == "operator.le" ? one <= other : one >= other);
  }
  return Truth::open;
}

Truth by_comparison(const ir::TermTable& terms, Term test) {
  const bool identity = is_operator(terms, test, {"operator.is"});
  if (!identity && !is_operator(terms, test, {"operator.eq"})) return Truth::open;
  const Term left = terms.operands(test)[1];
  const Term right = terms.operands(test)[2];
  if (left == right && terms.definite(left)) return Truth::yes;
  const TermKind left_kind = terms.kind(left);
  const TermKind right_kind = terms.kind(right);
  if (is_constant(left_kind) && is_constant(right_kind)) return truth_of(left == right);
  if ((left_kind == TermKind::null && is_object(right_kind)) ||
      (right_kind == TermKind::null && is_object(left_kind))) {
    return Truth::no;
  }
  return Truth::open;
}

/// Whether a condition that holds is one that only something can meet: `typeof x === "string"`, `x > 0`.
bool needs_something(const ir::TermTable& terms, Term condition, Term subject) {
  if (is_operator(terms, condition, {"operator.gt"})) return terms.operands(condition)[1] == subject;
  if (!is_operator(terms, condition, {"operator.eq"})) return false;
  const Term asked = terms.operands(condition)[1];
  const Term answer = terms.operands(condition)[2];
  return is_operator(terms, asked, {"operator.typeof"}) && terms.operands(asked)[1] == subject &&
         terms.kind(answer) == TermKind::string && terms.text(answer) != "undefined" &&
         terms.text(answer) != "object";
}

/// What an equality compares with nothing; none: it is no such.
Term compared_with_nothing(const ir::TermTable& terms, Term test) {
  if (!is_operator(terms, test, {"operator.is", "operator.eq"})) return Term::none;
  const auto operands = terms.operands(test);
  if (terms.kind(operands[2]) == TermKind::null) return operands[1];
  return terms.kind(operands[1]) == TermKind::null ? operands[2] : Term::none;
}

Truth by_facts(ir::TermTable& terms, Term test, const std::vector<Fact>& facts) {
  if (!terms.definite(test)) return Truth::open;
  // `x is None`, and x was found true: not None. `x`, and x was found None: false.
  const Term subject = compared_with_nothing(terms, test);
  for (const Fact& fact : facts) {
    if (fact.term == test) return truth_of(fact.truth);
    if (subject != Term::none && fact.truth &&
        (fact.term == subject || needs_something(terms, fact.term, subject))) {
      return Truth::no;
    }
    if (fact.truth && is_operator(terms, fact.term, {"operator.is"}) &&
        terms.operands(fact.term)[1] == test && terms.kind(terms.operands(fact.term)[2]) == TermKind::null) {
      return Truth::no;
    }
  }
  return Truth::open;
}

}  // namespace

Literal literal(ir::TermTable& terms, Term test, bool truth) {
  for (;;) {
    if (is_operator(terms, test, {"operator.not"})) {
      test = terms.operands(test)[1];
    } else if (is_operator(terms, test, {"operator.is_not", "operator.ne"})) {
      const bool identity = terms.text(terms.operands(test)[0]) == "operator.is_not";
      const Term operands[] = {terms.operands(test)[1], terms.operands(test)[2]};
      test = terms.apply(terms.global(identity ? "operator.is" : "operator.eq"), operands);
    } else {
      return {test, truth};
    }
    truth = !truth;
  }
}

Truth evaluate(ir::TermTable& terms, Term test, const std::vector<Fact>& facts) {
  const Literal positive = literal(terms, test, true);
  Truth result = by_itself(terms, positive.term);
  if (result == Truth::open) result = by_order(terms, positive.term);
  if (result == Truth::open) result = by_comparison(terms, positive.term);
  if (result == Truth::open) result = by_facts(terms, positive.term, facts);
  if (result == Truth::open || positive.truth) return result;
  return result == Truth::yes ? Truth::no : Truth::yes;
}

bool assume(ir::TermTable& terms, std::vector<Fact>& facts, Term test, bool truth, std::uint32_t at,
            source::Range range) {
  const Truth known = evaluate(terms, test, facts);
  if (known != Truth::open) return known == truth_of(truth);
  const Literal positive = literal(terms, test, truth);
  if (leaves_no_number(terms, facts, positive.term, positive.truth)) return false;
  if (terms.kind(positive.term) != TermKind::unknown && facts.size() < max_facts) {
    facts.push_back({positive.term, positive.truth, at, range});
  }
  return true;
}

}  // namespace lockwright::paths
