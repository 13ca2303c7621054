// Small questions about statements and their words, which those who read a section ask.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {

inline std::vector<Node> statements(Node block) {
  std::vector<Node> result;
  for (const Node child : block.children()) result.push_back(child);
  return result;
}

inline std::string_view content_of(Node string) {
  const Node inner = string.child(Kind::string_content_);
  return string.kind() == Kind::string_ && inner ? inner.text() : std::string_view();
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The call that a statement consists of, be its result assigned or not.
inline Node call_of(Node statement) {
  if (statement.kind() != Kind::expression_statement_ || !statement.first_child()) return {};
  Node inner = statement.first_child();
  if (inner.kind() == Kind::assignment_) inner = inner.child(Field::right_);
  return inner && inner.kind() == Kind::call_ ? inner : Node{};
}

inline bool is_constant(Node node) {
  return node && (node.text() == "True" || node.text() == "False" || node.text() == "None");
}

/// A handler that goes on as if nothing had happened.
inline bool does_nothing(Node handler) {
  const Node block = handler.child(Kind::block_);
  if (!block) return false;
  return std::ranges::all_of(statements(block), [](Node statement) {
    if (statement.kind() == Kind::pass_statement_) return true;
    const Node inner = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
    return inner && (inner.kind() == Kind::string_ ||
                     (inner.kind() == Kind::assignment_ && is_constant(inner.child(Field::right_))));
  });
}

}  // namespace lockwright::fixes::python
