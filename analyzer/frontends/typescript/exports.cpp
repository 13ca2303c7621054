// Exports: under which names others know what a module has.
//
// A definition is known by its name as it is. Other names (export { a as b }, re-exports, a default) become
// aliases, so that whoever links the modules can follow them; an exported value without a name is stored
// under the name it is exported by. CommonJS is read the same way: module.exports is the default export, and
// what is assigned to its properties, or stands in the object that is assigned to it, is exported by name.
#include "analyzer/frontends/typescript/lowering.h"
#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {

void Lowering::export_statement(Node node, Code& code) {
  const bool is_default = has_word(node, Kind::word_default);
  if (const Node declared = node.child(Field::declaration_)) {
    statement(declared, code);
    const Node name = declared.child(Field::name_);
    if (is_default && name) export_as("default", names_.read(scope_, name.symbol()));
    return;
  }
  if (const Node value = node.child(Field::value_)) {
    export_value("default", value, range(node), code);
    return;
  }
  const Node source = node.child(Field::source_);
  if (const Node clause = node.child(Kind::export_clause_)) {
    export_clause(clause, source);
    return;
  }
  if (const Node space = node.child(Kind::namespace_export_); space && source) {
    const Node name = space.first_child();
    if (name) export_as(key_text(name), names_.imports().module(key_text(source)));
    return;
  }
  if (source && has_word(node, Kind::op_mul)) {
    const Meaning module = names_.imports().module(key_text(source));
    unit_.module.star_imports.push_back(terms().text(module.term));
    return;
  }
  if (has_word(node, Kind::op_assign)) {  // export = x
    Node last;
    for (const Node each : node.children()) last = each;
    if (last && last.kind() != Kind::op_assign) export_value("default", last, range(node), code);
  }
}

void Lowering::export_clause(Node clause, Node source) {
  for (const Node each : clause.children()) {
    const Node name = each.kind() == Kind::export_specifier_ ? each.child(Field::name_) : Node{};
    if (!name) continue;
    const Node alias = each.child(Field::alias_);
    const std::string_view shown = key_text(alias ? alias : name);
    if (!source) {
      if (name.kind() == Kind::identifier_) export_as(shown, names_.read(scope_, name.symbol()));
      continue;
    }
    const Meaning module = names_.imports().module(key_text(source));
    const std::string_view taken = key_text(name);
    export_as(shown, taken == "default" ? names_.imports().standard(module)
                                        : names_.imports().member(module, taken));
  }
}

/// `name` of this module is `meaning`.
void Lowering::export_as(std::string_view name, const Meaning& meaning) {
  if (name.empty() || terms().kind(meaning.term) != ir::TermKind::global) return;
  const std::string own = std::string(unit_.input.module_name) + '.' + std::string(name);
  if (terms().text(meaning.term) == own) return;
  unit_.module.aliases.insert_or_assign(terms().intern(name), meaning.term);
}

void Lowering::export_value(std::string_view name, Node value, source::Range range, Code& code) {
  value = stripped(value);
  if (value.kind() == Kind::object_ && name == "default") export_members(value);
  if (const Node source = required_module(value); source && name == "default") {
    // module.exports = require("./lib"): all that it has.
    unit_.module.star_imports.push_back(terms().text(names_.imports().module(key_text(source)).term));
  }
  const Meaning meaning = names_.imports().as_value(evaluate(value, code));
  const ir::Term place = global(std::string(unit_.input.module_name) + '.' + std::string(name));
  const bool is_name = value.kind() == Kind::identifier_ || value.kind() == Kind::member_expression_ ||
                       value.kind() == Kind::class_ || meaning.nature != Nature::value;
  if (is_name && terms().kind(meaning.term) == ir::TermKind::global) {
    export_as(name, meaning);
  } else if (meaning.term != place) {
    store(place, meaning.term, range, code);
  }
}

/// Of `module.exports = { a, b: c }`.
void Lowering::export_members(Node object) {
  for (const Node each : object.children()) {
    if (each.kind() == Kind::shorthand_property_identifier_) {
      export_as(each.text(), names_.read(scope_, each.symbol()));
    } else if (each.kind() == Kind::pair_) {
      const Node value = stripped(each.child(Field::value_));
      const bool is_name = value.kind() == Kind::identifier_ || value.kind() == Kind::member_expression_ ||
                           required_module(value);
      if (is_name && !value.has_error())
        export_as(key_text(each.child(Field::key_)), names_.described(scope_, value));
    } else if (each.kind() == Kind::spread_element_ && each.first_child()) {
      const Meaning all = names_.described(scope_, each.first_child());
      if (all.nature == Nature::module) unit_.module.star_imports.push_back(terms().text(all.term));
    }
  }
}

}  // namespace lockwright::frontends::typescript
