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
#include <string>
#include <vector>

#include "analyzer/frontends/typescript/patterns.h"
#include "analyzer/frontends/typescript/scopes.h"

namespace lockwright::frontends::typescript {
namespace {

constexpr std::size_t longest_prefix = 2000;
constexpr std::uint32_t max_depth = 1000;

bool is_null(Node value) {
  return value.kind() == Kind::null_ || value.kind() == Kind::undefined_;
}

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

/// a.b.c of names alone.
Node root_of_chain(Node node) {
  while (node.kind() == Kind::member_expression_) node = stripped(node.child(Field::object_));
  return node.kind() == Kind::identifier_ ? node : Node{};
}

bool is_instance_field(Node member) {
  return member.kind() == Kind::public_field_definition_ && !has_word(member, Kind::word_static) &&
         !has_word(member, Kind::word_declare) && !has_word(member, Kind::word_abstract);
}

}  // namespace

class ScopeBuilder {
 public:
  ScopeBuilder(const Syntax& syntax, Scopes& scopes) : syntax_(syntax), scopes_(scopes) {}

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
  struct Write {
    ScopeId scope;
    Symbol symbol;
    Node value;  ///< none: something else than one expression
  };
  struct FunctionUse {
    ScopeId user;
    ScopeId function;
  };
  /// Where the name of a function, class or object comes from.
  struct Hint {
    std::string name;
    bool exported = false;           ///< it is a name of the module, whatever is around it
    ScopeId binder = ScopeId::none;  ///< a variable of this scope …
    Symbol symbol = Symbol::none;    ///< … is declared with it
    bool in_class = false;           ///< a field of a class
  };

  Scope& at(ScopeId id) { return scopes_.scopes_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] ScopeId current() const { return active_.back().scope; }

  /// Notes what `node` binds, uses or opens; says at which node to go on.
  std::uint32_t visit(Node node) {
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

  // ---- opening

  ScopeId open(ScopeKind kind, ScopeId parent, Node node) {
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
      scope.may_capture = at(parent).may_capture || (around != ScopeKind::module &&
                                                     around != ScopeKind::type && around != ScopeKind::space);
      scope.prefix = at(parent).prefix;
      scope.depth = at(parent).depth + 1;
    }
    scopes_.scopes_.push_back(std::move(scope));
    scopes_.names_.emplace_back();
    return id;
  }

  void push(ScopeId scope, Node node) {
    scopes_.opened_.emplace(node.id(), scope);
    active_.push_back({node.past(), scope});
  }

  [[nodiscard]] bool too_deep() { return at(current()).depth > max_depth; }

  std::uint32_t open_block(Node node) {
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

  /// The namespace in `namespace a.b {}` is a.b.
  std::uint32_t open_namespace(Node node) {
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

  const std::string& prefix(ScopeId scope) { return at(scope).prefix; }

  /// A name that no other definition of the file has.
  std::string unique(std::string qualified, Node node) {
    if (used_.emplace(qualified, 1).second) return qualified;
    qualified += '@' + std::to_string(syntax_.line(node.begin()));
    for (int number = used_[qualified]++; number > 0; number = used_[qualified]++) {
      qualified += ':' + std::to_string(number + 1);
    }
    return qualified;
  }

  /// `last` may be a path in an object: "api.lock"; it is shown by its last part.
  void name(ScopeId id, std::string_view last, const std::string& before) {
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

  Hint* hint(Node node) {
    const auto found = hints_.find(node.id());
    return found == hints_.end() ? nullptr : &found->second;
  }

  std::uint32_t open_function(Node node) {
    if (too_deep()) return node.past();
    const ScopeId parent = current();
    ScopeId id = scopes_.opened_by(node);  // constructors are opened with their class
    if (id == ScopeId::none) {
      id = open(node.kind() == Kind::arrow_function_ ? ScopeKind::arrow : ScopeKind::function, parent, node);
      name_function(id, node);
    }
    at(id).is_async = has_word(node, Kind::word_async);
    at(id).is_generator = node.kind() == Kind::generator_function_ ||
                          node.kind() == Kind::generator_function_declaration_ ||
                          has_word(node, Kind::op_mul);
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

  void bind_parameter(ScopeId function, Node pattern) {
    for_each_bound_name(pattern, [&](Node each) { bind(function, each.symbol()).parameter = true; });
  }

  void name_function(ScopeId id, Node node) {
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
      name(id, given->name, given->exported ? prefix(ScopeId{0}) : prefix(parent));
      if (given->binder != ScopeId::none) define(given->binder, given->symbol, id);
    } else if (own && own.kind() == Kind::identifier_) {
      name(id, own.text(), prefix(parent));
    } else {
      name(id, anonymous(node.kind() == Kind::arrow_function_ ? "arrow" : "function", node), prefix(parent));
    }
  }

  std::string anonymous(std::string_view what, Node node) {
    return '<' + std::string(what) + '@' + std::to_string(syntax_.line(node.begin())) + '>';
  }

  void name_method(ScopeId id, Node node) {
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
    }
    const std::string shown = last;
    if (at(id).is_setter) last += ".set";
    name(id, last, given != nullptr && given->exported ? prefix(ScopeId{0}) : prefix(parent));
    if (at(id).is_setter) at(id).name = shown;
  }

  std::uint32_t open_class(Node node) {
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

  /// A class with initial values has a constructor, written or not.
  void open_constructor(ScopeId type, Node body) {
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

  void open_field(Node node) {
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

  // ---- hints

  void enter_object(Node node) {
    const auto given = hints_.find(node.id());
    if (given == hints_.end()) return;
    const Hint object = given->second;
    for (const Node each : node.children()) {
      const bool is_pair = each.kind() == Kind::pair_;
      if (!is_pair && each.kind() != Kind::method_definition_) continue;
      const std::string_view key = key_text(each.child(is_pair ? Field::key_ : Field::name_));
      const Node named = is_pair ? stripped(each.child(Field::value_)) : each;
      if (!key.empty() && is_named_by_hint(named.kind()))
        hints_.emplace(named.id(), member_hint(object, key));
    }
  }

  static Hint member_hint(const Hint& object, std::string_view key) {
    Hint made;
    made.exported = object.exported;
    made.name = object.name.empty() ? std::string(key) : object.name + '.' + std::string(key);
    return made;
  }

  static bool is_named_by_hint(Kind kind) {
    return is_function(kind) || is_class(kind) || kind == Kind::object_;
  }

  void hint_member(Node key, Node value) {
    value = stripped(value);
    if (!value || (!is_function(value.kind()) && !is_class(value.kind()))) return;
    Hint made;
    made.name = key_text(key);
    if (!made.name.empty()) hints_.emplace(value.id(), std::move(made));
  }

  void hint_default(Node statement) {
    const Node value = stripped(statement.child(Field::value_));
    if (!value || !is_named_by_hint(value.kind())) return;
    Hint made;
    made.name = "default";
    made.exported = true;
    hints_.emplace(value.id(), std::move(made));
  }

  // ---- binding

  Binding& bind(ScopeId scope, Symbol symbol) {
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

  Binding& declare(ScopeId scope, Symbol symbol) {
    Binding& bound = bind(scope, symbol);
    bound.declared = true;
    return bound;
  }

  void define(ScopeId scope, Symbol symbol, ScopeId function) {
    Binding& bound = bind(scope, symbol);
    if (bound.functions < 2) ++bound.functions;
    bound.definition = function;
  }

  void define_type(ScopeId scope, Symbol symbol, ScopeId type) {
    Binding& bound = bind(scope, symbol);
    if (bound.types < 2) ++bound.types;
    bound.definition = type;
  }

  /// Where `var` puts its names.
  ScopeId variable_scope() {
    ScopeId id = current();
    while (at(id).kind == ScopeKind::block) id = at(id).parent;
    return id;
  }

  void declare_variables(Node statement) {
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
      } else if (value && !hint_variable(home, target, value) && !is_null(value)) {
        declare(home, target.symbol()).assigned = true;
      }
    }
  }

  /// `const f = () => {}` is a definition.
  bool hint_variable(ScopeId home, Node target, Node value) {
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

  void assign(Node node) {
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
      }
      if (made.exported || !made.name.empty()) hints_.emplace(value.id(), std::move(made));
    }
    write(left, right);
  }

  void write(Node target, Node value) {
    if (!target) return;
    const bool whole = stripped(target).kind() == Kind::identifier_;
    for_each_bound_name(target, [&](Node name) {
      writes_.push_back({current(), name.symbol(), whole ? value : Node{}});
      use(current(), name.symbol());
    });
  }

  void bind_type_name(Node node) {
    const Node own = node.child(Field::name_);
    if (own) bind(current(), own.symbol()).type_only = true;
  }

  void bind_enum(Node node) {
    const Node own = node.child(Field::name_);
    if (!own) return;
    const ScopeId id = open(ScopeKind::space, current(), node);
    name(id, own.text(), prefix(current()));
    scopes_.opened_.emplace(node.id(), id);
    define_type(current(), own.symbol(), id);
  }

  // ---- imports

  void add_import(ScopeId scope, Symbol symbol, ImportedName made) {
    made.symbol = symbol;
    made.scope = scope;
    Binding& bound = bind(scope, symbol);
    if (bound.import == Binding::no_import)
      bound.import = static_cast<std::uint32_t>(scopes_.imports_.size());
    scopes_.imports_.push_back(made);
  }

  void bind_imports(Node statement) {
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

  void bind_specifier(Node item, Node source) {
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

  /// import a = b.c;
  void bind_import_alias(Node node) {
    Node own;
    Node value;
    for (const Node each : node.children()) (own ? value : own) = each;
    if (own && value) add_import(current(), own.symbol(), {ImportedName::Form::alias, {}, value, {}});
  }

  /// `const fs = require("fs")`, `const { open } = fs.promises`: names of modules and of what they have.
  bool bind_modules(ScopeId home, Node target, Node value, bool is_const) {
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

  /// The chain begins at a module, or at what a module is called: whatever it means, it stays.
  bool is_module_chain(Node chain, ScopeId home) {
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

  // ---- captures

  void use(ScopeId scope, Symbol symbol) {
    if (!at(scope).may_capture) return;
    if (uses_.empty() || !(uses_.back() == Use{scope, symbol})) uses_.push_back({scope, symbol});
  }

  void use_this(ScopeId scope) {
    const ScopeId home = scopes_.this_scope(scope);
    if (home == ScopeId{0} || at(home).kind == ScopeKind::type) return;
    at(home).uses_this = true;
    if (at(home).receiver == Receiver::type || at(scope).owner == home) return;
    at(home).captures_this = true;
    this_uses_.push_back({at(scope).owner, home});
  }

  void resolve() {
    for (const Write& each : writes_) {
      const Lookup found = scopes_.look_up(each.scope, each.symbol);
      if (found.binding == nullptr) continue;
      const Node source = each.value ? required_module(each.value) : Node{};
      if (source && !found.binding->assigned) {
        ImportedName made;
        made.form = ImportedName::Form::required;
        made.source = source;
        made.value = stripped(each.value);
        add_import(found.scope, each.symbol, made);
      } else if (!each.value || !is_null(each.value) || found.binding->functions > 0 ||
                 found.binding->types > 0) {
        found.binding->assigned = true;
      }
    }
    for (const Use& each : uses_) resolve(each);
    for (const FunctionUse& each : this_uses_) reach(each.user, each.function);
    bool changed = true;
    while (changed) {
      changed = false;
      for (const FunctionUse& each : function_uses_) {
        if (at(each.function).needs_frame) changed |= reach(each.user, at(at(each.function).parent).owner);
      }
    }
  }

  void resolve(const Use& use) {
    const Lookup found = scopes_.look_up(use.scope, use.symbol);
    if (found.binding == nullptr) return;
    const Scope& binder = at(found.scope);
    const ScopeId user = at(use.scope).owner;
    const bool is_variable_scope = binder.kind == ScopeKind::function || binder.kind == ScopeKind::arrow ||
                                   binder.kind == ScopeKind::block;
    if (!is_variable_scope || binder.owner == user) return;
    Binding& binding = *found.binding;
    if (is_only_type(binding) || is_only_import(binding)) return;
    if (is_only_function(binding)) {
      function_uses_.push_back({user, binding.definition});
      return;
    }
    binding.captured = true;
    if (binder.owner != ScopeId{0}) reach(user, binder.owner);
  }

  /// `user` needs the activation of `binder`, a function around it.
  bool reach(ScopeId user, ScopeId binder) {
    bool changed = false;
    for (ScopeId each = user; each != binder && each != ScopeId{0}; each = at(at(each).parent).owner) {
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
  std::vector<Use> uses_;
  std::vector<Write> writes_;
  std::vector<FunctionUse> function_uses_;
  std::vector<FunctionUse> this_uses_;
  std::unordered_map<std::uint32_t, Hint> hints_;  // by the node they are about
  std::unordered_map<std::uint64_t, std::uint32_t> twins_;
  std::unordered_map<std::string, int> used_;  // qualified names
  std::uint32_t body_ = 0;                     // the block that is the last opened function's own
  std::uint32_t functions_ = 0;
  std::uint32_t types_ = 0;
};

Scopes Scopes::build(const Syntax& syntax, std::string_view module_name) {
  Scopes scopes;
  ScopeBuilder(syntax, scopes).run(module_name);
  return scopes;
}

}  // namespace lockwright::frontends::typescript
