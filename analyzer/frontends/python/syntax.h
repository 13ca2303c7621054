// The syntax tree of one file of Python.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/frontends/common/kept_tree.h"
#include "analyzer/frontends/common/syntax.h"
#include "analyzer/frontends/python/syntax_kinds.h"

namespace lockwright::frontends::python {

/// Nodes that are kept: named ones and operators; no punctuation, no comments, and nothing inside of
/// annotations.
struct Grammar {
  using Kind = python::Kind;
  using Field = python::Field;

  // Hidden wrappers of the grammar that are not in the vocabulary (none is known to matter).
  static constexpr bool opens_unknown = true;

  static bool is_token(Kind kind) { return kind >= Kind::op_add; }
  static bool keeps_token(Kind token, Field field, Kind parent);
  static bool is_opaque(Kind kind);
  static bool is_name(Kind kind) { return kind == Kind::identifier_; }
  static std::uint32_t own_flags(Kind kind);
  static std::uint32_t passed_on(Kind /*kind*/, std::uint32_t flags) { return flags; }
};

using Node = BasicNode<Grammar>;
using Syntax = BasicSyntax<Grammar>;

/// A piece of text that the parser was not shown.
struct Blank {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Never fails. `text` must outlive the result; it is at most 4 GiB long. Each of `blanks` (which begin
/// statements) is one node of the kind error. `kept` is for the text without blanks: see Input.
Syntax parse_syntax(std::string_view text, const std::vector<Blank>& blanks = {}, KeptTree* kept = nullptr);

/// `*a`, `*a.b()`. The grammar lets the star bind closer than what follows, so it may stand far inside, at
/// the left end.
inline bool is_spread(Node node) {
  return node.end() > node.begin() && node.text().front() == '*';
}

/// `(x)` as a target or pattern, which the grammar takes for a tuple: one element and no comma.
bool is_grouping(Node node);

}  // namespace lockwright::frontends::python
