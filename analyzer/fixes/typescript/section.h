// A stretch of an async function from the acquire of a lock made by hand to its last release.
//
// The library acquires without blocking the event loop, so there is nothing for synchronous functions to move
// to. In the others the section becomes `const hold = await new FileLock(path).acquire()` and a try whose
// finally releases; `await using` would be shorter, but not every compiler and runtime knows it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {

class Section {
 public:
  Section(const Code& code, const source::Range& acquire) : code_(code), acquire_(acquire) {}

  /// False: it has no form that is known.
  bool read();

  [[nodiscard]] bool creates() const { return creates_; }  ///< the lock is a file that is made exclusively
  /// The lock is a package's, proper-lockfile's: whoever else calls that package takes part.
  [[nodiscard]] bool of_package() const { return package_; }
  [[nodiscard]] const source::Range& acquire() const { return acquire_; }
  [[nodiscard]] Node function() const { return function_; }
  /// The library takes the very lock that this takes.
  [[nodiscard]] bool same_protocol() const { return same_protocol_ && same_kind_; }
  [[nodiscard]] bool replaces() const { return static_cast<bool>(write_); }
  /// Its caller learns by an error of the file system that somebody else has the lock.
  [[nodiscard]] std::string_view refusal() const { return creates_ ? "EEXIST" : package_ ? "ELOCKED" : ""; }
  /// The end of the lock file's name, as it is written: ".lock"; "" when it is not written here.
  [[nodiscard]] const std::string& ending() const { return ending_; }
  /// Whether what stands here is gone when the section has moved.
  [[nodiscard]] bool removes(Node node) const;

  /// `reentrant`: whoever holds the lock may take it again.
  bool move(Edits& edits, std::string_view hold, bool reentrant) const;

 private:
  bool read_creation(Node call);
  bool read_kernel_lock(Node call);
  bool read_package_lock(Node call);
  bool read_retry(const Path& way, std::size_t at);
  bool read_first(const Path& way);
  bool find_region();
  bool take(Node statement);
  bool only_releases(Node statement) const;
  [[nodiscard]] bool is_release_call(Node call) const;
  [[nodiscard]] bool is_upkeep(Node statement) const;
  [[nodiscard]] bool holds_acquire(Node node) const { return covers(node, acquire_.begin, acquire_.end); }
  [[nodiscard]] bool gives_up(Node statement) const;
  bool drop_inner_releases(Node statement);
  bool judge_uses();
  void find_target();

  const Code& code_;
  source::Range acquire_;
  Node function_;
  Node path_;
  Node opened_;
  std::string_view variable_;  ///< of the handle; "": none
  bool creates_ = false;
  bool same_kind_ = false;  ///< a flock
  bool package_ = false;
  bool once_ = false;
  bool shared_ = false;
  bool truncates_ = false;
  bool released_ = false;  ///< what has been read up to now ends the lock
  Node block_;
  Node first_;
  Node last_;
  std::vector<Node> dropped_;    ///< statements that go
  std::vector<Node> dissolved_;  ///< tries that only release: their bodies stay
  std::vector<Node> kept_;
  Node write_;           ///< the statement that writes the file, when it is the data's own
  std::string content_;  ///< what it writes
  std::string target_;
  std::string ending_;
  Node named_;  ///< the declaration of the lock file's name, when nothing else needs it
  bool same_protocol_ = false;
};

/// Removes imports of which nothing is needed any more when all goes for which `goes` holds.
void remove_idle_imports(const Code& code, Edits& edits, const std::function<bool(Node)>& goes);

/// LW302: a registry of handles becomes one of holds.
Proposals move_registry(const Code& code, const findings::Finding& finding);

Proposals move_to_library(const Code& code, const findings::Finding& finding);

}  // namespace lockwright::fixes::typescript
