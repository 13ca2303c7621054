// Names of modules and of what modules have, in all the ways to write them. A constant that is a part of a
// module (const fsp = fs.promises) is a name of that part, no variable.
#include "analyzer/frontends/typescript/scope_builder.h"

namespace lockwright::frontends::typescript {
namespace {

/// a.b.c of names alone.
Node root_of_chain(Node node) {
  while (node.kind() == Kind::member_expression_) node = stripped(node.child(Field::object_));
  return node.kind() == Kind::identifier_ ? node : Node{};
}

}  // namespace

void ScopeBuilder::add_import(ScopeId scope, Symbol symbol, ImportedName made) {
  made.symbol = symbol;
  made.scope = scope;
  Binding& bound = bind(scope, symbol);
  if (bound.import == Binding::no_import) bound.import = static_cast<std::uint32_t>(scopes_.imports_.size());
  scopes_.imports_.push_back(made);
}

void ScopeBuilder::bind_imports(Node statement) {
  using Form = ImportedName::Form;
  if (const Node required = statement.child(Kind::import_require_clause_)) {
    const Node own = required.child(Kind::identifier_);
    if (own) add_import(current(), own.symbol(), {Form::required, required.child(Field::source_), {}, {}});
    return;
  }
  const Node source = statement.child(Field::source_);
  const Node clause = statement.child(Kind::import_clause_);
  if (!source || !clause) return;
  for (const Node each : clause.children()) {
    if (each.kind() == Kind::identifier_) {
      add_import(current(), each.symbol(), {Form::standard, source, {}, {}});
    } else if (each.kind() == Kind::namespace_import_) {
      if (const Node own = each.child(Kind::identifier_))
        add_import(current(), own.symbol(), {Form::all, source, {}, {}});
    } else if (each.kind() == Kind::named_imports_) {
      for (const Node item : each.children()) bind_specifier(item, source);
    }
  }
}

void ScopeBuilder::bind_specifier(Node item, Node source) {
  using Form = ImportedName::Form;
  const Node own = item.kind() == Kind::import_specifier_ ? item.child(Field::name_) : Node{};
  if (!own) return;
  const Node alias = item.child(Field::alias_);
  const Node bound = alias ? alias : own;
  const std::string_view imported = key_text(own);
  if (bound.kind() != Kind::identifier_) return;
  add_import(current(), bound.symbol(),
             {imported == "default" ? Form::standard : Form::named, source, {}, imported});
}

void ScopeBuilder::bind_import_alias(Node node) {
  Node own;
  Node value;
  for (const Node each : node.children()) (own ? value : own) = each;
  if (own && value) add_import(current(), own.symbol(), {ImportedName::Form::alias, {}, value, {}});
}

bool ScopeBuilder::bind_modules(ScopeId home, Node target, Node value, bool is_const) {
  if (!value) return false;
  using Form = ImportedName::Form;
  ImportedName made;
  const Node inner = stripped(value);
  made.source = required_module(value);
  made.value = inner;
  if (made.source) {
    made.form = inner.kind() == Kind::await_expression_ ? Form::all : Form::required;
  } else if (inner.kind() == Kind::member_expression_ && required_module(inner.child(Field::object_))) {
    made.form = Form::alias;
  } else if (is_const && is_module_chain(inner, home)) {
    made.form = Form::alias;
  } else {
    return false;
  }
  if (target.kind() == Kind::identifier_) {
    add_import(home, target.symbol(), made);
    return true;
  }
  if (target.kind() != Kind::object_pattern_) return false;
  for (const Node each : target.children()) {
    const Node bound = each.kind() == Kind::pair_pattern_ ? each.child(Field::value_) : each;
    const bool simple = bound && (bound.kind() == Kind::shorthand_property_identifier_pattern_ ||
                                  bound.kind() == Kind::identifier_);
    if (!simple) return false;
  }
  for (const Node each : target.children()) {
    const bool renamed = each.kind() == Kind::pair_pattern_;
    ImportedName member = made;
    member.name = key_text(renamed ? each.child(Field::key_) : each);
    if (member.source) member.form = Form::named;
    if (member.name.empty()) continue;
    add_import(home, (renamed ? each.child(Field::value_) : each).symbol(), member);
  }
  return true;
}

bool ScopeBuilder::is_module_chain(Node chain, ScopeId home) {
  if (chain.kind() != Kind::member_expression_ && chain.kind() != Kind::identifier_) return false;
  const Node root = root_of_chain(chain);
  if (!root) return false;
  const Lookup found = scopes_.look_up(home, root.symbol());
  if (found.binding == nullptr) return root.text() == "process" || root.text() == "globalThis";
  if (!is_only_import(*found.binding)) return false;
  using Form = ImportedName::Form;
  const ImportedName& origin = scopes_.imports_[found.binding->import];
  if (origin.form == Form::alias) return true;
  const std::string_view specifier = origin.source.text();
  const bool in_tree = specifier.size() > 1 && specifier[1] == '.';
  return !in_tree || origin.form == Form::all || origin.form == Form::required;
}

}  // namespace lockwright::frontends::typescript
