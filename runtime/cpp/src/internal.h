// What the library's own files share and its users do not see.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "lockwright/file_lock.h"

namespace lockwright::runtime::detail {

/// The size of the holder record in the lock file, padding included; the same in all languages.
inline constexpr std::size_t record_size = 1024;

/// The holder record of one acquire, of `record_size` bytes. What it takes to make it is done before the lock
/// is asked for, but for the time.
class HolderText {
 public:
  /// A new record for this thread, in the place of its last.
  [[nodiscard]] static HolderText& of_this_thread(Mode mode);

  /// Enters the time: it is now.
  void stamp();
  [[nodiscard]] const char* bytes() const { return text_.data(); }

 private:
  HolderText() { text_.fill(' '); }
  void describe_process();
  void renew(Mode mode);
  void add(std::string_view text);

  // Nothing here needs a destructor: a lock may be taken while a thread ends.
  std::array<char, record_size> text_{};
  std::array<char, 17> token_{};  ///< what all tokens of this thread begin with
  std::size_t fixed_ = 0;         ///< what comes before the mode
  std::size_t used_ = 0;          ///< how far it is written
  std::size_t end_ = 0;           ///< of the last one
  std::uint64_t born_ = 0;        ///< the generation that it is of: a forked child describes itself
  std::time_t second_ = -1;       ///< that the time's text is of
  std::array<char, 32> time_{};
};

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
