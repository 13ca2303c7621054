// Changing a file so that nobody ever reads half of it, and nothing is lost.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lockwright::runtime {

/// Replaces the content of the file at `path`, or creates it. Readers see the old content or the new, whole.
///
/// A temporary file of a unique name in the same directory is written, flushed to disk (fsync(2)), given the
/// old file's permission bits (and its owner and group, as far as the system permits that), renamed over the
/// old file, and the directory is flushed. A symbolic link stays one: its target is replaced. Hard links to
/// the old file keep the old content; extended attributes and ACLs are not carried over.
///
/// Throws std::filesystem::filesystem_error; then the old file stands and the temporary file is gone. There
/// is one exception: if flushing the directory fails, the new content is in place, though perhaps not yet on
/// disk. A process killed in here leaves the old or the new file, and maybe a file `.NAME.*.tmp`.
///
/// Takes no lock: of two that replace at the same time, the last wins. Any thread may call it.
void replace_file(const std::filesystem::path& path, std::string_view content);

/// Reads the file, gives its content to `fn`, and replaces it by what `fn` returns, under the file's lock: no
/// update of another user of this library is lost. `fn` gets nothing if there is no such file. What `fn`
/// throws is thrown on, and the file stays as it is.
///
/// Waits for the lock for `timeout` (nothing: for ever), and throws as FileLock::acquire() and replace_file()
/// do. `fn` must not acquire the lock of `path` itself: AlreadyHeldError.
void update_file(const std::filesystem::path& path,
                 const std::function<std::string(std::optional<std::string>)>& fn,
                 std::optional<std::chrono::milliseconds> timeout = {});

}  // namespace lockwright::runtime
