// Statements. A goto goes out of a block of statements to a label behind it, which makes the statements
// before the label a labelled block to break out of; or back to a label before it, which makes the statements
// from the label on a loop to continue.
#include <algorithm>

#include "analyzer/frontends/cpp/lowering.h"
#include "analyzer/frontends/cpp/shown_text.h"

namespace lockwright::frontends::cpp {

class Lowering::InScope {
 public:
  explicit InScope(Lowering& lowering) : lowering_(lowering) { lowering.scopes_.emplace_back(); }
  ~InScope() { lowering_.scopes_.pop_back(); }
  InScope(const InScope&) = delete;
  InScope& operator=(const InScope&) = delete;

 private:
  Lowering& lowering_;
};

/// A loop that runs once: a place to break out of.
void Lowering::labelled(Jump jump, Code& code, const std::function<void(Code&)>& write) {
  jump.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back(jump);
  Code inside;
  write(inside);
  jumps_.pop_back();
  inside.add(ir::Break{jump.label});
  ir::Loop loop;
  loop.label = jump.label;
  loop.body = inside.finish();
  code.add(std::move(loop));
}

namespace {

/// Whether a goto to `label` stands in one of the nodes.
bool jumps_to(std::span<const Node> nodes, std::string_view label) {
  return std::any_of(nodes.begin(), nodes.end(), [&](Node node) {
    if (node.kind() == Kind::goto_statement_) return node.child(Field::label_).text() == label;
    std::vector<Node> inner;
    for (const Node each : node.children()) {
      if (each.kind() != Kind::lambda_expression_) inner.push_back(each);
    }
    return !inner.empty() && jumps_to(inner, label);
  });
}

std::vector<Node> children_of(Node node) {
  std::vector<Node> result;
  for (const Node each : node.children()) result.push_back(each);
  return result;
}

}  // namespace

void Lowering::block(Node node, Code& code) {
  const InScope inside(*this);
  const std::vector<Node> nodes = children_of(node);
  statements(nodes, code);
}

void Lowering::statements(std::span<const Node> nodes, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) {
    if (!nodes.empty()) hole(unit_.range(nodes.front().begin(), nodes.back().end()), code);
    return;
  }
  // The last label that somebody before it aims at splits the row.
  for (std::size_t index = nodes.size(); index-- > 0;) {
    if (nodes[index].kind() != Kind::labeled_statement_) continue;
    const std::string_view label = nodes[index].child(Field::label_).text();
    if (index > 0 && jumps_to(nodes.first(index), label)) {
      labelled({.written = label}, code, [&](Code& part) { statements(nodes.first(index), part); });
      labels(nodes, index, code);
      return;
    }
  }
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    const Node node = nodes[index];
    if (node.kind() == Kind::labeled_statement_) {
      labels(nodes, index, code);
      return;
    }
    const Node lone = node.kind() == Kind::expression_statement_ ? node.first_child() : Node{};
    if (lone && lone.kind() == Kind::lambda_expression_ && is_deferring(lone.text())) {
      Variable guard;
      guard.at_end = lambda(lone, code);
      Code rest;
      statements(nodes.subspan(index + 1), rest);
      with_destructors({&guard, 1}, std::move(rest), range(node), code);
      return;
    }
    if (node.kind() != Kind::declaration_ || node.has_error()) {
      statement(node, code);
      continue;
    }
    std::vector<Variable> made = declaration(node, code);
    std::erase_if(made, [](const Variable& each) { return !each.ends; });
    if (made.empty()) continue;
    Code rest;
    statements(nodes.subspan(index + 1), rest);
    with_destructors(made, std::move(rest), range(node), code);
    return;
  }
}

/// The statements from a label on: a loop, if one of them jumps back to it.
void Lowering::labels(std::span<const Node> nodes, std::size_t label, Code& code) {
  const Node node = nodes[label];
  const std::string_view written = node.child(Field::label_).text();
  std::vector<Node> rest;
  for (const Node each : node.children()) {
    if (each.field() != Field::label_) rest.push_back(each);
  }
  rest.insert(rest.end(), nodes.begin() + static_cast<std::ptrdiff_t>(label) + 1, nodes.end());
  if (!jumps_to(rest, written)) {
    statements(rest, code);
    return;
  }
  labelled({.takes_continue = false, .written = written, .backwards = true}, code,
           [&](Code& part) { statements(rest, part); });
}

void Lowering::jump_to(std::string_view label, Node node, Code& code) {
  for (auto jump = jumps_.rbegin(); jump != jumps_.rend(); ++jump) {
    if (jump->written != label || label.empty()) continue;
    if (jump->backwards) {
      code.add(ir::Continue{jump->label});
    } else {
      code.add(ir::Break{jump->label});
    }
    return;
  }
  hole(range(node), code);
}

void Lowering::statement(Node node, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return;
  }
  switch (node.kind()) {
    case Kind::error:
    case Kind::missing: hole(range(node), code); return;
    case Kind::compound_statement_: block(node, code); return;
    case Kind::if_statement_: if_statement(node, code); return;
    case Kind::while_statement_: while_statement(node, code); return;
    case Kind::do_statement_: do_statement(node, code); return;
    case Kind::for_statement_: for_statement(node, code); return;
    case Kind::for_range_loop_: range_loop(node, code); return;
    case Kind::switch_statement_: switch_statement(node, code); return;
    case Kind::try_statement_: try_statement(node, code); return;
    case Kind::preproc_if_:
    case Kind::preproc_ifdef_: conditional(node, code); return;
    case Kind::labeled_statement_: {
      const Node row[] = {node};
      labels(row, 0, code);
      return;
    }
    case Kind::attributed_statement_:
      for (const Node each : node.children()) {
        if (is_statement(each.kind())) statement(each, code);
      }
      return;
    case Kind::case_statement_:  // not directly in a switch
      for (const Node each : node.children()) {
        if (each.field() != Field::value_) statement(each, code);
      }
      return;
    default: break;
  }
  if (node.has_error()) {
    hole(range(node), code);
    if (node.kind() == Kind::return_statement_) code.add(ir::Return{terms().unknown(), range(node)});
    return;
  }
  switch (node.kind()) {
    case Kind::expression_statement_: discard(node.first_child(), code); return;
    case Kind::declaration_: {
      // Where no statements follow (the body of an if): it ends at once.
      std::vector<Variable> made = declaration(node, code);
      std::erase_if(made, [](const Variable& each) { return !each.ends; });
      with_destructors(made, Code(), range(node), code);
      return;
    }
    case Kind::return_statement_:
    case Kind::co_return_statement_: return_statement(node, code); return;
    case Kind::co_yield_statement_: discard(node.first_child(), code); return;
    case Kind::throw_statement_: {
      const Node value = node.first_child();
      if (!value) {
        code.add(ir::Raise{ir::Term::none, range(node)});
        return;
      }
      // An object of the class that is named: what its constructor does is nothing to locks.
      const Declaration* type =
          value.kind() == Kind::call_expression_ ? declared_callee(value.child(Field::function_)) : nullptr;
      ir::Term raised = ir::Term::none;
      if (value.kind() == Kind::call_expression_ || value.kind() == Kind::compound_literal_expression_) {
        const Node function = value.kind() == Kind::call_expression_ ? value.child(Field::function_)
                                                                     : value.child(Field::type_);
        const Node arguments = value.kind() == Kind::call_expression_ ? value.child(Field::arguments_)
                                                                      : value.child(Field::value_);
        if (arguments) expressions(arguments, code);
        const bool is_function =
            type != nullptr && type->kind == Declaration::Kind::function &&
            type->name.find(dotted(function) + "." + dotted(function)) == std::string::npos;
        if (function && !is_function) {
          const std::string name =
              type != nullptr && type->kind == Declaration::Kind::type ? type->name : dotted(function);
          raised = terms().make(global(name), {});
        } else if (type != nullptr) {
          raised = terms().make(global(type->type.name), {});
        }
      }
      if (raised == ir::Term::none) raised = expression(value, code);
      code.add(ir::Raise{raised, range(node)});
      return;
    }
    case Kind::break_statement_:
      for (auto jump = jumps_.rbegin(); jump != jumps_.rend(); ++jump) {
        if (!jump->written.empty()) continue;
        code.add(ir::Break{jump->label});
        return;
      }
      return;
    case Kind::continue_statement_:
      for (auto jump = jumps_.rbegin(); jump != jumps_.rend(); ++jump) {
        if (!jump->takes_continue) continue;
        code.add(ir::Continue{jump->label});
        return;
      }
      return;
    case Kind::goto_statement_: jump_to(node.child(Field::label_).text(), node, code); return;
    default:
      if (node.has_effect() && !is_class(node.kind())) discard(node, code);
      return;
  }
}

/// A branch that the preprocessor decides: one way or the other, and the same way throughout a path.
void Lowering::conditional(Node node, Code& code) {
  std::string_view text = node.text();
  text = text.substr(0, text.find('\n'));
  const Node named = node.child(Field::name_);
  const ir::Term test = named ? global("(defined)." + std::string(named.text()))
                              : global("(preprocessor)." + std::string(text));
  Node otherwise;
  std::vector<Node> then_nodes;
  for (const Node each : node.children()) {
    if (each.field() == Field::alternative_) {
      otherwise = each;
    } else if (each.field() != Field::condition_ && each.field() != Field::name_ &&
               is_statement(each.kind())) {
      then_nodes.push_back(each);
    } else if (each.kind() == Kind::preproc_if_ || each.kind() == Kind::preproc_ifdef_ ||
               each.kind() == Kind::error) {
      then_nodes.push_back(each);
    }
  }
  Code yes;
  Code no;
  statements(then_nodes, yes);
  if (otherwise) {
    if (otherwise.kind() == Kind::preproc_else_) {
      const std::vector<Node> nodes = children_of(otherwise);
      statements(nodes, no);
    } else {
      conditional(otherwise, no);
    }
  }
  if (yes.empty() && no.empty()) return;
  ir::ConditionPtr decided =
      leaf(test, unit_.range(node.begin(), node.begin() + static_cast<std::uint32_t>(text.size())));
  if (text.starts_with("#ifndef")) decided = negation(std::move(decided));
  code.add(ir::If{std::move(decided), yes.finish(), no.finish_or_null()});
}

/// The condition of an if, while or switch, which may declare variables first.
ir::ConditionPtr Lowering::condition_clause(Node node, Code& before, std::vector<const Variable*>& made) {
  if (const Node first = node.child(Field::initializer_)) {
    const Node inner = first.kind() == Kind::init_statement_ ? first.first_child() : first;
    if (inner && inner.kind() == Kind::declaration_) {
      declaration(inner, before);
    } else if (inner) {
      statement(inner, before);
    }
  }
  Node value = node.child(Field::value_);
  if (!value && node.kind() != Kind::condition_clause_) value = node;
  (void)made;
  if (!value) return leaf(ir::Term::none, range(node));
  if (value.kind() != Kind::declaration_) return condition(value, before);
  const std::vector<Variable> variables = declaration(value, before);
  const ir::Term test = variables.empty() ? ir::Term::none : value_of(variables.back());
  return leaf(test, range(value));
}

void Lowering::if_statement(Node node, Code& code) {
  const Node clause = node.child(Field::condition_);
  if (!clause) return;
  const InScope inside(*this);
  // What the condition declares lives to the end of the statement.
  Code whole;
  std::vector<Variable> ending;
  std::vector<const Variable*> made;
  if (clause.has_error()) hole(range(clause), whole);
  ir::ConditionPtr test =
      clause.has_error() ? leaf(ir::Term::none, range(clause)) : condition_clause(clause, whole, made);
  for (const auto& [name, variable] : scopes_.back()) {
    if (variable.ends) ending.push_back(variable);
  }
  Code then_part;
  Code else_part;
  {
    const InScope in_then(*this);
    if (const Node then = node.child(Field::consequence_)) statement(then, then_part);
  }
  if (const Node otherwise = node.child(Field::alternative_)) {
    const InScope in_else(*this);
    if (const Node inner = otherwise.first_child()) statement(inner, else_part);
  }
  Code branch;
  branch.add(ir::If{std::move(test), then_part.finish(), else_part.finish_or_null()});
  code.add(std::move(whole));
  with_destructors(ending, std::move(branch), range(clause), code);
}

void Lowering::while_statement(Node node, Code& code) {
  const Node clause = node.child(Field::condition_);
  const InScope inside(*this);
  Code before;
  std::vector<const Variable*> made;
  ir::ConditionPtr test = clause && !clause.has_error() ? condition_clause(clause, before, made)
                                                        : leaf(ir::Term::none, range(node));
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  if (const Node written = node.child(Field::body_)) statement(written, body);
  jumps_.pop_back();
  if (before.empty()) {
    loop.condition = std::move(test);
  } else {
    // Control flow in the condition: it is decided at the head of the body.
    Code leaves;
    leaves.add(ir::Break{loop.label});
    before.add(ir::If{negation(std::move(test)), leaves.finish(), nullptr});
    before.add(std::move(body));
    body = std::move(before);
  }
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::do_statement(Node node, Code& code) {
  const Node clause = node.child(Field::condition_);
  ir::Loop loop;
  loop.test_first = false;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  if (const Node written = node.child(Field::body_)) statement(written, body);
  jumps_.pop_back();
  Code before;
  loop.condition = clause ? condition(clause, before) : leaf(ir::Term::none, range(node));
  if (!before.empty()) loop.step = before.finish();
  loop.body = body.finish();
  code.add(std::move(loop));
}

void Lowering::for_statement(Node node, Code& code) {
  const InScope inside(*this);
  Code whole;
  std::vector<Variable> ending;
  if (const Node first = node.child(Field::initializer_)) {
    if (first.kind() == Kind::declaration_) {
      ending = declaration(first, whole);
      std::erase_if(ending, [](const Variable& each) { return !each.ends; });
    } else {
      discard(first, whole);
    }
  }
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  Code before;
  const Node test = node.child(Field::condition_);
  if (test) loop.condition = condition(test, before);
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  Code body;
  if (const Node written = node.child(Field::body_)) statement(written, body);
  jumps_.pop_back();
  if (!before.empty()) {
    Code leaves;
    leaves.add(ir::Break{loop.label});
    before.add(ir::If{negation(std::move(loop.condition)), leaves.finish(), nullptr});
    before.add(std::move(body));
    body = std::move(before);
  }
  loop.body = body.finish();
  Code step;
  if (const Node update = node.child(Field::update_)) discard(update, step);
  loop.step = step.finish_or_null();
  Code looping;
  looping.add(std::move(loop));
  code.add(std::move(whole));
  with_destructors(ending, std::move(looping), range(node), code);
}

void Lowering::range_loop(Node node, Code& code) {
  const InScope inside(*this);
  const Node over = node.child(Field::right_);
  const ir::Term iterated = over ? snapshot(expression(over, code), range(over), code) : terms().unknown();
  ir::Loop loop;
  loop.label = terms().intern("L" + std::to_string(++unit_.last_label));
  loop.condition = leaf(ir::Term::none, range(over ? over : node));
  Code body;
  const ir::Term arguments[] = {iterated};
  ir::Instruction next = call_instruction(global("operator.next"), arguments, range(over ? over : node));
  next.never_raises = true;
  const ir::Term element = emit_result(std::move(next), body, {});
  const Node declarator = node.child(Field::declarator_);
  if (const Node name = name_of(declarator)) {
    if (name.kind() == Kind::identifier_) {
      Type type = unit_.types.read(scope(), node.child(Field::type_), declarator);
      type.reference = true;
      assign(declare(name.text(), std::move(type)), element, range(name), body);
    }
  } else if (declarator) {
    bindings(declarator, element, body);
  }
  jumps_.push_back({.label = loop.label, .takes_continue = true});
  if (const Node written = node.child(Field::body_)) statement(written, body);
  jumps_.pop_back();
  loop.body = body.finish();
  code.add(std::move(loop));
}

/// Cases in a row, in a place to break out of; what falls through to the next is kept in a flag.
void Lowering::switch_statement(Node node, Code& code) {
  const Node clause = node.child(Field::condition_);
  const Node written = node.child(Field::body_);
  if (!clause || !written) return;
  const InScope inside(*this);
  Code before;
  const Node subject = clause.child(Field::value_) ? clause.child(Field::value_) : clause;
  const ir::Term value = snapshot(expression(subject, before), range(subject), before);
  code.add(std::move(before));
  labelled({}, code, [&](Code& whole) {
    const ir::Local entered = temporary();
    let(entered, terms().boolean(false), range(subject), whole);
    std::vector<Node> cases;
    for (const Node each : written.children()) {
      if (each.kind() == Kind::case_statement_) cases.push_back(each);
    }
    for (std::size_t index = 0; index < cases.size(); ++index) {
      const Node each = cases[index];
      Code part;
      let(entered, terms().boolean(true), range(each), part);
      std::vector<Node> nodes;
      for (const Node inner : each.children()) {
        if (inner.field() != Field::value_) nodes.push_back(inner);
      }
      statements(nodes, part);
      const Node label = each.child(Field::value_);
      ir::ConditionPtr test;
      Code needed;
      if (label) {
        test = leaf(compared(Kind::op_eq, value, expression(label, needed)), range(label));
      } else {
        // default: none of the others; where it is last, that is known by now.
        for (std::size_t other = index + 1; other < cases.size(); ++other) {
          const Node its = cases[other].child(Field::value_);
          if (!its) continue;
          ir::ConditionPtr next =
              negation(leaf(compared(Kind::op_eq, value, expression(its, needed)), range(its)));
          test = test == nullptr ? std::move(next)
                                 : join(ir::Condition::Kind::both, std::move(test), std::move(next));
        }
        if (test == nullptr) test = leaf(terms().boolean(true), range(each));
      }
      ir::ConditionPtr fallen = leaf(terms().local(entered), test->range);
      whole.add(std::move(needed));
      whole.add(ir::If{join(ir::Condition::Kind::either, std::move(fallen), std::move(test)), part.finish(),
                       nullptr});
    }
  });
}

void Lowering::try_statement(Node node, Code& code) {
  ir::Try made;
  Code body;
  if (const Node written = node.child(Field::body_)) block(written, body);
  made.body = body.finish();
  for (const Node each : node.children()) {
    if (each.kind() != Kind::catch_clause_) continue;
    const InScope inside(*this);
    ir::Handler handler;
    Code caught;
    const Node list = each.child(Field::parameters_);
    const Node written = each.child(Field::body_);
    handler.range = unit_.range(each.begin(), list ? list.end() : each.begin() + 5);
    handler.exception = temporary();
    const Node parameter = list ? list.first_child() : Node{};
    if (parameter && parameter.child(Field::type_)) {
      Type type =
          unit_.types.read(scope(), parameter.child(Field::type_), parameter.child(Field::declarator_));
      const ir::Term of = unit_.class_of(type);
      handler.types.push_back(of == ir::Term::none ? global("int") : of);
      if (const Node name = name_of(parameter.child(Field::declarator_))) {
        type.reference = true;
        assign(declare(name.text(), std::move(type)), terms().local(handler.exception), range(name), caught);
      }
    }
    if (written) block(written, caught);
    handler.body = caught.finish();
    made.handlers.push_back(std::move(handler));
  }
  code.add(std::move(made));
}

void Lowering::return_statement(Node node, Code& code) {
  const Node written = node.first_child();
  ir::Term value = ir::Term::none;
  if (written) {
    const Node named = stripped(written);
    Variable* variable = named && named.kind() == Kind::identifier_ ? find_variable(named.text()) : nullptr;
    if (variable != nullptr && variable->ends) {
      // The caller has it: nothing is left to end here.
      const ir::Local given = temporary();
      let(given, value_of(*variable), range(named), code);
      assign(*variable, terms().null(), range(named), code);
      value = terms().local(given);
    } else if (named.kind() == Kind::initializer_list_) {
      Type type = unit_.types.read(scope(), definition_.node.child(Field::type_), {});
      value = construct(type, named, range(named), code, {});
    } else {
      Code needed;
      value = expression(written, code);
    }
  }
  if (!return_label_.empty() && enclosing_ == nullptr) {
    code.add(ir::Break{return_label_});
    return;
  }
  code.add(ir::Return{value, range(node)});
}

}  // namespace lockwright::frontends::cpp
