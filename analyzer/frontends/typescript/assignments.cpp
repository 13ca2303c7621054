// Declarations and assignments: the value first, then the targets from left to right.
//
// A variable in a slot is a let; a property, an element, a module-level name or a captured variable a store.
// The result of a call goes straight into the slot it is assigned to. Destructuring names the parts of the
// value one by one; a default is an if around a null test.
#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {

void Lowering::declaration(Node node, Code& code) {
  for (const Node each : node.children()) {
    if (each.kind() != Kind::variable_declarator_) continue;
    const Node target = each.child(Field::name_);
    const Node value = each.child(Field::value_);
    if (!target) continue;
    if (target.kind() != Kind::identifier_) {
      if (!value) continue;
      assign(target, expression(value, code), range(each), code);
      continue;
    }
    const Lookup found = unit_.scopes.look_up(scope_, target.symbol());
    if (found.binding == nullptr) continue;
    const Binding& bound = *found.binding;
    const Node type = each.child(Field::type_);
    if (is_only_import(bound)) {
      if (value && required_module(value)) {
        required(each, required_module(value), code);
      }
      continue;
    }
    if (value && is_only_type(bound)) {
      discard(value, code);
      continue;
    }
    if (is_only_function(bound)) continue;
    const Place place = names_.place(scope_, found.scope, *found.binding);
    if (type && place.local != ir::Local::none) {
      ir::Variable& variable = function_.locals[static_cast<std::size_t>(place.local)];
      if (variable.declared_type == ir::Term::none) {
        variable.declared_type = declared_type(names_, unit_, scope_, type);
      }
    }
    const ir::Term term = value ? expression(value, code, Target{place.local, false}) : terms().null();
    assign_place(place, term, range(each), code);
  }
}

ir::Term Lowering::assignment(Node node, Code& code, Target target) {
  const Node left = stripped(node.child(Field::left_));
  const Node right = node.child(Field::right_);
  if (!left || !right) return terms().unknown();
  if (is_export(left)) {
    // `module.exports = exports = x` nests to the right.
    export_value(exported_name(left), right, range(node), code);
    return terms().global(std::string(unit_.input.module_name) + '.' + std::string(exported_name(left)));
  }
  if (left.kind() == Kind::identifier_) {
    const Lookup found = unit_.scopes.look_up(scope_, left.symbol());
    if (found.binding != nullptr && is_only_import(*found.binding)) {
      const Node source = required_module(right);
      if (!source) return names_.read(scope_, left.symbol()).term;  // its null alternative
      required(node, source, code);
      return names_.read(scope_, left.symbol()).term;
    }
    const Target slot = target_of(left);
    const ir::Term value = expression(right, code, slot);
    assign_name(left.symbol(), value, range(node), code);
    return target.dropped ? terms().unknown() : names_.read(scope_, left.symbol()).term;
  }
  if (left.kind() == Kind::object_pattern_ || left.kind() == Kind::array_pattern_) {
    ir::Term value = expression(right, code);
    if (!target.dropped || terms().kind(value) == ir::TermKind::make) {
      // `[a, b] = [b, a]`: the elements as they are before the first is assigned.
      const ir::Local whole = temporary();
      let(whole, value, range(right), code);
      value = terms().local(whole);
    }
    assign(left, value, range(node), code);
    return value;
  }
  const ir::Term place = place_of(left, code);
  ir::Term value = expression(right, code);
  if (!target.dropped) value = snapshot(value, range(right), code);
  if (place != ir::Term::none) store(place, value, range(node), code);
  return value;
}

ir::Term Lowering::augmented(Node node, Code& code, Target target) {
  const Node left = stripped(node.child(Field::left_));
  const Node right = node.child(Field::right_);
  const Node written = node.child(Field::operator_);
  if (!left || !right || !written) return terms().unknown();
  Place place;
  if (left.kind() == Kind::identifier_) {
    place = names_.place(scope_, left.symbol());
  } else {
    place.term = place_of(left, code);
  }
  const ir::Term old = place.local != ir::Local::none ? terms().local(place.local)
                       : place.term != ir::Term::none ? place.term
                                                      : terms().unknown();
  const Kind operation = written.kind();
  const bool is_logical =
      operation == Kind::assign_both || operation == Kind::assign_either || operation == Kind::assign_default;
  if (is_logical) {
    Code rest;
    const ir::Term value = expression(right, rest, Target{place.local, false});
    assign_place(place, value, range(node), rest);
    code.add(ir::If{goes_on(operation, old, range(left)), rest.finish(), nullptr});
    return old;
  }
  const ir::Term operand = expression(right, code);
  const ir::Term value = arithmetic(operation, old, operand);
  assign_place(place, value, range(node), code);
  if (target.dropped) return terms().unknown();
  return place.local != ir::Local::none ? terms().local(place.local) : value;
}

Target Lowering::target_of(Node target) {
  if (!target || target.kind() != Kind::identifier_) return {};
  return {names_.place(scope_, target.symbol()).local, false};
}

ir::Term Lowering::place_of(Node target, Code& code) {
  target = stripped(target);
  if (target.kind() != Kind::member_expression_ && target.kind() != Kind::subscript_expression_) {
    return ir::Term::none;
  }
  const ir::Term place = evaluate(target, code).term;
  const ir::TermKind kind = terms().kind(place);
  const bool is_place =
      kind == ir::TermKind::field || kind == ir::TermKind::global || kind == ir::TermKind::index;
  return is_place ? place : ir::Term::none;
}

void Lowering::assign(Node target, ir::Term value, source::Range range, Code& code) {
  if (!target) return;
  target = stripped(target);
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range, code);
    return;
  }
  switch (target.kind()) {
    case Kind::identifier_:
    case Kind::shorthand_property_identifier_pattern_:
      assign_name(target.symbol(), value, range, code);
      return;
    case Kind::object_pattern_: unpack_object(target, value, range, code); return;
    case Kind::array_pattern_: unpack_array(target, value, range, code); return;
    case Kind::assignment_pattern_:
    case Kind::object_assignment_pattern_:
      assign_with_default(target.child(Field::left_), target.child(Field::right_), value, range, code);
      return;
    case Kind::rest_pattern_: assign(target.first_child(), terms().unknown(), range, code); return;
    case Kind::assignment_expression_:  // using
      assign(target.child(Field::left_), value, range, code);
      return;
    default: {
      const ir::Term place = place_of(target, code);
      if (place != ir::Term::none) store(place, value, range, code);
      return;
    }
  }
}

void Lowering::assign_name(Symbol symbol, ir::Term value, source::Range range, Code& code) {
  const Lookup found = unit_.scopes.look_up(scope_, symbol);
  if (found.binding != nullptr && is_only_import(*found.binding)) return;  // a part of a module
  assign_place(names_.place(scope_, symbol), value, range, code);
}

void Lowering::assign_place(const Place& place, ir::Term value, source::Range range, Code& code) {
  if (place.local != ir::Local::none) {
    let(place.local, value, range, code);
  } else if (place.term != ir::Term::none && place.term != value) {
    store(place.term, value, range, code);
  }
}

void Lowering::assign_with_default(Node target, Node otherwise, ir::Term value, source::Range range,
                                   Code& code) {
  if (!target || !otherwise) return;
  const bool is_name =
      target.kind() == Kind::shorthand_property_identifier_pattern_ || target.kind() == Kind::identifier_;
  ir::Local local = is_name ? names_.place(scope_, target.symbol()).local : ir::Local::none;
  const bool kept = local == ir::Local::none;
  if (kept) local = temporary();
  let(local, value, range, code);
  Code missing;
  let(local, expression(otherwise, missing, Target{local, false}), unit_.range(otherwise), missing);
  code.add(ir::If{leaf(is_null(terms().local(local)), unit_.range(target)), missing.finish(), nullptr});
  if (kept) assign(target, terms().local(local), range, code);
}

/// `{ a, b: c, d = 1, ...rest } = value`.
void Lowering::unpack_object(Node pattern, ir::Term value, source::Range range, Code& code) {
  if (pattern.has_effect()) value = snapshot(value, range, code);
  for (const Node each : pattern.children()) {
    switch (each.kind()) {
      case Kind::shorthand_property_identifier_pattern_:
        assign(each, terms().field(value, each.text()), unit_.range(each), code);
        break;
      case Kind::object_assignment_pattern_: {
        const Node name = each.child(Field::left_);
        const bool simple = name.kind() == Kind::shorthand_property_identifier_pattern_;
        assign(each, simple ? terms().field(value, name.text()) : terms().unknown(), unit_.range(each), code);
        break;
      }
      case Kind::pair_pattern_: {
        const Node key = each.child(Field::key_);
        const std::string_view name = key_text(key);
        const bool computed = name.empty() && key.kind() == Kind::computed_property_name_;
        const ir::Term part =
            computed ? terms().index(value, expression(key.first_child(), code)) : terms().field(value, name);
        assign(each.child(Field::value_), part, unit_.range(each), code);
        break;
      }
      case Kind::rest_pattern_: assign(each.first_child(), terms().unknown(), unit_.range(each), code); break;
      default: break;
    }
  }
}

/// `[a, , b = 1, ...rest] = value`.
void Lowering::unpack_array(Node pattern, ir::Term value, source::Range range, Code& code) {
  if (pattern.has_effect()) value = snapshot(value, range, code);
  std::int64_t position = 0;
  for (const Node each : pattern.children()) {
    if (each.kind() == Kind::comma) {
      ++position;
    } else {
      assign(each, terms().index(value, terms().integer(position)), unit_.range(each), code);
    }
  }
}

}  // namespace lockwright::frontends::typescript
