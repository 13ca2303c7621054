// Ownership of a file that outlives the process: an agent's claim on it, for a time.
//
//   lockwright::runtime::Lease lease("plan.md", "agent-7", std::chrono::minutes(5));
//   const std::uint64_t token = lease.acquire();
//   ...
//   lease.refresh();                 // LeaseLost: somebody took over; stop
//   lease.replace_file(new_content); // only if the lease is still this one
//   lease.release();
//
// The claim is a JSON record in `plan.md.lease`. Every operation on it happens under a FileLock of that file,
// and by replace_file(): the record is always there and always whole. Time is the system's wall clock; a
// lease is for claims of minutes, not for mutual exclusion: a holder that was stopped for longer than its ttl
// goes on working unless it checks. What makes that safe is the fencing token: whoever is asked to write for
// a lease refuses a token below the highest it has seen; replace_file() below does so for the leased file
// itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <source_location>
#include <stop_token>
#include <string>
#include <string_view>

#include "lockwright/file_lock.h"

namespace lockwright::runtime {

/// What stands in `path.lease`.
struct LeaseRecord {
  std::string owner;        ///< empty: released
  std::uint64_t token = 0;  ///< the last one that was handed out
  std::int64_t ttl_ms = 0;
  std::int64_t expires_at_ms = 0;  ///< milliseconds since 1970, UTC
  std::int64_t pid = 0;            ///< who wrote it last, for people
  std::string host;
};

/// One owner's claim on one path.
///
/// Any number of threads may use one object. Destroying it releases nothing: the claim outlives the process;
/// use Scope for one that ends with a block. Methods that change the record wait for its lock for at most
/// `ttl`, and throw LockTimeout if that is not enough; they throw the operating system's errors as
/// replace_file() does, and InvalidRecord if `path.lease` is no lease record. The record is then unchanged.
class Lease {
 public:
  /// Touches nothing. `owner` is a name for people, not an identity: the token is. std::invalid_argument if
  /// `owner` is empty or `ttl` is not positive.
  Lease(const std::filesystem::path& path, std::string owner, std::chrono::milliseconds ttl);

  /// Takes the lease if it is free or expired, else waits for that for `timeout` and throws LockTimeout;
  /// throws std::errc::operation_canceled when a stop is requested. Returns the token, greater than every one
  /// before, also than those of a record that was deleted (as long as the clock was not set back behind it:
  /// tokens are at least the time in microseconds). AlreadyHeldError if this object holds the lease; another
  /// object with the same `owner` has to wait like everybody.
  std::uint64_t acquire(std::chrono::milliseconds timeout = std::chrono::milliseconds(0),
                        const std::stop_token& stop = {},
                        std::source_location site = std::source_location::current());

  /// Goes on with a lease that an earlier process acquired, whose token was passed on, and refreshes it.
  /// LeaseLost if it is not that lease any more.
  void resume(std::uint64_t token);

  /// Extends the lease to `ttl` from now. An expired lease that nobody has taken over is extended too.
  /// LeaseLost if it is somebody else's; NotHeldError if it was not acquired.
  void refresh();

  /// Throws LeaseLost unless the lease is this one and has not expired; NotHeldError.
  void check();

  /// Replaces the content of the leased file if the lease is this one and has not expired, in one step: no
  /// take-over can come in between. LeaseLost, NotHeldError.
  void replace_file(std::string_view content);

  /// Gives the lease up. False if it was not this one's any more (nothing is changed then), or not acquired.
  /// The record stays, for its token.
  bool release();

  [[nodiscard]] std::optional<std::uint64_t> token() const;  ///< of the lease held; nothing: none
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// The record as it is now; nothing if there is none. Takes no lock.
  [[nodiscard]] static std::optional<LeaseRecord> read(const std::filesystem::path& path);

  /// Acquires a lease and releases it at the end of the block. The destructor drops errors; release() shows
  /// them.
  class [[nodiscard]] Scope {
   public:
    explicit Scope(Lease& lease, std::chrono::milliseconds timeout = std::chrono::milliseconds(0),
                   std::source_location site = std::source_location::current())
        : lease_(lease) {
      lease_.acquire(timeout, {}, site);
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Lease& lease_;
  };

 private:
  [[nodiscard]] std::uint64_t required_token() const;
  [[nodiscard]] LeaseRecord current(std::uint64_t token) const;
  void write(const std::string& owner, std::uint64_t token) const;

  std::filesystem::path path_;
  std::filesystem::path record_path_;
  FileLock record_lock_;
  std::string owner_;
  std::chrono::milliseconds ttl_;
  mutable std::mutex mutex_;  ///< guards what follows
  std::optional<std::uint64_t> token_;
  std::source_location site_;  ///< where token_ was acquired
};

}  // namespace lockwright::runtime
