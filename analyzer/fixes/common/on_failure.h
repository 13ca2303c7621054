// LW301: what a language writes around statements so that a lock is given up when one of them fails.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/text.h"

namespace lockwright::fixes {

/// The lines that begin and end blocks. `end` is "" where indentation alone ends them.
struct TryWords {
  std::string_view begin;
  std::string_view finally;
  std::string handler;
  std::string_view end;
};

/// Statements of one block, on lines of their own, that follow an acquire.
struct Following {
  std::size_t begin = 0;  ///< the first line that belongs to them
  std::size_t end = 0;    ///< the end of the last one
  /// Among them, the statement that closes the handle: it is to run whatever those before it do. Empty: none.
  Span close;
};

/// Puts the statements into a try whose handler does `give_up`, lines of it, and passes the error on.
inline void give_up_on_failure(Edits& edits, const Text& text, const Following& statements,
                               std::span<const Span> fixed, const TryWords& words,
                               std::span<const std::string> give_up) {
  const std::string_view indent = text.indent(statements.begin);
  const std::string unit = text.unit(statements.begin);
  const std::size_t close = statements.close.end == 0 ? 0 : text.line_begin(statements.close.begin);
  const bool nested = close > statements.begin;
  const std::vector<std::string> inner_end =
      nested && !words.end.empty() ? std::vector{unit + std::string(words.end)} : std::vector<std::string>();
  std::vector<std::string> head = {std::string(words.begin)};
  if (nested) head.push_back(unit + std::string(words.begin));
  edits.add_lines_before(statements.begin, indent, head);
  std::vector<std::string> tail = {words.handler};
  for (const std::string& line : give_up) tail.push_back(unit + line);
  if (!words.end.empty()) tail.emplace_back(words.end);
  if (!nested) {
    edits.indent_lines(statements.begin, statements.end, unit, fixed);
  } else {
    edits.indent_lines(statements.begin, close, unit + unit, fixed);
    edits.add_lines_before(close, indent, std::vector{unit + std::string(words.finally)});
    edits.indent_lines(close, statements.close.end, unit + unit, fixed);
    if (statements.close.end < statements.end) {
      if (!inner_end.empty()) edits.add_lines_after(statements.close.end, indent, inner_end);
      edits.indent_lines(text.next_line(statements.close.end), statements.end, unit, fixed);
    } else {
      tail.insert(tail.begin(), inner_end.begin(), inner_end.end());
    }
  }
  edits.add_lines_after(statements.end, indent, tail);
}

}  // namespace lockwright::fixes
