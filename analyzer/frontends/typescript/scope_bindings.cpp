// What binds a name, and what gives a function, class or object its name: the variable, property or export
// that it is the value of.
#include "analyzer/frontends/typescript/scope_builder.h"

namespace lockwright::frontends::typescript {

void ScopeBuilder::enter_object(Node node) {
  const auto given = hints_.find(node.id());
  if (given == hints_.end()) return;
  const Hint object = given->second;
  for (const Node each : node.children()) {
    const bool is_pair = each.kind() == Kind::pair_;
    if (!is_pair && each.kind() != Kind::method_definition_) continue;
    const std::string_view key = key_text(each.child(is_pair ? Field::key_ : Field::name_));
    const Node named = is_pair ? stripped(each.child(Field::value_)) : each;
    if (key.empty() || !is_named_by_hint(named.kind())) continue;
    Hint made = member_hint(object, key);
    if (is_function(named.kind())) made.prototype_of = object.prototype_of;
    hints_.emplace(named.id(), std::move(made));
  }
}

ScopeBuilder::Hint ScopeBuilder::member_hint(const Hint& object, std::string_view key) {
  Hint made;
  made.exported = object.exported;
  made.name = object.name.empty() ? std::string(key) : object.name + '.' + std::string(key);
  return made;
}

/// `F.prototype.f = function () {}`, `F.prototype = { f() {} }`: f is a method of F.
void ScopeBuilder::hint_prototype(Node left, Hint& made) {
  if (at(current()).owner != ScopeId{0}) return;
  const auto owner = [](Node prototype) {
    const Node property =
        prototype.kind() == Kind::member_expression_ ? prototype.child(Field::property_) : Node{};
    const Node object = property && property.text() == "prototype" ? prototype.child(Field::object_) : Node{};
    return object && object.kind() == Kind::identifier_ ? object : Node{};
  };
  const Node whole = owner(left);
  const Node object = whole ? whole : owner(left.child(Field::object_));
  if (!object) return;
  made.prototype_of = object.symbol();
  made.name = whole ? std::string(object.text()) : std::string(object.text()) + '.' + made.name;
}

bool ScopeBuilder::is_named_by_hint(Kind kind) {
  return is_function(kind) || is_class(kind) || kind == Kind::object_;
}

void ScopeBuilder::hint_member(Node key, Node value) {
  value = stripped(value);
  if (!value || (!is_function(value.kind()) && !is_class(value.kind()))) return;
  Hint made;
  made.name = key_text(key);
  if (!made.name.empty()) hints_.emplace(value.id(), std::move(made));
}

void ScopeBuilder::hint_default(Node statement) {
  const Node value = stripped(statement.child(Field::value_));
  if (!value || !is_named_by_hint(value.kind())) return;
  Hint made;
  made.name = "default";
  made.exported = true;
  hints_.emplace(value.id(), std::move(made));
}

Binding& ScopeBuilder::bind(ScopeId scope, Symbol symbol) {
  const auto next = static_cast<std::uint32_t>(scopes_.bindings_.size());
  const auto [found, added] = scopes_.index_.try_emplace(Scopes::key(scope, symbol), next);
  if (added) {
    Binding& made = scopes_.bindings_.emplace_back();
    made.symbol = symbol;
    const ScopeKind kind = at(scope).kind;
    if (kind != ScopeKind::module && kind != ScopeKind::space && kind != ScopeKind::type) {
      // What stands in a block of the module may become a global, beside the module's own names.
      const bool of_module = at(scope).owner == ScopeId{0};
      made.twins = twins_[Scopes::key(at(scope).owner, symbol)]++ + (of_module ? 1 : 0);
    }
    scopes_.names_[static_cast<std::size_t>(scope)].push_back(next);
  }
  return scopes_.bindings_[found->second];
}

Binding& ScopeBuilder::declare(ScopeId scope, Symbol symbol) {
  Binding& bound = bind(scope, symbol);
  bound.declared = true;
  return bound;
}

void ScopeBuilder::define(ScopeId scope, Symbol symbol, ScopeId function) {
  Binding& bound = bind(scope, symbol);
  if (bound.functions < 2) ++bound.functions;
  bound.definition = function;
}

void ScopeBuilder::define_type(ScopeId scope, Symbol symbol, ScopeId type) {
  Binding& bound = bind(scope, symbol);
  if (bound.types < 2) ++bound.types;
  bound.definition = type;
}

ScopeId ScopeBuilder::variable_scope() {
  ScopeId id = current();
  while (at(id).kind == ScopeKind::block) id = at(id).parent;
  return id;
}

void ScopeBuilder::declare_variables(Node statement) {
  const bool is_var = statement.kind() == Kind::variable_declaration_;
  const Node kind = statement.child(Field::kind_);
  const bool is_const = kind && kind.kind() == Kind::word_const;
  const ScopeId home = is_var ? variable_scope() : current();
  for (const Node each : statement.children()) {
    if (each.kind() != Kind::variable_declarator_) continue;
    const Node target = each.child(Field::name_);
    const Node value = each.child(Field::value_);
    if (!target || bind_modules(home, target, value, is_const)) continue;
    for_each_bound_name(target, [&](Node name) { declare(home, name.symbol()); });
    if (target.kind() != Kind::identifier_) {
      for_each_bound_name(target, [&](Node name) { declare(home, name.symbol()).assigned = true; });
    } else if (value && !hint_variable(home, target, value) && !is_null_literal(value)) {
      declare(home, target.symbol()).assigned = true;
    }
  }
}

bool ScopeBuilder::hint_variable(ScopeId home, Node target, Node value) {
  const Node inner = stripped(value);
  if (!is_named_by_hint(inner.kind())) return false;
  Hint made;
  made.name = target.text();
  const bool defines = inner.kind() != Kind::object_;
  if (defines) {
    made.binder = home;
    made.symbol = target.symbol();
  }
  hints_.emplace(inner.id(), std::move(made));
  return defines;
}

void ScopeBuilder::assign(Node node) {
  const Node left = stripped(node.child(Field::left_));
  const Node right = node.child(Field::right_);
  const Node value = right ? stripped(right) : right;
  if (has_word(node, Kind::word_using)) {
    for_each_bound_name(left, [&](Node name) { declare(current(), name.symbol()).assigned = true; });
    return;
  }
  if (value && is_named_by_hint(value.kind())) {
    Hint made;
    const std::string_view exported = exported_name(left);
    if (!exported.empty()) {
      made.exported = true;
      made.name = exported == "default" && value.kind() == Kind::object_ ? "" : exported;
    } else if (left.kind() == Kind::identifier_) {
      made.name = left.text();
    } else if (left.kind() == Kind::member_expression_ && left.child(Field::property_)) {
      made.name = left.child(Field::property_).text();
      hint_prototype(left, made);
    }
    if (made.exported || !made.name.empty()) hints_.emplace(value.id(), std::move(made));
  }
  write(left, right);
}

void ScopeBuilder::write(Node target, Node value) {
  if (!target) return;
  const bool whole = stripped(target).kind() == Kind::identifier_;
  for_each_bound_name(target, [&](Node name) {
    writes_.push_back({current(), name.symbol(), whole ? value : Node{}});
    use(current(), name.symbol());
  });
}

void ScopeBuilder::bind_type_name(Node node) {
  const Node own = node.child(Field::name_);
  if (own) bind(current(), own.symbol()).type_only = true;
}

void ScopeBuilder::bind_enum(Node node) {
  const Node own = node.child(Field::name_);
  if (!own) return;
  const ScopeId id = open(ScopeKind::space, current(), node);
  name(id, own.text(), prefix(current()));
  scopes_.opened_.emplace(node.id(), id);
  define_type(current(), own.symbol(), id);
}

}  // namespace lockwright::frontends::typescript
