// Putting together the edits of one fix.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/fix.h"
#include "analyzer/fixes/common/text.h"
#include "analyzer/source/range.h"

namespace lockwright::fixes {

/// A stretch of text of the file at hand.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Collects edits of one file. Lines are given without indentation and terminator; they get those of the
/// place. Borrows the text.
class Edits {
 public:
  Edits(source::FileId file, const Text& text) : file_(file), text_(text) {}

  void replace(std::size_t begin, std::size_t end, std::string text);
  void insert(std::size_t at, std::string text) { replace(at, at, std::move(text)); }

  /// After the line on which `offset` stands.
  void add_lines_after(std::size_t offset, std::string_view indent, std::span<const std::string> lines);
  /// Before the line on which `offset` stands.
  void add_lines_before(std::size_t offset, std::string_view indent, std::span<const std::string> lines);
  /// All lines from the one of `begin` to the one of `end`, terminators included.
  void remove_lines(std::size_t begin, std::size_t end);
  /// Indents these lines by `unit`, but for blank ones and for those that begin inside of one of `fixed`
  /// (strings of several lines).
  void indent_lines(std::size_t begin, std::size_t end, std::string_view unit, std::span<const Span> fixed);

  /// Sorted. Nothing if they overlap, or if there are none.
  [[nodiscard]] std::optional<std::vector<findings::Edit>> take();

 private:
  source::FileId file_;
  const Text& text_;
  std::vector<findings::Edit> edits_;
};

/// The move to the lock library that these edits make. Nothing if they overlap, or if there are none.
[[nodiscard]] std::vector<findings::Fix> library_move(Edits& edits, std::string title);

/// `text` with the edits, which are sorted and do not overlap, carried out.
[[nodiscard]] std::string edited(std::string_view text, std::span<const findings::Edit> edits);

/// Whether some edit of one touches what an edit of the other replaces, in the same file.
[[nodiscard]] bool overlap(std::span<const findings::Edit> left, std::span<const findings::Edit> right);

}  // namespace lockwright::fixes
