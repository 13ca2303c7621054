// One file: its declarations, then its functions one after the other.
//
// All functions are declared before one is lowered: a vector that grew would move those that are being
// written. How many there can be is known: definitions, lambdas, and a destructor a class.
#include "analyzer/frontends/cpp/frontend.h"

#include <algorithm>

#include "analyzer/frontends/cpp/bodies.h"
#include "analyzer/frontends/cpp/lowering.h"
#include "analyzer/frontends/cpp/shown_text.h"
#include "analyzer/ir/builder.h"

namespace lockwright::frontends::cpp {
namespace {

constexpr int max_depth = 60;
constexpr std::size_t hidden_lambdas = 256;

std::string joined(std::string_view scope, std::string_view name) {
  return scope.empty() ? std::string(name) : std::string(scope) + "." + std::string(name);
}

class File {
 public:
  explicit File(Unit& unit) : unit_(unit) {}

  void run() {
    std::size_t functions = 1;
    for (std::uint32_t id = 0; id < unit_.syntax.size(); ++id) {
      const Kind kind = unit_.syntax.node(id).kind();
      if (kind == Kind::function_definition_ || kind == Kind::lambda_expression_ || is_class(kind))
        ++functions;
    }
    // Macros may hide lambdas, which only somebody else sees.
    if (unit_.input.bodies != nullptr) functions += hidden_lambdas;
    unit_.module.functions.reserve(functions);
    ir::Function& module = unit_.module.functions.emplace_back();
    module.name = "<module>";
    module.qualified_name = keep(unit_.module.name + ".<module>");
    module.range = unit_.range(0, static_cast<std::uint32_t>(unit_.syntax.text().size()));
    module.name_range = unit_.range(0, 0);
    module.is_test = unit_.input.is_test;
    walk(unit_.syntax.root(), "", 0);
    for (const auto& [index, type] : destructors_) {
      const Definition made{.scope = type, .owner = type, .index = index};
      Lowering(unit_, made).run_destructor(type);
    }
    for (const Definition& each : definitions_) lower(each);
    field_values();
    const Definition whole{.node = unit_.syntax.root(), .index = ir::FunctionIndex{0}};
    Lowering(unit_, whole).run_module(variables_);
    for (const ir::Function& each : unit_.module.functions) {
      // A function that has not been lowered would be lost in silence.
      if (each.cfg.blocks.empty()) unit_.module.holes.push_back({each.name_range});
    }
  }

 private:
  std::string_view keep(std::string_view text) { return unit_.module.terms.intern(text); }

  void lower(const Definition& definition) {
    const Node body = definition.node.child(Field::body_);
    if (unit_.input.bodies != nullptr && body &&
        unit_.input.bodies->lower(unit_, definition.index, definition.owner, body.begin())) {
      return;
    }
    const std::size_t first_lambda = unit_.module.functions.size();
    Lowering(unit_, definition).run();
    unit_.module.functions[static_cast<std::size_t>(definition.index)].without_types = true;
    for (std::size_t each = first_lambda; each < unit_.module.functions.size(); ++each)
      unit_.module.functions[each].without_types = true;
  }

  void walk(Node parent, const std::string& scope, int depth) {
    if (depth > max_depth) return;
    for (const Node each : parent.children()) one(each, scope, depth);
  }

  void one(Node node, const std::string& scope, int depth) {
    switch (node.kind()) {
      case Kind::error:
      case Kind::missing: unit_.module.holes.push_back({unit_.range(node.begin(), node.end())}); break;
      default: break;
    }
    switch (node.kind()) {
      case Kind::preproc_if_:
      case Kind::preproc_ifdef_:
      case Kind::preproc_elif_:
      case Kind::preproc_elifdef_:
      case Kind::preproc_else_:
      case Kind::declaration_list_:
      case Kind::template_declaration_:
      case Kind::linkage_specification_:
      case Kind::friend_declaration_:
      case Kind::error: walk(node, scope, depth + 1); break;
      case Kind::namespace_definition_: {
        const Node name = node.child(Field::name_);
        const Node body = node.child(Field::body_);
        std::string inside = scope;
        if (!name) {
          inside = joined(unit_.module.name, scope.empty() ? "(local)" : joined(scope, "(local)"));
        } else {
          std::string text;
          for (const char c : std::string(name.text())) {
            if (c == ':' && text.ends_with('.')) continue;
            if (c != ' ') text += c == ':' ? '.' : c;
          }
          inside = joined(scope, text);
        }
        if (body) walk(body, inside, depth + 1);
        break;
      }
      case Kind::class_specifier_:
      case Kind::struct_specifier_:
      case Kind::union_specifier_: type(node, scope, depth); break;
      case Kind::type_definition_:
      case Kind::field_declaration_:
      case Kind::declaration_: {
        const Node written = node.child(Field::type_);
        if (written && is_class(written.kind()) && written.child(Field::body_)) type(written, scope, depth);
        if (node.has_error() && node.kind() == Kind::declaration_)
          unit_.module.holes.push_back({unit_.range(node.begin(), node.end())});
        else if (node.kind() == Kind::declaration_)
          variables_.emplace_back(node, scope);
        break;
      }
      case Kind::function_definition_: function(node, scope, depth); break;
      default: break;
    }
  }

  void type(Node node, const std::string& scope, int depth) {
    const Node name = node.child(Field::name_);
    const Node body = node.child(Field::body_);
    if (!body) return;
    const std::string qualified = name ? joined(scope, dotted(name)) : scope;
    if (name) {
      const Declaration* declared = unit_.names.find("", qualified);
      ir::Class made;
      made.name = keep(dotted(name));
      made.qualified_name = keep(qualified);
      made.range = unit_.range(node.begin(), node.end());
      if (declared != nullptr) {
        for (const std::string& base : declared->bases) made.bases.push_back(unit_.module.terms.global(base));
        for (const std::string& field : declared->fields) {
          const Declaration* member = unit_.names.member(qualified, field);
          if (member == nullptr) continue;
          made.fields[keep(field)] = {.declared_type = unit_.class_of(member->type)};
        }
      }
      types_.emplace_back(node, qualified, unit_.module.classes.size());
      unit_.module.classes.push_back(std::move(made));
    }
    walk(body, qualified, depth + 1);
    if (!name || unit_.input.is_c) return;
    ir::Class& made = unit_.module.classes[class_of(qualified)];
    const Declaration* written = unit_.names.find("", joined(qualified, destructor_name));
    const bool declared = written != nullptr && !defaulted_.contains(qualified);
    if (declared || made.methods.contains(destructor_name) || !unit_.ends({.name = qualified})) return;
    const auto index = static_cast<ir::FunctionIndex>(unit_.module.functions.size());
    ir::Function& end = unit_.module.functions.emplace_back();
    end.name = keep(destructor_name);
    end.qualified_name = keep(joined(qualified, destructor_name));
    end.owner = made.qualified_name;
    end.range = made.range;
    end.name_range = unit_.range(name.begin(), name.end());
    end.has_receiver = true;
    end.by_arity = true;
    end.is_test = unit_.input.is_test;
    made.methods.emplace(end.name, index);
    destructors_.emplace_back(index, qualified);
  }

  std::size_t class_of(const std::string& qualified) {
    for (std::size_t i = unit_.module.classes.size(); i-- > 0;) {
      if (unit_.module.classes[i].qualified_name == qualified) return i;
    }
    return 0;
  }

  void function(Node node, const std::string& scope, int depth) {
    const Node declared = node.child(Field::declarator_);
    const Node declarator = function_of(declared);
    const Node name = name_of(declared);
    if (node.child(Kind::default_method_clause_) || node.child(Kind::delete_method_clause_)) {
      if (name && name.kind() == Kind::destructor_name_) defaulted_.insert(scope);
      return;
    }
    const Node body = node.child(Field::body_);
    if (!declarator || !name || !body) {
      // Taken for a function: a class behind a macro, say. What stands in it is looked at all the same.
      if (const Node written = node.child(Field::type_);
          written && is_class(written.kind()) && written.child(Field::body_)) {
        type(written, scope, depth);
      } else if (body) {
        unit_.module.holes.push_back({unit_.range(node.begin(), node.begin() + 1)});
        walk(body, scope, depth + 1);
      }
      return;
    }
    std::string text = dotted(name);
    Definition made{.node = node, .scope = scope};
    const Declaration* known = unit_.names.find(scope, text);
    std::string qualified = joined(scope, text);
    const std::size_t dot = text.rfind('.');
    if (dot != std::string::npos) {
      // A method out of line: its class, unless that is a namespace.
      const std::string written = text.substr(0, dot);
      const Declaration* owner = unit_.names.find(scope, written);
      const bool of_space = owner != nullptr && owner->kind == Declaration::Kind::space;
      std::string full = owner != nullptr ? owner->name : joined(scope, written);
      if (owner != nullptr && owner->kind == Declaration::Kind::alias) full = owner->type.name;
      qualified = full + "." + text.substr(dot + 1);
      made.scope = full;
      if (!of_space) made.owner = full;
      text = text.substr(dot + 1);
    } else if (const Declaration* type = scope.empty() ? nullptr : unit_.names.find("", scope);
               type != nullptr && type->kind == Declaration::Kind::type) {
      made.owner = scope;
    }
    if (!made.owner.empty()) {
      const std::string last = made.owner.substr(made.owner.rfind('.') + 1);
      if (text == last && !node.child(Field::type_)) text = constructor_name;
      qualified = joined(made.owner, text);
    } else if (known != nullptr && known->kind == Declaration::Kind::function && known->is_local) {
      qualified = known->name;
    }
    made.index = static_cast<ir::FunctionIndex>(unit_.module.functions.size());
    ir::Function& function = unit_.module.functions.emplace_back();
    function.name = keep(text);
    function.qualified_name = keep(qualified);
    function.owner = keep(made.owner);
    function.range = unit_.range(node.begin(), node.end());
    function.name_range = unit_.range(name.begin(), name.end());
    function.is_test = unit_.input.is_test;
    function.by_arity = !unit_.input.is_c;
    const Declaration* member = unit_.names.find("", qualified);
    function.has_receiver =
        !made.owner.empty() && !is_static(node) && (member == nullptr || !member->is_static);
    function.return_type = unit_.class_of(unit_.types.read(made.scope, node.child(Field::type_), declared));
    parameters(declarator, made.scope, function);
    if (member == nullptr) member = known;
    if (text == constructor_name && !made.owner.empty())
      member = unit_.names.find("", made.owner + "." + made.owner.substr(made.owner.rfind('.') + 1));
    if (member != nullptr && member->defaults.size() == function.parameters.size()) {
      for (std::size_t i = 0; i < member->defaults.size(); ++i) {
        ir::Parameter& parameter = function.parameters[i];
        if (member->defaults[i].empty() || parameter.default_value != ir::Term::none) continue;
        const Definition here{.node = node, .scope = made.scope, .index = ir::FunctionIndex{0}};
        parameter.default_value = Lowering(unit_, here).constant(member->defaults[i]);
      }
    }
    if (!made.owner.empty()) {
      for (ir::Class& type : unit_.module.classes) {
        if (type.qualified_name == made.owner) type.methods.insert_or_assign(function.name, made.index);
      }
    }
    definitions_.push_back(std::move(made));
  }

  static bool is_static(Node node) {
    for (const Node each : node.children()) {
      if (each.kind() == Kind::storage_class_specifier_ && each.text() == "static") return true;
    }
    return false;
  }

  void parameters(Node declarator, const std::string& scope, ir::Function& function) {
    const Node list = declarator.child(Field::parameters_);
    if (!list) return;
    for (const Node each : list.children()) {
      const Node written = each.child(Field::type_);
      const Node declared = each.child(Field::declarator_);
      if (!written && each.kind() != Kind::identifier_) continue;
      const Type type = unit_.types.read(scope, written, declared);
      // f(void)
      if (!declared && written && written.text() == "void") continue;
      ir::Parameter made;
      if (const Node name = name_of(declared)) made.name = keep(name.text());
      // As C was written once: names, and their types further down.
      const bool only_name =
          unit_.input.is_c && !declared && written && written.kind() == Kind::type_identifier_;
      if (only_name) made.name = keep(written.text());
      if (each.kind() == Kind::variadic_parameter_declaration_) made.kind = ir::Parameter::Kind::rest;
      if (!only_name) made.declared_type = unit_.class_of(type);
      if (const Node value = each.child(Field::default_value_)) {
        const Definition here{.node = each, .scope = scope, .index = ir::FunctionIndex{0}};
        made.default_value = Lowering(unit_, here).constant(value);
      }
      function.locals.push_back({made.name, made.declared_type});
      function.parameters.push_back(made);
    }
  }

  /// int fd = -1; in a class.
  void field_values() {
    for (const auto& [node, qualified, index] : types_) {
      for (const Node each : node.child(Field::body_).children()) {
        if (each.kind() != Kind::field_declaration_) continue;
        Node value = each.child(Field::default_value_);
        const Node name = name_of(each.child(Field::declarator_));
        if (!value || !name) continue;
        if (value.kind() == Kind::initializer_list_) value = value.first_child();
        if (!value) continue;
        const Definition here{.node = each, .scope = qualified, .index = ir::FunctionIndex{0}};
        const ir::Term given = Lowering(unit_, here).constant(value);
        auto& fields = unit_.module.classes[index].fields;
        const auto field = fields.find(name.text());
        if (field != fields.end() && unit_.module.terms.definite(given)) field->second.value = given;
      }
    }
  }

  struct TypePlace {
    Node node;
    std::string qualified;
    std::size_t index;
    TypePlace(Node at, std::string name, std::size_t number)
        : node(at), qualified(std::move(name)), index(number) {}
  };

  Unit& unit_;
  std::vector<Definition> definitions_;
  std::vector<std::pair<ir::FunctionIndex, std::string>> destructors_;
  std::vector<std::pair<Node, std::string>> variables_;
  std::vector<TypePlace> types_;
  std::set<std::string> defaulted_;
};

std::vector<const Declarations*> with_own(const Declarations* own,
                                          const std::vector<const Declarations*>& included) {
  std::vector<const Declarations*> result{own};
  result.insert(result.end(), included.begin(), included.end());
  return result;
}

}  // namespace

std::shared_ptr<const Declarations> declare(const Input& input) {
  const std::string shown = shown_text(input.text);
  const Syntax syntax = parse_syntax(input.text, shown);
  std::vector<const Declarations*> included = input.included;
  std::erase(included, nullptr);
  return declarations_of(syntax, input.module_name, std::move(included));
}

ir::Module parse(const Input& input) {
  ir::Module module;
  module.name = input.module_name;
  module.file = input.file;
  const std::string shown = shown_text(input.text);
  const Syntax syntax = parse_syntax(input.text, shown);
  std::vector<const Declarations*> included = input.included;
  std::erase(included, nullptr);
  const std::shared_ptr<const Declarations> own = declarations_of(syntax, input.module_name, included);
  const Names names(with_own(own.get(), included));
  const Types types(names);
  Unit unit{.input = input, .syntax = syntax, .names = names, .types = types, .module = module};
  unit.raises = own->raises;
  for (const Declarations* each : included) unit.raises |= each->raises;
  unit.complete = input.complete;
  File(unit).run();
  return module;
}

}  // namespace lockwright::frontends::cpp
