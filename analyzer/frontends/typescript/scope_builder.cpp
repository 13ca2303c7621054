// Scopes: one pass over the tree, before any code is lowered.
//
// A function may be called above its definition, and a closure may use a variable that is declared below it.
// So bindings must be known before the first expression can be read. The pass walks the nodes in order, keeps
// the stack of open scopes, and notes bindings, assignments and uses. Afterwards every use that crosses a
// function's border marks its variable as captured and the functions on the way as in need of a frame.
//
// A function that is assigned to a name once is that name, however it is written: `function f() {}` and
// `const f = () => {}` are one. Where functions get their names from (declarations, properties, exports) is
// noted as a hint for the node to come.
#include "analyzer/frontends/typescript/scope_builder.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr std::size_t longest_prefix = 2000;

bool is_loop_or_block(Kind kind) {
  switch (kind) {
    case Kind::statement_block_:
    case Kind::for_statement_:
    case Kind::for_in_statement_:
    case Kind::catch_clause_:
    case Kind::switch_body_: return true;
    default: return false;
  }
}

bool is_instance_field(Node member) {
  return member.kind() == Kind::public_field_definition_ && !has_word(member, Kind::word_static) &&
         !has_word(member, Kind::word_declare) && !has_word(member, Kind::word_abstract);
}

}  // namespace

void ScopeBuilder::run(std::string_view module_name) {
  const ScopeId module = open(ScopeKind::module, ScopeId::none, syntax_.root());
  at(module).qualified_name = module_name;
  at(module).prefix = std::string(module_name) + '.';
  active_.push_back({syntax_.size(), module});
  for (std::uint32_t id = 0; id < syntax_.size();) {
    while (active_.size() > 1 && id >= active_.back().past) active_.pop_back();
    while (!pending_.empty() && pending_.back().past <= id) {
      const Interval next = pending_.back();
      pending_.pop_back();
      if (next.past == id) active_.push_back({syntax_.node(id).past(), next.scope});
    }
    id = visit(syntax_.node(id));
  }
  resolve();
}

std::uint32_t ScopeBuilder::visit(Node node) {
  if (is_function(node.kind())) return open_function(node);
  if (is_class(node.kind())) return open_class(node);
  if (is_loop_or_block(node.kind())) return open_block(node);
  switch (node.kind()) {
    case Kind::identifier_:
    case Kind::shorthand_property_identifier_: use(current(), node.symbol()); break;
    case Kind::this_:
    case Kind::super_: use_this(current()); break;
    case Kind::lexical_declaration_:
    case Kind::variable_declaration_: declare_variables(node); break;
    case Kind::assignment_expression_: assign(node); break;
    case Kind::augmented_assignment_expression_: write(node.child(Field::left_), {}); break;
    case Kind::update_expression_: write(node.child(Field::argument_), {}); break;
    case Kind::pair_: hint_member(node.child(Field::key_), node.child(Field::value_)); break;
    case Kind::object_: enter_object(node); break;
    case Kind::export_statement_: hint_default(node); break;
    case Kind::import_statement_: bind_imports(node); return node.past();
    case Kind::import_alias_: bind_import_alias(node); return node.past();
    case Kind::public_field_definition_: open_field(node); break;
    case Kind::class_static_block_: push(open(ScopeKind::block, current(), node), node); break;
    case Kind::interface_declaration_:
    case Kind::type_alias_declaration_: bind_type_name(node); return node.past();
    case Kind::enum_declaration_: bind_enum(node); break;
    case Kind::internal_module_:
    case Kind::module_: return open_namespace(node);
    default: break;
  }
  return node.id() + 1;
}

ScopeId ScopeBuilder::open(ScopeKind kind, ScopeId parent, Node node) {
  const auto id = static_cast<ScopeId>(scopes_.scopes_.size());
  Scope scope;
  scope.kind = kind;
  scope.id = id;
  scope.parent = parent;
  scope.node = node;
  const bool runs_alone =
      kind == ScopeKind::module || kind == ScopeKind::function || kind == ScopeKind::arrow;
  scope.owner = runs_alone ? id : at(parent).owner;
  scope.function = runs_alone ? static_cast<ir::FunctionIndex>(functions_++) : at(parent).function;
  if (parent != ScopeId::none) {
    const ScopeKind around = at(parent).kind;
    scope.may_capture = at(parent).may_capture || (around != ScopeKind::module && around != ScopeKind::type &&
                                                   around != ScopeKind::space);
    scope.prefix = at(parent).prefix;
    scope.depth = at(parent).depth + 1;
  }
  scopes_.scopes_.push_back(std::move(scope));
  scopes_.names_.emplace_back();
  return id;
}

void ScopeBuilder::push(ScopeId scope, Node node) {
  scopes_.opened_.emplace(node.id(), scope);
  active_.push_back({node.past(), scope});
}

std::uint32_t ScopeBuilder::open_block(Node node) {
  if (node.id() == body_ || too_deep()) return node.id() + 1;
  push(open(ScopeKind::block, current(), node), node);
  const Node bound = node.kind() == Kind::catch_clause_       ? node.child(Field::parameter_)
                     : node.kind() == Kind::for_in_statement_ ? node.child(Field::left_)
                                                              : Node{};
  if (!bound) return node.id() + 1;
  const Node kind = node.child(Field::kind_);
  if (node.kind() == Kind::for_in_statement_ && !kind) {
    write(bound, {});
  } else {
    const ScopeId home = kind && kind.kind() == Kind::word_var ? variable_scope() : current();
    for_each_bound_name(bound, [&](Node name) { declare(home, name.symbol()).assigned = true; });
  }
  return node.id() + 1;
}

std::uint32_t ScopeBuilder::open_namespace(Node node) {
  const Node name_node = node.child(Field::name_);
  const Node body = node.child(Field::body_);
  if (!body || !name_node || name_node.kind() == Kind::string_) return node.past();
  const ScopeId parent = current();
  const ScopeId id = open(ScopeKind::space, parent, node);
  name(id, name_node.text(), prefix(parent));
  const Node first = name_node.kind() == Kind::identifier_ ? name_node : name_node.first_child();
  if (first && first.kind() == Kind::identifier_) bind(parent, first.symbol()).types = 1;
  if (first && first.kind() == Kind::identifier_) bind(parent, first.symbol()).definition = id;
  push(id, node);
  body_ = body.id();
  return node.id() + 1;
}

std::string ScopeBuilder::unique(std::string qualified, Node node) {
  if (used_.emplace(qualified, 1).second) return qualified;
  qualified += '@' + std::to_string(syntax_.line(node.begin()));
  for (int number = used_[qualified]++; number > 0; number = used_[qualified]++) {
    qualified += ':' + std::to_string(number + 1);
  }
  return qualified;
}

void ScopeBuilder::name(ScopeId id, std::string_view last, const std::string& before) {
  const Scope& scope = at(id);
  std::string qualified = before;
  qualified += last;
  if (scope.kind != ScopeKind::space) qualified = unique(std::move(qualified), scope.node);
  const bool is_function_scope = scope.kind == ScopeKind::function || scope.kind == ScopeKind::arrow;
  std::string inner = qualified + (is_function_scope ? ".<locals>." : ".");
  // Definitions nested by the hundred: their names stop growing.
  if (inner.size() > longest_prefix) inner = prefix(scope.parent);
  const std::size_t dot = last.starts_with("Symbol.") ? std::string_view::npos : last.rfind('.');
  at(id).name = dot == std::string_view::npos ? last : last.substr(dot + 1);
  at(id).qualified_name = std::move(qualified);
  at(id).prefix = std::move(inner);
}

ScopeBuilder::Hint* ScopeBuilder::hint(Node node) {
  const auto found = hints_.find(node.id());
  return found == hints_.end() ? nullptr : &found->second;
}

std::uint32_t ScopeBuilder::open_function(Node node) {
  if (too_deep()) return node.past();
  const ScopeId parent = current();
  ScopeId id = scopes_.opened_by(node);  // constructors are opened with their class
  if (id == ScopeId::none) {
    id = open(node.kind() == Kind::arrow_function_ ? ScopeKind::arrow : ScopeKind::function, parent, node);
    name_function(id, node);
  }
  at(id).is_async = has_word(node, Kind::word_async);
  at(id).is_generator = node.kind() == Kind::generator_function_ ||
                        node.kind() == Kind::generator_function_declaration_ || has_word(node, Kind::op_mul);
  push(id, node);
  if (const Node own = node.child(Field::name_);
      own && own.kind() == Kind::identifier_ &&
      (node.kind() == Kind::function_expression_ || node.kind() == Kind::generator_function_)) {
    define(id, own.symbol(), id);
  }
  const Node list = node.child(Field::parameters_);
  if (list) {
    for (const Node each : list.children()) bind_parameter(id, each.child(Field::pattern_));
  } else {
    bind_parameter(id, node.child(Field::parameter_));
  }
  const Node body = node.child(Field::body_);
  body_ = body ? body.id() : 0;
  return node.id() + 1;
}

void ScopeBuilder::bind_parameter(ScopeId function, Node pattern) {
  for_each_bound_name(pattern, [&](Node each) { bind(function, each.symbol()).parameter = true; });
}

void ScopeBuilder::name_function(ScopeId id, Node node) {
  const ScopeId parent = at(id).parent;
  const Node own = node.child(Field::name_);
  if (node.kind() == Kind::function_declaration_ || node.kind() == Kind::generator_function_declaration_) {
    name(id, own ? own.text() : "?", prefix(parent));
    if (own) define(parent, own.symbol(), id);
    return;
  }
  if (node.kind() == Kind::method_definition_) {
    name_method(id, node);
    return;
  }
  Hint* given = hint(node);
  if (given != nullptr && given->in_class && node.kind() == Kind::arrow_function_) {
    at(id).receiver = Receiver::instance;
  }
  if (given != nullptr) {
    take_receiver(id, *given);
    name(id, given->name, given->exported ? prefix(ScopeId{0}) : prefix(parent));
    if (given->binder != ScopeId::none) define(given->binder, given->symbol, id);
  } else if (own && own.kind() == Kind::identifier_) {
    name(id, own.text(), prefix(parent));
  } else {
    name(id, anonymous(node.kind() == Kind::arrow_function_ ? "arrow" : "function", node), prefix(parent));
  }
}

/// A method of a prototype has one; an arrow function has not.
void ScopeBuilder::take_receiver(ScopeId id, const Hint& given) {
  if (given.prototype_of == Symbol::none || at(id).kind != ScopeKind::function) return;
  at(id).prototype_of = given.prototype_of;
  at(id).receiver = Receiver::instance;
}

std::string ScopeBuilder::anonymous(std::string_view what, Node node) {
  return '<' + std::string(what) + '@' + std::to_string(syntax_.line(node.begin())) + '>';
}

void ScopeBuilder::name_method(ScopeId id, Node node) {
  const ScopeId parent = at(id).parent;
  std::string last(key_text(node.child(Field::name_)));
  if (last.empty()) last = anonymous("method", node);
  at(id).is_getter = has_word(node, Kind::word_get);
  at(id).is_setter = has_word(node, Kind::word_set);
  const Hint* given = hint(node);
  if (at(parent).kind == ScopeKind::type) {
    const bool is_static = has_word(node, Kind::word_static);
    at(id).receiver = is_static ? Receiver::type : Receiver::instance;
    at(id).is_constructor = last == "constructor" && !is_static;
  } else if (given != nullptr) {
    last = given->name;
    take_receiver(id, *given);
  }
  const std::string shown = last;
  if (at(id).is_setter) last += ".set";
  name(id, last, given != nullptr && given->exported ? prefix(ScopeId{0}) : prefix(parent));
  if (at(id).is_setter) at(id).name = shown;
}

std::uint32_t ScopeBuilder::open_class(Node node) {
  if (too_deep()) return node.past();
  const ScopeId parent = current();
  const ScopeId id = open(ScopeKind::type, parent, node);
  at(id).type = types_++;
  const Node own = node.child(Field::name_);
  const Hint* given = hint(node);
  if (node.kind() != Kind::class_) {
    name(id, own ? own.text() : "?", prefix(parent));
    if (own) define_type(parent, own.symbol(), id);
  } else {
    if (given != nullptr) {
      name(id, given->name, given->exported ? prefix(ScopeId{0}) : prefix(parent));
      if (given->binder != ScopeId::none) define_type(given->binder, given->symbol, id);
    } else {
      name(id, own ? std::string(own.text()) : anonymous("class", node), prefix(parent));
    }
    if (own) define_type(id, own.symbol(), id);
  }
  scopes_.opened_.emplace(node.id(), id);
  const Node body = node.child(Field::body_);
  if (!body) return node.past();
  open_constructor(id, body);
  pending_.push_back({body.id(), id});
  return node.id() + 1;
}

void ScopeBuilder::open_constructor(ScopeId type, Node body) {
  Node written;
  bool has_values = false;
  for (const Node each : body.children()) {
    if (each.kind() == Kind::method_definition_ &&
        each.child(Field::name_).kind() == Kind::property_identifier_ &&
        each.child(Field::name_).text() == "constructor" && !has_word(each, Kind::word_static)) {
      written = each;
    }
    const Node value = is_instance_field(each) ? each.child(Field::value_) : Node{};
    has_values = has_values || (value && !is_function(stripped(value).kind()));
  }
  if (!written && !has_values) return;
  const ScopeId id = open(ScopeKind::function, type, written ? written : body);
  at(id).receiver = Receiver::instance;
  at(id).is_constructor = true;
  name(id, "constructor", prefix(type));
  at(type).constructor = id;
  if (written) scopes_.opened_.emplace(written.id(), id);
}

void ScopeBuilder::open_field(Node node) {
  const Node value = node.child(Field::value_);
  const ScopeId type = current();
  if (!value || at(type).kind != ScopeKind::type) return;
  const Node function = stripped(value);
  const std::string_view key = key_text(node.child(Field::name_));
  if (is_function(function.kind()) || is_class(function.kind())) {
    Hint given;
    given.name = key;
    given.in_class = is_instance_field(node);
    if (!key.empty()) hints_.emplace(function.id(), std::move(given));
    if (is_function(function.kind())) return;
  }
  if (!is_instance_field(node) || at(type).constructor == ScopeId::none) return;
  const ScopeId id = open(ScopeKind::fields, type, value);
  at(id).owner = at(type).constructor;
  at(id).function = at(at(type).constructor).function;
  at(id).may_capture = true;
  at(id).prefix = at(at(type).constructor).prefix;
  scopes_.opened_.emplace(value.id(), id);
  pending_.push_back({value.id(), id});
}

Scopes Scopes::build(const Syntax& syntax, std::string_view module_name) {
  Scopes scopes;
  ScopeBuilder(syntax, scopes).run(module_name);
  return scopes;
}

}  // namespace lockwright::frontends::typescript
