// What the library's own files share and its users do not see.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "lockwright/file_lock.h"

namespace lockwright::runtime::detail {

/// The size of the holder record in the lock file, padding included; the same in all languages.
inline constexpr std::size_t record_size = 1024;

/// The record of this process for one acquire, padded to `record_size`. Valid until this thread's next.
[[nodiscard]] std::string_view holder_record(Mode mode);

[[nodiscard]] std::int64_t process_id();
[[nodiscard]] std::string host_name();

/// The path with symbolic links followed, also a dangling one, and made absolute.
[[nodiscard]] std::filesystem::path resolved(const std::filesystem::path& path);

/// The whole file; nothing if there is none.
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path);

[[noreturn]] inline void throw_error(const char* what, const std::filesystem::path& path, int error) {
  throw std::filesystem::filesystem_error(what, path, std::error_code(error, std::generic_category()));
}

}  // namespace lockwright::runtime::detail
