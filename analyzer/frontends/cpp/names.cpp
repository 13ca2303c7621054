// Names in code: variables of the function and of those around it, members of the class, and what the file
// and its headers declare.
//
// A variable is in a slot, unless somebody else reaches it: a lambda (then it is a field of the activation),
// or a pointer (then it is "*" of a box, and the box is the pointer's value). A static one is a global.
#include <algorithm>
#include <array>

#include "analyzer/frontends/cpp/lowering.h"

namespace lockwright::frontends::cpp {

source::Range Lowering::range(Node node) const {
  return expanded_ ? *expanded_ : unit_.range(node.begin(), node.end());
}

Variable* Lowering::find_variable(std::string_view name) {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->find(name);
    if (found != scope->end()) return &found->second;
  }
  return nullptr;
}

/// A variable of a function around this one, as this one reaches it.
std::optional<Variable> Lowering::outer_variable(std::string_view name) {
  ir::Term frame = terms().frame();
  for (Lowering* outer = enclosing_; outer != nullptr; outer = outer->enclosing_) {
    if (const Variable* found = outer->find_variable(name)) {
      Variable result = *found;
      result.local = ir::Local::none;
      const auto here = [&](ir::Term place) {
        return terms().rewrite(place, ir::kinds_of(ir::TermKind::activation), [&](ir::Term part) {
          return terms().kind(part) == ir::TermKind::activation ? frame : part;
        });
      };
      if (found->local != ir::Local::none) return std::nullopt;
      result.place = here(found->place);
      if (found->box != ir::Term::none) result.box = here(found->box);
      return result;
    }
    frame = terms().field(frame, "^");
  }
  return std::nullopt;
}

Variable& Lowering::declare(std::string_view name, Type type, bool is_static) {
  Variable made;
  const bool pointed = addressed_.contains(name) && !type.array &&
                       (type.scalar || type.pointers > 0 || type.name.ends_with("_t") || type.deduced);
  if (is_static) {
    made.place = global(std::string(function_.qualified_name) + "." + std::string(name));
    if (pointed) {
      made.box = made.place;
      made.place = terms().field(made.box, "*");
    }
  } else if (pointed) {
    made.box = terms().field(terms().activation(), "&" + std::string(name));
    made.place = terms().field(made.box, "*");
  } else if (captured_.contains(name)) {
    made.place = terms().field(terms().activation(), name);
  } else {
    made.local = static_cast<ir::Local>(function_.locals.size());
    function_.locals.push_back({terms().intern(name), unit_.class_of(type)});
  }
  made.ends = !is_static && unit_.ends(type);
  made.type = std::move(type);
  return scopes_.back().insert_or_assign(std::string(name), std::move(made)).first->second;
}

ir::Term Lowering::self() {
  ir::Term frame = terms().frame();
  const Lowering* at = this;
  for (; at->enclosing_ != nullptr; at = at->enclosing_) {
    if (at != this) frame = terms().field(frame, "^");
  }
  return at == this ? terms().self() : terms().field(frame, "this");
}

ir::Term Lowering::name(Node node, Code& code, Target target) {
  const std::string written = dotted(node);
  if (written.find('.') == std::string::npos) {
    if (const Variable* variable = find_variable(written)) return value_of(*variable);
    if (const auto outer = outer_variable(written)) return value_of(*outer);
  }
  if (const Declaration* found = unit_.names.find(scope(), written)) {
    if (found->value) return terms().integer(*found->value);
    const std::size_t dot = found->name.rfind('.');
    const std::string_view owner =
        dot == std::string::npos ? "" : std::string_view(found->name).substr(0, dot);
    const bool member = found->kind == Declaration::Kind::variable && !found->is_static && !owner.empty() &&
                        unit_.names.find("", owner) != nullptr &&
                        unit_.names.find("", owner)->kind == Declaration::Kind::type;
    if (member && !definition_.owner.empty()) {
      return terms().field(self(), std::string_view(found->name).substr(dot + 1));
    }
    return global(found->name);
  }
  if (unit_.names.macro(written) != nullptr) {
    if (auto value = expand(written, Node{}, range(node), code)) return *value;
  }
  (void)target;
  if (written == "NULL" || written == "nullptr") return terms().null();
  // A member of a class that is not seen: by the usual spelling, or where nothing else explains it.
  const bool spelled = written.ends_with('_') || written.starts_with("m_");
  if (spelled && !definition_.owner.empty() && node.kind() == Kind::identifier_)
    return terms().field(self(), written);
  return global(written);
}

Type Lowering::type_of(Node node) {
  node = stripped(node);
  if (!node) return {};
  switch (node.kind()) {
    case Kind::identifier_: {
      if (const Variable* variable = find_variable(node.text())) return variable->type;
      if (const auto outer = outer_variable(node.text())) return outer->type;
      const Declaration* found = unit_.names.find(scope(), node.text());
      return found != nullptr && found->kind == Declaration::Kind::variable ? found->type : Type{};
    }
    case Kind::this_: return {.name = definition_.owner, .pointers = 1};
    case Kind::field_expression_: {
      const Node member = node.child(Field::field_);
      const Type base = type_of(node.child(Field::argument_));
      if (!member || base.name.empty()) return {};
      const Declaration* found = unit_.names.member(base.name, member.text());
      return found != nullptr ? found->type : Type{};
    }
    case Kind::pointer_expression_: return type_of(node.child(Field::argument_));
    case Kind::call_expression_: {
      const Declaration* callee = declared_callee(node.child(Field::function_));
      if (callee == nullptr) return {};
      if (callee->kind == Declaration::Kind::type) return {.name = callee->name};
      return callee->type;
    }
    case Kind::new_expression_:
    case Kind::compound_literal_expression_: return unit_.types.read(scope(), node.child(Field::type_), {});
    default: return {};
  }
}

const Declaration* Lowering::declared_callee(Node function) {
  function = stripped(function);
  if (!function) return nullptr;
  if (function.kind() == Kind::field_expression_) {
    const Type base = type_of(function.child(Field::argument_));
    const Node member = function.child(Field::field_);
    return base.name.empty() || !member ? nullptr : unit_.names.member(base.name, dotted(member));
  }
  if (function.kind() != Kind::identifier_ && function.kind() != Kind::qualified_identifier_ &&
      function.kind() != Kind::template_function_) {
    return nullptr;
  }
  const std::string written = dotted(function);
  if (find_variable(written) != nullptr) return nullptr;
  const Declaration* found = unit_.names.find(scope(), written);
  // Inside a class, its name's constructor is found first.
  if (found != nullptr && found->kind == Declaration::Kind::alias && !found->type.owner) {
    const Declaration* meant = unit_.names.find("", unit_.names.resolved(found->type).name);
    return meant != nullptr ? meant : found;
  }
  return found;
}

bool Unit::is_made(const Type& type) const {
  if (type.name.empty() || type.scalar || type.pointers > 0 || type.reference || type.array ||
      type.elaborated || input.is_c) {
    return false;
  }
  const Declaration* found = names.find("", type.name);
  if (found == nullptr || found->kind != Declaration::Kind::type)
    return input.known != nullptr && input.known->is_made(type.name);
  const std::string last = type.name.substr(type.name.rfind('.') + 1);
  return names.member(type.name, last) != nullptr ||
         std::any_of(found->bases.begin(), found->bases.end(),
                     [&](const std::string& base) { return is_made({.name = base}); });
}

bool Unit::ends(const Type& type, int depth) const {
  if (!type.deleter.empty()) return true;
  if (input.is_c || type.name.empty() || type.scalar || type.pointers > 0 || type.reference || type.array ||
      type.deduced || depth > 4) {
    return false;
  }
  const Declaration* found = names.find("", type.name);
  if (found != nullptr && found->kind == Declaration::Kind::type) {
    if (names.member(type.name, destructor_name) != nullptr) return true;
    const bool by_base = std::any_of(found->bases.begin(), found->bases.end(), [&](const std::string& base) {
      return ends({.name = base}, depth + 1);
    });
    return by_base || std::any_of(found->fields.begin(), found->fields.end(), [&](const std::string& field) {
             const Declaration* member = names.member(type.name, field);
             return member != nullptr && !member->is_static && ends(member->type, depth + 1);
           });
  }
  if (type.elaborated || type.name.ends_with("_t")) return false;
  if (input.known != nullptr && input.known->is_value(type.name)) return false;
  if (type.name.starts_with("std.")) return input.known != nullptr && input.known->is_made(type.name);
  // LIKE_THIS, the systems write types that are plain records.
  return std::any_of(type.name.begin(), type.name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

ir::Term Unit::class_of(const Type& type) const {
  if (type.name.empty() || type.scalar || type.deduced || type.array) return ir::Term::none;
  return module.terms.global(type.name);
}

}  // namespace lockwright::frontends::cpp
