// The frame of a function's lowering: its entry and its body.
//
// At entry a function takes what closures will look for: the frame it was made in (as "^", if a function
// inside of it reaches further out), its receiver, and its captured parameters, which live in the activation
// from then on. Then come default values and the names that parameter patterns take out of their arguments. A
// constructor gives the fields of its class their initial values, before anything else or behind super().
#include "analyzer/frontends/typescript/lowering.h"

#include "analyzer/frontends/typescript/patterns.h"
#include "analyzer/ir/builder.h"

namespace lockwright::frontends::typescript {

Lowering::Lowering(Unit& unit, Names& names, ScopeId scope)
    : Emitter(unit.module, unit.function(scope), unit.last_site), unit_(unit), names_(names), scope_(scope) {}

Lowering::InJump::InJump(Lowering& lowering, std::string_view written, bool is_loop, bool takes_break)
    : lowering_(lowering) {
  const std::string name = "L" + std::to_string(++lowering.unit_.last_label);
  lowering.jumps_.push_back({written, lowering.terms().intern(name), is_loop, takes_break});
}

void Lowering::run() {
  const Scope& scope = unit_.scopes.scope(scope_);
  Code code;
  if (scope.kind == ScopeKind::module) {
    if (scope.node.kind() == Kind::error) {
      recover(scope.node, code);
    } else {
      block(scope.node, code);
    }
  } else {
    prologue(code);
    const bool is_written = is_function(scope.node.kind());
    const Node body = is_written ? scope.node.child(Field::body_) : Node{};
    if (scope.is_constructor) {
      constructor_body(body, code);
    } else if (body.kind() == Kind::statement_block_) {
      block(body, code);
    } else if (body) {
      const ir::Term value = body.has_error() ? terms().unknown() : expression(body, code);
      code.add(ir::Return{value, range(body)});
    }
  }
  const ir::TreePtr tree = code.finish();
  ir::build_cfg(*tree, terms(), function_);
}

void Lowering::prologue(Code& code) {
  const Scope& scope = unit_.scopes.scope(scope_);
  const source::Range where = function_.name_range;
  if (scope.keeps_frame) store(terms().field(terms().activation(), "^"), terms().frame(), where, code);
  if (scope.captures_this && function_.has_receiver && scope.receiver != Receiver::type) {
    store(terms().field(terms().activation(), "this"), terms().self(), where, code);
  }
  if (!is_function(scope.node.kind())) return;
  std::uint32_t position = 0;
  const Node list = scope.node.child(Field::parameters_);
  if (!list) {
    if (const Node only = scope.node.child(Field::parameter_)) parameter(position, only, {}, code);
    return;
  }
  for (const Node each : list.children()) {
    const Node pattern = each.child(Field::pattern_);
    if (!pattern || pattern.kind() == Kind::this_) continue;
    if (position >= function_.parameters.size()) return;
    parameter(position++, pattern, each.child(Field::value_), code);
  }
}

void Lowering::parameter(std::uint32_t position, Node pattern, Node value, Code& code) {
  const auto local = static_cast<ir::Local>(position);
  const source::Range where = range(pattern);
  if (value && !value.has_error() &&
      terms().kind(function_.parameters[position].default_value) == ir::TermKind::null) {
    Code otherwise;
    let(local, expression(value, otherwise, Target{local, false}), range(value), otherwise);
    code.add(ir::If{leaf(is_null(terms().local(local)), where), otherwise.finish(), nullptr});
  }
  if (pattern.kind() == Kind::rest_pattern_) pattern = pattern.first_child();
  if (!pattern) return;
  if (pattern.kind() != Kind::identifier_) {
    assign(pattern, terms().local(local), where, code);
    return;
  }
  Binding* bound = unit_.scopes.find(scope_, pattern.symbol());
  if (bound == nullptr || (!bound->captured && bound->local == local)) return;
  assign_place(names_.place(scope_, scope_, *bound), terms().local(local), where, code);
}

void Lowering::constructor_body(Node body, Code& code) {
  const Scope& scope = unit_.scopes.scope(scope_);
  const Node type = unit_.scopes.scope(scope.parent).node;
  const bool is_derived = static_cast<bool>(type.child(Kind::class_heritage_)) &&
                          !unit_.module.classes[unit_.scopes.scope(scope.parent).type].bases.empty();
  if (!body) {
    if (is_derived) {
      const ir::Term arguments[] = {terms().local(ir::Local{0})};
      ir::Instruction made =
          call_instruction(terms().field(super_object(), "constructor"), arguments, function_.name_range);
      made.arguments.front().spread = true;
      emit_result(std::move(made), code, Target{ir::Local::none, true});
    }
    initial_values(code);
    return;
  }
  std::vector<Node> nodes;
  for (const Node each : body.children()) nodes.push_back(each);
  std::size_t first = 0;
  if (is_derived) {
    for (std::size_t index = 0; index < nodes.size() && first == 0; ++index) {
      const Node call =
          nodes[index].kind() == Kind::expression_statement_ ? nodes[index].first_child() : Node{};
      if (call.kind() == Kind::call_expression_ && call.child(Field::function_).kind() == Kind::super_) {
        first = index + 1;
      }
    }
  }
  const std::span<const Node> all(nodes);
  hoist(all, code);
  statements(all.first(first), code);
  initial_values(code);
  statements(all.subspan(first), code);
}

/// Of the fields, and of the parameters that are fields.
void Lowering::initial_values(Code& code) {
  const Scope& scope = unit_.scopes.scope(scope_);
  const Scope& type = unit_.scopes.scope(scope.parent);
  const Node list = is_function(scope.node.kind()) ? scope.node.child(Field::parameters_) : Node{};
  if (list) {
    for (const Node each : list.children()) {
      const Node pattern = each.child(Field::pattern_);
      const bool is_field =
          has_word(each, Kind::accessibility_modifier_) || has_word(each, Kind::word_readonly);
      if (!is_field || pattern.kind() != Kind::identifier_) continue;
      store(terms().field(terms().self(), pattern.text()), names_.read(scope_, pattern.symbol()).term,
            range(each), code);
    }
  }
  const Node body = type.node.child(Field::body_);
  if (!body) return;
  for (const Node each : body.children()) {
    const Node value = each.kind() == Kind::public_field_definition_ ? each.child(Field::value_) : Node{};
    const std::string_view name = value ? key_text(each.child(Field::name_)) : std::string_view{};
    const ScopeId inside = unit_.scopes.opened_by(value);
    if (name.empty() || inside == ScopeId::none || unit_.scopes.scope(inside).kind != ScopeKind::fields)
      continue;
    if (each.has_error()) continue;  // the class has the hole
    const InScope in_field(scope_, inside);
    store(terms().field(terms().self(), name), expression(value, code), range(each), code);
  }
}

}  // namespace lockwright::frontends::typescript
