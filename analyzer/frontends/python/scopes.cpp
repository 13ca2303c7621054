// Scopes: one pass over the tree, before any code is lowered.
//
// Python decides by the whole text of a function what its names are: one that is assigned anywhere in it is
// its own, from the first line on; all others belong to the functions around it, the module, or the builtins.
// So bindings must be known before the first expression can be read. The pass walks the nodes in order, keeps
// the stack of open scopes, and notes bindings and uses. Afterwards every use that crosses a function's
// border marks its variable as captured and the functions on the way as in need of a frame.
//
// Three things are evaluated outside of the scope in whose text they stand: decorators, default values, and
// the first iterable of a comprehension. Scopes are therefore intervals of nodes, opened where the inside
// begins: at the body, at the comprehension, and (the enclosing one again) at that iterable.
#include "analyzer/frontends/python/scopes.h"

#include <unordered_map>

namespace lockwright::frontends::python {
namespace {

bool is_comprehension(Kind kind) {
  return kind == Kind::list_comprehension_ || kind == Kind::set_comprehension_ ||
         kind == Kind::dictionary_comprehension_ || kind == Kind::generator_expression_;
}

constexpr std::size_t longest_prefix = 2000;

Receiver receiver_of(Node definition, Node decorated) {
  const std::string_view name = definition.child(Field::name_).text();
  if (name == "__new__" || name == "__init_subclass__" || name == "__class_getitem__") return Receiver::type;
  if (decorated) {
    for (const Node each : decorated.children()) {
      if (each.kind() != Kind::decorator_) continue;
      const Node expression = each.first_child();
      if (!expression) continue;
      const std::string_view text = expression.text();
      if (text == "staticmethod") return Receiver::none;
      if (text == "classmethod") return Receiver::type;
    }
  }
  return Receiver::instance;
}

}  // namespace

class ScopeBuilder {
 public:
  ScopeBuilder(const Syntax& syntax, Scopes& scopes)
      : syntax_(syntax), scopes_(scopes), not_used_(syntax.size(), false), super_(syntax.symbol("super")) {}

  void run(std::string_view module_name) {
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

 private:
  struct Interval {
    std::uint32_t past;  // in active_: where it ends; in pending_: where it begins
    ScopeId scope;
  };
  struct Use {
    ScopeId scope;
    Symbol symbol;
    friend bool operator==(const Use&, const Use&) = default;
  };
  struct FunctionUse {
    ScopeId user;
    ScopeId function;
  };

  Scope& at(ScopeId id) { return scopes_.scopes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] ScopeId current() const { return active_.back().scope; }

  /// Notes what `node` binds, uses or opens; says at which node to go on.
  std::uint32_t visit(Node node) {
    switch (node.kind()) {
      case Kind::identifier_:
        if (node.field() != Field::attribute_ && node.field() != Field::name_ && !not_used_[node.id()]) {
          use(current(), node.symbol());
        }
        break;
      case Kind::function_definition_: open_function(node); break;
      case Kind::lambda_: open_lambda(node); break;
      case Kind::class_definition_: open_class(node); break;
      case Kind::decorated_definition_: decorated_ = node; break;
      case Kind::assignment_: bind_assignment(node.child(Field::left_), node.child(Field::right_)); break;
      case Kind::augmented_assignment_:
      case Kind::for_statement_:
      case Kind::for_in_clause_: bind_targets(node.child(Field::left_)); break;
      case Kind::named_expression_: bind_walrus(node.child(Field::name_)); break;
      case Kind::as_pattern_target_:
      case Kind::delete_statement_: bind_targets(node); break;
      case Kind::except_clause_: bind_targets(node.child(Field::alias_)); break;
      case Kind::as_pattern_:
      case Kind::case_pattern_:
      case Kind::keyword_pattern_:
      case Kind::union_pattern_:
      case Kind::splat_pattern_: bind_captures(node); break;
      case Kind::import_statement_:
      case Kind::import_from_statement_:
      case Kind::future_import_statement_: bind_imports(node); return node.past();
      case Kind::global_statement_:
      case Kind::nonlocal_statement_: declare(node); return node.past();
      case Kind::yield_: at(at(current()).owner).is_generator = true; break;
      default:
        if (is_comprehension(node.kind())) open_comprehension(node);
        break;
    }
    return node.id() + 1;
  }

  // ---- opening

  ScopeId open(ScopeKind kind, ScopeId parent, Node node) {
    const auto id = static_cast<ScopeId>(scopes_.scopes_.size());
    Scope scope;
    scope.kind = kind;
    scope.id = id;
    scope.parent = parent;
    scope.node = node;
    const bool runs_inline = kind == ScopeKind::type || kind == ScopeKind::comprehension;
    scope.owner = runs_inline ? at(parent).owner : id;
    if (runs_inline) {
      scope.function = at(parent).function;
    } else {
      scope.function = static_cast<ir::FunctionIndex>(functions_++);
    }
    if (parent != ScopeId::none) {
      const ScopeKind around = at(parent).kind;
      scope.may_capture =
          at(parent).may_capture || (around != ScopeKind::module && around != ScopeKind::type);
    }
    scopes_.scopes_.push_back(std::move(scope));
    scopes_.names_.emplace_back();
    scopes_.opened_.emplace(node.id(), id);
    return id;
  }

  /// The prefix of names defined in `scope`; a comprehension's are its surroundings'.
  const std::string& prefix(ScopeId scope) {
    while (at(scope).kind == ScopeKind::comprehension) scope = at(scope).parent;
    return at(scope).prefix;
  }

  void name(ScopeId id, std::string qualified_name, Node name_node) {
    at(id).prefix = qualified_name + (at(id).kind == ScopeKind::type ? "." : ".<locals>.");
    // Definitions nested by the hundred: their names stop growing.
    if (at(id).prefix.size() > longest_prefix) at(id).prefix = prefix(at(id).parent);
    at(id).qualified_name = std::move(qualified_name);
    at(id).name = name_node;
  }

  void open_function(Node node) {
    const Node name_node = node.child(Field::name_);
    const Node body = node.child(Field::body_);
    const Node decorated = decorated_ && decorated_.child(Field::definition_) == node ? decorated_ : Node{};
    const ScopeId parent = current();
    const ScopeId id = open(ScopeKind::function, parent, node);
    if (name_node) {
      name(
          id,
          definition_prefix(parent, name_node) + std::string(name_node.text()) + suffix(decorated, name_node),
          name_node);
      Binding& bound = bind(parent, name_node.symbol());
      if (bound.functions < 2) ++bound.functions;
      bound.definition = id;
    }
    at(id).decorated = decorated;
    if (at(parent).kind == ScopeKind::type)
      at(id).receiver = name_node ? receiver_of(node, decorated) : Receiver::none;
    bind_parameters(id, node.child(Field::parameters_));
    if (body) pending_.push_back({body.id(), id});
  }

  /// `@x.setter def x` is not the property x.
  static std::string suffix(Node decorated, Node name_node) {
    if (!decorated) return {};
    for (const Node each : decorated.children()) {
      const Node expression = each.kind() == Kind::decorator_ ? each.first_child() : Node{};
      if (expression.kind() != Kind::attribute_ ||
          expression.child(Field::object_).text() != name_node.text())
        continue;
      const std::string_view role = expression.child(Field::attribute_).text();
      if (role == "setter" || role == "deleter") return '.' + std::string(role);
    }
    return {};
  }

  /// `global f` before `def f` puts the function into the module.
  const std::string& definition_prefix(ScopeId parent, Node name_node) {
    const Binding* bound = scopes_.find(parent, name_node.symbol());
    return bound != nullptr && bound->global ? at(ScopeId{0}).prefix : prefix(parent);
  }

  void open_lambda(Node node) {
    const ScopeId parent = current();
    const ScopeId id = open(ScopeKind::lambda, parent, node);
    std::string qualified = prefix(parent) + "<lambda:" + std::to_string(syntax_.line(node.begin())) + '>';
    if (const int number = ++lambdas_[qualified]; number > 1) {  // on one line
      qualified.pop_back();
      qualified += ':' + std::to_string(number) + '>';
    }
    name(id, std::move(qualified), {});
    bind_parameters(id, node.child(Field::parameters_));
    if (const Node body = node.child(Field::body_)) pending_.push_back({body.id(), id});
  }

  void open_class(Node node) {
    const Node name_node = node.child(Field::name_);
    const ScopeId parent = current();
    const ScopeId id = open(ScopeKind::type, parent, node);
    at(id).type = types_++;
    if (decorated_ && decorated_.child(Field::definition_) == node) at(id).decorated = decorated_;
    name(id, definition_prefix(parent, name_node) + std::string(name_node ? name_node.text() : "?"),
         name_node);
    if (name_node) {
      Binding& bound = bind(parent, name_node.symbol());
      if (bound.types < 2) ++bound.types;
      bound.definition = id;
    }
    if (const Node body = node.child(Field::body_)) pending_.push_back({body.id(), id});
  }

  void open_comprehension(Node node) {
    const ScopeId parent = current();
    const ScopeId id = open(ScopeKind::comprehension, parent, node);
    active_.push_back({node.past(), id});
    const Node clause = node.child(Kind::for_in_clause_);
    if (!clause) return;
    if (const Node iterable = clause.child(Field::right_)) pending_.push_back({iterable.id(), parent});
  }

  // ---- binding

  Binding& bind(ScopeId scope, Symbol symbol) {
    const auto next = static_cast<std::uint32_t>(scopes_.bindings_.size());
    const auto [found, added] = scopes_.index_.try_emplace(Scopes::key(scope, symbol), next);
    if (added) {
      scopes_.bindings_.emplace_back().symbol = symbol;
      scopes_.names_[static_cast<std::size_t>(scope)].push_back(next);
    }
    return scopes_.bindings_[found->second];
  }

  /// Every name in a target, but not those of the objects whose attributes or elements it assigns.
  void bind_targets(Node target) {
    if (!target) return;
    for (std::uint32_t id = target.id(); id < target.past();) {
      const Node node = syntax_.node(id);
      if (node.kind() == Kind::attribute_ || node.kind() == Kind::subscript_) {
        id = node.past();
        continue;
      }
      if (node.kind() == Kind::identifier_) {
        Binding& bound = bind(current(), node.symbol());
        bound.assigned = true;
        bound.value = {};
      }
      ++id;
    }
  }

  void bind_assignment(Node target, Node value) {
    if (!target || target.kind() != Kind::identifier_) {
      bind_targets(target);
      return;
    }
    Binding& bound = bind(current(), target.symbol());
    bound.value = bound.assigned || bound.assigned_none ? Node{} : value;
    (value.kind() == Kind::none_ ? bound.assigned_none : bound.assigned) = true;
  }

  void bind_walrus(Node name_node) {
    if (!name_node) return;
    ScopeId scope = current();
    while (at(scope).kind == ScopeKind::comprehension) scope = at(scope).parent;
    bind(scope, name_node.symbol()).assigned = true;
    if (scope != current()) use(current(), name_node.symbol());
  }

  /// In a match: names alone, `as` names and `*rest`.
  void bind_captures(Node node) {
    for (const Node each : node.children()) {
      Node captured;
      if (each.kind() == Kind::dotted_name_ && node.kind() != Kind::as_pattern_) {
        captured = each.first_child();
        if (each.past() - each.id() != 2) captured = {};
      } else if (each.kind() == Kind::identifier_ &&
                 (node.kind() == Kind::splat_pattern_ ||
                  (node.kind() == Kind::as_pattern_ && node.first_child().kind() == Kind::case_pattern_))) {
        captured = each;
      }
      if (captured) bind(current(), captured.symbol()).assigned = true;
    }
  }

  void bind_parameters(ScopeId scope, Node parameters) {
    if (!parameters) return;
    bool first = at(scope).receiver != Receiver::none;
    for (const Node each : parameters.children()) {
      Node target = each;
      if (each.kind() == Kind::default_parameter_ || each.kind() == Kind::typed_default_parameter_) {
        target = each.child(Field::name_);
      } else if (each.kind() == Kind::typed_parameter_) {
        target = each.first_child();
      }
      if (!target) continue;
      for (std::uint32_t id = target.id(); id < target.past(); ++id) {
        const Node node = syntax_.node(id);
        if (node.kind() != Kind::identifier_) continue;
        not_used_[id] = true;
        Binding& bound = bind(scope, node.symbol());
        bound.parameter = true;
        bound.receiver = first && target.kind() == Kind::identifier_;
      }
      first = false;
    }
  }

  void bind_imports(Node statement) {
    if (statement.child(Kind::wildcard_import_)) {
      scopes_.star_imports_.push_back(statement);
      return;
    }
    for (const Node each : statement.children()) {
      if (each.field() != Field::name_) continue;
      const Node bound_name =
          each.kind() == Kind::aliased_import_ ? each.child(Field::alias_) : each.first_child();
      if (!bound_name || bound_name.kind() != Kind::identifier_) continue;
      Binding& bound = bind(current(), bound_name.symbol());
      if (bound.import == Binding::no_import)
        bound.import = static_cast<std::uint32_t>(scopes_.imports_.size());
      scopes_.imports_.push_back({statement, each, bound_name.symbol(), current()});
    }
  }

  void declare(Node statement) {
    const bool global = statement.kind() == Kind::global_statement_;
    for (const Node each : statement.children()) {
      if (each.kind() != Kind::identifier_) continue;
      Binding& bound = bind(current(), each.symbol());
      (global ? bound.global : bound.nonlocal) = true;
      if (global) {
        bind(ScopeId{0}, each.symbol());
      } else {
        nonlocal_uses_.push_back({current(), each.symbol()});
      }
    }
  }

  void use(ScopeId scope, Symbol symbol) {
    if (symbol == super_ && super_ != Symbol::none) use_super(scope);
    if (!at(scope).may_capture) return;
    if (uses_.empty() || !(uses_.back() == Use{scope, symbol})) uses_.push_back({scope, symbol});
  }

  /// `super()` in a closure uses the method's receiver.
  void use_super(ScopeId scope) {
    for (ScopeId each = scope; each != ScopeId::none; each = at(each).parent) {
      if (at(each).receiver != Receiver::instance) continue;
      for (const std::uint32_t index : scopes_.names(each)) {
        if (scopes_.bindings_[index].receiver && at(scope).may_capture) {
          uses_.push_back({scope, scopes_.bindings_[index].symbol});
        }
      }
      return;
    }
  }

  // ---- captures

  void resolve() {
    for (const Use& each : nonlocal_uses_) {
      if (const Lookup found = scopes_.look_up(each.scope, each.symbol); found.binding != nullptr) {
        found.binding->assigned = true;
      }
      resolve(each);
    }
    for (const Use& each : uses_) resolve(each);
    bool changed = true;
    while (changed) {
      changed = false;
      for (const FunctionUse& each : function_uses_) {
        if (at(each.function).needs_frame) {
          changed |= reach(each.user, at(at(each.function).parent).owner);
        }
      }
    }
  }

  void resolve(const Use& use) {
    const Lookup found = scopes_.look_up(use.scope, use.symbol);
    if (found.binding == nullptr || found.scope == ScopeId{0}) return;
    const Scope& binder = at(found.scope);
    const ScopeId user = at(use.scope).owner;
    if (binder.owner == user || binder.kind == ScopeKind::type) return;
    Binding& binding = *found.binding;
    if (is_only_type(binding) || is_only_import(binding)) return;
    if (binding.receiver && binder.receiver == Receiver::type) return;
    if (is_only_function(binding)) {
      function_uses_.push_back({user, binding.definition});
      return;
    }
    binding.captured = true;
    reach(user, binder.owner);
  }

  /// `user` needs the activation of `binder`, a function around it.
  bool reach(ScopeId user, ScopeId binder) {
    bool changed = false;
    for (ScopeId each = user; each != binder; each = at(at(each).parent).owner) {
      Scope& scope = at(each);
      changed |= !scope.needs_frame || (each != user && !scope.keeps_frame);
      scope.needs_frame = true;
      if (each != user) scope.keeps_frame = true;
    }
    return changed;
  }

  const Syntax& syntax_;
  Scopes& scopes_;
  std::vector<Interval> active_;
  std::vector<Interval> pending_;  // innermost last
  std::vector<bool> not_used_;
  std::vector<Use> uses_;
  std::vector<Use> nonlocal_uses_;
  std::vector<FunctionUse> function_uses_;
  std::unordered_map<std::string, int> lambdas_;  // by name, how many so far
  Node decorated_;
  Symbol super_;
  std::uint32_t functions_ = 0;
  std::uint32_t types_ = 0;
};

Scopes Scopes::build(const Syntax& syntax, std::string_view module_name) {
  Scopes scopes;
  ScopeBuilder(syntax, scopes).run(module_name);
  return scopes;
}

ScopeId Scopes::opened_by(Node node) const {
  const auto found = opened_.find(node.id());
  return found == opened_.end() ? ScopeId::none : found->second;
}

Binding* Scopes::find(ScopeId scope, Symbol symbol) {
  const auto found = index_.find(key(scope, symbol));
  return found == index_.end() ? nullptr : &bindings_[found->second];
}

Lookup Scopes::look_up(ScopeId from, Symbol symbol) {
  bool crossed = false;  // out of the code that `from` is part of
  for (ScopeId id = from; id != ScopeId::none; id = scope(id).parent) {
    const Scope& here = scope(id);
    const bool visible = here.kind != ScopeKind::type || !crossed;
    if (visible) {
      if (Binding* binding = find(id, symbol); binding != nullptr) {
        if (binding->global) return {ScopeId{0}, find(ScopeId{0}, symbol)};
        if (!binding->nonlocal) return {id, binding};
      }
    }
    crossed = crossed || here.kind != ScopeKind::comprehension;
  }
  return {};
}

std::uint32_t Scopes::hops(ScopeId from, ScopeId to) const {
  std::uint32_t count = 0;
  const ScopeId target = scope(to).owner;
  for (ScopeId id = scope(from).owner; id != target; id = scope(scope(id).parent).owner) {
    ++count;
    if (scope(id).parent == ScopeId::none) break;
  }
  return count;
}

}  // namespace lockwright::frontends::python
