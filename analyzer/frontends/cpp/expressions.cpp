// Expressions: what is a value becomes a term, what happens becomes an instruction.
//
// Pointers to objects and the objects themselves are one term: `p->x`, `(*p).x` and `r.x` are the same field.
// Only a pointer to a number or to a pointer is told from what it points to: its "*".
//
// `x == 0`, `x == NULL` and `!x` ask the same, so they are one condition.
#include <algorithm>
#include <string>

#include "analyzer/frontends/common/literals.h"
#include "analyzer/frontends/cpp/lowering.h"

namespace lockwright::frontends::cpp {
namespace {

std::string_view operator_name(Kind kind) {
  switch (kind) {
    case Kind::op_add:
    case Kind::assign_add: return "operator.add";
    case Kind::op_sub:
    case Kind::assign_sub: return "operator.sub";
    case Kind::op_mul:
    case Kind::assign_mul: return "operator.mul";
    case Kind::op_div:
    case Kind::assign_div: return "operator.div";
    case Kind::op_mod:
    case Kind::assign_mod: return "operator.mod";
    case Kind::op_or:
    case Kind::assign_or: return "operator.or";
    case Kind::op_and:
    case Kind::assign_and: return "operator.and";
    case Kind::op_xor:
    case Kind::assign_xor: return "operator.xor";
    case Kind::op_lshift:
    case Kind::assign_lshift: return "operator.lshift";
    case Kind::op_rshift:
    case Kind::assign_rshift: return "operator.rshift";
    case Kind::op_invert: return "operator.invert";
    case Kind::op_lt: return "operator.lt";
    case Kind::op_le: return "operator.le";
    case Kind::op_eq: return "operator.eq";
    case Kind::op_ne: return "operator.ne";
    case Kind::op_ge: return "operator.ge";
    case Kind::op_gt: return "operator.gt";
    case Kind::op_increment: return "operator.add";
    case Kind::op_decrement: return "operator.sub";
    default: return "operator.other";
  }
}

bool is_both(Kind kind) {
  return kind == Kind::op_both || kind == Kind::word_and;
}
bool is_either(Kind kind) {
  return kind == Kind::op_either || kind == Kind::word_or;
}

Kind operator_of(Node node) {
  const Node written = node.child(Field::operator_);
  return written ? written.kind() : Kind::other;
}

/// The text of a literal between its quotes.
void append_string(std::string_view written, std::string& text) {
  const std::size_t quote = written.find('"');
  if (quote == std::string_view::npos) return;
  if (quote > 0 && written[quote - 1] == 'R') {
    const std::size_t open = written.find('(', quote);
    const std::size_t close = written.rfind(')');
    if (open != std::string_view::npos && close != std::string_view::npos && close > open)
      text += written.substr(open + 1, close - open - 1);
    return;
  }
  for (std::size_t at = quote + 1; at < written.size() && written[at] != '"'; ++at) {
    if (written[at] != '\\' || at + 1 >= written.size()) {
      text += written[at];
      continue;
    }
    switch (written[++at]) {
      case 'n': text += '\n'; break;
      case 't': text += '\t'; break;
      case 'r': text += '\r'; break;
      case 'x': {
        ++at;
        append_utf8(read_digits(written, at, 2, 16), text);
        --at;
        break;
      }
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7': {
        append_utf8(read_digits(written, at, 3, 8), text);
        --at;
        break;
      }
      case '\n': break;
      default: text += written[at];
    }
  }
}

}  // namespace

ir::Term Lowering::expression(Node node, Code& code, Target target) {
  if (!node || node.has_error()) return terms().unknown();  // its statement has the hole
  const Nesting nesting(*this);
  if (!nesting) {
    hole(range(node), code);
    return terms().unknown();
  }
  return expression_here(node, code, target);
}

ir::Term Lowering::expression_here(Node node, Code& code, Target target) {
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::qualified_identifier_:
    case Kind::type_identifier_:
    case Kind::template_function_:
    case Kind::field_identifier_: return name(node, code, target);
    case Kind::this_: return self();
    case Kind::string_literal_:
    case Kind::raw_string_literal_:
    case Kind::concatenated_string_:
    case Kind::char_literal_:
    case Kind::number_literal_:
    case Kind::user_defined_literal_: {
      if (node.kind() == Kind::string_literal_ && node.text().find('"') == std::string_view::npos) {
        // A macro's name, shown as a string (shown_text.h).
        if (auto value = expand(node.text(), Node{}, range(node), code)) return *value;
        return global(node.text());
      }
      if (node.kind() != Kind::concatenated_string_) return literal(node);
      std::vector<ir::Term> parts;
      for (const Node each : node.children()) parts.push_back(expression(each, code));
      return terms().concat(parts);
    }
    case Kind::true_: return terms().boolean(true);
    case Kind::false_: return terms().boolean(false);
    case Kind::null_: return terms().null();
    case Kind::parenthesized_expression_:
    case Kind::extension_expression_: return expression(node.first_child(), code, target);
    case Kind::cast_expression_: return expression(node.child(Field::value_), code, target);
    case Kind::field_expression_: {
      const Node member = node.child(Field::field_);
      const ir::Term base = expression(node.child(Field::argument_), code);
      if (!member) return terms().unknown();
      const std::string text = dotted(member);
      const Type type = type_of(node.child(Field::argument_));
      const Declaration* found = type.name.empty() ? nullptr : unit_.names.member(type.name, text);
      if (found != nullptr && found->is_static && found->kind == Declaration::Kind::variable)
        return global(found->name);
      return terms().field(base, text.substr(text.rfind('.') + 1));
    }
    case Kind::subscript_expression_: {
      const ir::Term base = expression(node.child(Field::argument_), code);
      const Node list = node.child(Field::indices_);
      const Node key =
          list ? (list.kind() == Kind::subscript_argument_list_ ? list.first_child() : list) : Node{};
      const ir::Term index = key ? expression(key, code) : terms().unknown();
      return terms().index(base, index);
    }
    case Kind::call_expression_: return call(node, code, target);
    case Kind::new_expression_: {
      const Type type = unit_.types.read(scope(), node.child(Field::type_), node.child(Field::declarator_));
      const Node arguments = node.child(Field::arguments_);
      if (node.child(Field::declarator_) || type.name.empty()) {
        if (arguments) expressions(arguments, code);
        return terms().unknown();
      }
      return construct(type, arguments, range(node), code, target);
    }
    case Kind::delete_expression_: {
      const Node operand = node.first_child();
      const ir::Term object = expression(operand, code);
      ir::Instruction made = call_instruction(terms().field(object, destructor_name), {}, range(node));
      made.never_raises = true;
      code.emit(std::move(made));
      return terms().null();
    }
    case Kind::binary_expression_: return binary(node, code, target);
    case Kind::unary_expression_: return unary(node, code, target);
    case Kind::pointer_expression_: return pointer(node, code);
    case Kind::update_expression_: return update(node, code);
    case Kind::assignment_expression_: return assignment(node, code, target);
    case Kind::conditional_expression_: return choice(node, code, target);
    case Kind::comma_expression_:
      discard(node.child(Field::left_), code);
      return expression(node.child(Field::right_), code, target);
    case Kind::initializer_list_: {
      const std::vector<ir::Term> values = expressions(node, code);
      return terms().make(global("std.initializer_list"), values);
    }
    case Kind::compound_literal_expression_: {
      const Type type = unit_.types.read(scope(), node.child(Field::type_), {});
      const Node list = node.child(Field::value_);
      if (unit_.is_made(type) || unit_.ends(type)) return construct(type, list, range(node), code, target);
      const ir::Term object = identity("literal" + std::to_string(node.begin()));
      if (list) designated(object, list, code);
      return object;
    }
    case Kind::lambda_expression_: return lambda(node, code);
    case Kind::co_await_expression_: {
      ir::Instruction made = instruction(ir::InstructionKind::await, range(node));
      made.value = expression(node.child(Field::argument_), code);
      return emit_result(std::move(made), code, target);
    }
    case Kind::compound_statement_: {
      // ({ … }): its last expression is its value.
      std::vector<Node> nodes;
      for (const Node each : node.children()) nodes.push_back(each);
      if (nodes.empty() || nodes.back().kind() != Kind::expression_statement_) {
        block(node, code);
        return terms().unknown();
      }
      const ir::Local result = temporary();
      scopes_.emplace_back();
      for (const Node each : std::span(nodes).first(nodes.size() - 1)) {
        if (each.kind() == Kind::declaration_) {
          declaration(each, code);
        } else {
          statement(each, code);
        }
      }
      let(result, expression(nodes.back().first_child(), code), range(nodes.back()), code);
      scopes_.pop_back();
      return terms().local(result);
    }
    case Kind::generic_expression_:
    case Kind::fold_expression_:
    case Kind::parameter_pack_expansion_:
      for (const Node each : node.children()) discard(each, code);
      return terms().unknown();
    default: return terms().unknown();
  }
}

/// Evaluates for the effect alone.
void Lowering::discard(Node node, Code& code) {
  if (node) expression(node, code, Target{ir::Local::none, true});
}

std::vector<ir::Term> Lowering::expressions(Node list, Code& code) {
  std::vector<ir::Term> result;
  for (const Node each : list.children()) {
    const Node value = each.kind() == Kind::initializer_pair_ ? each.child(Field::value_) : each;
    result.push_back(expression(value, code));
  }
  return result;
}

ir::Term Lowering::literal(Node node) {
  const std::string_view written = node.text();
  if (node.kind() == Kind::number_literal_) {
    std::string digits;
    const bool hex = written.starts_with("0x") || written.starts_with("0X");
    for (const char c : written) {
      const bool suffix = c == 'u' || c == 'U' || c == 'l' || c == 'L' || c == 'z' || c == 'Z' ||
                          (!hex && (c == 'f' || c == 'F'));
      if (!suffix && c != '\'') digits += c;
    }
    if (const auto value = integer_value(digits)) return terms().integer(*value);
    if (const auto value = whole_float_value(digits)) return terms().integer(*value);
    return terms().apply(global("builtins.float"), std::vector{terms().string(digits)});
  }
  if (node.kind() == Kind::char_literal_) {
    std::string text;
    std::string quoted(written);
    std::replace(quoted.begin(), quoted.end(), '\'', '"');
    append_string(quoted, text);
    return text.size() <= 1 ? terms().integer(text.empty() ? 0 : static_cast<unsigned char>(text[0]))
                            : terms().unknown();
  }
  std::string text;
  append_string(written, text);
  return terms().string(text);
}

ir::Term Lowering::compared(Kind operation, ir::Term left, ir::Term right) {
  const auto is_nothing = [&](ir::Term term) {
    const ir::TermKind kind = terms().kind(term);
    return kind == ir::TermKind::null || (kind == ir::TermKind::integer && terms().number(term) == 0) ||
           (kind == ir::TermKind::boolean && terms().number(term) == 0);
  };
  if (operation == Kind::op_eq || operation == Kind::op_ne) {
    if (is_nothing(left)) std::swap(left, right);
    if (is_nothing(right)) {
      const ir::Term operands[] = {left};
      return operation == Kind::op_ne ? left : terms().apply(global("operator.not"), operands);
    }
  }
  return apply(operator_name(operation), left, right);
}

ir::Term Lowering::binary(Node node, Code& code, Target target) {
  const Kind operation = operator_of(node);
  if (is_both(operation) || is_either(operation)) return truth(node, code);
  // Long sums nest to the left.
  const Node left_node = node.child(Field::left_);
  const Node right_node = node.child(Field::right_);
  ir::Term left = expression(left_node, code);
  if (right_node && right_node.has_assignment()) left = snapshot(left, range(left_node), code);
  const ir::Term right = expression(right_node, code);
  (void)target;
  const auto is_text = [&](ir::Term term) {
    return terms().kind(term) == ir::TermKind::string || terms().kind(term) == ir::TermKind::concat;
  };
  switch (operation) {
    case Kind::op_eq:
    case Kind::op_ne: return compared(operation, left, right);
    case Kind::op_add:
      if (is_text(left) || is_text(right)) {
        const ir::Term parts[] = {left, right};
        return terms().concat(parts);
      }
      break;
    case Kind::op_div:
      if (is_text(left) || is_text(right)) {
        const ir::Term parts[] = {left, terms().string("/"), right};
        return terms().concat(parts);
      }
      break;
    case Kind::op_lshift: {
      // out << value: written, and the stream is the value. On numbers it is a shift.
      if (terms().kind(left) == ir::TermKind::integer || terms().kind(right) == ir::TermKind::integer) break;
      if (unit_.input.is_c) break;
      const ir::Term arguments[] = {right};
      emit_call(terms().field(left, "operator<<"), arguments, true, range(node), code,
                Target{ir::Local::none, true});
      return left;
    }
    case Kind::op_rshift: {
      if (terms().kind(left) == ir::TermKind::integer || terms().kind(right) == ir::TermKind::integer) break;
      if (unit_.input.is_c) break;
      const ir::Term arguments[] = {right};
      const ir::Term got =
          emit_call(terms().field(left, "operator>>"), arguments, true, range(node), code, {});
      if (stripped(right_node).kind() == Kind::identifier_) assign_to(right_node, got, range(node), code);
      return left;
    }
    default: break;
  }
  return apply(operator_name(operation), left, right);
}

ir::Term Lowering::unary(Node node, Code& code, Target target) {
  const Kind operation = operator_of(node);
  const Node operand = node.child(Field::argument_);
  if (operation == Kind::op_not || operation == Kind::word_not) {
    const ir::Term operands[] = {truth(operand, code)};
    return terms().apply(global("operator.not"), operands);
  }
  const ir::Term value = expression(operand, code, target);
  if (terms().kind(value) == ir::TermKind::integer) {
    const std::int64_t number = terms().number(value);
    if (operation == Kind::op_sub) return terms().integer(-number);
    if (operation == Kind::op_add) return value;
  }
  if (operation == Kind::op_add) return value;
  const ir::Term operands[] = {value};
  return terms().apply(global(operation == Kind::op_sub ? "operator.neg" : operator_name(operation)),
                       operands);
}

/// &x and *p.
ir::Term Lowering::pointer(Node node, Code& code) {
  const Node operand = node.child(Field::argument_);
  if (!operand) return terms().unknown();
  if (operator_of(node) == Kind::op_and) {
    const Node of = stripped(operand);
    if (of.kind() == Kind::identifier_) {
      const Variable* variable = find_variable(of.text());
      if (variable != nullptr && variable->box != ir::Term::none) return variable->box;
      if (const auto outer = variable == nullptr ? outer_variable(of.text()) : std::nullopt) {
        if (outer->box != ir::Term::none) return outer->box;
      }
    }
    if (of.kind() == Kind::qualified_identifier_) {
      // &Class::method: the function.
      const Declaration* found = unit_.names.find(scope(), dotted(of));
      if (found != nullptr && found->kind == Declaration::Kind::function) return global(found->name);
    }
    return expression(operand, code);
  }
  const Type type = type_of(operand);
  const ir::Term value = expression(operand, code);
  const bool boxed = !type.owner && (type.pointers > 1 ||
                                     (type.pointers == 1 && (type.scalar || type.name.ends_with("_t"))));
  return boxed ? terms().field(value, "*") : value;
}

ir::Term Lowering::update(Node node, Code& code) {
  const Node operand = node.child(Field::argument_);
  const ir::Term before = snapshot(expression(operand, code), range(node), code);
  const bool prefix = node.child(Field::operator_).begin() == node.begin();
  const ir::Term after = apply(operator_name(operator_of(node)), before, terms().integer(1));
  assign_to(operand, after, range(node), code);
  return prefix ? after : before;
}

void Lowering::assign_to(Node left, ir::Term value, source::Range where, Code& code) {
  left = stripped(left);
  if (!left) return;
  switch (left.kind()) {
    case Kind::identifier_: {
      if (const Variable* variable = find_variable(left.text())) {
        assign(*variable, value, where, code);
        return;
      }
      if (const auto outer = outer_variable(left.text())) {
        assign(*outer, value, where, code);
        return;
      }
      Code none;
      const ir::Term place = name(left, none, {});
      const ir::TermKind kind = terms().kind(place);
      if (kind == ir::TermKind::global || kind == ir::TermKind::field) store(place, value, where, code);
      return;
    }
    case Kind::qualified_identifier_:
    case Kind::field_expression_:
    case Kind::subscript_expression_:
    case Kind::pointer_expression_: {
      const ir::Term place = expression(left, code);
      const ir::TermKind kind = terms().kind(place);
      if (kind == ir::TermKind::field || kind == ir::TermKind::index || kind == ir::TermKind::global) {
        store(place, value, where, code);
      }
      return;
    }
    case Kind::call_expression_:
    case Kind::conditional_expression_: discard(left, code); return;
    default: return;
  }
}

ir::Term Lowering::assignment(Node node, Code& code, Target target) {
  const Node left = node.child(Field::left_);
  const Node right = node.child(Field::right_);
  const Kind operation = operator_of(node);
  if (!left || !right) return terms().unknown();
  const source::Range where = range(node);
  (void)target;
  if (operation == Kind::assign) {
    const Type type = type_of(left);
    const Node named = stripped(left);
    Variable* variable = named.kind() == Kind::identifier_ ? find_variable(named.text()) : nullptr;
    const bool ends = unit_.ends(type);
    ir::Term value =
        ends || right.kind() == Kind::initializer_list_
            ? initial_value(type, right, named.text(), code, {})
            : expression(
                  right, code,
                  variable != nullptr && !left.has_effect() ? Target{variable->local, false} : Target{});
    if (ends) {
      // What was there before goes.
      value = snapshot(value, where, code);
      Code none;
      destroy_at_end(type, expression(left, none), where, code);
    }
    assign_to(left, value, where, code);
    return value;
  }
  const ir::Term before = expression(left, code);
  const ir::Term operand = expression(right, code);
  const auto is_text = [&](ir::Term term) {
    return terms().kind(term) == ir::TermKind::string || terms().kind(term) == ir::TermKind::concat;
  };
  const Type type = type_of(left);
  const bool joins =
      operation == Kind::assign_add && (is_text(operand) || is_text(before) || type.name == "std.string");
  ir::Term after = ir::Term::none;
  if (joins) {
    const ir::Term parts[] = {before, operand};
    after = terms().concat(parts);
  } else if (operation == Kind::assign_div && (is_text(operand) || !type.name.empty())) {
    const ir::Term parts[] = {before, terms().string("/"), operand};
    after = terms().concat(parts);
  } else {
    after = apply(operator_name(operation), before, operand);
  }
  assign_to(left, after, where, code);
  return after;
}

/// `test ? a : b`.
ir::Term Lowering::choice(Node node, Code& code, Target target) {
  const ir::Local result = target.local == ir::Local::none && !target.dropped ? temporary() : target.local;
  const auto branch = [&](Node value) {
    Code branch_code;
    const ir::Term term = expression(value, branch_code, Target{result, target.dropped});
    if (!target.dropped && value) let(result, term, range(value), branch_code);
    return branch_code.finish();
  };
  ir::ConditionPtr decided = condition(node.child(Field::condition_), code);
  ir::TreePtr then_part = branch(node.child(Field::consequence_));
  ir::TreePtr else_part = branch(node.child(Field::alternative_));
  code.add(ir::If{std::move(decided), std::move(then_part), std::move(else_part)});
  return target.dropped ? terms().unknown() : terms().local(result);
}

/// The value of a condition where no branch hangs on it.
ir::Term Lowering::truth(Node node, Code& code) {
  const Node inner = stripped(node);
  const Kind operation = inner && inner.kind() == Kind::binary_expression_ ? operator_of(inner) : Kind::other;
  if (!is_both(operation) && !is_either(operation)) return expression(node, code);
  const ir::Local result = temporary();
  Code before;
  ir::ConditionPtr decided = condition(inner, before);
  code.add(std::move(before));
  decide(std::move(decided), result, range(inner), code);
  return terms().local(result);
}

ir::ConditionPtr Lowering::condition(Node node, Code& before) {
  if (!node) return leaf(ir::Term::none, unit_.range(0, 0));
  Node inner = stripped(node);
  if (inner.kind() == Kind::condition_clause_) {
    const Node value = inner.child(Field::value_);
    if (value) inner = stripped(value);
  }
  const Nesting nesting(*this);
  if (nesting && !inner.has_error()) {
    const Kind operation = operator_of(inner);
    const bool negates = operation == Kind::op_not || operation == Kind::word_not;
    if (inner.kind() == Kind::unary_expression_ && negates)
      return negation(condition(inner.child(Field::argument_), before));
    if (inner.kind() == Kind::binary_expression_ && (is_both(operation) || is_either(operation))) {
      ir::ConditionPtr left = condition(inner.child(Field::left_), before);
      Code right_before;
      ir::ConditionPtr right = condition(inner.child(Field::right_), right_before);
      return sequence_condition(is_both(operation) ? ir::Condition::Kind::both : ir::Condition::Kind::either,
                                std::move(left), std::move(right_before), std::move(right), range(inner),
                                before);
    }
  }
  Code code;
  ir::Term test = expression(inner, code);
  // An object that says itself whether it is something.
  const Type type = type_of(inner);
  if (!type.name.empty() && type.pointers == 0 && !type.owner) {
    const Declaration* converts = unit_.names.member(type.name, "(convert)");
    if (converts != nullptr)
      test = emit_call(terms().field(test, "(convert)"), {}, true, range(inner), code, {});
  }
  if (code.straight()) return leaf(test, range(inner), code.take_row());
  before.add(std::move(code));
  return leaf(test, range(inner));
}

/// A function of its own, which shares the variables that it names.
ir::Term Lowering::lambda(Node node, Code& code) {
  std::vector<ir::Function>& functions = unit_.module.functions;
  if (functions.size() == functions.capacity() || expanded_) return terms().unknown();
  // [x = value]: made here, under a name that nobody writes.
  if (const Node captures = node.child(Field::captures_)) {
    for (const Node each : captures.children()) {
      const Node left = each.kind() == Kind::lambda_capture_initializer_ ? each.child(Field::left_) : Node{};
      const Node right = left ? each.child(Field::right_) : Node{};
      if (!right) continue;
      const ir::Term value = expression(right, code);
      const std::string hidden = "=" + std::string(left.text());
      Variable made;
      made.place = terms().field(terms().activation(), hidden);
      made.type = type_of(right);
      store(made.place, value, range(each), code);
      scopes_.back().insert_or_assign(hidden, std::move(made));
    }
  }
  Definition inner{.node = node, .scope = definition_.scope, .owner = definition_.owner};
  inner.index = static_cast<ir::FunctionIndex>(functions.size());
  ir::Function& made = functions.emplace_back();
  made.name = "<lambda>";
  made.qualified_name =
      terms().intern(std::string(function_.qualified_name) + ".<lambda" + std::to_string(node.begin()) + ">");
  made.parent = definition_.index;
  made.range = unit_.range(node.begin(), node.end());
  made.name_range = unit_.range(node.begin(), node.begin() + 1);
  made.is_test = unit_.input.is_test;
  made.by_arity = true;
  const Node declarator = node.child(Field::declarator_);
  if (const Node list = declarator ? declarator.child(Field::parameters_) : Node{}) {
    for (const Node each : list.children()) {
      if (!each.child(Field::type_)) continue;
      ir::Parameter parameter;
      if (const Node named = name_of(each.child(Field::declarator_)))
        parameter.name = terms().intern(named.text());
      parameter.declared_type =
          unit_.class_of(unit_.types.read(scope(), each.child(Field::type_), each.child(Field::declarator_)));
      made.locals.push_back({parameter.name, parameter.declared_type});
      made.parameters.push_back(parameter);
    }
  }
  Lowering(unit_, inner, this).run();
  last_closure_ = terms().closure(made.qualified_name, terms().activation());
  return last_closure_;
}

}  // namespace lockwright::frontends::cpp
