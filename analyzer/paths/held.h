// Which locks a path holds where. The semantics of the primitives (lock-facts) live here, once for all rules.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "analyzer/ir/term.h"
#include "analyzer/paths/path.h"

namespace lockwright::paths {

struct HeldLock {
  std::size_t acquired = 0;  ///< index of the step that took it
  models::Mechanism mechanism = models::Mechanism::none;
  ir::Term file = ir::Term::none;
  ir::Term handle = ir::Term::none;
  bool shared = false;
  int count = 1;  ///< reentrant locks: how often this object has it
  /// Its handle is closed by the garbage collector when nobody refers to it, and the lock goes with it.
  bool collected = false;
};

/// The locks of one path, step by step. Steps of detached work are passed over: when they happen is open.
class HeldLocks {
 public:
  explicit HeldLocks(std::span<const Step> steps) : steps_(steps) {}

  /// Goes past step `index`. REQUIRES: called with 0, 1, 2, … in order.
  void pass(std::size_t index);

  [[nodiscard]] const std::vector<HeldLock>& now() const { return held_; }

  /// Whether step `index` would wait for a lock that is held now by this very path: another open of the same
  /// file, the same kind of lock, not both shared. Null when not.
  [[nodiscard]] const HeldLock* blocks(const ir::TermTable& terms, std::size_t index) const;

 private:
  void acquire(std::size_t index, models::Mechanism mechanism);
  void release(const models::Operation& operation);

  std::span<const Step> steps_;
  std::vector<HeldLock> held_;
};

/// What a path holds when it has come to its end.
std::vector<HeldLock> held_at_end(const Path& path);

/// Whether the step takes (or tries to take) a lock, and of which mechanism: an acquire, or the exclusive
/// creation of a file, directory or link. none when not.
models::Mechanism lock_attempt(const Step& step);

/// Whether the step tries for something that another process may have already: a lock, a name.
bool may_be_refused(const Step& step);

/// The path whose existence is the lock, or that the kernel lock is on.
ir::Term lock_file_of(const Step& step);

}  // namespace lockwright::paths
