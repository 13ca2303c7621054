// What the lock library throws of its own. Everything else that goes wrong is the operating system's error,
// as std::filesystem::filesystem_error (a std::system_error) with the path in it; none is swallowed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "lockwright/holder.h"

namespace lockwright::runtime {

/// The lock, or the lease, could not be had in time. Nothing is held. Its code is std::errc::timed_out.
class LockTimeout : public std::system_error {
 public:
  LockTimeout(std::filesystem::path path, std::chrono::milliseconds waited,
              std::optional<HolderRecord> holder, const std::string& detail);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::chrono::milliseconds waited() const noexcept { return waited_; }
  /// Who wrote itself into the lock file last: probably the holder. For messages only.
  [[nodiscard]] const std::optional<HolderRecord>& holder() const noexcept { return holder_; }

 private:
  std::filesystem::path path_;
  std::chrono::milliseconds waited_;
  std::optional<HolderRecord> holder_;
};

/// This thread holds the lock already, so waiting for it would be waiting for itself. The hold that exists is
/// not touched. Its code is std::errc::resource_deadlock_would_occur.
class AlreadyHeldError : public std::system_error {
 public:
  AlreadyHeldError(std::filesystem::path path, std::string file, std::uint32_t line,
                   const std::string& detail);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Where the lock was first taken.
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] std::uint32_t line() const noexcept { return line_; }

 private:
  std::filesystem::path path_;
  std::string file_;
  std::uint32_t line_;
};

/// An operation on a lease that this object has not acquired.
class NotHeldError : public std::logic_error {
 public:
  explicit NotHeldError(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// The lease is somebody else's by now, or nobody's: stop what it protects. Nothing was written.
class LeaseLost : public std::runtime_error {
 public:
  LeaseLost(std::filesystem::path path, std::uint64_t token, const std::string& detail);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::uint64_t token() const noexcept {
    return token_;
  }  ///< the one that is not valid any more

 private:
  std::filesystem::path path_;
  std::uint64_t token_;
};

/// A lease's record is there but is none: somebody else's program wrote the file. It is left as it is, since
/// taking it for free would take away a lease that may be held; a person has to look at it.
class InvalidRecord : public std::runtime_error {
 public:
  InvalidRecord(std::filesystem::path path, const std::string& detail);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace lockwright::runtime
