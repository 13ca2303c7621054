// Adding the library's import where its author would have put it: behind the packages, before the file's own
// modules, as an import or as a require.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

constexpr std::string_view library = "@lockwright/runtime";

/// `const fs = require("fs")`: what is required; "" otherwise.
std::string_view required(Node statement) {
  if (statement.kind() != Kind::lexical_declaration_ && statement.kind() != Kind::variable_declaration_)
    return "";
  const Node declarator = statement.child(Kind::variable_declarator_);
  const Node value = declarator ? declarator.child(Field::value_) : Node{};
  if (!value) return "";
  const std::string_view text = value.text();
  if (!text.starts_with("require(") || text.size() < 11) return "";
  return text.substr(9, text.find_first_of("'\"`", 9) - 9);
}

/// What an import statement imports from; "" otherwise.
std::string_view imported(Node statement) {
  const Node source = statement.kind() == Kind::import_statement_ ? statement.child(Field::source_) : Node{};
  return source && source.text().size() > 2 ? source.text().substr(1, source.text().size() - 2)
                                            : std::string_view();
}

}  // namespace

bool Code::imports_package(std::string_view package) const {
  bool found = false;
  for (const Node statement : root().children())
    found |= imported(statement) == package || required(statement) == package;
  return found;
}

bool Code::imports_library(std::string_view name) const {
  bool found = false;
  for (const Node statement : root().children()) {
    if (imported(statement) == library || required(statement) == library)
      found |= statement.text().find(name) != std::string_view::npos;
  }
  return found;
}

void Code::forget_import(Edits& edits, Node use) const {
  Node specifier;
  Node list;
  std::size_t others = 0;
  for (const Node name : names(root(), use.text())) {
    const Path around = way(name);
    const auto own =
        std::ranges::find_if(around, [](Node each) { return each.kind() == Kind::import_specifier_; });
    if (own != around.end() && !specifier) {
      specifier = *own;
      list = *(own - 1);
    } else if (name != use) {
      ++others;
    }
  }
  if (others > 0 || !specifier || specifier.text() != use.text()) return;
  const std::vector<Node> all = statements(list);
  const auto at = std::ranges::find(all, specifier);
  // A whole import may be there for what the module does when it is loaded.
  if (all.size() == 1) return;
  if (at + 1 != all.end()) {
    edits.replace(specifier.begin(), (at + 1)->begin(), "");
  } else {
    edits.replace((at - 1)->end(), specifier.end(), "");
  }
}

bool Code::import_library(Edits& edits, std::vector<std::string> names) const {
  std::sort(names.begin(), names.end());
  Node package;  // the last import of a package or of Node
  Node own;      // the first of the file's own modules
  bool requires_modules = false;
  bool imports_modules = false;
  char quotes = quote();
  for (const Node statement : root().children()) {
    const std::string_view by_import = imported(statement);
    const std::string_view by_require = required(statement);
    const std::string_view module = by_import.empty() ? by_require : by_import;
    if (module.empty()) continue;
    if (module == library) {
      Node last;
      std::string missing;
      each_node(syntax_, statement, [&](Node node) {
        if (node.kind() == Kind::import_specifier_ ||
            node.kind() == Kind::shorthand_property_identifier_pattern_)
          last = node;
      });
      for (const std::string& name : names) {
        if (!imports_library(name)) missing += ", " + name;
      }
      if (!last) return false;
      if (!missing.empty()) edits.insert(last.end(), missing);
      return true;
    }
    imports_modules |= !by_import.empty();
    if (!by_require.empty()) {
      requires_modules = true;
      const std::size_t at = statement.text().find("require(");
      if (!imports_modules) quotes = statement.text()[at + 8];
    }
    if (module.starts_with('.')) {
      if (!own) own = statement;
    } else if (!own) {
      package = statement;
    }
  }
  if (!imports_modules && !requires_modules) return false;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  const std::string line =
      imports_modules
          ? fmt::format("import {{ {} }} from {}{}{}{}", list, quotes, library, quotes, semicolon())
          : fmt::format("const {{ {} }} = require({}{}{}){}", list, quotes, library, quotes, semicolon());
  if (package) {
    edits.add_lines_after(package.end(), "", std::array{line});
  } else {
    edits.add_lines_before(own.begin(), "", std::array{line});
  }
  return true;
}

}  // namespace lockwright::fixes::typescript
