// Definitions: what functions and classes declare, and what happens where a class or an enumeration stands.
//
// Declaring comes first, for the whole file: code may call what is defined further down. A class is evaluated
// where it stands: its static fields and blocks run there, its other fields in its constructor.
#include <map>

#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {
namespace {

class Declarations {
 public:
  Declarations(Unit& unit, Names& names) : unit_(unit), names_(names) {}

  void run() {
    std::size_t functions = 0;
    std::size_t types = 0;
    for (const Scope& each : unit_.scopes.all()) {
      functions += each.owner == each.id ? 1 : 0;
      types += each.kind == ScopeKind::type ? 1 : 0;
    }
    unit_.module.functions.resize(functions);
    unit_.module.classes.resize(types);
    for (const Scope& each : unit_.scopes.all()) {
      if (each.kind == ScopeKind::type) declare_class(each);
      if (each.owner == each.id) declare_function(each);
    }
    for (const Scope& each : unit_.scopes.all()) {
      if (each.prototype_of != Symbol::none) declare_prototype_method(each);
    }
  }

 private:
  std::string_view keep(std::string_view text) { return unit_.module.terms.intern(text); }

  void declare_function(const Scope& scope) {
    ir::Function& function = unit_.function(scope.id);
    function.is_test = unit_.input.is_test;
    if (scope.kind == ScopeKind::module) {
      function.name = "<module>";
      function.qualified_name = keep(scope.qualified_name + ".<module>");
      function.range = unit_.range(0, static_cast<std::uint32_t>(unit_.syntax.text().size()));
      function.name_range = unit_.range(0, 0);
      return;
    }
    function.name = keep(scope.name);
    function.qualified_name = keep(scope.qualified_name);
    function.range = unit_.range(scope.node);
    const bool is_written = is_function(scope.node.kind());
    const Node name = is_written ? scope.node.child(Field::name_) : Node{};
    function.name_range = name ? unit_.range(name) : head(scope.node);
    function.is_async = scope.is_async;
    function.is_generator = scope.is_generator;
    function.starts_at_call = scope.is_async && !scope.is_generator;
    function.is_property = scope.is_getter;
    const Scope& around = unit_.scopes.scope(scope.parent);
    if (around.owner != ScopeId{0}) function.parent = unit_.scopes.scope(around.owner).function;
    // A closure's frame and a receiver have one place between them: see ir::TermKind::closure.
    function.has_receiver = scope.receiver == Receiver::instance ||
                            (scope.kind == ScopeKind::function && scope.receiver == Receiver::none &&
                             scope.uses_this && !scope.needs_frame);
    if (is_written) {
      parameters(scope, function);
      function.return_type =
          declared_type(names_, unit_, scope.parent, scope.node.child(Field::return_type_), scope.is_async);
    } else if (unit_.scopes.scope(scope.parent).node.child(Kind::class_heritage_)) {
      ir::Parameter all;
      all.name = "args";
      all.kind = ir::Parameter::Kind::rest;
      function.locals.push_back({all.name, ir::Term::none});
      function.parameters.push_back(all);
    }
    const bool is_field = around.kind == ScopeKind::type;
    if (!is_field) return;
    function.owner = keep(around.qualified_name);
    if (!scope.is_setter)
      unit_.module.classes[around.type].methods.insert_or_assign(function.name, scope.function);
  }

  void declare_prototype_method(const Scope& scope) {
    const Lookup found = unit_.scopes.look_up(scope.parent, scope.prototype_of);
    if (found.binding == nullptr) return;
    const Binding& bound = *found.binding;
    const bool is_function = is_only_function(bound);
    if (!is_function && !is_only_type(bound)) return;
    const Scope& owner = unit_.scopes.scope(bound.definition);
    if (!is_function && owner.kind != ScopeKind::type) return;
    ir::Class& type = is_function ? class_of(owner) : unit_.module.classes[owner.type];
    ir::Function& method = unit_.function(scope.id);
    method.owner = type.qualified_name;
    type.methods.emplace(method.name, scope.function);
  }

  /// A function that has methods is a class, and its own constructor.
  ir::Class& class_of(const Scope& scope) {
    const auto [known, added] = made_of_functions_.emplace(scope.id, unit_.module.classes.size());
    if (!added) return unit_.module.classes[known->second];
    ir::Class& type = unit_.module.classes.emplace_back();
    ir::Function& constructor = unit_.function(scope.id);
    type.name = constructor.name;
    type.qualified_name = constructor.qualified_name;
    type.range = constructor.range;
    constructor.name = "constructor";
    constructor.qualified_name = keep(scope.qualified_name + ".constructor");
    constructor.owner = type.qualified_name;
    constructor.has_receiver = true;
    type.methods.emplace(constructor.name, scope.function);
    return type;
  }

  /// What names a function that has no name.
  source::Range head(Node node) {
    const std::string_view text = node.text();
    const std::string_view word = text.starts_with("async")      ? "async"
                                  : text.starts_with("function") ? "function"
                                                                 : "";
    const Node list = node.child(Field::parameters_);
    if (!word.empty())
      return unit_.range(node.begin(), node.begin() + static_cast<std::uint32_t>(word.size()));
    const Node first = list ? list : node.child(Field::parameter_);
    return first ? unit_.range(first) : unit_.range(node.begin(), node.begin() + 1);
  }

  void parameters(const Scope& scope, ir::Function& function) {
    const Node list = scope.node.child(Field::parameters_);
    if (!list) {
      if (const Node only = scope.node.child(Field::parameter_)) parameter(scope, only, only, function);
      return;
    }
    for (const Node each : list.children()) {
      const Node pattern = each.child(Field::pattern_);
      if (pattern && pattern.kind() != Kind::this_) parameter(scope, each, pattern, function);
    }
    // The parameters have their slots: now values may ask for others.
    std::size_t position = 0;
    for (const Node each : list.children()) {
      const Node pattern = each.child(Field::pattern_);
      if (!pattern || pattern.kind() == Kind::this_) continue;
      default_value(scope, each.child(Field::value_), function.parameters[position++]);
    }
  }

  /// What is not the same at every call is evaluated in the function, where nothing was given.
  void default_value(const Scope& scope, Node value, ir::Parameter& parameter) {
    if (!value) return;
    ir::TermTable& terms = unit_.module.terms;
    parameter.default_value = Lowering(unit_, names_, scope.id).constant(value);
    if (terms.kind(parameter.default_value) == ir::TermKind::unknown) parameter.default_value = terms.null();
  }

  void parameter(const Scope& scope, Node node, Node pattern, ir::Function& function) {
    ir::Parameter made;
    ir::TermTable& terms = unit_.module.terms;
    if (pattern.kind() == Kind::rest_pattern_) {
      made.kind = ir::Parameter::Kind::rest;
      pattern = pattern.first_child();
    }
    if (node.kind() != Kind::identifier_) {
      made.declared_type = declared_type(names_, unit_, scope.parent, node.child(Field::type_));
      if (node.kind() == Kind::optional_parameter_) made.default_value = terms.null();
    }
    if (pattern && pattern.kind() == Kind::identifier_) {
      made.name = keep(pattern.text());
      Binding* bound = unit_.scopes.find(scope.id, pattern.symbol());
      if (bound != nullptr) bound->local = static_cast<ir::Local>(function.parameters.size());
    }
    function.locals.push_back({made.name, made.declared_type});
    function.parameters.push_back(made);
  }

  void declare_class(const Scope& scope) {
    ir::Class& type = unit_.module.classes[scope.type];
    type.name = keep(scope.name);
    type.qualified_name = keep(scope.qualified_name);
    type.range = unit_.range(scope.node);
    const Node heritage = scope.node.child(Kind::class_heritage_);
    const Node clause = heritage ? heritage.child(Kind::extends_clause_) : Node{};
    const Node base = clause ? clause.child(Field::value_) : Node{};
    if (!base || base.has_error()) return;
    type.bases.push_back(names_.imports().as_value(names_.described(scope.parent, base)).term);
  }

  Unit& unit_;
  Names& names_;
  std::map<ScopeId, std::size_t> made_of_functions_;  ///< index into Module::classes
};

}  // namespace

void declare(Unit& unit, Names& names) {
  Declarations(unit, names).run();
}

void Lowering::class_definition(Node node, Code& code) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  const Node body = node.child(Field::body_);
  if (opened == ScopeId::none || !body) return;
  if (const Node heritage = node.child(Kind::class_heritage_); heritage && heritage.has_effect()) {
    if (const Node clause = heritage.child(Kind::extends_clause_)) discard(clause.child(Field::value_), code);
  }
  const Scope& scope = unit_.scopes.scope(opened);
  ir::Class& type = unit_.module.classes[scope.type];
  {
    const InScope inside(scope_, opened);
    for (const Node each : body.children()) {
      if (each.kind() == Kind::error || each.kind() == Kind::missing || each.has_error()) {
        const Node inner = each.kind() == Kind::method_definition_ ? each.child(Field::body_) : Node{};
        hole(inner ? unit_.range(each.begin(), inner.begin()) : range(each), code);
      }
      if (each.kind() == Kind::class_static_block_) {
        const InScope in_block(scope_, unit_.scopes.opened_by(each));
        block(each.child(Field::body_), code);
      }
      if (each.kind() != Kind::public_field_definition_) continue;
      declare_field(each, type);
      const Node value = each.child(Field::value_);
      const std::string_view name = key_text(each.child(Field::name_));
      const bool is_static = has_word(each, Kind::word_static) && !has_word(each, Kind::word_declare);
      if (!is_static || !value || name.empty()) continue;
      const ir::Term place = global(scope.prefix + std::string(name));
      const ir::Term term = expression(value, code);
      if (term != place) store(place, term, range(each), code);
    }
  }
  const Node name = node.kind() == Kind::class_ ? Node{} : node.child(Field::name_);
  const Binding* bound = name ? unit_.scopes.find(scope_, name.symbol()) : nullptr;
  if (bound == nullptr || is_only_type(*bound)) return;
  assign_name(name.symbol(), global(scope.qualified_name), range(name), code);
}

void Lowering::declare_field(Node member, ir::Class& type) {
  const std::string_view name = key_text(member.child(Field::name_));
  if (name.empty()) return;
  const Node value = member.child(Field::value_);
  if (value && is_function(stripped(value).kind())) return;
  ir::FieldDeclaration& field = type.fields[terms().intern(name)];
  field.declared_type = declared_type(names_, unit_, scope_, member.child(Field::type_));
  if (value) field.value = constant(value);
}

void Lowering::enumeration(Node node, Code& code) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  const Node body = node.child(Field::body_);
  if (opened == ScopeId::none || !body) return;
  const std::string prefix = unit_.scopes.scope(opened).prefix;
  std::int64_t next = 0;
  bool counts = true;
  for (const Node each : body.children()) {
    const bool given = each.kind() == Kind::enum_assignment_;
    const std::string_view name = key_text(given ? each.child(Field::name_) : each);
    if (name.empty()) continue;
    ir::Term value = counts ? terms().integer(next) : terms().unknown();
    if (given) value = expression(each.child(Field::value_), code);
    counts = terms().kind(value) == ir::TermKind::integer;
    if (counts) next = terms().number(value) + 1;
    store(global(prefix + std::string(name)), value, range(each), code);
  }
}

}  // namespace lockwright::frontends::typescript
