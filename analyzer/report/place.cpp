// The only file of the reports that asks the FileTable: everything else works on what is said here.
#include "analyzer/report/place.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyzer/report/display.h"

namespace lockwright::report {
namespace {

constexpr std::size_t longest_name = 40;

bool in_name(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '$' || byte == '~' || byte == '#' || byte >= 0x80;
}

}  // namespace

Place place_of(const source::Range& range, const source::FileTable& files) {
  const source::SourceFile* const file = files.get(range.file);
  if (file == nullptr) return {files.path(range.file), {}, {}};
  const source::LineMap& lines = file->lines();
  return {files.path(range.file), lines.position(range.begin),
          lines.position(std::max(range.begin, range.end))};
}

std::string_view text_of(const source::Range& range, const source::FileTable& files) {
  const source::SourceFile* const file = files.get(range.file);
  return file == nullptr ? std::string_view() : file->text_at(range);
}

std::string callee_name(const source::Range& call, const source::FileTable& files) {
  const std::string_view text = text_of(call, files);
  std::string_view callee = text.substr(0, text.find_first_of("(\r\n"));
  while (!callee.empty() && !in_name(callee.back())) callee.remove_suffix(1);
  std::size_t begin = callee.size();
  while (begin > 0 && in_name(callee[begin - 1])) --begin;
  callee.remove_prefix(begin);
  if (callee.empty()) callee = text.substr(0, text.find_first_of("\r\n"));
  return clipped_right(callee, longest_name);
}

std::string line_reference(const Place& place) {
  return fmt::format("{}:{}", printable(place.path), place.begin.line);
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace lockwright::report
