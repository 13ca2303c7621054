// A lock between processes and threads, for the file at a path.
//
//   lockwright::runtime::FileLock lock("state.json");
//   {
//     auto hold = lock.acquire(std::chrono::seconds(5));
//     ...  // nobody else is here
//   }      // released, whichever way this is left
//
// The lock is a kernel lock (flock(2); LockFileEx on Windows, untested) on a file beside the path,
// `state.json.lock`, since the file itself is replaced by others and by replace_file(). Processes that use
// the Python or TypeScript form of this library exclude each other and these.
//
// What it promises (runtime/README.md has the whole table):
//  1. Mutual exclusion among all threads and processes that use it, on a local file system. The first acquire
//  on a
//     file system tries whether its locks exclude; where they do not, acquire() throws ENOLCK.
//  2. The kernel drops the lock when the holder dies, however it dies.
//  3. The lock file is never deleted and never truncated; if somebody else deletes it, acquire() notices that
//  what
//     it locked has no name any more and starts again.
//  4. A nested acquire throws AlreadyHeldError at once.
//  5. When release() returns, the kernel lock is gone.
//  6. Descriptors are close-on-exec; a child made by fork(2) owns none of its parent's holds.
//  7. Waiting ends at its timeout, or by a std::stop_token.
//  8. Who acquired is written into the lock file, for people (holder.h).
//
// Limits. Locks are advisory. Two hard links to one data file are two names and two locks (symbolic links are
// resolved). Whoever deletes the lock file of a holder lets a second one in. A child made by a bare clone(2)
// or vfork(2) runs no fork handler: it must exec.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <source_location>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace lockwright::runtime {

enum class Mode : unsigned char {
  exclusive,  ///< alone
  shared,     ///< with others that are shared
};

struct LockOptions {
  Mode mode = Mode::exclusive;
  /// Whether a thread that holds the lock may acquire it again: the hold is then counted, and ends with the
  /// last Hold. An exclusive hold also serves a shared acquire. A shared one never serves an exclusive
  /// acquire (that is AlreadyHeldError): flock(2) does not convert atomically, and two that wait to convert
  /// wait for each other.
  bool reentrant = false;
  /// Whether the lock file stays open between the holds of this FileLock and its copies: for a lock that is
  /// taken again and again, acquiring then costs about half. What is kept carries no lock; it is
  /// looked at again at every acquire (promise 3), is close-on-exec, is closed in a forked child, and goes
  /// with the last copy. release() leaves the kernel lock gone but the descriptor open: that half of promise
  /// 5 is what this gives up, and such a directory cannot be unmounted while the FileLock lives.
  bool keep_open = false;
};

namespace detail {
struct HoldState;
struct Names;
}  // namespace detail

/// An acquired lock. Ends the hold when it is destroyed.
///
/// It may be moved, also to another thread, and be released there; the thread that acquired stays the one
/// whose nested acquires are errors. One Hold object is not to be used by two threads at a time. In a child
/// made by fork(2) it holds nothing.
class [[nodiscard]] Hold {
 public:
  Hold(Hold&&) noexcept;
  Hold& operator=(Hold&&) noexcept;  ///< releases what was held here, as the destructor does
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  /// Releases. An error of the operating system is dropped, since a destructor cannot report it; the lock is
  /// gone all the same. Call release() to see it.
  ~Hold();

  /// Gives the lock up. When it returns, or throws, the kernel lock is gone and the descriptor is closed
  /// (LockOptions::keep_open: is without a lock); only then could another thread of this process acquire.
  /// Does nothing the second time. Throws std::filesystem::filesystem_error if unlocking or closing failed.
  void release();

  [[nodiscard]] bool held() const noexcept;

 private:
  friend class FileLock;
  explicit Hold(std::shared_ptr<detail::HoldState> state) noexcept;

  std::shared_ptr<detail::HoldState> state_;
};

/// The lock for one path. An immutable description: any number of threads may use one object, and any number
/// of objects may be made for one path.
class FileLock {
 public:
  /// Makes nothing and locks nothing. A relative path is taken from the current directory now; symbolic links
  /// are followed now, also one whose target is not there yet, so that all spellings of a path have one lock.
  /// Throws std::filesystem::filesystem_error if links cannot be followed.
  explicit FileLock(const std::filesystem::path& path, LockOptions options = {});

  /// FileLock(path, {.mode = mode, .reentrant = true}), by name: a thread that holds it may acquire it again.
  [[nodiscard]] static FileLock reentrant(const std::filesystem::path& path, Mode mode = Mode::exclusive);

  /// Waits for the lock, for ever, and acquires it. `site` is what AlreadyHeldError will name.
  ///
  /// Throws AlreadyHeldError at once if this thread holds the lock, through whatever object or spelling;
  /// std::filesystem::filesystem_error for what the system says: no directory, no permission, no space for
  /// the holder record, no descriptor left, no locks on this file system (ENOLCK). Nothing is held or open
  /// then.
  [[nodiscard]] Hold acquire(std::source_location site = std::source_location::current()) const;

  /// The same; throws LockTimeout when `timeout` has passed (zero: tries once, does not wait) and
  /// std::system_error with std::errc::operation_canceled when a stop is requested. std::invalid_argument if
  /// negative.
  [[nodiscard]] Hold acquire(std::chrono::milliseconds timeout, const std::stop_token& stop = {},
                             std::source_location site = std::source_location::current()) const;

  /// Tries once: nothing if somebody else holds the lock. Throws as acquire() does.
  [[nodiscard]] std::optional<Hold> try_acquire(
      std::source_location site = std::source_location::current()) const;

  /// Calls `fn` with the lock held and returns what it returns; releases whichever way it ends. An error in
  /// releasing is thrown unless `fn` threw.
  template <typename Fn>
  std::invoke_result_t<Fn> with_lock(Fn&& fn,
                                     std::source_location site = std::source_location::current()) const {
    Hold hold = acquire(site);
    if constexpr (std::is_void_v<std::invoke_result_t<Fn>>) {
      std::forward<Fn>(fn)();
      hold.release();
    } else {
      std::invoke_result_t<Fn> result = std::forward<Fn>(fn)();
      hold.release();
      return result;
    }
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept;  ///< what is locked, links resolved
  [[nodiscard]] const std::filesystem::path& lock_path()
      const noexcept;  ///< the file that the kernel lock is on

 private:
  struct Wait;
  [[nodiscard]] std::shared_ptr<detail::HoldState> acquire_within(const Wait& wait) const;

  std::shared_ptr<const detail::Names> names_;
  LockOptions options_;
};

}  // namespace lockwright::runtime
