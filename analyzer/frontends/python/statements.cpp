// Statements, and what is left of those that did not parse.
//
// A simple statement with an error in it is one unknown instruction. A compound one loses its head, as much
// of it as has an error, and keeps its blocks; an error between statements keeps the definitions that the
// parser found inside of it.
#include "analyzer/frontends/common/recovery.h"
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

bool is_compound(Kind kind) {
  switch (kind) {
    case Kind::if_statement_:
    case Kind::for_statement_:
    case Kind::while_statement_:
    case Kind::try_statement_:
    case Kind::with_statement_:
    case Kind::match_statement_:
    case Kind::function_definition_:
    case Kind::class_definition_:
    case Kind::decorated_definition_: return true;
    default: return false;
  }
}

/// Parts of a compound statement that look after their own errors.
bool is_part(Kind kind) {
  switch (kind) {
    case Kind::block_:
    case Kind::elif_clause_:
    case Kind::else_clause_:
    case Kind::except_clause_:
    case Kind::finally_clause_:
    case Kind::case_clause_: return true;
    default: return is_compound(kind);
  }
}

bool is_definition(Kind kind) {
  return kind == Kind::function_definition_ || kind == Kind::class_definition_ ||
         kind == Kind::decorated_definition_;
}

}  // namespace

void Lowering::block(Node node, Code& code) {
  if (!node) return;
  for (const Node each : node.children()) statement(each, code);
}

void Lowering::statement(Node node, Code& code) {
  if (node.kind() == Kind::error) {
    recover(node, code);
    return;
  }
  const Nesting nesting(*this);
  if (!nesting || (node.has_error() && !is_compound(node.kind()))) {
    hole(range(node), code);
    return;
  }
  if (node.has_error()) header_hole(node, code);
  statement_here(node, code);
}

void Lowering::statement_here(Node node, Code& code) {
  switch (node.kind()) {
    case Kind::expression_statement_: {
      for (const Node each : node.children()) {
        if (each.kind() == Kind::assignment_) {
          assignment(each, code);
        } else if (each.kind() == Kind::augmented_assignment_) {
          augmented(each, code);
        } else {
          discard(each, code);
        }
      }
      return;
    }
    case Kind::return_statement_: {
      ir::Return made{ir::Term::none, range(node)};
      if (node.first_child()) made.value = expression(node.first_child(), code);
      code.add(made);
      return;
    }
    case Kind::if_statement_: if_statement(node, code); return;
    case Kind::for_statement_: for_statement(node, code); return;
    case Kind::while_statement_: while_statement(node, code); return;
    case Kind::try_statement_: try_statement(node, code); return;
    case Kind::with_statement_: with_statement(node, code); return;
    case Kind::match_statement_: match_statement(node, code); return;
    case Kind::function_definition_: function_definition(node, code); return;
    case Kind::class_definition_: class_definition(node, code); return;
    case Kind::decorated_definition_:
      if (const Node definition = node.child(Field::definition_)) statement(definition, code);
      return;
    case Kind::raise_statement_: raise_statement(node, code); return;
    case Kind::assert_statement_: assert_statement(node, code); return;
    case Kind::delete_statement_:
      for (const Node each : node.children()) erase(each, code);
      return;
    case Kind::break_statement_: code.add(ir::Break{}); return;
    case Kind::continue_statement_: code.add(ir::Continue{}); return;
    case Kind::import_statement_:
    case Kind::import_from_statement_: import_statement(node, code); return;
    case Kind::print_statement_:
    case Kind::exec_statement_: print_statement(node, code); return;
    default: return;  // pass, global, nonlocal, type aliases: said elsewhere or nothing
  }
}

/// An ERROR node where statements stand.
void Lowering::recover(Node error, Code& code) {
  hole(range(error), code);
  const bool whole_file = error.id() == 0;
  for (const Node each : error.children()) {
    const bool keeps =
        is_definition(each.kind()) || each.kind() == Kind::error ||
        (whole_file && (is_compound(each.kind()) || each.kind() == Kind::expression_statement_));
    if (keeps) statement(each, code);
  }
}

/// The head of a compound statement or clause, if it did not parse.
void Lowering::header_hole(Node compound, Code& code) {
  const std::optional<std::uint32_t> end = end_of_broken_head(compound, is_part);
  if (end) hole(unit_.range(compound.begin(), *end), code);
}

bool Lowering::names_class(const Meaning& meaning) const {
  if (terms().kind(meaning.term) != ir::TermKind::global) return false;
  if (meaning.nature == Nature::type) return true;
  const std::string_view text = terms().text(meaning.term);
  return meaning.nature == Nature::external && looks_like_type(text.substr(text.rfind('.') + 1));
}

/// The exception that `raise value` raises: an object of a class where the text names it.
ir::Term Lowering::raised(Node value, Code& code) {
  while (value.kind() == Kind::parenthesized_expression_ && value.first_child()) value = value.first_child();
  if (value.kind() == Kind::expression_list_ && value.first_child()) value = value.first_child();  // Python 2
  if (value.kind() == Kind::call_ && !is_super(value)) {
    const Node callee = value.child(Field::function_);
    if (callee.kind() == Kind::identifier_ || callee.kind() == Kind::attribute_) {
      Code scratch;
      const Meaning meaning = callee.has_effect() ? Meaning{} : evaluate(callee, scratch);
      if (names_class(meaning)) {
        discard(value, code);
        return terms().make(meaning.term, {});
      }
    }
    return expression(value, code);
  }
  if (value.kind() == Kind::identifier_ || value.kind() == Kind::attribute_) {
    const Meaning meaning = evaluate(value, code);
    return names_class(meaning) ? terms().make(meaning.term, {}) : meaning.term;
  }
  return expression(value, code);
}

void Lowering::raise_statement(Node node, Code& code) {
  ir::Raise made{ir::Term::none, range(node)};
  const Node cause = node.child(Field::cause_);
  const Node value = node.first_child();
  if (value && value != cause) {
    made.value = raised(value, code);
    if (cause) discard(cause, code);
  }
  code.add(made);
}

void Lowering::assert_statement(Node node, Code& code) {
  std::vector<Node> parts;
  for (const Node each : node.children()) parts.push_back(each);
  if (parts.empty()) return;
  ir::ConditionPtr test = negation(condition(parts[0], code));
  Code failed;
  if (parts.size() > 1) discard(parts[1], failed);
  failed.add(ir::Raise{terms().make(global("builtins.AssertionError"), {}), range(node)});
  code.add(ir::If{std::move(test), failed.finish(), nullptr});
}

/// What an import means, its names say. That it may fail only matters where something handles that.
void Lowering::import_statement(Node node, Code& code) {
  if (handled_ == 0) return;
  for (const Node each : node.children()) {
    const bool module = node.kind() == Kind::import_statement_ ? each.field() == Field::name_
                                                               : each.field() == Field::module_name_;
    if (!module) continue;
    const Node name = each.kind() == Kind::aliased_import_ ? each.child(Field::name_) : each;
    const ir::Term text = terms().string(name ? name.text() : std::string_view());
    call_global("builtins.__import__", {{text}}, range(node), code, Target{ir::Local::none, true});
  }
}

/// Python 2's print and exec.
void Lowering::print_statement(Node node, Code& code) {
  std::vector<Node> values;
  for (const Node each : node.children()) values.push_back(each);
  const std::vector<ir::Term> terms = expressions(values, code);
  call_global(node.kind() == Kind::print_statement_ ? "builtins.print" : "builtins.exec", terms, range(node),
              code, Target{ir::Local::none, true});
}

}  // namespace lockwright::frontends::python
