// match: a chain of ifs around a temporary that holds the subject.
//
// A pattern becomes a condition: literals and dotted names compare, classes ask isinstance, the shapes of
// sequences and mappings are undecidable. Names are bound once the whole pattern fits: their assignments run
// in front of the guard, or of the body.
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {

void Lowering::match_statement(Node node, Code& code) {
  std::vector<Node> subjects;
  for (const Node each : node.children()) {
    if (each.field() == Field::subject_) subjects.push_back(each);
  }
  ir::Term value = terms().unknown();
  if (subjects.size() == 1) value = expression(subjects.front(), code);
  if (subjects.size() > 1) value = terms().make(global("builtins.tuple"), expressions(subjects, code));
  const ir::Local subject = temporary();
  const source::Range where =
      subjects.empty() ? range(node) : unit_.range(subjects.front().begin(), subjects.back().end());
  let(subject, value, where, code);
  std::vector<Node> cases;
  if (const Node body = node.child(Field::body_)) {
    for (const Node each : body.children()) {
      if (each.kind() == Kind::case_clause_) {
        cases.push_back(each);
      } else if (each.kind() == Kind::error) {
        hole(range(each), code);
      }
    }
  }
  match_cases(cases, terms().local(subject), code);
}

void Lowering::match_cases(std::span<const Node> cases, ir::Term subject, Code& code) {
  if (cases.empty()) return;
  const Node clause = cases.front();
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(clause), code);
    return;
  }
  if (clause.has_error()) header_hole(clause, code);
  std::vector<Node> alternatives;
  for (const Node each : clause.children()) {
    if (each.kind() == Kind::case_pattern_) alternatives.push_back(each);
  }
  std::vector<ir::Instruction> captures;
  ir::ConditionPtr test;
  if (alternatives.size() == 1) {
    test = pattern(alternatives.front(), subject, captures);
  } else {
    test = patterns(clause, captures);
  }
  const Node guard = clause.child(Field::guard_);
  Code body;
  if (guard && guard.first_child()) {
    ir::ConditionPtr bound = leaf(terms().boolean(true), range(guard), std::move(captures));
    if (test != nullptr) bound = join(ir::Condition::Kind::both, std::move(test), std::move(bound));
    Code before;
    ir::ConditionPtr guarded = condition(guard.first_child(), before);
    test = sequence_condition(ir::Condition::Kind::both, std::move(bound), std::move(before),
                              std::move(guarded), range(guard), code);
  } else {
    for (ir::Instruction& each : captures) body.emit(std::move(each));
  }
  block(clause.child(Field::consequence_), body);
  if (test == nullptr) {  // fits everything: what follows is never tried
    code.add(std::move(body));
    return;
  }
  ir::If made;
  made.condition = std::move(test);
  made.then_part = body.finish();
  Code rest;
  match_cases(cases.subspan(1), subject, rest);
  made.else_part = rest.finish_or_null();
  code.add(std::move(made));
}

/// Null when the pattern fits everything.
ir::ConditionPtr Lowering::pattern(Node node, ir::Term subject, std::vector<ir::Instruction>& captures) {
  const Nesting nesting(*this);
  if (!nesting || !node || node.has_error())
    return leaf(ir::Term::none, range(node ? node : unit_.syntax.root()));
  const auto compares = [&](std::string_view operation, ir::Term with) {
    return leaf(apply(operation, subject, with), range(node));
  };
  Code code;
  switch (node.kind()) {
    case Kind::case_pattern_: {
      const Node inner = node.first_child();
      if (!inner) return nullptr;  // _
      if (inner.kind() == Kind::op_sub) {
        const Node digits =
            node.child(Kind::integer_) ? node.child(Kind::integer_) : node.child(Kind::float_);
        const ir::Term value = expression(digits, code);
        const ir::Term operands[] = {value};
        return compares("operator.eq", terms().kind(value) == ir::TermKind::integer
                                           ? terms().integer(-terms().number(value))
                                           : terms().apply(global("operator.neg"), operands));
      }
      return pattern(inner, subject, captures);
    }
    case Kind::string_:
    case Kind::concatenated_string_:
    case Kind::integer_:
    case Kind::float_: return compares("operator.eq", expression(node, code));
    case Kind::true_:
    case Kind::false_:
    case Kind::none_: return compares("operator.is", expression(node, code));
    case Kind::dotted_name_: {
      const Node first = node.first_child();
      if (!first) return nullptr;
      if (node.past() - node.id() == 2) {
        capture(first, subject, captures);
        return nullptr;
      }
      return compares("operator.eq", described(node));
    }
    case Kind::as_pattern_: {
      ir::ConditionPtr test = pattern(node.first_child(), subject, captures);
      if (const Node name = node.child(Kind::identifier_)) capture(name, subject, captures);
      return test;
    }
    case Kind::union_pattern_: {
      ir::ConditionPtr test;
      bool fits_all = false;
      const std::size_t before = captures.size();
      for (const Node each : node.children()) {
        ir::ConditionPtr next = pattern(each, subject, captures);
        fits_all |= next == nullptr;
        if (next == nullptr) continue;
        test = test == nullptr ? std::move(next)
                               : join(ir::Condition::Kind::either, std::move(test), std::move(next));
      }
      // Which alternative binds is not known here.
      for (std::size_t index = before; index < captures.size(); ++index)
        captures[index].value = terms().unknown();
      return fits_all ? nullptr : std::move(test);
    }
    case Kind::class_pattern_: return class_pattern(node, subject, captures);
    case Kind::splat_pattern_:
      if (const Node name = node.child(Kind::identifier_)) capture(name, terms().unknown(), captures);
      return nullptr;
    case Kind::list_pattern_:
    case Kind::tuple_pattern_:
    case Kind::dict_pattern_:
      // One pattern in parentheses is that pattern.
      if (is_grouping(node)) return pattern(node.first_child(), subject, captures);
      return patterns(node, captures);
    default: return leaf(ir::Term::none, range(node));
  }
}

/// Patterns for parts of the subject: whether it has such parts, and what they are, is not known.
ir::ConditionPtr Lowering::patterns(Node parent, std::vector<ir::Instruction>& captures) {
  ir::ConditionPtr test = leaf(ir::Term::none, range(parent));
  for (const Node each : parent.children()) {
    if (each.kind() != Kind::case_pattern_ && each.kind() != Kind::splat_pattern_) continue;
    // Their own tests are undecidable too; only what they bind and whether they ask for a class matters.
    ir::ConditionPtr next = pattern(each, terms().unknown(), captures);
    if (next != nullptr) test = join(ir::Condition::Kind::both, std::move(test), std::move(next));
  }
  return test;
}

/// `Lock(path=p)`: an instance, and patterns for its fields.
ir::ConditionPtr Lowering::class_pattern(Node node, ir::Term subject,
                                         std::vector<ir::Instruction>& captures) {
  const Node name = node.first_child();
  Code code;
  const ir::Term is_instance =
      call_global("builtins.isinstance", {{subject, described(name)}}, range(node), code);
  ir::ConditionPtr test = leaf(is_instance, range(node), code.take_row());
  for (const Node each : node.children()) {
    if (each.kind() != Kind::case_pattern_) continue;
    ir::ConditionPtr next;
    const Node inner = each.first_child();
    if (inner && inner.kind() == Kind::keyword_pattern_) {
      const Node field = inner.first_child();
      Node value;
      for (const Node part : inner.children()) {
        if (part != field) value = part;
      }
      if (field && value) next = pattern(value, terms().field(subject, field.text()), captures);
    } else {
      next = pattern(each, terms().unknown(), captures);
    }
    if (next != nullptr) test = join(ir::Condition::Kind::both, std::move(test), std::move(next));
  }
  return test;
}

void Lowering::capture(Node name, ir::Term value, std::vector<ir::Instruction>& captures) {
  Code code;
  assign_name(name.symbol(), value, range(name), code);
  for (ir::Instruction& each : code.take_row()) captures.push_back(std::move(each));
}

}  // namespace lockwright::frontends::python
