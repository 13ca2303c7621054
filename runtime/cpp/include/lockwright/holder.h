// Who took a lock: a note for people. Nothing decides by it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lockwright::runtime {

/// What the last process that acquired a lock wrote into the lock file.
///
/// It stays there after the release, and a process that has just acquired has not written yet: it tells who
/// was seen last, never who holds. It is JSON, padded with spaces to the file's first 1024 bytes and
/// overwritten in place, so that the lock file is never truncated.
struct HolderRecord {
  std::int64_t pid = 0;
  std::string host;
  std::string boot_id;  ///< /proc/sys/kernel/random/boot_id; empty where there is none
  std::int64_t start_time =
      0;  ///< of the process, in clock ticks since boot (proc(5), stat, field 22); 0: unknown
  std::string program;
  std::string mode;         ///< "exclusive" or "shared"
  std::string token;        ///< another one for every acquire
  std::string acquired_at;  ///< ISO 8601, UTC, by the holder's clock
};

/// The record in `lock_path`; nothing if the file is missing, unreadable or being written. Takes no lock.
[[nodiscard]] std::optional<HolderRecord> read_holder(const std::filesystem::path& lock_path);

/// "pid 4711 (backup) on build-3 since 2026-01-31T12:00:00.000Z", for messages.
[[nodiscard]] std::string describe(const HolderRecord& record);

}  // namespace lockwright::runtime
