// A directory of a test's own, filled by it and removed with it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace lockwright::source::testing {

/// Makes an empty directory below the system's temporary one; removes it with all that is in it at the end.
/// Its path contains no symbolic link. A step that fails fails the test.
class TempTree {
 public:
  TempTree();
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree();

  [[nodiscard]] std::string path() const { return root_.string(); }
  [[nodiscard]] std::string path(std::string_view relative) const { return (root_ / relative).string(); }

  /// Writes a file; makes the directories that it is in.
  void write(std::string_view relative, std::string_view content = "x = 1\n") const;
  void directory(std::string_view relative) const;
  /// Makes a symbolic link with this text as its target.
  void link(std::string_view relative, std::string_view target) const;
  void mode(std::string_view relative, unsigned mode) const;

 private:
  std::filesystem::path root_;
};

/// While it lives, root is nobody in particular, so that a file's mode counts for it too. Of all threads.
class WithoutPrivilege {
 public:
  WithoutPrivilege();
  WithoutPrivilege(const WithoutPrivilege&) = delete;
  WithoutPrivilege& operator=(const WithoutPrivilege&) = delete;
  ~WithoutPrivilege();

 private:
  bool was_root_;
};

/// Whether this process may read what its mode forbids.
[[nodiscard]] bool permissions_do_not_bind();

/// What a shell command prints; empty if it fails.
[[nodiscard]] std::string output_of(const std::string& command);

}  // namespace lockwright::source::testing
