// Adding an import where its author would have put it: among the file's own imports, in their order.
#include <fmt/format.h>

#include <array>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {
namespace {

bool is_import(Node node) {
  return node.kind() == Kind::import_statement_ || node.kind() == Kind::import_from_statement_ ||
         node.kind() == Kind::future_import_statement_;
}

bool is_docstring(Node node) {
  return node.kind() == Kind::expression_statement_ && node.first_child() &&
         node.first_child().kind() == Kind::string_;
}

/// The first name that `import a.b as c, d` imports: "a.b".
std::string_view imported(Node statement) {
  const Node first = statement.first_child();
  if (!first) return {};
  if (first.kind() == Kind::aliased_import_) {
    const Node name = first.child(Field::name_);
    return name ? name.text() : std::string_view();
  }
  return first.text();
}

/// Whether some statement of the module itself has `import name`, under its own name.
bool has_import(Node root, std::string_view name) {
  for (const Node statement : root.children()) {
    if (statement.kind() != Kind::import_statement_) continue;
    for (const Node child : statement.children()) {
      if (child.kind() == Kind::dotted_name_ && child.text() == name) return true;
    }
  }
  return false;
}

/// The imports that the module begins with.
std::vector<Node> leading_imports(Node root) {
  std::vector<Node> result;
  for (const Node statement : root.children()) {
    if (is_import(statement)) {
      result.push_back(statement);
    } else if (!result.empty() || !is_docstring(statement)) {
      break;
    }
  }
  return result;
}

/// Whether two imports stand together: a blank line divides the groups.
bool same_group(const Text& text, Node left, Node right) {
  for (std::size_t line = text.next_line(left.end()); line < right.begin(); line = text.next_line(line)) {
    if (text.indent(line).size() == text.line_end(line) - line) return false;
  }
  return true;
}

/// Before the first line that is neither a comment (an interpreter, an encoding, a licence) nor a docstring.
void add_at_top(Edits& edits, Node root, const std::string& line) {
  const Node first = root.first_child();
  if (first && is_docstring(first)) {
    edits.add_lines_after(first.end(), "", std::array<std::string, 2>{"", line});
    return;
  }
  if (first && first.kind() == Kind::future_import_statement_) {
    edits.add_lines_after(first.end(), "", std::array<std::string, 2>{"", line});
    return;
  }
  const std::size_t at = first ? first.begin() : 0;
  edits.add_lines_before(at, "", std::array<std::string, 2>{line, ""});
}

}  // namespace

void Code::import_module(Edits& edits, std::string_view module) const {
  if (has_import(root(), module)) return;
  const std::string line = fmt::format("import {}", module);
  const std::vector<Node> imports = leading_imports(root());
  // The first group with a plain import, in alphabetical order.
  Node before;
  Node after;
  for (std::size_t i = 0; i < imports.size(); ++i) {
    const Node each = imports[i];
    if (each.kind() == Kind::future_import_statement_) continue;
    if (after && !same_group(text_, imports[i - 1], each)) break;
    if (each.kind() != Kind::import_statement_) continue;
    if (!before && imported(each) > module) before = each;
    if (!before) after = each;
  }
  if (before && !after) {
    edits.add_lines_before(before.begin(), "", std::array{line});
  } else if (after) {
    edits.add_lines_after(after.end(), "", std::array{line});
  } else {
    Node first;
    for (const Node each : imports) {
      if (!first && each.kind() != Kind::future_import_statement_) first = each;
    }
    if (first) {
      edits.add_lines_before(first.begin(), "", std::array{line});
    } else {
      add_at_top(edits, root(), line);
    }
  }
}

}  // namespace lockwright::fixes::python
