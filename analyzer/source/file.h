// One source file in memory.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/source/language.h"
#include "analyzer/source/line_map.h"
#include "analyzer/source/range.h"

namespace lockwright::source {

/// A file's text and what is known about it. Neither moves nor changes, so views into the text stay good for
/// as long as the object lives. All members may be called from several threads at once.
class SourceFile {
 public:
  /// Copies `text`. `path` is borrowed and must outlive the file (the FileTable owns it).
  SourceFile(FileId id, std::string_view path, Language language, std::string_view text);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  [[nodiscard]] FileId id() const { return id_; }
  [[nodiscard]] std::string_view path() const { return path_; }  ///< as displayed
  [[nodiscard]] Language language() const { return language_; }

  /// The bytes exactly as they are on disk, a byte order mark included: a Range's offsets count these.
  [[nodiscard]] std::string_view text() const { return {text_.get(), size_}; }

  /// The text starts with the three bytes of a UTF-8 byte order mark.
  [[nodiscard]] bool had_bom() const;

  /// The text at a range of this file, cut off at the end of the text.
  [[nodiscard]] std::string_view text_at(const Range& range) const;

  /// The lines of the text; computed by the first call.
  [[nodiscard]] const LineMap& lines() const;

 private:
  FileId id_;
  std::string_view path_;
  Language language_;
  std::size_t size_;
  std::unique_ptr<char[]> text_;
  mutable std::once_flag lines_once_;
  mutable std::optional<LineMap> lines_;
};

/// What is wrong with bytes that should be source text.
struct TextProblem {
  bool usable = false;  ///< it can be analysed nevertheless
  std::string message;  ///< continues the path in a note
};

/// Says why bytes cannot be analysed at all: a NUL byte in the first 8 KB tells a binary file. Cheap.
[[nodiscard]] std::optional<TextProblem> check_binary(std::string_view text);

/// Says why JavaScript was written by a program for a program: a minified bundle, by its name or by its
/// lines. Cheap for files of a size that people write.
[[nodiscard]] std::optional<TextProblem> check_minified(std::string_view path, std::string_view text);

/// Finds bytes that are not UTF-8. Where they are some (an old encoding in comments and strings), the text is
/// usable, because everything that matters to syntax is ASCII; where they are more than a third of the text,
/// it is not source. Reads the whole text.
[[nodiscard]] std::optional<TextProblem> check_encoding(std::string_view text);

}  // namespace lockwright::source
