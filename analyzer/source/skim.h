// Comments and statement lines of a text, found without parsing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analyzer/source/language.h"

namespace lockwright::source {

/// Lines `first` to `last`, both included, 1-based as in LineMap.
struct LineSpan {
  std::uint32_t first = 1;
  std::uint32_t last = 1;

  [[nodiscard]] bool contains(std::uint32_t line) const { return first <= line && line <= last; }

  friend bool operator==(const LineSpan&, const LineSpan&) = default;
};

/// One comment, with its marks ("#", "//", "/*" and "*/"). Offsets count bytes of the text.
struct Comment {
  std::size_t begin = 0;
  std::size_t end = 0;
  LineSpan lines;
  bool code_on_line = false;  ///< there is code on its first line, before or after it
};

struct Skim {
  std::vector<Comment> comments;          ///< in order
  std::vector<LineSpan> statements;       ///< in order and disjoint; every line with code is in one of them
  std::vector<std::uint32_t> code_lines;  ///< in order; of a string's lines only the first and the last
};

/// Skims a text: knows its comments from its strings, and which lines belong together because a bracket, a
/// string or a backslash goes on from one to the next. In Python these are its logical lines; in TypeScript
/// and C++ a line that opens a `{` ends one, so that a callback's lines do not become one statement with the
/// call that it is passed to. A bracket that is never closed joins nothing.
///
/// This is not a lexer: it can be fooled by what only a parser could tell (quotes in JSX text, a `#` in a
/// string within an f-string's braces), and then sees a comment too many or too few until the line's end.
[[nodiscard]] Skim skim(std::string_view text, Language language);

}  // namespace lockwright::source
