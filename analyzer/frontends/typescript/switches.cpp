// switch: a place to break out of, in which the cases stand one after the other.
//
// A case is entered if its value is the one, or if the case before it ran to its end and fell through; that
// is kept in a flag where it can happen at all. default comes last in the order of tests, so where nothing
// falls into it or out of it, it is put there; else its test is that no other case is meant.
#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {

/// Several labels and the statements behind the last of them.
struct Lowering::Case {
  std::vector<Node> values = {};
  bool is_default = false;
  std::vector<Node> body = {};
  bool falls_through = false;
};

namespace {

/// Control does not come out of its end: it returns, throws or jumps.
bool leaves(Node statement, int depth = 0) {
  constexpr int max_depth = 20;
  if (!statement || depth > max_depth) return false;
  switch (statement.kind()) {
    case Kind::return_statement_:
    case Kind::throw_statement_:
    case Kind::break_statement_:
    case Kind::continue_statement_: return true;
    case Kind::statement_block_: {
      Node last;
      for (const Node each : statement.children()) last = each;
      return leaves(last, depth + 1);
    }
    case Kind::if_statement_: {
      const Node otherwise = statement.child(Field::alternative_);
      return otherwise && leaves(statement.child(Field::consequence_), depth + 1) &&
             leaves(otherwise.first_child(), depth + 1);
    }
    default: return false;
  }
}

}  // namespace

std::vector<Lowering::Case> Lowering::cases_of(Node body) {
  std::vector<Case> cases;
  bool goes_on = false;  // the last one has no statements yet
  for (const Node each : body.children()) {
    if (each.kind() != Kind::switch_case_ && each.kind() != Kind::switch_default_) continue;
    if (!goes_on) cases.emplace_back();
    Case& one = cases.back();
    if (each.kind() == Kind::switch_default_) one.is_default = true;
    for (const Node part : each.children()) {
      if (part.field() == Field::value_) {
        one.values.push_back(part);
      } else {
        one.body.push_back(part);
      }
    }
    goes_on = one.body.empty();
  }
  for (std::size_t index = 0; index + 1 < cases.size(); ++index) {
    cases[index].falls_through = !leaves(cases[index].body.empty() ? Node{} : cases[index].body.back());
  }
  return cases;
}

/// Null: nothing to test.
ir::ConditionPtr Lowering::case_test(const Case& one, ir::Term value, Code& before) {
  ir::ConditionPtr result;
  for (const Node each : one.values) {
    if (each.has_error()) hole(range(each), before);
    Code needed;
    const ir::Term operand = expression(each, needed);
    ir::ConditionPtr test =
        leaf(compare(Kind::op_identical, value, operand, range(each), needed, {}), range(each));
    if (needed.straight()) test->before = needed.take_row();
    if (result == nullptr) {
      before.add(std::move(needed));
      result = std::move(test);
    } else {
      result = sequence_condition(ir::Condition::Kind::either, std::move(result), std::move(needed),
                                  std::move(test), range(each), before);
    }
  }
  return result;
}

void Lowering::switch_statement(Node node, Code& code) {
  const std::string_view label = std::exchange(pending_label_, {});
  const Node subject = node.child(Field::value_);
  const Node body = node.child(Field::body_);
  if (!subject || !body) return;
  const ir::Term value = snapshot(expression(subject, code), range(subject), code);
  const InScope inside(scope_, unit_.scopes.opened_by(body));
  const InJump jump(*this, label, false, true);
  std::vector<Case> cases = cases_of(body);
  for (std::size_t index = 0; index + 1 < cases.size(); ++index) {
    const bool is_apart = index == 0 || !cases[index - 1].falls_through;
    if (!cases[index].is_default || cases[index].falls_through || !is_apart) continue;
    std::rotate(cases.begin() + static_cast<std::ptrdiff_t>(index),
                cases.begin() + static_cast<std::ptrdiff_t>(index) + 1, cases.end());
    // What was last may have run to the end of the switch; now another stands behind it.
    cases[cases.size() - 2].body.emplace_back();
    break;
  }
  bool flagged = false;
  for (const Case& each : cases) flagged = flagged || each.falls_through;
  const ir::Local fell = flagged ? temporary() : ir::Local::none;
  Code whole;
  if (flagged) let(fell, terms().boolean(false), range(subject), whole);
  for (std::size_t index = 0; index < cases.size(); ++index) {
    const Case& one = cases[index];
    Code part;
    std::vector<Node> written;
    for (const Node each : one.body) {
      if (each) written.push_back(each);
    }
    hoist(written, part);
    statements(written, part);
    if (one.falls_through) let(fell, terms().boolean(true), range(subject), part);
    if (written.size() != one.body.size()) part.add(ir::Break{jump.label()});
    const bool is_last = index + 1 == cases.size();
    if (one.is_default && is_last) {
      whole.add(std::move(part));
      continue;
    }
    Code before;
    ir::ConditionPtr test;
    if (one.is_default) {
      for (std::size_t other = index + 1; other < cases.size(); ++other) {
        ir::ConditionPtr next = case_test(cases[other], value, before);
        if (next == nullptr) continue;
        next = negation(std::move(next));
        test = test == nullptr ? std::move(next)
                               : join(ir::Condition::Kind::both, std::move(test), std::move(next));
      }
    } else {
      test = case_test(one, value, before);
    }
    if (test == nullptr) test = leaf(terms().boolean(true), range(subject));
    if (index > 0 && cases[index - 1].falls_through) {
      ir::ConditionPtr fallen = leaf(terms().local(fell), test->range);
      test = join(ir::Condition::Kind::either, std::move(fallen), std::move(test));
    }
    whole.add(std::move(before));
    whole.add(ir::If{std::move(test), part.finish(), nullptr});
  }
  whole.add(ir::Break{jump.label()});
  ir::Loop loop;
  loop.label = jump.label();
  loop.body = whole.finish();
  code.add(std::move(loop));
}

}  // namespace lockwright::frontends::typescript
