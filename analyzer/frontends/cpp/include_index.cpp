// See include_index.h.
#include "analyzer/frontends/cpp/include_index.h"

#include <algorithm>
#include <array>

#include "analyzer/frontends/common/shared_directory.h"

namespace lockwright::frontends::cpp {
namespace {

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

std::string_view ending_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(dot);
}

bool is_source(std::string_view path) {
  constexpr std::array endings = {".c", ".cc", ".cpp", ".cxx"};
  const std::string_view ending = ending_of(path);
  return std::any_of(endings.begin(), endings.end(), [&](const char* each) { return ending == each; });
}

/// "a/../b" as "b".
std::string normal(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != "." && !part.empty()) {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string result;
  for (const std::string_view part : parts) {
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

}  // namespace

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> result;
  for (std::size_t at = text.find("include"); at != std::string_view::npos;
       at = text.find("include", at + 7)) {
    std::size_t before = at;
    while (before > 0 && (text[before - 1] == ' ' || text[before - 1] == '\t')) --before;
    if (before == 0 || text[before - 1] != '#') continue;
    const std::size_t open = text.find_first_not_of(" \t", at + 7);
    if (open == std::string_view::npos || (text[open] != '"' && text[open] != '<')) continue;
    const std::size_t close = text.find_first_of("\">\n", open + 1);
    if (close == std::string_view::npos || text[close] == '\n') continue;
    result.push_back({text.substr(open + 1, close - open - 1), text[open] == '"'});
  }
  return result;
}

std::string_view stem_of(std::string_view path) {
  const std::string_view name = file_name(path);
  return name.substr(0, name.rfind('.'));
}

IncludeIndex::IncludeIndex(const std::vector<std::string_view>& paths) {
  const std::size_t common = shared_directory(paths).size();
  names_.reserve(paths.size());
  for (const std::string_view path : paths) {
    names_.emplace_back(path.substr(common));
    has_cpp_ |= is_source(path) && ending_of(path) != ".c";
    has_cpp_ |= ending_of(path).size() > 2 && ending_of(path).starts_with(".h");
  }
  for (std::size_t file = 0; file < names_.size(); ++file) {
    by_name_.emplace(names_[file], file);
    by_file_name_[file_name(names_[file])].push_back(file);
    if (is_source(names_[file])) sources_by_stem_[stem_of(names_[file])].push_back(file);
  }
}

bool is_test_path(std::string_view path) {
  const std::string_view stem = stem_of(path);
  if (stem.ends_with("_test") || stem.ends_with("_unittest") || stem.starts_with("test_") ||
      stem.ends_with("_tests") || stem.ends_with("Test")) {
    return true;
  }
  const std::string with_root = "/" + std::string(path);
  constexpr std::array folders = {"/test/", "/tests/", "/unittest/", "/unittests/", "/testing/"};
  return std::any_of(folders.begin(), folders.end(),
                     [&](const char* each) { return with_root.find(each) != std::string::npos; });
}

bool IncludeIndex::is_c(std::size_t file) const {
  const std::string_view ending = ending_of(names_[file]);
  return ending == ".c" || (ending == ".h" && !has_cpp_);
}

std::optional<std::size_t> IncludeIndex::file_of(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> IncludeIndex::nearest(const std::vector<std::size_t>& files,
                                                 std::size_t to) const {
  std::optional<std::size_t> result;
  std::size_t most = 0;
  for (const std::size_t each : files) {
    const std::size_t same = shared_prefix(names_[each], names_[to]) + 1;
    if (same > most) {
      most = same;
      result = each;
    }
  }
  return result;
}

std::optional<std::size_t> IncludeIndex::find(std::size_t from, std::string_view include) const {
  const std::string beside = normal(std::string(directory_of(names_[from])) + std::string(include));
  if (const auto found = file_of(beside)) return found;
  const auto named = by_file_name_.find(file_name(include));
  if (named == by_file_name_.end()) return std::nullopt;
  const std::string wanted = "/" + normal(include);
  std::vector<std::size_t> fitting;
  for (const std::size_t each : named->second) {
    if (("/" + names_[each]).ends_with(wanted)) fitting.push_back(each);
  }
  return nearest(fitting, from);
}

std::optional<std::size_t> IncludeIndex::source_of(std::size_t header) const {
  if (is_source(names_[header])) return header;
  const auto found = sources_by_stem_.find(stem_of(names_[header]));
  return found == sources_by_stem_.end() ? std::nullopt : nearest(found->second, header);
}

}  // namespace lockwright::frontends::cpp
