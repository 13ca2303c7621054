// Comprehensions and generator expressions run where they stand, one round for each `for` in them, with
// variables of their own. (A generator expression would run later, piece by piece; its user nearly always is
// the call around it.)
//
// What they build is a function of what they go over and of one element, so that building the same twice
// gives the same term: file names are made clean by "".join(c for c in name if c.isalnum()). The element is
// part of it because it may be new each time ("".join(random.choice(letters) for _ in range(8))).
#include <string>
#include <vector>

#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

bool is_async(Node clause) {
  return clause.text().starts_with("async");
}

}  // namespace

ir::Term Lowering::iterator(ir::Term iterable, source::Range range, bool is_async, Code& code) {
  return call_global(is_async ? "builtins.aiter" : "builtins.iter", {{iterable}}, range, code);
}

ir::Term Lowering::next(ir::Term iterator, source::Range range, bool is_async, Code& code, Target target) {
  ir::Instruction made =
      call_instruction(global(is_async ? "operator.anext" : "operator.next"), {{iterator}}, range);
  if (is_async) made.completion = ir::Completion::awaited;
  return emit_result(std::move(made), code, target);
}

ir::Term Lowering::comprehension(Node node, Code& code) {
  std::vector<Node> clauses;
  for (const Node each : node.children()) {
    if (each.kind() == Kind::for_in_clause_ || each.kind() == Kind::if_clause_) clauses.push_back(each);
  }
  ir::TermTable& terms = unit_.module.terms;
  if (clauses.empty() || clauses.front().kind() != Kind::for_in_clause_) return terms.unknown();
  const Node iterable = clauses.front().child(Field::right_);
  ir::Term iterated =
      iterator(expression(iterable, code), range(clauses.front()), is_async(clauses.front()), code);
  std::vector<ir::Term> parts{iterated};
  const InScope inside(scope_, unit_.scopes.opened_by(node));
  for (const Node clause : clauses) {
    if (clause.kind() == Kind::if_clause_) {
      code.add(ir::If{condition(clause.first_child(), code), nullptr, nullptr});
      continue;
    }
    const bool is_async_clause = is_async(clause);
    if (iterated == ir::Term::none) {
      iterated =
          iterator(expression(clause.child(Field::right_), code), range(clause), is_async_clause, code);
      parts.push_back(iterated);
    }
    const Node target = clause.child(Field::left_);
    const ir::Term element = next(iterated, range(clause), is_async_clause, code, target_of(target));
    if (target) assign(target, element, range(target), code);
    iterated = ir::Term::none;
  }
  const Node body = node.child(Field::body_);
  if (body.kind() == Kind::pair_) {
    parts.push_back(expression(body.child(Field::key_), code));
    parts.push_back(expression(body.child(Field::value_), code));
  } else {
    parts.push_back(expression(body, code));
  }
  std::string name(unit_.input.module_name);
  name += ".<comprehension:" + std::to_string(node.begin()) + ">";
  return terms.apply(terms.global(name), parts);
}

}  // namespace lockwright::frontends::python
