// A number that a path compares with constants, such as how often it may try: `attempt < attempts` was true
// of 1, is false of 2, so there are two attempts, and `attempt == attempts - 1` was true of 1. Bounds are
// kept doubled, so that an odd one lies between two whole numbers: seconds are no counters.
#include "analyzer/paths/intervals.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

#include "analyzer/ir/operators.h"

namespace lockwright::paths {
namespace {

using ir::is_operator;
using ir::Term;
using ir::TermKind;

enum class Relation : std::uint8_t { less, less_or_equal, greater, greater_or_equal, equal, unequal };

struct Comparison {
  Term subject;
  Relation relation;
  std::int64_t number;
};

struct Named {
  std::string_view name;
  Relation when_true, when_false, swapped_true, swapped_false;
};

constexpr std::array<Named, 5> relations{{
    {"operator.lt", Relation::less, Relation::greater_or_equal, Relation::greater, Relation::less_or_equal},
    {"operator.le", Relation::less_or_equal, Relation::greater, Relation::greater_or_equal, Relation::less},
    {"operator.gt", Relation::greater, Relation::less_or_equal, Relation::less, Relation::greater_or_equal},
    {"operator.ge", Relation::greater_or_equal, Relation::less, Relation::less_or_equal, Relation::greater},
    {"operator.eq", Relation::equal, Relation::unequal, Relation::equal, Relation::unequal},
}};

/// A comparison of something with a whole number, as one of what is left when sums are solved.
std::optional<Comparison> comparison(const ir::TermTable& terms, Term test, bool truth) {
  if (terms.kind(test) != TermKind::apply || terms.operands(test).size() != 3) return std::nullopt;
  const bool with_number = terms.kind(terms.operands(test)[1]) == TermKind::integer ||
                           terms.kind(terms.operands(test)[2]) == TermKind::integer;
  if (!with_number) return std::nullopt;
  for (const Named& named : relations) {
    if (!is_operator(terms, test, {named.name})) continue;
    const bool swapped = terms.kind(terms.operands(test)[1]) == TermKind::integer;
    Term subject = terms.operands(test)[swapped ? 2 : 1];
    const Term constant = terms.operands(test)[swapped ? 1 : 2];
    if (terms.kind(constant) != TermKind::integer || !terms.definite(subject)) return std::nullopt;
    std::int64_t number = terms.number(constant);
    while (is_operator(terms, subject, {"operator.add", "operator.sub"}) &&
           terms.kind(terms.operands(subject)[2]) == TermKind::integer) {
      const std::int64_t by = terms.number(terms.operands(subject)[2]);
      number += is_operator(terms, subject, {"operator.add"}) ? -by : by;
      subject = terms.operands(subject)[1];
    }
    if (number > std::numeric_limits<std::int32_t>::max() ||
        number < std::numeric_limits<std::int32_t>::min())
      return std::nullopt;
    const Relation straight = truth ? named.when_true : named.when_false;
    return Comparison{subject, swapped ? (truth ? named.swapped_true : named.swapped_false) : straight,
                      number};
  }
  return std::nullopt;
}

class Interval {
 public:
  void cut(const Comparison& by) {
    const std::int64_t doubled = 2 * by.number;
    switch (by.relation) {
      case Relation::less: high_ = std::min(high_, doubled - 1); break;
      case Relation::less_or_equal: high_ = std::min(high_, doubled); break;
      case Relation::greater: low_ = std::max(low_, doubled + 1); break;
      case Relation::greater_or_equal: low_ = std::max(low_, doubled); break;
      case Relation::equal:
        low_ = std::max(low_, doubled);
        high_ = std::min(high_, doubled);
        counts_ = true;
        break;
      case Relation::unequal:
        holes_.insert(doubled);
        counts_ = true;
        break;
    }
  }

  /// What is asked for equality with a whole number counts something.
  [[nodiscard]] bool is_empty() const {
    std::int64_t low = low_;
    std::int64_t high = high_;
    if (counts_) {
      if (low % 2 != 0) ++low;
      if (high % 2 != 0) --high;
      while (low <= high && holes_.contains(low)) low += 2;
      while (low <= high && holes_.contains(high)) high -= 2;
    }
    return low > high;
  }

 private:
  std::int64_t low_ = std::numeric_limits<std::int64_t>::min() / 2;
  std::int64_t high_ = std::numeric_limits<std::int64_t>::max() / 2;
  std::set<std::int64_t> holes_;
  bool counts_ = false;
};

}  // namespace

bool leaves_no_number(const ir::TermTable& terms, std::span<const Fact> facts, Term test, bool truth) {
  const std::optional<Comparison> taken = comparison(terms, test, truth);
  if (!taken) return false;
  Interval interval;
  interval.cut(*taken);
  for (const Fact& fact : facts) {
    const std::optional<Comparison> known = comparison(terms, fact.term, fact.truth);
    if (known && known->subject == taken->subject) interval.cut(*known);
  }
  return interval.is_empty();
}

}  // namespace lockwright::paths
