// Variables of a function: what a declaration makes, and of what.
//
// An object of a class is made by a call of the class, when its declaration says so or its initial value is
// of another class (`File f = open(p)`). A plain record, an array, or an object of which nothing is known is
// the place that the variable has in this activation: its fields and its text hang on that.
#include <algorithm>

#include "analyzer/frontends/cpp/lowering.h"
#include "analyzer/frontends/cpp/shown_text.h"

namespace lockwright::frontends::cpp {

std::vector<Variable> Lowering::declaration(Node node, Code& code) {
  std::vector<Variable> made;
  const Node written = node.child(Field::type_);
  bool is_static = false;
  bool is_extern = false;
  for (const Node each : node.children()) {
    if (each.kind() != Kind::storage_class_specifier_) continue;
    is_static |= each.text() == "static" || each.text() == "thread_local";
    is_extern |= each.text() == "extern";
  }
  if (is_extern) return made;
  for (const Node each : node.children()) {
    if (each.field() != Field::declarator_) continue;
    Node declared = each.kind() == Kind::init_declarator_ ? each.child(Field::declarator_) : each;
    if (declared.kind() == Kind::structured_binding_declarator_ ||
        (declared.kind() == Kind::reference_declarator_ &&
         declared.child(Kind::structured_binding_declarator_))) {
      const Node value = each.child(Field::value_);
      const ir::Term term = value ? snapshot(expression(value, code), range(value), code) : terms().unknown();
      bindings(declared, term, code);
      continue;
    }
    if (!name_of(declared)) continue;
    made.push_back(declarator(written, each, is_static, code));
  }
  return made;
}

/// auto [a, b] = pair: elements by position.
void Lowering::bindings(Node pattern, ir::Term value, Code& code) {
  if (pattern.kind() == Kind::reference_declarator_) pattern = pattern.first_child();
  std::int64_t position = 0;
  for (const Node each : pattern.children()) {
    if (each.kind() != Kind::identifier_) continue;
    const ir::Term element = terms().index(value, terms().integer(position++));
    assign(declare(each.text(), {.deduced = true}), element, range(each), code);
  }
}

Variable Lowering::declarator(Node written, Node node, bool is_static, Code& code) {
  const bool initialized = node.kind() == Kind::init_declarator_;
  const Node declared = initialized ? node.child(Field::declarator_) : node;
  const Node name = name_of(declared);
  Node value = initialized ? node.child(Field::value_) : Node{};
  Type type = unit_.types.read(scope(), written, declared);
  Node arguments;
  // `Guard g(mutex)` parses as a function's declaration; one in a function with arguments that are no types.
  if (const Node function = function_of(declared)) {
    const Node list = function.child(Field::parameters_);
    bool plain = list && !type.scalar && type.pointers == 0 && list.first_child();
    if (list) {
      for (const Node each : list.children()) {
        plain &= each.kind() == Kind::parameter_declaration_ &&
                 (!each.child(Field::declarator_) ||
                  each.child(Field::declarator_).kind() == Kind::abstract_function_declarator_ || true) &&
                 each.child(Field::type_).kind() != Kind::primitive_type_;
      }
    }
    if (!plain) return {};
    arguments = list;
  }
  const source::Range where = range(node);
  if (type.deduced && value && value.kind() != Kind::initializer_list_ &&
      value.kind() != Kind::argument_list_) {
    const Type known = type_of(value);
    if (!known.name.empty() || known.scalar) {
      const int pointers = type.pointers;
      const bool reference = type.reference;
      type = known;
      type.pointers = std::max(type.pointers, pointers);
      type.reference = reference;
    }
  }
  const std::string text(name.text());
  ir::Term made = ir::Term::none;
  if (arguments) {
    made = construct(type, arguments, where, code, {});
  } else if (value) {
    // Its own name means the new variable only behind its initial value; arrays and records are places.
    made = initial_value(type, value, text, code, {});
  } else if (is_static) {
    made = terms().null();
    if (!type.name.empty() && type.pointers == 0) made = ir::Term::none;
  } else if (unit_.is_made(type)) {
    made = construct(type, {}, where, code, {});
  } else if (type.owner) {
    made = terms().null();
  } else if (type.array || (!type.name.empty() && type.pointers == 0 && !type.name.ends_with("_t"))) {
    made = identity(text);
  }
  // An object of a class that nobody knows, made of one function: it will call that in the end.
  const Node only = value && (value.kind() == Kind::argument_list_ || value.kind() == Kind::initializer_list_)
                        ? value.first_child()
                        : (type.deduced && value && stripped(value).kind() == Kind::call_expression_ &&
                                   is_deferring(stripped(value).text())
                               ? stripped(value).child(Field::arguments_).first_child()
                               : Node{});
  const bool unknown_class =
      type.deduced || (unit_.ends(type) && unit_.names.find("", type.name) == nullptr &&
                       (unit_.input.known == nullptr || !unit_.input.known->is_made(type.name)));
  if (only && only.kind() == Kind::lambda_expression_ && unknown_class && !is_static &&
      last_closure_ != ir::Term::none) {
    Variable& guard = declare(text, std::move(type), is_static);
    assign(guard, made, where, code);
    guard.ends = true;
    guard.at_end = last_closure_;
    return guard;
  }
  const Variable& variable = declare(text, std::move(type), is_static);
  if (is_static) {
    // Made when control first comes here; what it holds may have been set by an earlier call.
    if (made != ir::Term::none && is_context_free(made)) return variable;
    if (made != ir::Term::none) {
      Code once;
      assign(variable, made, where, once);
      code.add(ir::If{leaf(ir::Term::none, where), once.finish(), nullptr});
    }
    return variable;
  }
  if (made == ir::Term::none) made = terms().unknown();
  if (terms().kind(made) == ir::TermKind::local && variable.local == made_local(made)) return variable;
  assign(variable, made, where, code);
  return variable;
}

ir::Local Lowering::made_local(ir::Term term) const {
  return static_cast<ir::Local>(terms().number(term));
}

ir::Term Lowering::identity(std::string_view name) {
  return terms().field(terms().activation(), "@" + std::string(name));
}

/// Whether the value is of the type already, so that nothing is made of it: a call of something that returns
/// one, or whose result is not known but cannot be a plain number.
bool Lowering::is_own_class(const Type& type, Node value) {
  value = stripped(value);
  const Type known = type_of(value);
  if (!known.name.empty()) return known.name == type.name || known.owner;
  switch (value.kind()) {
    case Kind::call_expression_: {
      const Node function = value.child(Field::function_);
      if (function.kind() == Kind::field_expression_) return true;
      const std::string callee = dotted(function);
      return callee.find('.') != std::string::npos && !function.text().starts_with("::");
    }
    case Kind::identifier_:
    case Kind::field_expression_:
    case Kind::subscript_expression_:
    case Kind::conditional_expression_:
    case Kind::new_expression_: return true;
    default: return false;
  }
}

ir::Term Lowering::initial_value(const Type& type, Node value, std::string_view name, Code& code,
                                 Target target) {
  const source::Range where = range(value);
  const bool listed = value.kind() == Kind::initializer_list_ || value.kind() == Kind::argument_list_;
  const bool of_class = !type.name.empty() && !type.scalar && type.pointers == 0 && !type.reference &&
                        !type.array && !type.owner;
  if (listed) {
    if (of_class && (unit_.is_made(type) || unit_.ends(type)))
      return construct(type, value, where, code, target);
    if ((type.array || of_class) && value.kind() == Kind::initializer_list_) {
      const ir::Term object = identity(name);
      designated(object, value, code);
      return object;
    }
    return construct(type, value, where, code, target);
  }
  // struct strbuf b = STRBUF_INIT: a record of its own, whatever the macro says.
  const bool by_macro =
      stripped(value).kind() == Kind::identifier_ && find_variable(stripped(value).text()) == nullptr &&
      !outer_variable(stripped(value).text()) && unit_.names.find(scope(), stripped(value).text()) == nullptr;
  if (of_class && by_macro && !unit_.ends(type) && !type.name.ends_with("_t")) return identity(name);
  if (type.array && stripped(value).kind() == Kind::string_literal_) return expression(value, code, target);
  if (of_class && !unit_.input.is_c && unit_.ends(type) && !is_own_class(type, value)) {
    const ir::Term arguments[] = {expression(value, code)};
    return emit_call(global(type.name), arguments, !unit_.raises, where, code, target);
  }
  const ir::Term result = expression(value, code, target);
  // A copy of a record is a record of its own only where its fields are set; who looks at that is rare.
  return result;
}

/// .l_type = F_WRLCK, in a record's initial value.
void Lowering::designated(ir::Term object, Node list, Code& code) {
  for (const Node each : list.children()) {
    if (each.kind() != Kind::initializer_pair_) {
      discard(each, code);
      continue;
    }
    const Node designator = each.child(Field::designator_);
    const Node value = each.child(Field::value_);
    if (!designator || !value) continue;
    Node field = designator;
    if (designator.kind() == Kind::field_designator_) field = designator.first_child();
    const ir::Term given = expression(value, code);
    if (field && field.kind() == Kind::field_identifier_)
      store(terms().field(object, field.text()), given, range(each), code);
  }
}

ir::Term Lowering::construct(const Type& type, Node arguments, source::Range where, Code& code,
                             Target target) {
  std::vector<Node> given;
  std::vector<ir::Term> values;
  if (arguments) {
    for (const Node each : arguments.children()) {
      // What was taken for a parameter's type is an argument.
      const Node meant = each.kind() == Kind::parameter_declaration_ ? each.child(Field::type_) : each;
      given.push_back(meant);
      if (each.kind() == Kind::parameter_declaration_ && meant.kind() != Kind::type_descriptor_) {
        const Node function = each.child(Field::declarator_);
        if (function && function.kind() == Kind::abstract_function_declarator_) {
          // f(x) as a type: a call.
          std::vector<ir::Term> inner;
          if (const Node list = function.child(Field::parameters_)) {
            for (const Node part : list.children()) {
              if (const Node named = part.child(Field::type_)) inner.push_back(name(named, code, {}));
            }
          }
          values.push_back(emit_call(name(meant, code, {}), inner, !unit_.raises, where, code, {}));
        } else {
          values.push_back(name(meant, code, {}));
        }
        continue;
      }
      values.push_back(expression(meant, code));
    }
  }
  const bool of_class = !type.name.empty() && !type.scalar && type.pointers == 0 && !type.array;
  if (type.owner) return values.empty() ? terms().null() : values.front();
  if (!of_class || type.reference) {
    if (values.size() == 1) return values.front();
    return values.empty() ? (type.scalar ? terms().integer(0) : terms().null())
                          : terms().make(global("std.initializer_list"), values);
  }
  if (given.size() == 1 && unit_.names.resolved(type_of(given[0])).name == type.name &&
      !type_of(given[0]).scalar && type_of(given[0]).pointers == 0) {
    return values.front();
  }
  return emit_call(global(type.name), values, !unit_.raises, where, code, target);
}

}  // namespace lockwright::frontends::cpp
