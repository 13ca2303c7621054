// Finding one's way in a syntax tree, whatever its language.
#pragma once

#include <cstdint>
#include <vector>

#include "analyzer/frontends/common/syntax.h"

namespace lockwright::fixes {

template <typename Grammar>
using Way = std::vector<frontends::BasicNode<Grammar>>;

template <typename Grammar>
bool covers(const frontends::BasicNode<Grammar>& node, std::uint32_t begin, std::uint32_t end) {
  return node && node.begin() <= begin && end <= node.end();
}

/// The nodes around a stretch of text, from the root to the smallest that covers it.
template <typename Grammar>
Way<Grammar> way_to(frontends::BasicNode<Grammar> root, std::uint32_t begin, std::uint32_t end) {
  Way<Grammar> way = {root};
  for (bool deeper = true; deeper;) {
    deeper = false;
    for (const auto child : way.back().children()) {
      if (!covers(child, begin, end)) continue;
      way.push_back(child);
      deeper = true;
      break;
    }
  }
  return way;
}

/// The child of `block` that covers the text; none if none does.
template <typename Grammar>
frontends::BasicNode<Grammar> child_at(frontends::BasicNode<Grammar> block, std::uint32_t begin,
                                       std::uint32_t end) {
  for (const auto child : block.children()) {
    if (covers(child, begin, end)) return child;
  }
  return {};
}

/// Calls `visit` with every node below `node`, and with itself, parents first.
template <typename Grammar, typename Visit>
void each_node(const frontends::BasicSyntax<Grammar>& syntax, frontends::BasicNode<Grammar> node,
               Visit visit) {
  for (std::uint32_t id = node.id(); id < node.past(); ++id) visit(syntax.node(id));
}

}  // namespace lockwright::fixes
