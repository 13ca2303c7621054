// What this process holds and waits for: to see nested acquires, to let threads wait for each other without
// asking the kernel, and to give a forked child nothing.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernel_lock.h"
#include "lockwright/file_lock.h"

namespace lockwright::runtime::detail {

/// Which thread it is: never used again, unlike std::thread::id.
[[nodiscard]] std::uint64_t this_thread();

/// How often this process was forked from one with holds: what an older generation held is not ours.
[[nodiscard]] std::uint64_t generation();

/// What a thread did before this, one that does it later sees. To be done before the kernel lock is given up
/// and after it was granted: what passes a lock on among threads must pass on what was written under it, and
/// C++ knows nothing of the kernel's locks.
void hand_over();

/// Between half of it and all of it, by chance.
[[nodiscard]] std::chrono::microseconds jittered(std::chrono::microseconds interval);

/// A lock file that is open and not locked. Guarded by the registry's mutex.
struct Kept {
  kernel::Descriptor descriptor = kernel::no_descriptor;
  kernel::FileId id;
  std::uint64_t born = 0;  ///< the generation that opened it: a forked child's is closed
};

/// Whether asking for a lock again for a moment has helped of late, which says how long its holds are.
/// Thread-safe; two threads that count at once may be counted as one, since nothing but time hangs on it.
class Habit {
 public:
  [[nodiscard]] bool holds_are_long() const { return failures_.load(std::memory_order_relaxed) >= many; }
  void spun(bool helped) {
    const int failures = failures_.load(std::memory_order_relaxed);
    failures_.store(helped ? std::max(failures - 1, 0) : std::min(failures + 1, many + 1),
                    std::memory_order_relaxed);
  }

 private:
  static constexpr int many = 7;
  std::atomic<int> failures_ = 0;  ///< those that a success has not made good
};

/// What a lock is called; shared by a FileLock and its holds, since copying paths takes longer than locking.
struct Names {
  std::filesystem::path path;
  std::filesystem::path lock_path;
  std::string key;         ///< of lock_path
  bool keep_open = false;  ///< LockOptions::keep_open
  mutable Kept kept;       ///< between holds; one is enough: only shared holds are held together

  Names() = default;
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ~Names();
};

/// One acquired lock. Shared by the Hold objects that count on it, and by the registry while it is held.
struct HoldState {
  std::shared_ptr<const Names> names;
  std::uint64_t owner = 0;
  std::uint64_t born = 0;  ///< the generation that acquired it
  Mode mode = Mode::exclusive;
  std::source_location site;
  kernel::Descriptor descriptor = kernel::no_descriptor;
  kernel::FileId id;
  std::mutex mutex;       ///< guards count and makes a second release() wait for the first to finish
  std::size_t count = 1;  ///< Hold objects; 0: released
};

/// Thread-safe. A fork waits until no thread is inside (so none of its methods may call user code), and the
/// child starts with an empty one and with the lock files' descriptors closed.
class Registry {
 public:
  using Clock = std::chrono::steady_clock;

  static Registry& instance();

  /// Opens the lock file, or takes the one that was kept open, and remembers the descriptor for the fork
  /// handler, in one step as a fork sees it. `held`: what this thread holds on this file, under another name.
  [[nodiscard]] int open(const Names& names, kernel::Descriptor& descriptor, kernel::FileId& id,
                         std::shared_ptr<HoldState>& held);
  [[nodiscard]] int close(kernel::Descriptor descriptor);

  /// What this thread holds under this name; null: nothing.
  [[nodiscard]] std::shared_ptr<HoldState> held_here(const std::string& key);

  void add(const std::shared_ptr<HoldState>& state);
  /// Closes the hold's descriptor, unless it is to be kept, and ends it; wakes who has waited long. To be
  /// called after the kernel lock is gone. Returns what close() came to.
  [[nodiscard]] int end(const HoldState& state, bool may_keep);

  /// Of this lock file, and of others now and then: it lives as long as the process, so they are few.
  [[nodiscard]] Habit& habit(const std::string& key) {
    return habits_[std::hash<std::string>{}(key) % habits_.size()];
  }

  /// Whether a try on the file system of this device has shown that its locks exclude.
  [[nodiscard]] bool probed(std::uint64_t device);
  void set_probed(std::uint64_t device);

  struct Waiter {
    std::condition_variable_any turn;
    bool woken = false;
  };

  /// One thread's place in the queue for a lock file, from its first refusal to its success or its giving up:
  /// of those who wait for a time, or until they are stopped. The others wait in the kernel.
  ///
  /// Only the first in the queue asks the kernel, at intervals that grow. Who has just come may overtake it,
  /// which is what keeps a busy lock busy; but once the first has waited for `patience`, newcomers queue too
  /// and the next release wakes it. So nobody starves within a process.
  class Place {
   public:
    /// REQUIRES: `key` lives longer.
    Place(Registry& registry, const std::string& key) : registry_(registry), key_(key) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { leave(); }

    /// Whether a newcomer may ask the kernel now; else it has to pause() first.
    [[nodiscard]] bool may_try();
    /// Waits until it is worth asking the kernel again, or `deadline` has passed, or a stop is requested.
    void pause(std::optional<Clock::time_point> deadline, const std::stop_token& stop);
    void leave();

   private:
    Registry& registry_;
    const std::string& key_;
    std::shared_ptr<Waiter> waiter_;
    Clock::time_point since_;
    std::chrono::microseconds interval_{0};
  };

 private:
  Registry() = default;

  struct Queue {
    std::deque<std::shared_ptr<Waiter>> waiters;
    bool starving = false;
  };

  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();
  static void wake_first(Queue& queue);
  int close_locked(kernel::Descriptor descriptor);

  std::array<Habit, 64> habits_;

  std::mutex mutex_;  ///< guards everything below
  std::vector<kernel::Descriptor> descriptors_;
  std::vector<std::shared_ptr<HoldState>> holds_;  // few: each has a descriptor
  std::unordered_map<std::string, Queue> queues_;
  std::vector<std::uint64_t> probed_;
};

}  // namespace lockwright::runtime::detail
