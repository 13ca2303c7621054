// Collecting declarations: one walk over namespaces, classes and what stands in them. Bodies of functions are
// passed over. Types are looked up while walking, as the language does: what is used has been declared.
#include "analyzer/frontends/cpp/declarations.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "analyzer/frontends/common/literals.h"

namespace lockwright::frontends::cpp {
namespace {

constexpr int max_depth = 60;

std::string joined(std::string_view scope, std::string_view name) {
  if (scope.empty()) return std::string(name);
  std::string result(scope);
  result += '.';
  result += name;
  return result;
}

class Collector {
 public:
  Collector(const Syntax& syntax, std::string_view prefix, std::vector<const Declarations*> included)
      : syntax_(syntax),
        prefix_(prefix),
        result_(std::make_shared<Declarations>()),
        names_([&] {
          included.insert(included.begin(), result_.get());
          return std::move(included);
        }()),
        types_(names_) {}

  std::shared_ptr<const Declarations> run() {
    for (std::uint32_t id = 0; id < syntax_.size(); ++id) {
      const Kind kind = syntax_.node(id).kind();
      result_->raises |= kind == Kind::throw_statement_ || kind == Kind::try_statement_;
    }
    walk(syntax_.root(), "", 0);
    return result_;
  }

 private:
  void walk(Node parent, const std::string& scope, int depth) {
    if (depth > max_depth) return;
    for (const Node each : parent.children()) one(each, scope, depth);
  }

  void one(Node node, const std::string& scope, int depth) {
    switch (node.kind()) {
      case Kind::preproc_include_: include(node); break;
      case Kind::preproc_def_:
      case Kind::preproc_function_def_: macro(node); break;
      case Kind::preproc_if_:
      case Kind::preproc_ifdef_:
      case Kind::preproc_elif_:
      case Kind::preproc_elifdef_:
      case Kind::preproc_else_:
      case Kind::declaration_list_:
      case Kind::template_declaration_:
      case Kind::error: walk(node, scope, depth + 1); break;
      case Kind::linkage_specification_: {
        const bool before = std::exchange(in_c_, true);
        walk(node, scope, depth + 1);
        in_c_ = before;
        break;
      }
      case Kind::namespace_definition_: space(node, scope, depth); break;
      case Kind::using_declaration_: use(node, scope); break;
      case Kind::alias_declaration_:
      case Kind::type_definition_: alias(node, scope, depth); break;
      case Kind::class_specifier_:
      case Kind::struct_specifier_:
      case Kind::union_specifier_: type(node, scope, depth); break;
      case Kind::enum_specifier_: enumeration(node, scope); break;
      case Kind::declaration_:
      case Kind::field_declaration_:
      case Kind::function_definition_: declaration(node, scope, depth); break;
      default: break;
    }
  }

  void include(Node node) {
    const Node path = node.child(Field::path_);
    const std::string_view text = path ? path.text() : std::string_view();
    if (text.size() > 2) result_->includes.emplace_back(text.substr(1, text.size() - 2));
  }

  void macro(Node node) {
    const Node name = node.child(Field::name_);
    if (!name) return;
    Macro made;
    if (const Node value = node.child(Field::value_)) made.value = value.text();
    if (const Node list = node.child(Field::parameters_)) {
      made.takes_arguments = true;
      for (const Node each : list.children()) made.parameters.emplace_back(each.text());
    }
    result_->macros.insert_or_assign(std::string(name.text()), std::move(made));
  }

  void space(Node node, const std::string& scope, int depth) {
    const Node name = node.child(Field::name_);
    const Node body = node.child(Field::body_);
    std::string inside = scope;
    if (name) {
      for (const std::string_view part : parts_of(name)) {
        inside = joined(inside, part);
        result_->names.try_emplace(inside, Declaration{.kind = Declaration::Kind::space, .name = inside});
      }
    } else {
      // What stands in a namespace without a name is the file's own; its names are seen from around it.
      inside = joined(prefix_, scope.empty() ? "(local)" : joined(scope, "(local)"));
      result_->used_spaces.push_back(inside);
    }
    const bool before = in_local_;
    in_local_ |= !name;
    walk(body, inside, depth + 1);
    in_local_ = before;
  }

  static std::vector<std::string_view> parts_of(Node name) {
    if (name.kind() != Kind::nested_namespace_specifier_) return {name.text()};
    std::vector<std::string_view> result;
    for (const Node each : name.children()) {
      for (const std::string_view part : parts_of(each)) result.push_back(part);
    }
    return result;
  }

  void use(Node node, const std::string& scope) {
    Node named;
    bool of_space = false;
    for (const Node each : node.children()) {
      if (each.kind() == Kind::word_namespace) {
        of_space = true;
      } else {
        named = each;
      }
    }
    if (!named) return;
    const std::string target = dotted(named);
    if (of_space) {
      result_->used_spaces.push_back(target);
      return;
    }
    const Declaration* meant = names_.find(scope, target);
    Declaration made;
    if (meant != nullptr) made = *meant;
    if (meant == nullptr) {
      made.kind = Declaration::Kind::alias;
      made.name = target;
      made.type.name = target;
    }
    result_->names.try_emplace(joined(scope, target.substr(target.rfind('.') + 1)), std::move(made));
  }

  void alias(Node node, const std::string& scope, int depth) {
    const Node written = node.child(Field::type_);
    if (written && is_class(written.kind())) type(written, scope, depth);
    const Node declarator =
        node.kind() == Kind::alias_declaration_ ? node.child(Field::name_) : node.child(Field::declarator_);
    const Node name = name_of(declarator);
    if (!name) return;
    Declaration made{.kind = Declaration::Kind::alias, .name = joined(scope, name.text())};
    const bool descriptor = written.kind() == Kind::type_descriptor_;
    made.type = types_.read(scope, descriptor ? written.child(Field::type_) : written,
                            descriptor ? written.child(Field::declarator_) : declarator);
    if (function_of(declarator)) made.type = {};
    if (made.type.name == made.name) return;
    result_->names.try_emplace(made.name, std::move(made));
  }

  void type(Node node, const std::string& scope, int depth) {
    const Node name = node.child(Field::name_);
    if (!name) return;
    Declaration made{.kind = Declaration::Kind::type, .name = joined(scope, dotted(name))};
    const Node body = node.child(Field::body_);
    const std::string qualified = made.name;
    // `struct stat` names a type that need not be declared here.
    if (!body && node.kind() != Kind::class_specifier_) return;
    if (body) {
      if (const Node clause = node.child(Kind::base_class_clause_)) {
        for (const Node each : clause.children()) {
          if (each.kind() == Kind::access_specifier_) continue;
          const std::string base = dotted(each);
          const Declaration* found = names_.find(scope, base);
          made.bases.push_back(found != nullptr ? names_.resolved({.name = found->name}).name : base);
        }
      }
      made.fields = fields_of(body);
      result_->names.insert_or_assign(qualified, std::move(made));
      walk(body, qualified, depth + 1);
    } else {
      result_->names.try_emplace(qualified, std::move(made));
    }
  }

  static std::vector<std::string> fields_of(Node body) {
    std::vector<std::string> result;
    for (const Node each : body.children()) {
      if (each.kind() != Kind::field_declaration_) continue;
      for (const Node part : each.children()) {
        if (part.field() != Field::declarator_ || function_of(part)) continue;
        if (const Node name = name_of(part)) result.emplace_back(name.text());
      }
    }
    return result;
  }

  void enumeration(Node node, const std::string& scope) {
    const Node name = node.child(Field::name_);
    const std::string type = name ? joined(scope, dotted(name)) : scope;
    if (name) {
      result_->names.try_emplace(
          type, Declaration{.kind = Declaration::Kind::alias, .name = type, .type = {.scalar = true}});
    }
    const Node body = node.child(Field::body_);
    if (!body) return;
    std::optional<std::int64_t> next = 0;
    for (const Node each : body.children()) {
      const Node constant = each.kind() == Kind::enumerator_ ? each.child(Field::name_) : Node{};
      if (!constant) {
        next = std::nullopt;  // a conditional: who knows how many
        continue;
      }
      if (const Node value = each.child(Field::value_)) {
        next = value.kind() == Kind::number_literal_ ? integer_value(value.text()) : std::nullopt;
      }
      for (const std::string& place : {scope, type}) {
        Declaration made{.name = joined(scope, constant.text()), .type = {.scalar = true}};
        made.is_static = true;
        made.value = next;
        result_->names.try_emplace(joined(place, constant.text()), std::move(made));
      }
      if (next) ++*next;
    }
  }

  void declaration(Node node, const std::string& scope, int depth) {
    const Node written = node.child(Field::type_);
    if (written && is_class(written.kind()) && written.child(Field::body_)) type(written, scope, depth);
    if (written && written.kind() == Kind::enum_specifier_) enumeration(written, scope);
    bool is_static = false;
    for (const Node each : node.children()) {
      if (each.kind() == Kind::storage_class_specifier_) is_static |= each.text() == "static";
    }
    for (const Node each : node.children()) {
      if (each.field() == Field::declarator_) declarator(node, written, each, scope, is_static);
    }
  }

  void declarator(Node node, Node written, Node declared, const std::string& scope, bool is_static) {
    if (declared.kind() == Kind::init_declarator_) declared = declared.child(Field::declarator_);
    const Node name = name_of(declared);
    if (!name) return;
    const Node function = function_of(declared);
    const std::string text = dotted(name);
    // Defined outside of its class: the class has declared it.
    if (text.find('.') != std::string::npos && names_.find(scope, text) != nullptr) return;
    const bool member = node.kind() == Kind::field_declaration_ || in_class(scope);
    Declaration made{.kind = function ? Declaration::Kind::function : Declaration::Kind::variable};
    made.is_local = in_local_ || (is_static && !member);
    made.is_static = is_static && member;
    const bool defined = node.kind() == Kind::function_definition_ || !is_extern(node);
    const bool in_file = made.is_local || (!function && !member && defined && scope_is_space(scope));
    made.name = in_file && !in_local_ ? joined(prefix_, joined(scope, text)) : joined(scope, text);
    made.type = types_.read(scope, written, declared);
    if (function) made.defaults = defaults_of(function);
    made.never_raises = in_c_ || (function && function.child(Kind::noexcept_));
    const std::string key = joined(scope, text);
    if (function && made.defaults.empty()) {
      // A definition leaves the default arguments to the header.
      const Declaration* before = names_.find(scope, text);
      if (before != nullptr && before->kind == made.kind) made.defaults = before->defaults;
    }
    const auto known = result_->names.find(key);
    if (known != result_->names.end() && known->second.kind == Declaration::Kind::type) return;
    if (known != result_->names.end() && known->second.kind == made.kind) {
      // What an earlier declaration said of it holds on (static, default arguments).
      if (made.defaults.empty()) made.defaults = known->second.defaults;
      if (known->second.is_static) made.is_static = true;
      if (known->second.is_local) return;
    }
    result_->names.insert_or_assign(key, std::move(made));
  }

  static std::vector<std::string> defaults_of(Node function) {
    std::vector<std::string> result;
    bool any = false;
    if (const Node list = function.child(Field::parameters_)) {
      for (const Node each : list.children()) {
        const Node value = each.child(Field::default_value_);
        result.emplace_back(value ? value.text() : std::string_view());
        any |= static_cast<bool>(value);
      }
    }
    return any ? result : std::vector<std::string>{};
  }

  static bool is_extern(Node node) {
    for (const Node each : node.children()) {
      if (each.kind() == Kind::storage_class_specifier_ && each.text() == "extern") return true;
    }
    return false;
  }
  [[nodiscard]] bool in_class(const std::string& scope) const {
    const auto found = result_->names.find(scope);
    return found != result_->names.end() && found->second.kind == Declaration::Kind::type;
  }
  [[nodiscard]] bool scope_is_space(const std::string& scope) const {
    return scope.empty() || !in_class(scope);
  }

  const Syntax& syntax_;
  std::string prefix_;
  std::shared_ptr<Declarations> result_;
  Names names_;
  Types types_;
  bool in_c_ = false;
  bool in_local_ = false;
};

}  // namespace

Node name_of(Node declarator) {
  for (int depth = 0; depth < max_depth && declarator; ++depth) {
    switch (declarator.kind()) {
      case Kind::identifier_:
      case Kind::field_identifier_:
      case Kind::type_identifier_:
      case Kind::qualified_identifier_:
      case Kind::destructor_name_:
      case Kind::operator_name_:
      case Kind::operator_cast_:
      case Kind::template_function_:
      case Kind::primitive_type_: return declarator;
      default: break;
    }
    Node inner = declarator.child(Field::declarator_);
    if (!inner) {
      for (const Node each : declarator.children()) {
        if (each.kind() != Kind::type_qualifier_ && each.kind() != Kind::other) inner = each;
        if (inner) break;
      }
    }
    declarator = inner;
  }
  return {};
}

Node function_of(Node declarator) {
  for (int depth = 0; depth < max_depth && declarator; ++depth) {
    if (declarator.kind() == Kind::operator_cast_)
      return declarator.child(Kind::abstract_function_declarator_);
    if (declarator.kind() == Kind::function_declarator_) {
      // (*f)(int): a pointer to a function.
      const Node inner = declarator.child(Field::declarator_);
      return inner.kind() == Kind::parenthesized_declarator_ ? Node{} : declarator;
    }
    Node inner = declarator.child(Field::declarator_);
    if (!inner && (declarator.kind() == Kind::reference_declarator_ ||
                   declarator.kind() == Kind::attributed_declarator_)) {
      inner = declarator.first_child();
    }
    declarator = inner;
  }
  return {};
}

std::string dotted(Node name) {
  switch (name.kind()) {
    case Kind::qualified_identifier_: {
      const Node scope = name.child(Field::scope_);
      const Node inner = name.child(Field::name_);
      const std::string last = inner ? dotted(inner) : std::string();
      return scope ? joined(dotted(scope), last) : last;
    }
    case Kind::template_type_:
    case Kind::template_function_:
    case Kind::template_method_: return name.child(Field::name_) ? dotted(name.child(Field::name_)) : "";
    case Kind::dependent_name_: return name.first_child() ? dotted(name.first_child()) : "";
    case Kind::destructor_name_: return "~";
    case Kind::operator_cast_: return "(convert)";
    case Kind::operator_name_: {
      std::string text(name.text());
      std::erase(text, ' ');
      return text;
    }
    default: {
      std::string text(name.text());
      if (text.find("::") == std::string::npos) return text;
      std::string result;
      for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == ':') {
          result += '.';
          ++at;
        } else if (text[at] != ' ') {
          result += text[at];
        }
      }
      return result;
    }
  }
}

const Declaration* Names::exact(const std::string& name) const {
  for (const Declarations* each : all_) {
    const auto found = each->names.find(name);
    if (found != each->names.end() && !(found->second.is_local && each != all_.front()))
      return &found->second;
  }
  return nullptr;
}

const Declaration* Names::find(std::string_view from, std::string_view name) const {
  std::string scope(from);
  for (;;) {
    if (const Declaration* found = exact(joined(scope, name))) return found;
    if (!scope.empty()) {
      if (const Declaration* found = member(scope, name)) return found;
    }
    if (scope.empty()) break;
    const std::size_t dot = scope.rfind('.');
    scope = dot == std::string::npos ? std::string() : scope.substr(0, dot);
  }
  for (const Declarations* each : all_) {
    for (const std::string& space : each->used_spaces) {
      if (const Declaration* found = exact(joined(space, name))) return found;
    }
  }
  // A class's member by the class's name: Class::member, the class being found as above.
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  const Declaration* owner = find(from, name.substr(0, dot));
  if (owner == nullptr) return nullptr;
  const std::string& type = owner->kind == Declaration::Kind::alias ? owner->type.name : owner->name;
  if (type == name.substr(0, dot) && owner->kind == Declaration::Kind::alias) return nullptr;
  if (const Declaration* found = exact(joined(type, name.substr(dot + 1)))) return found;
  return owner->kind == Declaration::Kind::type ? member(type, name.substr(dot + 1)) : nullptr;
}

const Declaration* Names::member(std::string_view type, std::string_view name) const {
  return member(type, name, 0);
}

const Declaration* Names::member(std::string_view type, std::string_view name, int depth) const {
  if (depth > 10) return nullptr;
  const Declaration* owner = exact(std::string(type));
  if (owner == nullptr || owner->kind != Declaration::Kind::type) return nullptr;
  if (const Declaration* found = exact(joined(type, name))) return found;
  for (const std::string& base : owner->bases) {
    if (base == type) continue;
    if (const Declaration* found = member(base, name, depth + 1)) return found;
  }
  return nullptr;
}

Type Names::resolved(Type type) const {
  for (int depth = 0; depth < 10; ++depth) {
    const Declaration* found = exact(type.name);
    if (found == nullptr || found->kind != Declaration::Kind::alias || found->type.name == type.name) break;
    Type meant = found->type;
    meant.pointers += type.pointers;
    meant.reference |= type.reference;
    meant.array |= type.array;
    meant.owner |= type.owner;
    type = std::move(meant);
  }
  return type;
}

const Macro* Names::macro(std::string_view name) const {
  const std::string key(name);
  for (const Declarations* each : all_) {
    const auto found = each->macros.find(key);
    if (found != each->macros.end()) return &found->second;
  }
  return nullptr;
}

bool is_smart_pointer(std::string_view name) {
  constexpr std::array pointers = {"std.unique_ptr",   "std.shared_ptr",   "std.optional",
                                   "boost.shared_ptr", "boost.scoped_ptr", "std.reference_wrapper",
                                   "boost.optional"};
  return std::any_of(pointers.begin(), pointers.end(), [&](const char* each) { return name == each; });
}

Type Types::written_type(std::string_view scope, Node node) const {
  Type result;
  switch (node.kind()) {
    case Kind::primitive_type_:
    case Kind::sized_type_specifier_:
    case Kind::enum_specifier_: result.scalar = true; return result;
    case Kind::auto_:
    case Kind::placeholder_type_specifier_:
    case Kind::decltype_: result.deduced = true; return result;
    case Kind::class_specifier_:
    case Kind::struct_specifier_:
    case Kind::union_specifier_:
      if (!node.child(Field::name_)) return result;
      result.name = dotted(node.child(Field::name_));
      result.elaborated = !node.child(Field::body_);
      break;
    case Kind::type_descriptor_: return read(scope, node.child(Field::type_), node.child(Field::declarator_));
    default: result.name = dotted(node); break;
  }
  if (const Declaration* found = names_.find(scope, result.name)) {
    if (found->kind == Declaration::Kind::alias && found->type.scalar) return found->type;
    if (found->kind == Declaration::Kind::type || found->kind == Declaration::Kind::alias) {
      result.name = found->name;
      return names_.resolved(result);
    }
  }
  Node arguments = node;
  while (arguments.kind() == Kind::qualified_identifier_) arguments = arguments.child(Field::name_);
  if (arguments.kind() != Kind::template_type_ || !is_smart_pointer(result.name)) return result;
  const Node list = arguments.child(Field::arguments_);
  if (!list) return result;
  std::vector<Node> given;
  for (const Node each : list.children()) given.push_back(each);
  if (given.empty()) return result;
  Type pointee = written_type(scope, given[0]);
  pointee.owner = true;
  pointee.pointers = 0;
  if (given.size() > 1) {
    const Node by = given[1].kind() == Kind::type_descriptor_ ? given[1].child(Field::type_) : given[1];
    Node function = by.kind() == Kind::decltype_ ? by.first_child() : Node{};
    if (function && function.kind() == Kind::pointer_expression_) function = function.child(Field::argument_);
    if (function) {
      const std::string name = dotted(function);
      const Declaration* found = names_.find(scope, name);
      pointee.deleter = found != nullptr ? found->name : name;
    } else if (by && by.kind() != Kind::primitive_type_ && given[1].kind() == Kind::type_descriptor_) {
      const std::string name = dotted(by);
      const Declaration* found = names_.find(scope, name);
      pointee.deleter = (found != nullptr ? found->name : name) + ".operator()";
    }
  }
  return pointee;
}

Type Types::read(std::string_view scope, Node written, Node declarator) const {
  Type result = written ? written_type(scope, written) : Type{};
  for (int depth = 0; depth < max_depth && declarator; ++depth) {
    switch (declarator.kind()) {
      case Kind::pointer_declarator_:
      case Kind::abstract_pointer_declarator_:
      case Kind::pointer_type_declarator_: ++result.pointers; break;
      case Kind::reference_declarator_:
      case Kind::abstract_reference_declarator_: result.reference = true; break;
      case Kind::array_declarator_:
      case Kind::abstract_array_declarator_: result.array = true; break;
      default: break;
    }
    Node inner = declarator.child(Field::declarator_);
    if (!inner && declarator.kind() == Kind::reference_declarator_) inner = declarator.first_child();
    declarator = inner;
  }
  return result;
}

std::shared_ptr<const Declarations> declarations_of(const Syntax& syntax, std::string_view prefix,
                                                    std::vector<const Declarations*> included) {
  return Collector(syntax, prefix, std::move(included)).run();
}

}  // namespace lockwright::frontends::cpp
