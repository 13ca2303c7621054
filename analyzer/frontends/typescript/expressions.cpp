// Expressions: what is a value becomes a term, what happens becomes an instruction.
//
// expression() returns the term for a node and appends what has to run first. A call's value is the local
// that its instruction fills, so whatever contains a call is built of such locals, and terms alone never do
// anything. Names and properties go through evaluate(), which also knows when a property is part of a
// qualified name.
#include <algorithm>

#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {

Meaning Lowering::evaluate(Node node, Code& code) {
  node = node ? stripped(node) : node;
  if (!node || node.has_error()) return {terms().unknown(), Nature::value};
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::shorthand_property_identifier_:
    case Kind::shorthand_property_identifier_pattern_: return names_.read(scope_, node.symbol());
    case Kind::this_: return names_.receiver(scope_);
    case Kind::member_expression_:
    case Kind::nested_identifier_: {
      const Nesting nesting(*this);
      if (!nesting) break;
      Chain none;
      return link(node, code, none);
    }
    case Kind::call_expression_:
    case Kind::await_expression_:
      if (const Node source = required_module(node)) {
        required(node, source, code);
        return names_.imports().module(key_text(source));
      }
      break;
    default: break;
  }
  return {expression(node, code), Nature::value};
}

ir::Term Lowering::expression(Node node, Code& code, Target target) {
  if (!node || node.has_error()) return terms().unknown();  // its statement has the hole
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::shorthand_property_identifier_:
    case Kind::this_: return evaluate(node, code).term;
    case Kind::string_: return string(node);
    case Kind::regex_: return terms().string(node.text());
    case Kind::number_: return number(node);
    case Kind::true_: return terms().boolean(true);
    case Kind::false_: return terms().boolean(false);
    case Kind::null_:
    case Kind::undefined_: return terms().null();
    default: break;
  }
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return terms().unknown();
  }
  return expression_here(node, code, target);
}

ir::Term Lowering::expression_here(Node node, Code& code, Target target) {
  switch (node.kind()) {
    case Kind::parenthesized_expression_:
    case Kind::as_expression_:
    case Kind::satisfies_expression_:
    case Kind::non_null_expression_:
    case Kind::instantiation_expression_:
    case Kind::type_assertion_: {
      const Node inner = stripped(node);
      return inner == node ? terms().unknown() : expression(inner, code, target);
    }
    case Kind::member_expression_:
    case Kind::nested_identifier_:
    case Kind::subscript_expression_:
    case Kind::call_expression_: return chain(node, code, target, ir::Completion::immediate);
    case Kind::new_expression_: return creation(node, code, target);
    case Kind::await_expression_: return await(node, code, target);
    case Kind::yield_expression_: return yield(node, code, target);
    case Kind::binary_expression_: return binary(node, code, target);
    case Kind::unary_expression_: return unary(node, code, target);
    case Kind::update_expression_: return update(node, code, target);
    case Kind::assignment_expression_: return assignment(node, code, target);
    case Kind::augmented_assignment_expression_: return augmented(node, code, target);
    case Kind::ternary_expression_: return choice(node, code, target);
    case Kind::sequence_expression_: return sequence(node, code, target);
    case Kind::template_string_: return template_string(node, code);
    case Kind::object_: return object(node, code);
    case Kind::array_: return array(node, code);
    case Kind::arrow_function_:
    case Kind::function_expression_:
    case Kind::generator_function_: return function_value(node);
    case Kind::class_: {
      const ScopeId opened = unit_.scopes.opened_by(node);
      if (opened == ScopeId::none) return terms().unknown();
      class_definition(node, code);
      return global(unit_.scopes.scope(opened).qualified_name);
    }
    case Kind::spread_element_: discard(node.first_child(), code); return terms().unknown();
    case Kind::meta_property_: {
      const bool of_module = node.text().starts_with("import");
      return of_module ? global(std::string(unit_.input.module_name) + ".import.meta") : terms().unknown();
    }
    case Kind::jsx_element_:
    case Kind::jsx_self_closing_element_: return jsx(node, code);
    case Kind::internal_module_: statement(node, code); return terms().unknown();
    default: return terms().unknown();
  }
}

/// Evaluates for the effect alone.
void Lowering::discard(Node node, Code& code) {
  if (node) expression(node, code, Target{ir::Local::none, true});
}

ir::Term Lowering::constant(Node node) {
  if (!node || node.has_error() || node.has_effect() || node.kind() == Kind::template_string_ ||
      node.kind() == Kind::ternary_expression_) {
    return terms().unknown();
  }
  Code none;
  const std::size_t locals = function_.locals.size();
  const ir::Term value = expression(node, none);
  const bool evaluated = !none.empty() || function_.locals.size() != locals;
  return evaluated || !is_context_free(value) ? terms().unknown() : value;
}

std::vector<ir::Term> Lowering::expressions(std::span<const Node> nodes, Code& code) {
  return values_in_turn(
      nodes, code, [&](Node node) { return expression(node, code); }, [&](Node node) { return range(node); });
}

ir::Term Lowering::array(Node node, Code& code) {
  std::vector<Node> elements;
  for (const Node each : node.children()) elements.push_back(each);
  return terms().make(global("globalThis.Array"), expressions(elements, code));
}

/// Properties by name; what may come from anywhere (a spread, a computed key) is an operand without one, and
/// unknown makes of the properties before it.
ir::Term Lowering::object(Node node, Code& code) {
  struct Property {
    std::string_view name;  // "": not known
    ir::Term value;
  };
  std::vector<Property> properties;
  const auto put = [&](std::string_view name, ir::Term value) {
    std::erase_if(properties, [name](const Property& each) { return each.name == name; });
    properties.push_back({name, value});
  };
  const auto put_any = [&](ir::Term value) {
    for (Property& each : properties) each.value = terms().unknown();
    properties.push_back({"", value});
  };
  constexpr std::size_t max_properties = 500;
  for (const Node each : node.children()) {
    if (properties.size() > max_properties) {
      discard(each.kind() == Kind::pair_ ? each.child(Field::value_) : each, code);
      continue;
    }
    switch (each.kind()) {
      case Kind::shorthand_property_identifier_:
        put(terms().intern(each.text()), expression(each, code));
        break;
      case Kind::pair_: {
        const Node key = each.child(Field::key_);
        std::string_view name = key_text(key);
        if (name.empty() && key.kind() == Kind::computed_property_name_) discard(key.first_child(), code);
        const ir::Term value = expression(each.child(Field::value_), code);
        name.empty() ? put_any(value) : put(terms().intern(name), value);
        break;
      }
      case Kind::method_definition_: {
        const std::string_view name = key_text(each.child(Field::name_));
        if (has_word(each, Kind::word_set)) break;
        const ir::Term value = has_word(each, Kind::word_get) ? terms().unknown() : function_value(each);
        name.empty() ? put_any(value) : put(terms().intern(name), value);
        break;
      }
      case Kind::spread_element_: put_any(expression(each.first_child(), code)); break;
      default: break;
    }
  }
  std::vector<ir::Term> operands;
  for (const Property& each : properties) {
    operands.push_back(each.name.empty() ? each.value : terms().keyword(each.name, each.value));
  }
  return terms().make(global("globalThis.Object"), operands);
}

/// `test ? a : b`.
ir::Term Lowering::choice(Node node, Code& code, Target target) {
  const Node test = node.child(Field::condition_);
  const ir::Local result = target.local == ir::Local::none && !target.dropped ? temporary() : target.local;
  const auto branch = [&](Node value) {
    Code branch_code;
    const ir::Term term = expression(value, branch_code, Target{result, target.dropped});
    if (!target.dropped && value) let(result, term, range(value), branch_code);
    return branch_code.finish();
  };
  ir::ConditionPtr decided = condition(test, code);
  ir::TreePtr then_part = branch(node.child(Field::consequence_));
  ir::TreePtr else_part = branch(node.child(Field::alternative_));
  code.add(ir::If{std::move(decided), std::move(then_part), std::move(else_part)});
  return target.dropped ? terms().unknown() : terms().local(result);
}

ir::Term Lowering::sequence(Node node, Code& code, Target target) {
  Node last;
  for (const Node each : node.children()) {
    if (last) discard(last, code);
    last = each;
  }
  return expression(last, code, target);
}

ir::Term Lowering::yield(Node node, Code& code, Target target) {
  const bool delegates = has_word(node, Kind::op_mul);
  Node value;
  for (const Node each : node.children()) value = each.kind() == Kind::op_mul ? value : each;
  if (delegates) {
    // The delegate hands out we do not know what, and how often.
    discard(value, code);
    Code body;
    ir::Instruction made = instruction(ir::InstructionKind::yield, range(node));
    made.value = terms().unknown();
    body.emit(std::move(made));
    ir::Loop loop;
    loop.condition = leaf(ir::Term::none, range(node));
    loop.body = body.finish();
    code.add(std::move(loop));
    return terms().unknown();
  }
  const ir::Term handed_out = value ? expression(value, code) : terms().null();
  ir::Instruction made = instruction(ir::InstructionKind::yield, range(node));
  made.value = handed_out;
  return emit_result(std::move(made), code, target);
}

ir::Term Lowering::function_value(Node node) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  return opened == ScopeId::none ? terms().unknown() : names_.function_value(scope_, opened);
}

/// The expressions in it are evaluated; what they make is for a framework.
ir::Term Lowering::jsx(Node node, Code& code) {
  const Nesting nesting(*this);
  if (!nesting) return terms().unknown();
  for (const Node each : node.children()) {
    switch (each.kind()) {
      case Kind::jsx_expression_: discard(each.first_child(), code); break;
      case Kind::jsx_attribute_:
      case Kind::jsx_opening_element_:
      case Kind::jsx_element_:
      case Kind::jsx_self_closing_element_: jsx(each, code); break;
      default: break;
    }
  }
  return terms().unknown();
}

}  // namespace lockwright::frontends::typescript
