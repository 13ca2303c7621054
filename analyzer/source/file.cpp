// Source text is bytes: offsets count them, and nothing is re-encoded, so that what is reported can be found
// in the file. Text that is not quite UTF-8 is therefore no obstacle, only worth a word.
#include "analyzer/source/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "analyzer/source/utf8.h"

namespace lockwright::source {
namespace {

constexpr std::size_t kBinaryCheckBytes = 8192;
constexpr std::size_t kLargeBytes = 50'000;
constexpr std::size_t kMinifiedLineBytes = 1'000;  // on average

}  // namespace

SourceFile::SourceFile(FileId id, std::string_view path, Language language, std::string_view text)
    : id_(id),
      path_(path),
      language_(language),
      size_(text.size()),
      text_(std::make_unique_for_overwrite<char[]>(text.size())) {
  if (!text.empty()) std::memcpy(text_.get(), text.data(), text.size());
}

bool SourceFile::had_bom() const {
  return text().starts_with(kByteOrderMark);
}

std::string_view SourceFile::text_at(const Range& range) const {
  const std::size_t begin = std::min<std::size_t>(range.begin, size_);
  const std::size_t end = std::min<std::size_t>(std::max(range.begin, range.end), size_);
  return text().substr(begin, end - begin);
}

const LineMap& SourceFile::lines() const {
  std::call_once(lines_once_, [this] { lines_.emplace(text()); });
  return *lines_;
}

std::optional<TextProblem> check_binary(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return TextProblem{false, "is UTF-16 text, not UTF-8: skipped"};
  }
  if (text.substr(0, kBinaryCheckBytes).find('\0') == std::string_view::npos) return std::nullopt;
  return TextProblem{false, "is binary (a NUL byte in its first 8 KB): skipped"};
}

std::optional<TextProblem> check_minified(std::string_view path, std::string_view text) {
  const auto minified = [](std::string_view name) {
    return name.ends_with(".min.js") || name.ends_with(".min.mjs") || name.ends_with(".min.cjs");
  };
  if (minified(path)) return TextProblem{false, "is minified, by its name: skipped"};
  if (text.size() < kLargeBytes) return std::nullopt;
  // Most texts have lines enough long before their end.
  const std::size_t enough = text.size() / kMinifiedLineBytes + 1;
  std::size_t lines = 1;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (++lines >= enough) return std::nullopt;
  }
  return TextProblem{false, fmt::format("is minified ({} bytes a line): skipped", text.size() / lines)};
}

std::optional<TextProblem> check_encoding(std::string_view text) {
  const Utf8Faults faults = find_utf8_faults(text);
  if (faults.bytes == 0) return std::nullopt;
  if (faults.bytes > text.size() / 3) return TextProblem{false, "is no text in UTF-8 or the like: skipped"};
  const std::uint32_t line = LineMap(text).line_of(faults.first);
  return TextProblem{true, fmt::format("is not valid UTF-8 (first in line {}): analysed as bytes", line)};
}

}  // namespace lockwright::source
