// Assignments: the value first, then the targets from left to right.
//
// A variable in a slot is a let; an attribute, an element, a module-level name or a captured variable a
// store. The result of a call goes straight into the slot it is assigned to. Unpacking asks the value for its
// elements one by one, unless the elements stand there themselves (`a, b = b, a`): those are all evaluated
// first.
#include "analyzer/frontends/python/annotations.h"
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

bool is_sequence(Kind kind) {
  switch (kind) {
    case Kind::tuple_:
    case Kind::tuple_pattern_:
    case Kind::pattern_list_:
    case Kind::expression_list_:
    case Kind::list_:
    case Kind::list_pattern_: return true;
    default: return false;
  }
}

bool is_splat(Kind kind) {
  return kind == Kind::list_splat_ || kind == Kind::list_splat_pattern_;
}

Node strip(Node node) {
  if (!node) return node;
  while ((node.kind() == Kind::parenthesized_expression_ || node.kind() == Kind::as_pattern_target_ ||
          is_grouping(node)) &&
         node.first_child()) {
    node = node.first_child();
  }
  return node;
}

/// How many elements, if they can be counted.
std::size_t count(Node sequence) {
  std::size_t result = 0;
  for (const Node each : sequence.children()) {
    if (is_splat(each.kind())) return static_cast<std::size_t>(-1);
    ++result;
  }
  return result;
}

}  // namespace

void Lowering::assignment(Node node, Code& code) {
  // `a = b = value` nests to the right.
  std::vector<Node> targets;
  Node value = node;
  while (value.kind() == Kind::assignment_) {
    targets.push_back(strip(value.child(Field::left_)));
    if (const Node annotation = value.child(Field::type_)) {
      const Node right = value.child(Field::right_);
      ir::Term written = ir::Term::none;
      if (right) {
        const std::size_t locals = function_.locals.size();
        written = expression(right, code, target_of(targets.back()));
        assign(targets.back(), written, range(node), code);
        const bool evaluated =
            right.has_effect() || function_.locals.size() != locals || !is_context_free(written);
        if (evaluated) written = terms().unknown();
      }
      annotate(targets.back(), annotation, written);
      return;
    }
    value = value.child(Field::right_);
  }
  if (!value) return;
  if (value.kind() == Kind::augmented_assignment_) {
    augmented(value, code);
    return;
  }
  const Node first = targets.front();
  if (targets.size() == 1 && first && is_sequence(first.kind()) && is_sequence(value.kind()) &&
      count(first) == count(value) && count(value) != static_cast<std::size_t>(-1)) {
    unpack_elements(first, value, range(node), code);
    return;
  }
  ir::Term term = expression(value, code, first ? target_of(first) : Target{});
  if (targets.size() > 1 && target_of(first).local == ir::Local::none)
    term = snapshot(term, range(value), code);
  if (unit_.scopes.scope(scope_).kind == ScopeKind::type && first.kind() == Kind::identifier_) {
    declare_field(first.symbol(), ir::Term::none,
                  value.has_effect() || !is_context_free(term) ? terms().unknown() : term);
  }
  for (const Node each : targets) {
    if (each) assign(each, term, range(node), code);
  }
}

void Lowering::augmented(Node node, Code& code) {
  const Node target = strip(node.child(Field::left_));
  const Node right = node.child(Field::right_);
  const Kind operation = node.child(Field::operator_).kind();
  if (!target) return;
  Kind plain = Kind::op_add;
  switch (operation) {
    case Kind::assign_sub: plain = Kind::op_sub; break;
    case Kind::assign_mul: plain = Kind::op_mul; break;
    case Kind::assign_div: plain = Kind::op_div; break;
    case Kind::assign_matmul: plain = Kind::op_matmul; break;
    case Kind::assign_floordiv: plain = Kind::op_floordiv; break;
    case Kind::assign_mod: plain = Kind::op_mod; break;
    case Kind::assign_pow: plain = Kind::op_pow; break;
    case Kind::assign_rshift: plain = Kind::op_rshift; break;
    case Kind::assign_lshift: plain = Kind::op_lshift; break;
    case Kind::assign_and: plain = Kind::op_and; break;
    case Kind::assign_xor: plain = Kind::op_xor; break;
    case Kind::assign_or: plain = Kind::op_or; break;
    default: break;
  }
  const auto combined = [&](ir::Term old) {
    const ir::Term operand = expression(right, code);
    return compare(plain, old, operand, range(node), code, {});
  };
  if (target.kind() == Kind::subscript_) {
    const ir::Term base = expression(target.child(Field::value_), code);
    const ir::Term key = subscript_key(target, code);
    const ir::Term old = call_global("operator.getitem", {{base, key}}, range(target), code);
    store(terms().index(base, key), combined(old), range(node), code);
    return;
  }
  if (target.kind() == Kind::attribute_) {
    const ir::Term place = evaluate(target, code).term;
    const bool is_place =
        terms().kind(place) == ir::TermKind::field || terms().kind(place) == ir::TermKind::global;
    const ir::Term value = combined(place);
    if (is_place) store(place, value, range(node), code);
    return;
  }
  if (target.kind() != Kind::identifier_) {
    discard(right, code);
    return;
  }
  // What the name holds, not what it means: `count += 1` reads the variable.
  const Place place = names_.place(scope_, target.symbol());
  const ir::Term old = place.local != ir::Local::none ? terms().local(place.local) : place.term;
  assign_name(target.symbol(), combined(old), range(node), code);
}

Target Lowering::target_of(Node target) {
  if (!target || target.kind() != Kind::identifier_) return {};
  return {names_.place(scope_, target.symbol()).local, false};
}

void Lowering::assign(Node target, ir::Term value, source::Range range, Code& code) {
  target = strip(target);
  switch (target.kind()) {
    case Kind::identifier_: assign_name(target.symbol(), value, range, code); return;
    case Kind::attribute_: {
      const ir::Term place = evaluate(target, code).term;
      const ir::TermKind kind = terms().kind(place);
      if (kind == ir::TermKind::field || kind == ir::TermKind::global) store(place, value, range, code);
      return;
    }
    case Kind::subscript_: {
      const ir::Term base = expression(target.child(Field::value_), code);
      const ir::Term key = subscript_key(target, code);
      store(terms().index(base, key), value, range, code);
      return;
    }
    case Kind::list_splat_:
    case Kind::list_splat_pattern_:
      if (target.first_child()) assign(target.first_child(), terms().unknown(), range, code);
      return;
    default:
      if (is_sequence(target.kind())) unpack(target, value, range, code);
      return;
  }
}

void Lowering::assign_name(Symbol symbol, ir::Term value, source::Range range, Code& code) {
  const Place place = names_.place(scope_, symbol);
  if (place.local != ir::Local::none) {
    let(place.local, value, range, code);
  } else {
    store(place.term, value, range, code);
  }
}

/// `a, b = value`.
void Lowering::unpack(Node targets, ir::Term value, source::Range range, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range, code);
    return;
  }
  const bool is_temporary = terms().kind(value) == ir::TermKind::local &&
                            function_.locals[static_cast<std::size_t>(terms().number(value))].name.empty();
  if (!is_temporary) {
    const ir::Local whole = temporary();
    let(whole, value, range, code);
    value = terms().local(whole);
  }
  std::int64_t size = 0;
  for ([[maybe_unused]] const Node each : targets.children()) ++size;
  std::int64_t index = 0;
  bool behind_splat = false;
  for (const Node each : targets.children()) {
    const Node target = strip(each);
    if (is_splat(target.kind())) {
      behind_splat = true;
      assign(target, terms().unknown(), range, code);
    } else {
      const ir::Term position = terms().integer(behind_splat ? index - size : index);
      const ir::Term element =
          call_global("operator.getitem", {{value, position}}, unit_.range(each), code, target_of(target));
      assign(target, element, range, code);
    }
    ++index;
  }
}

/// `a, b = x, y`.
void Lowering::unpack_elements(Node targets, Node values, source::Range range, Code& code) {
  std::vector<Node> nodes;
  for (const Node each : values.children()) nodes.push_back(each);
  std::vector<ir::Term> elements = expressions(nodes, code);
  // A value that the assignments below could change is taken first.
  for (std::size_t index = 0; index < elements.size(); ++index) {
    const ir::TermKind kind = terms().kind(elements[index]);
    const bool fixed =
        (kind == ir::TermKind::local && nodes[index].has_effect() && !nodes[index].has_assignment()) ||
        (terms().kinds_in(elements[index]) & ir::kinds_of(ir::TermKind::local, ir::TermKind::field,
                                                          ir::TermKind::index, ir::TermKind::global)) == 0;
    if (fixed) continue;
    const ir::Local kept = temporary();
    let(kept, elements[index], unit_.range(nodes[index]), code);
    elements[index] = terms().local(kept);
  }
  std::size_t index = 0;
  for (const Node each : targets.children()) assign(each, elements[index++], range, code);
}

void Lowering::annotate(Node target, Node annotation, ir::Term value) {
  if (!target) return;
  const ir::Term type = declared_type(unit_, names_, scope_, annotation);
  const bool in_class = unit_.scopes.scope(scope_).kind == ScopeKind::type;
  if (target.kind() == Kind::identifier_) {
    if (in_class) {
      declare_field(target.symbol(), type, value);
    } else if (const Place place = names_.place(scope_, target.symbol()); place.local != ir::Local::none) {
      ir::Variable& variable = function_.locals[static_cast<std::size_t>(place.local)];
      if (variable.declared_type == ir::Term::none) variable.declared_type = type;
    }
    return;
  }
  if (target.kind() != Kind::attribute_ || type == ir::Term::none) return;
  const Scope& scope = unit_.scopes.scope(unit_.scopes.scope(scope_).owner);
  const Node object = target.child(Field::object_);
  if (scope.receiver != Receiver::instance || object.kind() != Kind::identifier_ ||
      names_.read(scope_, object.symbol()).term != terms().self()) {
    return;
  }
  ir::Class& type_of_self = unit_.module.classes[unit_.scopes.scope(scope.parent).type];
  ir::FieldDeclaration& field = type_of_self.fields[terms().intern(target.child(Field::attribute_).text())];
  if (field.declared_type == ir::Term::none) field.declared_type = type;
}

/// In a class body.
void Lowering::declare_field(Symbol name, ir::Term type, ir::Term value) {
  ir::Class& declared = unit_.module.classes[unit_.scopes.scope(scope_).type];
  ir::FieldDeclaration& field = declared.fields[terms().intern(unit_.syntax.name(name))];
  if (type != ir::Term::none) field.declared_type = type;
  if (value != ir::Term::none) field.value = value;
}

/// del.
void Lowering::erase(Node target, Code& code) {
  target = strip(target);
  if (!target) return;
  if (is_sequence(target.kind())) {
    const Nesting nesting(*this);
    if (!nesting) return;
    for (const Node each : target.children()) erase(each, code);
    return;
  }
  if (target.kind() == Kind::subscript_) {
    const ir::Term base = expression(target.child(Field::value_), code);
    const ir::Term key = subscript_key(target, code);
    call_global("operator.delitem", {{base, key}}, range(target), code, Target{ir::Local::none, true});
    return;
  }
  assign(target, terms().unknown(), range(target), code);
}

}  // namespace lockwright::frontends::python
