// The shapes of source text that several parts of the frontend recognise.
#pragma once

#include <string_view>

#include "analyzer/frontends/typescript/syntax.h"

namespace lockwright::frontends::typescript {

/// "NAME" in exports.NAME and module.exports.NAME, "default" for module.exports; "" for all else.
std::string_view exported_name(Node left);

/// The text of a property's name: of an identifier, of a string without escapes, of [Symbol.dispose] (as
/// "Symbol.dispose"); "" for those that are computed.
std::string_view key_text(Node key);

/// The string in import("…"); none for all else.
Node imported_module(Node call);
/// The string in require("…") and await import("…"), which both are a module; none for all else.
Node required_module(Node value);

/// Calls `each(identifier)` for the names that a pattern of a declaration binds.
template <typename Each>
void for_each_bound_name(Node pattern, const Each& each, int depth = 0) {
  constexpr int max_depth = 100;
  if (!pattern || depth > max_depth) return;
  switch (pattern.kind()) {
    case Kind::identifier_:
    case Kind::shorthand_property_identifier_pattern_: each(pattern); return;
    case Kind::pair_pattern_: for_each_bound_name(pattern.child(Field::value_), each, depth + 1); return;
    case Kind::assignment_pattern_:
    case Kind::object_assignment_pattern_:
      for_each_bound_name(pattern.child(Field::left_), each, depth + 1);
      return;
    case Kind::parenthesized_expression_:
    case Kind::non_null_expression_:
    case Kind::object_pattern_:
    case Kind::array_pattern_:
    case Kind::rest_pattern_:
      for (const Node part : pattern.children()) for_each_bound_name(part, each, depth + 1);
      return;
    default: return;  // a property or an element, of what is bound elsewhere
  }
}

}  // namespace lockwright::frontends::typescript
