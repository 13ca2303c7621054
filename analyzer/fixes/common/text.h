// A file's text as whoever edits it by lines sees it: where lines begin, how they are indented, how they end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lockwright::fixes {

/// Borrows the text. A byte order mark belongs to no line.
class Text {
 public:
  /// `comment`: what begins a comment that reaches to the end of the line, "#" or "//".
  Text(std::string_view text, std::string_view comment) : text_(text), comment_(comment) {}

  [[nodiscard]] std::string_view all() const { return text_; }
  [[nodiscard]] std::string_view part(std::size_t begin, std::size_t end) const {
    return text_.substr(begin, end - begin);
  }

  /// The offset at which the line of `offset` begins.
  [[nodiscard]] std::size_t line_begin(std::size_t offset) const;
  /// The offset of that line's terminator, or of the text's end.
  [[nodiscard]] std::size_t line_end(std::size_t offset) const;
  /// The offset after that line's terminator.
  [[nodiscard]] std::size_t next_line(std::size_t offset) const;
  /// What the line begins with: spaces and tabs.
  [[nodiscard]] std::string_view indent(std::size_t offset) const;
  /// Nothing but space stands before `offset` on its line.
  [[nodiscard]] bool begins_line(std::size_t offset) const;
  /// Nothing but space and a comment stands after `offset` on its line.
  [[nodiscard]] bool ends_line(std::size_t offset) const;
  /// Nothing but what lies in between stands on the lines from `begin` to `end`, but for a comment.
  [[nodiscard]] bool owns_lines(std::size_t begin, std::size_t end) const {
    return begins_line(begin) && ends_line(end);
  }

  /// How the line of `offset` ends, or, if it is the last one, the line before it, or else "\n".
  [[nodiscard]] std::string newline(std::size_t offset) const;
  /// By what the file indents one level deeper: as it does nearest above `offset`, or else four spaces.
  [[nodiscard]] std::string unit(std::size_t offset) const;

 private:
  [[nodiscard]] std::size_t first() const;  ///< after a byte order mark

  std::string_view text_;
  std::string_view comment_;
};

}  // namespace lockwright::fixes
