// Calls: of functions, methods, objects and classes; what the language's own vocabulary of ownership means
// (std::move, what smart pointers do with what they own); and macros, which are read as if their text stood
// where they are called.
#include <algorithm>

#include "analyzer/frontends/cpp/lowering.h"

namespace lockwright::frontends::cpp {
namespace {

constexpr int max_expansions = 6;  // one within another
constexpr std::size_t max_expansion = 4000;

bool is_cast(std::string_view name) {
  return name == "static_cast" || name == "reinterpret_cast" || name == "const_cast" ||
         name == "dynamic_cast" || name == "std.forward" || name == "std.ref" || name == "std.cref" ||
         name == "std.as_const" || name == "std.addressof" || name == "std.launder";
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

ir::Term Lowering::emit_call(ir::Term callee, std::span<const ir::Term> arguments, bool never_raises,
                             source::Range where, Code& code, Target target) {
  ir::Instruction made = call_instruction(callee, arguments, where);
  made.never_raises = never_raises || unit_.input.is_c || !unit_.raises;
  return emit_result(std::move(made), code, target);
}

std::vector<ir::Term> Lowering::call_arguments(Node list, bool external, Code& code) {
  std::vector<ir::Term> result;
  if (!list) return result;
  std::vector<Node> nodes;
  std::size_t last_assignment = 0;
  for (const Node each : list.children()) {
    if (each.has_assignment()) last_assignment = nodes.size();
    nodes.push_back(each);
  }
  for (std::size_t index = 0; index < nodes.size(); ++index) {
    ir::Term value = expression(nodes[index], code);
    // An object that turns into a number where a function of the system wants one.
    const Type type = external ? type_of(nodes[index]) : Type{};
    if (external && !type.name.empty() && type.pointers == 0 && !type.owner &&
        nodes[index].kind() != Kind::pointer_expression_ &&
        unit_.names.member(type.name, "(convert)") != nullptr) {
      value = emit_call(terms().field(value, "(convert)"), {}, true, range(nodes[index]), code, {});
    }
    if (index < last_assignment) value = snapshot(value, range(nodes[index]), code);
    result.push_back(value);
  }
  return result;
}

/// A variable that is moved from has nothing left to end.
ir::Term Lowering::moved(Node node, Code& code) {
  const Node of = stripped(node);
  const ir::Term value = snapshot(expression(of, code), range(of), code);
  if (of.kind() != Kind::identifier_ && of.kind() != Kind::field_expression_) return value;
  if (!unit_.ends(type_of(of))) return value;
  ir::Term kept = value;
  if (terms().kind(value) != ir::TermKind::local) {
    const ir::Local slot = temporary();
    let(slot, value, range(of), code);
    kept = terms().local(slot);
  }
  assign_to(of, terms().null(), range(of), code);
  return kept;
}

std::optional<ir::Term> Lowering::language_call(std::string_view callee, Node function, Node arguments,
                                                Code& code) {
  if (!arguments) return std::nullopt;
  const Node first = arguments.first_child();
  if (!first) return std::nullopt;
  if (is_cast(callee)) return expression(first, code);
  if (callee == "std.move") return moved(first, code);
  if (callee == "std.make_unique" || callee == "std.make_shared") {
    Node named = function;
    while (named.kind() == Kind::qualified_identifier_) named = named.child(Field::name_);
    const Node list = named.kind() == Kind::template_function_ ? named.child(Field::arguments_) : Node{};
    const Node type = list ? list.first_child() : Node{};
    if (!type) return std::nullopt;
    const Type of = unit_.types.read(
        scope(), type.kind() == Kind::type_descriptor_ ? type.child(Field::type_) : type, {});
    return construct(of, arguments, range(function), code, {});
  }
  if (callee == "std.exchange" && arguments.children().begin() != arguments.children().end()) {
    std::vector<Node> given;
    for (const Node each : arguments.children()) given.push_back(each);
    if (given.size() != 2) return std::nullopt;
    const ir::Local before = temporary();
    let(before, expression(given[0], code), range(given[0]), code);
    assign_to(given[0], expression(given[1], code), range(function), code);
    return terms().local(before);
  }
  return std::nullopt;
}

/// get, release and reset of a smart pointer.
std::optional<ir::Term> Lowering::owner_call(Node function, Node arguments, Node node, Code& code) {
  const Node object = function.child(Field::argument_);
  const Node member = function.child(Field::field_);
  if (!object || !member || function.child(Kind::op_arrow)) return std::nullopt;
  const Type type = type_of(object);
  if (!type.owner) return std::nullopt;
  const std::string_view name = member.text();
  if (name == "get" || name == "value" || name == "has_value") return expression(object, code);
  if (name == "release") {
    const ir::Local kept = temporary();
    let(kept, expression(object, code), range(node), code);
    assign_to(object, terms().null(), range(node), code);
    return terms().local(kept);
  }
  if (name == "reset" || name == "emplace") {
    const Node first = arguments ? arguments.first_child() : Node{};
    ir::Term given = terms().null();
    if (name == "emplace") {
      Type plain = type;
      plain.owner = false;
      given = construct(plain, arguments, range(node), code, {});
    } else if (first) {
      given = snapshot(expression(first, code), range(first), code);
    }
    destroy_at_end(type, expression(object, code), range(node), code);
    assign_to(object, given, range(node), code);
    return terms().null();
  }
  return std::nullopt;
}

ir::Term Lowering::call(Node node, Code& code, Target target) {
  const Node written = node.child(Field::function_);
  const Node arguments = node.child(Field::arguments_);
  const Node function = stripped(written);
  const source::Range where = range(node);
  if (!function) return terms().unknown();
  switch (function.kind()) {
    case Kind::primitive_type_:
      // int(x)
      return arguments && arguments.first_child() ? expression(arguments.first_child(), code)
                                                  : terms().integer(0);
    case Kind::field_expression_: {
      if (auto owned = owner_call(function, arguments, node, code)) return *owned;
      const Node member = function.child(Field::field_);
      const Node object = function.child(Field::argument_);
      if (!member || !object) return terms().unknown();
      const Type type = type_of(object);
      const std::string name = dotted(member);
      const Declaration* found = type.name.empty() ? nullptr : unit_.names.member(type.name, name);
      if (name.find('.') != std::string::npos && found == nullptr) found = unit_.names.find(scope(), name);
      const ir::Term base = expression(object, code);
      const ir::Term receiver = object.has_effect() ? snapshot(base, range(object), code) : base;
      std::vector<ir::Term> values = call_arguments(arguments, false, code);
      const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
      if (found != nullptr && found->kind == Declaration::Kind::function && found->is_static)
        return emit_call(global(found->name), values, found->never_raises, where, code, target);
      if (name.find('.') != std::string::npos && found != nullptr) {
        values.insert(values.begin(), receiver);  // object.Base::method()
        return emit_call(global(found->name), values, found->never_raises, where, code, target);
      }
      return emit_call(terms().field(receiver, last), values, found != nullptr && found->never_raises, where,
                       code, target);
    }
    case Kind::identifier_:
    case Kind::qualified_identifier_:
    case Kind::template_function_: break;
    default: {
      const ir::Term callee = snapshot(expression(function, code), range(function), code);
      return emit_call(callee, call_arguments(arguments, false, code), false, where, code, target);
    }
  }
  const std::string name = dotted(function);
  if (find_variable(name) != nullptr || outer_variable(name)) {
    const ir::Term callee = this->name(function, code, {});
    return emit_call(callee, call_arguments(arguments, false, code), false, where, code, target);
  }
  if (auto value = language_call(name, function, arguments, code)) return *value;
  const Declaration* found = declared_callee(function);
  if (found == nullptr || found->kind == Declaration::Kind::variable) {
    if (auto value = expand(name, arguments, where, code)) return *value;
  }
  if (found != nullptr && found->kind == Declaration::Kind::type) {
    const Type type{.name = found->name};
    return construct(type, arguments, where, code, target);
  }
  // using File = std::unique_ptr<...>, whose objects are what they own.
  if (found != nullptr && found->kind == Declaration::Kind::alias && found->type.owner)
    return construct(found->type, arguments, where, code, target);
  if (found != nullptr && found->kind == Declaration::Kind::function) {
    std::vector<ir::Term> values = call_arguments(arguments, false, code);
    const std::size_t dot = found->name.rfind('.');
    const std::string owner = dot == std::string::npos ? std::string() : found->name.substr(0, dot);
    const Declaration* type = owner.empty() ? nullptr : unit_.names.find("", owner);
    const bool member = type != nullptr && type->kind == Declaration::Kind::type && !found->is_static;
    if (!member) return emit_call(global(found->name), values, found->never_raises, where, code, target);
    const bool qualified = function.kind() == Kind::qualified_identifier_;
    if (!qualified) {
      return emit_call(terms().field(self(), name), values, found->never_raises, where, code, target);
    }
    values.insert(values.begin(), self());  // Base::method()
    return emit_call(global(found->name), values, found->never_raises, where, code, target);
  }
  // A member that is a function value.
  if (found != nullptr && found->kind == Declaration::Kind::variable) {
    const ir::Term callee = this->name(function, code, {});
    return emit_call(callee, call_arguments(arguments, false, code), false, where, code, target);
  }
  // Of a class that is not seen: what stands nowhere in the file may be a method, or a function of the
  // system. A plain name in a file whose headers are all at hand is declared by the system, and C's functions
  // do not raise; of a qualified one, or where headers are missing, nobody knows.
  const std::vector<ir::Term> values = call_arguments(arguments, true, code);
  const bool of_system = function.kind() == Kind::identifier_ && unit_.complete;
  return emit_call(global(name), values, of_system, where, code, target);
}

/// What the macro `name` stands for here, as an expression; nothing when there is no such macro or it is
/// none.
std::optional<ir::Term> Lowering::expand(std::string_view name, Node arguments, source::Range where,
                                         Code& code) {
  const Macro* macro = unit_.names.macro(name);
  if (macro == nullptr || expansions_ >= max_expansions ||
      macro->takes_arguments != static_cast<bool>(arguments))
    return std::nullopt;
  std::vector<std::string_view> given;
  if (arguments) {
    for (const Node each : arguments.children()) given.push_back(each.text());
  }
  std::string text = "void f() { (";
  std::string_view body = macro->value;
  const std::size_t trimmed = body.find_last_not_of(" \t\r\n;");
  body = trimmed == std::string_view::npos ? std::string_view() : body.substr(0, trimmed + 1);
  if (body.empty()) return std::nullopt;
  for (std::size_t at = 0; at < body.size();) {
    if (!is_word(body[at])) {
      text += body[at] == '\\' && at + 1 < body.size() && body[at + 1] == '\n' ? ' ' : body[at];
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < body.size() && is_word(body[end])) ++end;
    const std::string_view word = body.substr(at, end - at);
    const auto parameter = std::find(macro->parameters.begin(), macro->parameters.end(), word);
    const auto index = static_cast<std::size_t>(parameter - macro->parameters.begin());
    if (word == name) return std::nullopt;
    text += parameter != macro->parameters.end() && index < given.size() ? given[index] : word;
    at = end;
  }
  text += "); }";
  if (text.size() > max_expansion) return std::nullopt;
  const Syntax syntax = parse_syntax(text, text);
  const Node definition = syntax.root().first_child();
  const Node inner = definition && !definition.has_error() ? definition.child(Field::body_) : Node{};
  const Node statement = inner ? inner.first_child() : Node{};
  if (!statement || statement.kind() != Kind::expression_statement_ || statement.has_error())
    return std::nullopt;
  for (std::uint32_t id = 0; id < syntax.size(); ++id) {
    if (syntax.node(id).kind() == Kind::error || syntax.node(id).kind() == Kind::missing) return std::nullopt;
  }
  const std::optional<source::Range> before = expanded_;
  if (!expanded_) expanded_ = where;
  ++expansions_;
  const ir::Term result = expression(statement.first_child(), code);
  --expansions_;
  expanded_ = before;
  return result;
}

}  // namespace lockwright::frontends::cpp
