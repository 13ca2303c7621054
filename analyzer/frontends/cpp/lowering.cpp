// The frame of a function's lowering: entry, body, and what happens to an object at its end.
//
// Destructors are scope guards: a variable whose end means something puts what follows it into a scope that
// calls "~" on every way out. A function that must not raise (noexcept, destructors, main) ends the process
// where it would. main's return is exit: its locals have gone by then.
#include "analyzer/frontends/cpp/lowering.h"

#include <algorithm>

#include "analyzer/ir/builder.h"

namespace lockwright::frontends::cpp {
namespace {

/// Names that lambdas below `node` use, and whether they use the receiver.
void find_captured(Node node, std::set<std::string_view>& names, bool& receiver, bool inside) {
  for (const Node each : node.children()) {
    const bool in_lambda = inside || each.kind() == Kind::lambda_expression_;
    if (inside && each.kind() == Kind::identifier_) names.insert(each.text());
    receiver |= in_lambda;
    find_captured(each, names, receiver, in_lambda);
  }
}

void find_addressed(const Syntax& syntax, Node node, std::set<std::string_view>& names) {
  for (std::uint32_t id = node.id() + 1; id < node.past(); ++id) {
    const Node each = syntax.node(id);
    if (each.kind() != Kind::pointer_expression_ || !each.child(Kind::op_and)) continue;
    const Node of = stripped(each.child(Field::argument_));
    if (of && of.kind() == Kind::identifier_) names.insert(of.text());
  }
}

bool has_return(const Syntax& syntax, Node node) {
  for (std::uint32_t id = node.id() + 1; id < node.past(); ++id) {
    if (syntax.node(id).kind() == Kind::return_statement_) return true;
  }
  return false;
}

}  // namespace

Lowering::Lowering(Unit& unit, const Definition& definition, Lowering* enclosing)
    : ScopeEmitter(unit.module, unit.module.functions[static_cast<std::size_t>(definition.index)],
                   unit.last_site),
      unit_(unit),
      definition_(definition),
      enclosing_(enclosing) {
  scopes_.emplace_back();
  holes_raise_ = unit.raises && !unit.input.is_c;
}

void Lowering::run() {
  const Node node = definition_.node;
  Code code;
  find_captured(node.child(Field::body_), captured_, captures_this_, false);
  deep_ = enclosing_ != nullptr && captures_this_;
  find_addressed(unit_.syntax, node, addressed_);
  prologue(code);
  const Node declarator = function_of(node.child(Field::declarator_));
  const bool destroys = function_.name == destructor_name && !definition_.owner.empty();
  const bool is_main = function_.qualified_name == "main";
  Code inside;
  if (function_.name == constructor_name) initializers(inside);
  if (is_main && node.child(Field::body_) && has_return(unit_.syntax, node)) {
    Code main_body;
    labelled({.label = {}, .takes_continue = false, .written = "(return)"}, main_body, [&](Code& part) {
      return_label_ = jumps_.back().label;
      body(node, part);
    });
    inside.add(std::move(main_body));
  } else {
    body(node, inside);
  }
  if (destroys) destroy_members(definition_.owner, inside);
  const bool quiet = destroys || is_main || (declarator && declarator.child(Kind::noexcept_));
  if (quiet && !unit_.input.is_c) {
    ir::TreePtr tree = without_raising(std::move(inside));
    code.add(ir::Sequence{});
    Code rest;
    std::vector<ir::TreePtr> parts;
    parts.push_back(code.finish());
    parts.push_back(std::move(tree));
    if (is_main) {
      call_global("exit", {}, function_.name_range, rest, Target{ir::Local::none, true});
      parts.push_back(rest.finish());
    }
    ir::build_cfg(ir::Tree{ir::Sequence{std::move(parts)}}, terms(), function_);
    return;
  }
  code.add(std::move(inside));
  if (is_main) call_global("exit", {}, function_.name_range, code, Target{ir::Local::none, true});
  ir::build_cfg(*code.finish(), terms(), function_);
}

void Lowering::prologue(Code& code) {
  const source::Range where = function_.name_range;
  if (deep_) store(terms().field(terms().activation(), "^"), terms().frame(), where, code);
  if (captures_this_ && enclosing_ == nullptr && function_.has_receiver)
    store(terms().field(terms().activation(), "this"), terms().self(), where, code);
  const Node node = definition_.node;
  const Node declarator = node.kind() == Kind::lambda_expression_
                              ? node.child(Field::declarator_)
                              : function_of(node.child(Field::declarator_));
  const Node list = declarator ? declarator.child(Field::parameters_) : Node{};
  std::uint32_t position = 0;
  if (list) {
    for (const Node each : list.children()) {
      if (position >= function_.parameters.size()) break;
      Node name = name_of(each.child(Field::declarator_));
      if (!name && unit_.input.is_c && each.child(Field::type_).kind() == Kind::type_identifier_)
        name = each.child(Field::type_);
      const auto local = static_cast<ir::Local>(position++);
      if (!name) continue;
      Type type = unit_.types.read(scope(), each.child(Field::type_), each.child(Field::declarator_));
      const std::string_view text = name.text();
      const bool pointed = addressed_.contains(text) && (type.scalar || type.pointers > 0);
      if (pointed || captured_.contains(text)) {
        assign(declare(text, std::move(type)), terms().local(local), range(name), code);
      } else {
        scopes_.back().insert_or_assign(std::string(text), Variable{.local = local, .type = std::move(type)});
      }
    }
  }
  // A capture with a value of its own is a variable of the lambda.
  const Node captures = node.child(Field::captures_);
  if (!captures) return;
  for (const Node each : captures.children()) {
    if (each.kind() != Kind::lambda_capture_initializer_ || enclosing_ == nullptr) continue;
    const Node left = each.child(Field::left_);
    const Variable* made = left ? enclosing_->find_variable("=" + std::string(left.text())) : nullptr;
    if (made == nullptr) continue;
    Variable seen = *made;
    seen.place = terms().field(terms().frame(), terms().text(made->place));
    scopes_.back().insert_or_assign(std::string(left.text()), std::move(seen));
  }
}

void Lowering::body(Node node, Code& code) {
  const Node written = node.child(Field::body_);
  if (!written) return;
  if (written.kind() == Kind::try_statement_) {
    try_statement(written, code);
  } else {
    block(written, code);
  }
}

/// Of bases and members, as the constructor writes them. A constructor that only calls another one of its
/// class gives nothing itself.
void Lowering::initializers(Code& code) {
  const Node list = definition_.node.child(Kind::field_initializer_list_);
  if (!list) return;
  for (const Node each : list.children()) {
    if (each.kind() != Kind::field_initializer_) continue;
    Node named;
    Node given;
    for (const Node part : each.children()) {
      if (part.kind() == Kind::argument_list_ || part.kind() == Kind::initializer_list_) {
        given = part;
      } else if (!named) {
        named = part;
      }
    }
    if (!named) continue;
    const std::string written = dotted(named);
    const Declaration* member = unit_.names.member(definition_.owner, written);
    const std::string last = definition_.owner.substr(definition_.owner.rfind('.') + 1);
    const Declaration* type = unit_.names.find(scope(), written);
    const bool of_base = written == last || (type != nullptr && type->kind == Declaration::Kind::type);
    if (of_base && (member == nullptr || member->kind != Declaration::Kind::variable)) {
      std::vector<ir::Term> arguments = given ? expressions(given, code) : std::vector<ir::Term>{};
      arguments.insert(arguments.begin(), self());
      const std::string callee =
          (written == last ? definition_.owner : type->name) + "." + std::string(constructor_name);
      emit_call(global(callee), arguments, !unit_.raises, range(each), code, Target{ir::Local::none, true});
      continue;
    }
    const Type of = member != nullptr ? member->type : Type{};
    const ir::Term value = construct(of, given, range(each), code, {});
    store(terms().field(self(), written), value, range(each), code);
  }
}

ir::Instruction Lowering::destruction(const Type& type, ir::Term value, source::Range where) {
  ir::Instruction made;
  if (type.deleter.empty()) {
    made = call_instruction(terms().field(value, destructor_name), {}, where);
  } else {
    const ir::Term arguments[] = {value};
    made = call_instruction(global(type.deleter), arguments, where);
  }
  made.never_raises = true;
  return made;
}

void Lowering::destroy_at_end(const Type& type, ir::Term value, source::Range where, Code& code) {
  code.emit(destruction(type, value, where));
}

void Lowering::destroy_members(const std::string& type, Code& code) {
  const Declaration* found = unit_.names.find("", type);
  if (found == nullptr) return;
  const source::Range where = function_.name_range;
  for (auto field = found->fields.rbegin(); field != found->fields.rend(); ++field) {
    const Declaration* member = unit_.names.member(type, *field);
    if (member == nullptr || member->is_static || !unit_.ends(member->type)) continue;
    destroy_at_end(member->type, terms().field(terms().self(), *field), where, code);
  }
  for (auto base = found->bases.rbegin(); base != found->bases.rend(); ++base) {
    if (!unit_.ends({.name = *base})) continue;
    const ir::Term arguments[] = {terms().self()};
    ir::Instruction made =
        call_instruction(global(*base + "." + std::string(destructor_name)), arguments, where);
    made.never_raises = true;
    code.emit(std::move(made));
  }
}

void Lowering::run_destructor(const std::string& type) {
  Code code;
  destroy_members(type, code);
  ir::build_cfg(*code.finish(), terms(), function_);
}

void Lowering::run_module(const std::vector<std::pair<Node, std::string>>& declarations) {
  Code code;
  for (const auto& [node, space] : declarations) {
    const Definition here{.node = node, .scope = space, .index = ir::FunctionIndex{0}};
    for (const Node each : node.children()) {
      if (each.field() != Field::declarator_) continue;
      const bool initialized = each.kind() == Kind::init_declarator_;
      const Node declarator = initialized ? each.child(Field::declarator_) : each;
      const Node name = name_of(declarator);
      const Node value = initialized ? each.child(Field::value_) : Node{};
      if (!name || function_of(declarator)) continue;
      const Declaration* declared = unit_.names.find(space, dotted(name));
      if (declared == nullptr || declared->kind != Declaration::Kind::variable) continue;
      if (!value && !unit_.is_made(declared->type)) continue;
      Lowering in_space(unit_, here);
      const ir::Term given = !value ? in_space.construct(declared->type, {}, range(each), code, {})
                                    : in_space.initial_value(declared->type, value, name.text(), code, {});
      store(global(declared->name), given, range(each), code);
    }
  }
  ir::build_cfg(*code.finish(), terms(), function_);
}

ir::Term Lowering::constant(std::string_view text) {
  const std::string wrapped = "void f() { (" + std::string(text) + "); }";
  const Syntax syntax = parse_syntax(wrapped, wrapped);
  const Node definition = syntax.root().first_child();
  const Node inner = definition && !definition.has_error() ? definition.child(Field::body_) : Node{};
  const Node statement = inner ? inner.first_child() : Node{};
  expanded_ = function_.name_range;
  return statement && !statement.has_error() ? constant(statement.first_child()) : terms().unknown();
}

ir::Term Lowering::constant(Node node) {
  if (!node || node.has_error() || node.has_effect()) return terms().unknown();
  Code none;
  const std::size_t locals = function_.locals.size();
  const ir::Term value = expression(node, none);
  const bool evaluated = !none.empty() || function_.locals.size() != locals;
  function_.locals.resize(locals);
  return evaluated || !is_context_free(value) ? terms().unknown() : value;
}

}  // namespace lockwright::frontends::cpp
