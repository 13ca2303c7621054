// The syntax tree of one file of C or C++.
#pragma once

#include <cstdint>
#include <string_view>

#include "analyzer/frontends/common/syntax.h"
#include "analyzer/frontends/cpp/syntax_kinds.h"

namespace lockwright::frontends::cpp {

/// Nodes that are kept: named ones and operators; no punctuation and no comments. An error counts for the
/// statement or declaration it stands in: those do not tell it to what is around them.
struct Grammar {
  using Kind = cpp::Kind;
  using Field = cpp::Field;

  static constexpr bool opens_unknown = true;
  /// Deeper is an error: so whoever walks the nodes may recurse.
  static constexpr std::size_t max_depth = 2000;

  static bool is_token(Kind kind) { return kind >= Kind::op_add; }
  static bool keeps_token(Kind token, Field field, Kind parent);
  static bool is_opaque(Kind kind);
  static bool is_name(Kind kind);
  static std::uint32_t own_flags(Kind kind);
  static std::uint32_t passed_on(Kind kind, std::uint32_t flags);
};

using Node = BasicNode<Grammar>;
using Syntax = BasicSyntax<Grammar>;

/// Never fails. `text` must outlive the result; it is at most 4 GiB long. Nodes say what stands in `text`;
/// what is parsed is `shown`, of the same length (shown_text.h).
Syntax parse_syntax(std::string_view text, std::string_view shown);

bool is_class(Kind kind);
bool is_statement(Kind kind);
/// Without parentheses and casts, which say nothing about a value.
Node stripped(Node node);

}  // namespace lockwright::frontends::cpp
