// Which C and C++ files a tree has, and which of them an include means.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockwright::frontends::cpp {

struct Include {
  std::string_view path;
  bool quoted = false;  ///< "x.h", not <x.h>
};

/// The includes of a text, without parsing it; those that a condition leaves out count as well.
std::vector<Include> includes_of(std::string_view text);

/// "lock" of "src/util/lock.h".
std::string_view stem_of(std::string_view path);

/// Whether a file is a test, by its path below the directory that all files share: *_test.cc, test_*.c and
/// the like, or below a folder of tests.
[[nodiscard]] bool is_test_path(std::string_view path);

/// The files of a run. Immutable once made; const calls from several threads.
///
/// A file's unique name is its path below the directory that all files share. An include is looked up beside
/// the including file first, then anywhere in the tree by the end of its path: where include directories
/// begin is not known, so of several the one that shares most of its path with the including file is meant.
class IncludeIndex {
 public:
  explicit IncludeIndex(const std::vector<std::string_view>& paths);

  [[nodiscard]] const std::string& name(std::size_t file) const { return names_[file]; }
  /// As is_test_path() says.
  [[nodiscard]] bool is_test(std::size_t file) const { return is_test_path(names_[file]); }
  /// By its ending; a header is C's in a tree without any C++.
  [[nodiscard]] bool is_c(std::size_t file) const;
  [[nodiscard]] std::optional<std::size_t> file_of(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> find(std::size_t from, std::string_view include) const;
  /// The source with the name of a header, the nearest one.
  [[nodiscard]] std::optional<std::size_t> source_of(std::size_t header) const;

 private:
  [[nodiscard]] std::optional<std::size_t> nearest(const std::vector<std::size_t>& files,
                                                   std::size_t to) const;

  std::vector<std::string> names_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_file_name_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> sources_by_stem_;
  bool has_cpp_ = false;
};

}  // namespace lockwright::frontends::cpp
