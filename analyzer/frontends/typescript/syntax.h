// The syntax tree of one file of TypeScript or JavaScript.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/frontends/common/kept_tree.h"
#include "analyzer/frontends/common/syntax.h"
#include "analyzer/frontends/typescript/syntax_kinds.h"

namespace lockwright::frontends::typescript {

/// Nodes that are kept: named ones, operators and telling words; no punctuation, no comments, and no types.
/// An error counts for the statement or class member it stands in: those do not tell it to what is around
/// them. Nor does a function tell what its body does.
struct Grammar {
  using Kind = typescript::Kind;
  using Field = typescript::Field;

  // What the vocabulary does not name is types and decorators.
  static constexpr bool opens_unknown = false;

  static bool is_token(Kind kind) { return kind >= Kind::op_add; }
  static bool keeps_token(Kind token, Field field, Kind parent);
  static bool is_opaque(Kind kind);
  static bool is_name(Kind kind);
  static std::uint32_t own_flags(Kind kind);
  static std::uint32_t passed_on(Kind kind, std::uint32_t flags);
};

using Node = BasicNode<Grammar>;
using Syntax = BasicSyntax<Grammar>;

/// Never fails. `text` must outlive the result; it is at most 4 GiB long. `is_tsx`, `kept`: see Input.
Syntax parse_syntax(std::string_view text, bool is_tsx, KeptTree* kept = nullptr);

/// Functions of every spelling, methods among them.
bool is_function(Kind kind);
bool is_class(Kind kind);
bool is_statement(Kind kind);
/// Statements that contain others, and definitions: an error in their head costs the head.
bool is_compound(Kind kind);
/// Without parentheses, casts and `!`, which say nothing about a value.
Node stripped(Node node);
/// The token of that kind stands among the node's own.
inline bool has_word(Node node, Kind word) {
  return static_cast<bool>(node.child(word));
}

}  // namespace lockwright::frontends::typescript
