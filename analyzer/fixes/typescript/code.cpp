// What all repairs of TypeScript ask of a file.
#include "analyzer/fixes/typescript/code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lockwright::fixes::typescript {
namespace {

bool is_tsx(std::string_view path) {
  return path.ends_with("x") || path.ends_with(".js") || path.ends_with(".mjs") || path.ends_with(".cjs");
}

}  // namespace

Code::Code(const source::FileTable& files, source::FileId file)
    : files_(files),
      file_(file),
      text_(files.get(file)->text(), "//"),
      syntax_(frontends::typescript::parse_syntax(text_.all(), is_tsx(files.path(file)))) {}

Path Code::way(Node node) const {
  Path way = {root()};
  while (way.back().id() != node.id()) {
    Node next;
    for (const Node child : way.back().children()) {
      if (child.id() <= node.id() && node.id() < child.past()) next = child;
    }
    if (!next) break;
    way.push_back(next);
  }
  return way;
}

Node Code::call_at(const source::Range& range) const {
  Node found;
  for (const Node node : way(range.begin, range.end)) {
    const bool here = node.begin() == range.begin && node.end() == range.end;
    if (here && node.kind() == Kind::await_expression_ && node.child(Kind::call_expression_))
      found = node.child(Kind::call_expression_);
    if (here && node.kind() == Kind::call_expression_) found = node;
  }
  return found;
}

Node Code::function_at(const source::Range& range) const {
  Node found = root();
  for (const Node node : way(range.begin, range.end)) {
    if (frontends::typescript::is_function(node.kind())) found = node;
  }
  return found;
}

Node Code::common_block(const source::Range& left, const source::Range& right) const {
  Node found = root();
  for (const Node node : way(std::min(left.begin, right.begin), std::max(left.end, right.end))) {
    if (is_block(node)) found = node;
  }
  return found;
}

std::vector<Node> Code::names(Node scope, std::string_view variable) const {
  std::vector<Node> result;
  each_node(syntax_, scope, [&](Node node) {
    const bool name = node.kind() == Kind::identifier_ ||
                      node.kind() == Kind::shorthand_property_identifier_ ||
                      node.kind() == Kind::shorthand_property_identifier_pattern_;
    if (name && node.text() == variable) result.push_back(node);
  });
  return result;
}

std::vector<Span> Code::fixed_lines(Node node) const {
  std::vector<Span> result;
  each_node(syntax_, node, [&](Node each) {
    const bool string = each.kind() == Kind::string_ || each.kind() == Kind::template_string_;
    if (string && each.text().find_first_of("\r\n") != std::string_view::npos)
      result.push_back({each.begin(), each.end()});
  });
  return result;
}

std::string Code::fresh_name(std::string_view wanted) const {
  std::string name(wanted);
  for (int number = 2; syntax_.symbol(name) != frontends::Symbol::none; ++number) {
    name = fmt::format("{}{}", wanted, number);
  }
  return name;
}

std::string_view Code::semicolon() const {
  std::size_t with = 0;
  std::size_t without = 0;
  each_node(syntax_, root(), [&](Node node) {
    if (node.kind() == Kind::expression_statement_ || node.kind() == Kind::lexical_declaration_)
      ++(node.text().ends_with(';') ? with : without);
  });
  return with >= without ? ";" : "";
}

char Code::quote() const {
  for (const Node statement : root().children()) {
    const Node source =
        statement.kind() == Kind::import_statement_ ? statement.child(Field::source_) : Node{};
    if (source && !source.text().empty()) return source.text().front();
  }
  return '"';
}

bool Code::import_beside(Edits& edits, std::string_view neighbour, std::string_view name) const {
  for (const Node statement : root().children()) {
    if (statement.kind() != Kind::import_statement_) continue;
    bool beside = false;
    bool there = false;
    Node last;
    each_node(syntax_, statement, [&](Node node) {
      if (node.kind() != Kind::import_specifier_) return;
      beside |= node.text() == neighbour;
      there |= node.text() == name;
      last = node;
    });
    if (!beside) continue;
    if (!there) edits.insert(last.end(), fmt::format(", {}", name));
    return true;
  }
  return false;
}

bool Code::import_from(Edits& edits, std::string_view module, std::string_view name) const {
  Node last;
  for (const Node statement : root().children()) {
    if (statement.kind() != Kind::import_statement_) continue;
    last = statement;
    const Node source = statement.child(Field::source_);
    if (!source || source.text().find(module) != 1) continue;
    bool there = false;
    each_node(syntax_, statement,
              [&](Node node) { there |= node.kind() == Kind::import_specifier_ && node.text() == name; });
    if (there) return true;
  }
  if (!last) return false;
  const std::string line =
      fmt::format("import {{ {} }} from {}{}{}{}", name, quote(), module, quote(), semicolon());
  edits.add_lines_after(last.end(), "", std::array{line});
  return true;
}

bool is_block(Node node) {
  return node.kind() == Kind::statement_block_ || node.kind() == Kind::program_;
}

std::vector<Node> statements(Node block) {
  std::vector<Node> result;
  for (const Node child : block.children()) result.push_back(child);
  return result;
}

std::string_view callee(Node call) {
  const Node function = call.child(Field::function_);
  return function ? function.text() : std::string_view();
}

std::string_view last_name(std::string_view callee) {
  return callee.substr(callee.rfind('.') + 1);
}

std::vector<Node> arguments(Node call) {
  const Node list = call.child(Field::arguments_);
  return list ? statements(list) : std::vector<Node>();
}

bool leaves(Node statement) {
  switch (statement.kind()) {
    case Kind::return_statement_:
    case Kind::throw_statement_:
    case Kind::break_statement_:
    case Kind::continue_statement_: return true;
    case Kind::statement_block_: {
      const std::vector<Node> inner = statements(statement);
      return !inner.empty() && leaves(inner.back());
    }
    default: return false;
  }
}

bool declares_for(const Code& code, const std::vector<Node>& all, std::size_t first, std::size_t last,
                  Node user) {
  if (!user) return false;
  bool found = false;
  for (std::size_t i = first; i < last; ++i) {
    const Kind kind = all[i].kind();
    if (kind != Kind::lexical_declaration_ && kind != Kind::function_declaration_ &&
        kind != Kind::class_declaration_) {
      continue;
    }
    // Names in the initializers count as well: better refused once too often.
    each_node(code.syntax(), all[i], [&](Node node) {
      const bool name =
          node.kind() == Kind::identifier_ || node.kind() == Kind::shorthand_property_identifier_pattern_;
      const bool bound = name && (node.field() == Field::name_ || node.kind() != Kind::identifier_ ||
                                  node.field() == Field::value_ || node.field() == Field::none);
      if (!bound || found) return;
      const Path way = code.way(node);
      const bool pattern = std::any_of(way.begin(), way.end(), [&](Node around) {
        return around.begin() >= all[i].begin() && around.field() == Field::name_;
      });
      if (pattern) found = !code.names(user, node.text()).empty();
    });
  }
  return found;
}

bool all_in(const findings::Repair& repair, source::FileId file) {
  return std::all_of(repair.places.begin(), repair.places.end(),
                     [&](const findings::Place& place) { return place.here().file == file; });
}

std::size_t next_content(const Text& text, std::size_t end, std::size_t limit) {
  std::size_t line = text.next_line(end);
  while (line < limit && text.indent(line).size() == text.line_end(line) - line) line = text.next_line(line);
  return line;
}

}  // namespace lockwright::fixes::typescript
