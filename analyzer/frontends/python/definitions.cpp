// Definitions: what functions and classes declare, and what happens where they are defined.
//
// Declaring comes first, for the whole file: code may call what is defined further down. Where a definition
// stands, default values are evaluated (once, as Python does), a nested function becomes a closure over this
// call's activation, and a class runs its body.
#include "analyzer/frontends/python/annotations.h"
#include "analyzer/frontends/python/lowering.h"

namespace lockwright::frontends::python {
namespace {

/// `...`, perhaps below a docstring: of an overload, a protocol, an abstract class, or for type checkers.
bool is_stub(Node body) {
  std::size_t statements = 0;
  bool dots = false;
  for (const Node each : body.children()) {
    const Node only = each.kind() == Kind::expression_statement_ ? each.first_child() : Node();
    dots = only && only.kind() == Kind::ellipsis_;
    if (!dots && (!only || only.kind() != Kind::string_ || statements > 0)) return false;
    ++statements;
  }
  return dots;
}

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
  }

 private:
  std::string_view keep(std::string_view text) { return unit_.module.terms.intern(text); }

  /// Variables of the code around a definition mean nothing inside of it.
  ir::Term without_context(ir::Term term) {
    ir::TermTable& terms = unit_.module.terms;
    const ir::TermKinds bound =
        ir::kinds_of(ir::TermKind::local, ir::TermKind::self, ir::TermKind::activation, ir::TermKind::frame);
    return terms.rewrite(term, bound, [&](ir::Term part) {
      return (terms.kinds_in(part) & bound) != 0 && terms.operands(part).empty() ? terms.unknown() : part;
    });
  }

  std::vector<ir::Term> decorators(const Scope& scope) {
    std::vector<ir::Term> result;
    if (!scope.decorated) return result;
    Lowering around(unit_, names_, scope.parent);
    for (const Node each : scope.decorated.children()) {
      if (each.kind() != Kind::decorator_ || !each.first_child()) continue;
      result.push_back(without_context(around.described(each.first_child())));
    }
    return result;
  }

  void declare_function(const Scope& scope) {
    ir::Function& function = unit_.module.functions[static_cast<std::size_t>(scope.function)];
    function.is_test = unit_.input.is_test;
    function.is_generator = scope.is_generator;
    if (scope.kind == ScopeKind::module) {
      function.name = "<module>";
      function.qualified_name = keep(scope.qualified_name + ".<module>");
      function.range = unit_.range(0, static_cast<std::uint32_t>(unit_.syntax.text().size()));
      function.name_range = unit_.range(0, 0);
      return;
    }
    function.qualified_name = keep(scope.qualified_name);
    function.range = unit_.range(scope.node);
    const Scope& around = unit_.scopes.scope(scope.parent);
    const ScopeId outer = around.owner;
    if (outer != ScopeId{0} || (scope.needs_frame && scope.kind == ScopeKind::lambda)) {
      function.parent = unit_.scopes.scope(outer).function;
    }
    parameters(scope, function);
    if (scope.kind == ScopeKind::lambda) {
      function.name = "<lambda>";
      function.name_range = unit_.range(scope.node.begin(), scope.node.begin() + 6);
      return;
    }
    function.name = keep(scope.name ? scope.name.text() : std::string_view("?"));
    function.name_range = unit_.range(scope.name ? scope.name : scope.node);
    function.is_async = scope.node.text().starts_with("async");
    function.is_declaration = is_stub(scope.node.child(Field::body_));
    function.has_receiver = scope.receiver == Receiver::instance;
    function.return_type = declared_type(unit_, names_, scope.parent, scope.node.child(Field::return_type_));
    function.decorators = decorators(scope);
    for (const ir::Term each : function.decorators) {
      const std::string_view text = unit_.module.terms.text(each);
      const std::string_view last = text.substr(text.rfind('.') + 1);
      function.is_property = function.is_property || last == "property" || last == "cached_property";
    }
    if (around.kind != ScopeKind::type) return;
    function.owner = keep(around.qualified_name);
    if (scope.qualified_name.size() == around.prefix.size() + function.name.size()) {  // no setter
      const auto [method, added] =
          unit_.module.classes[around.type].methods.try_emplace(function.name, scope.function);
      if (!added && !function.is_declaration) method->second = scope.function;
    }
  }

  /// Parameters, and the slots of those that the body knows by name.
  void parameters(const Scope& scope, ir::Function& function) {
    const Node list = scope.node.child(Field::parameters_);
    if (!list) return;
    using Kinds = ir::Parameter::Kind;
    Kinds kind = Kinds::plain;
    for (const Node each : list.children()) {
      if (each.kind() == Kind::positional_separator_) continue;
      if (each.kind() == Kind::keyword_separator_) {
        kind = Kinds::keyword_only;
        continue;
      }
      Node name = each;
      ir::Parameter made;
      if (each.kind() == Kind::default_parameter_ || each.kind() == Kind::typed_default_parameter_) {
        name = each.child(Field::name_);
        made.default_value = unit_.module.terms.unknown();  // until its definition is lowered
      } else if (each.kind() == Kind::typed_parameter_) {
        name = each.first_child();
      }
      if (!name || each.kind() == Kind::error || each.kind() == Kind::missing) continue;
      made.kind = kind;
      if (name.kind() == Kind::list_splat_pattern_) {
        made.kind = Kinds::rest;
        kind = Kinds::keyword_only;
        name = name.first_child();
      } else if (name.kind() == Kind::dictionary_splat_pattern_) {
        made.kind = Kinds::keyword_rest;
        name = name.first_child();
      }
      made.declared_type = declared_type(unit_, names_, scope.parent, each.child(Field::type_));
      if (name && name.kind() == Kind::identifier_) {
        Binding* bound = unit_.scopes.find(scope.id, name.symbol());
        if (bound != nullptr && bound->receiver && made.kind == Kinds::plain) continue;
        made.name = keep(name.text());
        if (bound != nullptr) bound->local = static_cast<ir::Local>(function.parameters.size());
      }
      function.locals.push_back({made.name, made.declared_type});
      function.parameters.push_back(made);
    }
  }

  void declare_class(const Scope& scope) {
    ir::Class& type = unit_.module.classes[scope.type];
    type.name = keep(scope.name ? scope.name.text() : std::string_view("?"));
    type.qualified_name = keep(scope.qualified_name);
    type.range = unit_.range(scope.node);
    const Node bases = scope.node.child(Field::superclasses_);
    if (!bases) return;
    Lowering around(unit_, names_, scope.parent);
    for (const Node each : bases.children()) {
      if (each.kind() == Kind::keyword_argument_ || each.has_error()) continue;
      // Generic[T] is a Generic.
      const Node base = each.kind() == Kind::subscript_ ? each.child(Field::value_) : each;
      type.bases.push_back(without_context(around.described(base)));
    }
  }

  Unit& unit_;
  Names& names_;
};

}  // namespace

void declare(Unit& unit, Names& names) {
  Declarations(unit, names).run();
}

ir::Term Lowering::described(Node node) {
  const Nesting nesting(*this);
  if (!nesting || !node || node.has_error()) return terms().unknown();
  switch (node.kind()) {
    case Kind::parenthesized_expression_: return described(node.first_child());
    case Kind::identifier_: return names_.read(scope_, node.symbol()).term;
    case Kind::dotted_name_: {
      Meaning meaning;
      for (const Node each : node.children()) {
        meaning = meaning.term == ir::Term::none ? names_.read(scope_, each.symbol())
                                                 : names_.member(meaning, each.text());
      }
      return meaning.term;
    }
    case Kind::call_: {
      std::vector<ir::Term> operands;
      if (const Node list = node.child(Field::arguments_); list && list.kind() == Kind::argument_list_) {
        for (const Node each : list.children()) {
          const bool named = each.kind() == Kind::keyword_argument_ && each.child(Field::name_);
          const ir::Term value = described(named ? each.child(Field::value_) : each);
          operands.push_back(named ? terms().keyword(each.child(Field::name_).text(), value) : value);
        }
      }
      return terms().apply(described(node.child(Field::function_)), operands);
    }
    case Kind::lambda_: {
      const ScopeId opened = unit_.scopes.opened_by(node);
      return opened == ScopeId::none ? terms().unknown() : names_.function_value(scope_, opened);
    }
    default: break;
  }
  if (node.has_effect()) return terms().unknown();
  if (node.kind() == Kind::attribute_) {
    Code none;
    const ir::Term value = evaluate(node, none).term;
    return none.empty() ? value : terms().unknown();
  }
  switch (node.kind()) {
    case Kind::string_:
    case Kind::concatenated_string_:
    case Kind::integer_:
    case Kind::float_:
    case Kind::true_:
    case Kind::false_:
    case Kind::none_: {
      Code none;
      return expression(node, none);
    }
    case Kind::tuple_:
    case Kind::list_: {
      std::vector<ir::Term> elements;
      for (const Node each : node.children()) elements.push_back(described(each));
      return terms().make(global(node.kind() == Kind::tuple_ ? "builtins.tuple" : "builtins.list"), elements);
    }
    default: return terms().unknown();
  }
}

void Lowering::function_definition(Node node, Code& code) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  const Node name = node.child(Field::name_);
  if (opened == ScopeId::none || !name) return;
  defaults(node.child(Field::parameters_), opened, code);
  const ScopeKind around = unit_.scopes.scope(scope_).kind;
  if (around == ScopeKind::module || around == ScopeKind::type) return;
  assign_name(name.symbol(), names_.function_value(scope_, opened), range(node), code);
}

/// Evaluates default values, and keeps those that mean the same everywhere.
void Lowering::defaults(Node parameters, ScopeId opened, Code& code) {
  if (!parameters) return;
  ir::Function& function = unit_.function(opened);
  for (const Node each : parameters.children()) {
    if (each.kind() != Kind::default_parameter_ && each.kind() != Kind::typed_default_parameter_) continue;
    const Node name = each.child(Field::name_);
    const Node written = each.child(Field::value_);
    const std::size_t locals = function_.locals.size();
    const ir::Term value = expression(written, code);
    const bool evaluated = !written || written.has_effect() || function_.locals.size() != locals;
    if (!name || evaluated || !is_context_free(value)) continue;
    const Binding* bound =
        name.kind() == Kind::identifier_ ? unit_.scopes.find(opened, name.symbol()) : nullptr;
    if (bound == nullptr || bound->local == ir::Local::none) continue;
    const auto position = static_cast<std::size_t>(bound->local);
    if (position < function.parameters.size()) function.parameters[position].default_value = value;
  }
}

void Lowering::class_definition(Node node, Code& code) {
  const ScopeId opened = unit_.scopes.opened_by(node);
  if (opened == ScopeId::none) return;
  if (const Node bases = node.child(Field::superclasses_); bases && bases.has_effect()) {
    for (const Node each : bases.children()) {
      const Node value = each.kind() == Kind::keyword_argument_ ? each.child(Field::value_) : each;
      // Generic[T] is a way to write a class.
      if (value && value.kind() != Kind::subscript_) discard(value, code);
    }
  }
  {
    const InScope inside(scope_, opened);
    block(node.child(Field::body_), code);
  }
  const Node name = node.child(Field::name_);
  if (!name) return;
  const ScopeKind around = unit_.scopes.scope(scope_).kind;
  if (around == ScopeKind::module || around == ScopeKind::type) return;
  const Binding* bound = unit_.scopes.find(scope_, name.symbol());
  if (bound != nullptr && is_only_type(*bound)) return;
  assign_name(name.symbol(), global(unit_.scopes.scope(opened).qualified_name), range(node), code);
}

}  // namespace lockwright::frontends::python
