// What all repairs of Python ask of a file.
#include "analyzer/fixes/python/code.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockwright::fixes::python {

Code::Code(const source::FileTable& files, source::FileId file)
    : files_(files),
      file_(file),
      text_(files.get(file)->text(), "#"),
      syntax_(frontends::python::parse_syntax(text_.all())) {}

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
    if (node.kind() == Kind::await_ && node.begin() == range.begin && node.end() == range.end) {
      for (const Node child : node.children()) {
        if (child.kind() == Kind::call_) found = child;
      }
    }
    if (node.kind() == Kind::call_ && node.begin() == range.begin && node.end() == range.end) found = node;
  }
  return found;
}

Node Code::function_at(const source::Range& range) const {
  Node found = root();
  for (const Node node : way(range.begin, range.end)) {
    if (node.kind() == Kind::function_definition_) found = node;
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
    if (node.kind() != Kind::identifier_ || node.text() != variable) return;
    const Path here = way(node);
    const Node parent = here.size() > 1 ? here[here.size() - 2] : Node{};
    if (parent.kind() == Kind::attribute_ && node.field() == Field::attribute_) return;
    if (parent.kind() == Kind::keyword_argument_ && node.field() == Field::name_) return;
    result.push_back(node);
  });
  return result;
}

std::vector<Span> Code::fixed_lines(Node node) const {
  std::vector<Span> result;
  each_node(syntax_, node, [&](Node each) {
    if (each.kind() == Kind::string_ && each.text().find_first_of("\r\n") != std::string_view::npos)
      result.push_back({each.begin(), each.end()});
  });
  return result;
}

std::string Code::fresh_name(std::string_view wanted) const {
  std::string name(wanted);
  for (int number = 2; syntax_.symbol(name) != frontends::Symbol::none; ++number) {
    name = fmt::format("{}_{}", wanted, number);
  }
  return name;
}

bool is_block(Node node) {
  return node.kind() == Kind::block_ || node.kind() == Kind::module_;
}

std::string_view callee(Node call) {
  const Node function = call.child(Field::function_);
  return function ? function.text() : std::string_view();
}

std::string_view last_name(std::string_view callee) {
  return callee.substr(callee.rfind('.') + 1);
}

std::vector<Node> arguments(Node call) {
  std::vector<Node> result;
  const Node list = call.child(Field::arguments_);
  if (!list) return result;
  for (const Node child : list.children()) {
    if (child.kind() != Kind::keyword_argument_) result.push_back(child);
  }
  return result;
}

Node keyword(Node call, std::string_view name) {
  const Node list = call.child(Field::arguments_);
  if (!list) return {};
  for (const Node child : list.children()) {
    if (child.kind() != Kind::keyword_argument_) continue;
    const Node key = child.child(Field::name_);
    if (key && key.text() == name) return child.child(Field::value_);
  }
  return {};
}

bool leaves(Node statement) {
  switch (statement.kind()) {
    case Kind::return_statement_:
    case Kind::raise_statement_:
    case Kind::break_statement_:
    case Kind::continue_statement_: return true;
    default: return false;
  }
}

bool all_in(const findings::Repair& repair, source::FileId file) {
  return std::all_of(repair.places.begin(), repair.places.end(),
                     [&](const findings::Place& place) { return place.here().file == file; });
}

}  // namespace lockwright::fixes::python
