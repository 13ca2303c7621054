// Statements, and what is left of those that did not parse.
//
// A simple statement with an error in it is one unknown instruction. A compound one loses its head, as much
// of it as has an error, and keeps its blocks; an error between statements keeps the definitions that the
// parser found inside of it.
#include "analyzer/frontends/common/recovery.h"
#include "analyzer/frontends/typescript/lowering.h"

namespace lockwright::frontends::typescript {
namespace {

bool is_definition(Kind kind) {
  return kind == Kind::function_declaration_ || kind == Kind::generator_function_declaration_ ||
         kind == Kind::class_declaration_ || kind == Kind::abstract_class_declaration_ ||
         kind == Kind::export_statement_ || kind == Kind::class_body_;
}

/// Parts of a compound statement that look after their own errors.
bool is_part(Kind kind) {
  return is_statement(kind) || kind == Kind::else_clause_ || kind == Kind::catch_clause_ ||
         kind == Kind::finally_clause_ || kind == Kind::switch_body_ || kind == Kind::class_body_;
}

/// The declaration in `using x = …` and `await using x = …`, which the grammar takes for an assignment.
Node using_declaration(Node statement, bool& is_async) {
  if (statement.kind() != Kind::expression_statement_) return {};
  Node inner = statement.first_child();
  is_async = inner.kind() == Kind::await_expression_;
  if (is_async) inner = inner.first_child();
  const bool declares = inner.kind() == Kind::assignment_expression_ && has_word(inner, Kind::word_using);
  return declares ? inner : Node{};
}

}  // namespace

void Lowering::block(Node node, Code& code) {
  if (!node) return;
  std::vector<Node> nodes;
  for (const Node each : node.children()) nodes.push_back(each);
  const InScope inside(scope_, node.kind() == Kind::program_ ? ScopeId::none : unit_.scopes.opened_by(node));
  hoist(nodes, code);
  statements(nodes, code);
}

void Lowering::statements(std::span<const Node> nodes, Code& code) {
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    bool is_async = false;
    const Node declared = using_declaration(nodes[index], is_async);
    if (declared && !nodes[index].has_error()) {
      using_statement(declared, is_async, nodes.subspan(index + 1), code);
      return;
    }
    statement(nodes[index], code);
  }
}

/// Functions that are variables too are there from the beginning of their block.
void Lowering::hoist(std::span<const Node> nodes, Code& code) {
  for (Node each : nodes) {
    if (each.kind() == Kind::export_statement_) each = each.child(Field::declaration_);
    if (each.kind() != Kind::function_declaration_ && each.kind() != Kind::generator_function_declaration_) {
      continue;
    }
    const Node name = each.child(Field::name_);
    const ScopeId opened = unit_.scopes.opened_by(each);
    const Binding* bound = name ? unit_.scopes.find(scope_, name.symbol()) : nullptr;
    if (bound == nullptr || opened == ScopeId::none || is_only_function(*bound)) continue;
    assign_name(name.symbol(), names_.function_value(scope_, opened), range(name), code);
  }
}

void Lowering::statement(Node node, Code& code) {
  if (!node) return;
  if (node.kind() == Kind::error || node.kind() == Kind::missing) {
    recover(node, code);
    return;
  }
  const Nesting nesting(*this);
  if (!nesting || (node.has_error() && !is_compound(node.kind()))) {
    hole(range(node), code);
    return;
  }
  if (node.has_error()) header_hole(node, code);
  const std::string_view label = pending_label_;
  if (node.kind() != Kind::labeled_statement_) pending_label_ = {};
  if (!label.empty()) pending_label_ = label;
  statement_here(node, code);
  pending_label_ = {};
}

void Lowering::statement_here(Node node, Code& code) {
  switch (node.kind()) {
    case Kind::expression_statement_:
      for (const Node each : node.children()) discard(each, code);
      return;
    case Kind::lexical_declaration_:
    case Kind::variable_declaration_: declaration(node, code); return;
    case Kind::return_statement_: {
      ir::Return made{ir::Term::none, range(node)};
      if (node.first_child()) made.value = expression(node.first_child(), code);
      code.add(made);
      return;
    }
    case Kind::statement_block_: block(node, code); return;
    case Kind::if_statement_: if_statement(node, code); return;
    case Kind::for_statement_: for_statement(node, code); return;
    case Kind::for_in_statement_: for_each_statement(node, code); return;
    case Kind::while_statement_: while_statement(node, code); return;
    case Kind::do_statement_: do_statement(node, code); return;
    case Kind::switch_statement_: switch_statement(node, code); return;
    case Kind::try_statement_: try_statement(node, code); return;
    case Kind::labeled_statement_: labeled_statement(node, code); return;
    case Kind::throw_statement_: throw_statement(node, code); return;
    case Kind::break_statement_:
    case Kind::continue_statement_: jump_statement(node, code); return;
    case Kind::class_declaration_:
    case Kind::abstract_class_declaration_: class_definition(node, code); return;
    case Kind::enum_declaration_: enumeration(node, code); return;
    case Kind::export_statement_: export_statement(node, code); return;
    case Kind::internal_module_:
    case Kind::module_: {
      const InScope inside(scope_, unit_.scopes.opened_by(node));
      if (const Node body = node.child(Field::body_)) block(body, code);
      return;
    }
    case Kind::with_statement_:
      discard(node.child(Field::object_), code);
      statement(node.child(Field::body_), code);
      return;
    case Kind::import_statement_:
      if (const Node source = node.child(Field::source_)) {
        names_.imports().module(terms().text(string(source)));
      }
      return;
    default: return;  // functions, types, labels alone: said elsewhere or nothing
  }
}

/// An ERROR node where statements stand.
void Lowering::recover(Node error, Code& code) {
  hole(range(error), code);
  const bool whole_file = error.id() == 0;
  for (const Node each : error.children()) {
    const bool keeps = each.kind() == Kind::error || (is_statement(each.kind()) && whole_file) ||
                       (is_definition(each.kind()) && each.kind() != Kind::class_body_);
    if (keeps) statement(each, code);
  }
}

/// The head of a compound statement or clause, if it did not parse.
void Lowering::header_hole(Node compound, Code& code) {
  const std::optional<std::uint32_t> end = end_of_broken_head(compound, is_part);
  if (end) hole(unit_.range(compound.begin(), *end), code);
}

/// An object of a class where the text names it, else any value.
void Lowering::throw_statement(Node node, Code& code) {
  const Node value = node.first_child() ? stripped(node.first_child()) : Node{};
  ir::Raise made{terms().unknown(), range(node)};
  if (value.kind() == Kind::new_expression_) {
    Code scratch;
    const Node type = value.child(Field::constructor_);
    const ir::Term named = type && !type.has_effect() ? evaluate(type, scratch).term : terms().unknown();
    if (terms().kind(named) == ir::TermKind::global) {
      discard(value, code);
      made.value = terms().make(named, {});
      code.add(made);
      return;
    }
  }
  if (value) made.value = expression(value, code);
  code.add(made);
}

void Lowering::jump_statement(Node node, Code& code) {
  const Node label = node.child(Field::label_);
  const bool continues = node.kind() == Kind::continue_statement_;
  for (auto each = jumps_.rbegin(); each != jumps_.rend(); ++each) {
    const bool named = label && each->written == label.text();
    const bool fits = continues ? each->is_loop : each->takes_break;
    if (label ? !named : !fits) continue;
    if (continues) {
      code.add(ir::Continue{each->label});
    } else {
      code.add(ir::Break{each->label});
    }
    return;
  }
  hole(range(node), code);
}

}  // namespace lockwright::frontends::typescript
