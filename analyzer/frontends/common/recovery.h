// What becomes of text that did not parse, in all tree-sitter frontends alike.
#pragma once

#include <cstdint>
#include <optional>

namespace lockwright::frontends {

/// Where the head of a compound statement or clause ends, if it did not parse: before the first of its parts
/// (`is_part` says of a kind whether it is one), or with the whole.
template <typename Node>
std::optional<std::uint32_t> end_of_broken_head(Node compound, bool (*is_part)(typename Node::Kind)) {
  bool broken = false;
  std::uint32_t end = compound.end();
  bool in_head = true;
  for (const Node each : compound.children()) {
    if (is_part(each.kind())) {
      if (in_head) end = each.begin();
      in_head = false;
    } else if (each.has_error()) {
      broken = true;
    }
  }
  if (!broken) return std::nullopt;
  return end > compound.begin() ? end : compound.end();
}

}  // namespace lockwright::frontends
