// A gitignore file is a list of globs of which the last that matches decides. Most lines of real files are
// plain names ("node_modules/") or begin with one ("/docs/_build"), and most of the rest are endings
// ("*.log"): the former are found through hash tables, the latter by a comparison, and only what remains is
// given to fnmatch(3), one path segment at a time. `**` stands for any number of segments and is matched
// here, as fnmatch does not know it.
#include "analyzer/source/ignore.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

namespace lockwright::source {
namespace {

constexpr std::string_view kSpecial = "*?[\\";

bool is_literal(std::string_view text) {
  return text.find_first_of(kSpecial) == std::string_view::npos;
}

/// Trailing spaces do not count unless a backslash stands before them.
std::string_view without_trailing_spaces(std::string_view line) {
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  return line;
}

bool glob_matches(const std::string& pattern, std::string_view name) {
  std::array<char, NAME_MAX + 1> terminated;
  if (name.size() >= terminated.size()) return fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
  std::memcpy(terminated.data(), name.data(), name.size());
  terminated[name.size()] = '\0';
  return fnmatch(pattern.c_str(), terminated.data(), 0) == 0;
}

/// Takes the first segment off a path.
std::string_view take_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

}  // namespace

IgnoreRules::IgnoreRules(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) add_line(line);
}

void IgnoreRules::add(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_line(line);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
}

void IgnoreRules::add_line(std::string_view line) {
  if (line.starts_with('#')) return;
  line = without_trailing_spaces(line);
  Pattern pattern;
  if (line.starts_with('!')) {
    pattern.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    pattern.directory_only = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return;

  const bool anchored = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  const int index = static_cast<int>(patterns_.size());
  if (!anchored && is_literal(line)) {
    LiteralName& name = names_[std::string(line)];
    (pattern.directory_only ? name.directory : name.any) = index;
  } else {
    if (!anchored && line.starts_with('*') && is_literal(line.substr(1))) {
      pattern.shape = Shape::suffix;
      pattern.segments.push_back({std::string(line.substr(1)), true, false});
    } else if (!anchored) {
      pattern.segments.push_back({std::string(line), false, false});
    } else {
      pattern.shape = Shape::anchored;
      for (bool more = true; more;) {
        more = line.find('/') != std::string_view::npos;
        const std::string_view segment = take_segment(line);
        const bool any_depth = segment.size() > 1 && segment.find_first_not_of('*') == std::string_view::npos;
        if (any_depth && !pattern.segments.empty() && pattern.segments.back().any_depth && more) continue;
        pattern.segments.push_back({std::string(segment), is_literal(segment), any_depth});
      }
    }
    const Segment& first = pattern.segments.front();
    (anchored && first.literal ? anchored_[first.text] : globs_).push_back(index);
  }
  patterns_.push_back(std::move(pattern));
}

Verdict IgnoreRules::match(std::string_view path, bool is_directory) const {
  return decide(path.substr(path.rfind('/') + 1), path, is_directory);
}

bool IgnoreRules::ignores_file(std::string_view path) const {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (match(path.substr(0, slash), true) == Verdict::ignore) return true;
  }
  return match(path, false) == Verdict::ignore;
}

Verdict IgnoreRules::match_name(std::string_view name, bool is_directory) const {
  return decide(name, {}, is_directory);
}

Verdict IgnoreRules::decide(std::string_view name, std::string_view path, bool is_directory) const {
  int last = -1;
  if (const auto found = names_.find(name); found != names_.end()) {
    last = is_directory ? std::max(found->second.any, found->second.directory) : found->second.any;
  }
  last = last_match(globs_, last, name, path, is_directory);
  if (!anchored_.empty()) {
    const auto found = anchored_.find(path.substr(0, path.find('/')));
    if (found != anchored_.end()) last = last_match(found->second, last, name, path, is_directory);
  }
  if (last < 0) return Verdict::none;
  return patterns_[static_cast<std::size_t>(last)].negated ? Verdict::include : Verdict::ignore;
}

int IgnoreRules::last_match(const std::vector<int>& candidates, int above, std::string_view name,
                            std::string_view path, bool is_directory) const {
  for (auto index = candidates.rbegin(); index != candidates.rend() && *index > above; ++index) {
    const Pattern& pattern = patterns_[static_cast<std::size_t>(*index)];
    if (pattern.directory_only && !is_directory) continue;
    const bool matches = pattern.shape == Shape::suffix ? name.ends_with(pattern.segments[0].text)
                         : pattern.shape == Shape::glob ? glob_matches(pattern.segments[0].text, name)
                                                        : matches_path(pattern.segments, path);
    if (matches) return *index;
  }
  return above;
}

bool IgnoreRules::matches_segment(const Segment& segment, std::string_view name) {
  return segment.literal ? segment.text == name : glob_matches(segment.text, name);
}

// The classic glob walk with one point to go back to: on a mismatch, the last `**` takes one segment more.
bool IgnoreRules::matches_path(const std::vector<Segment>& segments, std::string_view path) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t next = 0;
  std::size_t any_depth = kNone;
  std::string_view retry;
  while (!path.empty()) {
    if (next < segments.size() && segments[next].any_depth) {
      if (next + 1 == segments.size()) return true;  // `a/**`: everything inside, at least one segment
      any_depth = next++;
      retry = path;
      continue;
    }
    if (next < segments.size()) {
      std::string_view rest = path;
      if (matches_segment(segments[next], take_segment(rest))) {
        path = rest;
        ++next;
        continue;
      }
    }
    if (any_depth == kNone) return false;
    take_segment(retry);
    path = retry;
    next = any_depth + 1;
  }
  return next == segments.size();
}

}  // namespace lockwright::source
