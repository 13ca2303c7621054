// The few system calls that the lock is made of; the TypeScript form's addon uses them too. Errors are errno
// values (on Windows those that the C library gives such errors); nothing throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace lockwright::runtime::kernel {

#ifdef _WIN32
using Descriptor = void*;
inline const Descriptor no_descriptor = nullptr;
#else
using Descriptor = int;
inline constexpr Descriptor no_descriptor = -1;
#endif

/// Which file it is, as long as a descriptor of it is open: inode numbers are reused once it is gone.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

enum class Attempt : unsigned char {
  granted,
  busy,      ///< somebody else holds it
  replaced,  ///< granted, but the file has no longer the name: close and start again
  failed,    ///< `error` says why; not held
};

/// Opens the lock file, makes it if there is none, and never truncates it. Close-on-exec from the start; a
/// symbolic link is not followed, since writing the holder record through one would overwrite somebody's
/// file. Returns 0 or an errno value.
[[nodiscard]] int open_lock_file(const std::filesystem::path& path, Descriptor& descriptor, FileId& id);

/// Asks for the lock without waiting, and looks whether `path` still names the file that was locked.
[[nodiscard]] Attempt try_lock(Descriptor descriptor, const std::filesystem::path& path, const FileId& id,
                               bool shared, int& error);

/// The same, but waits in the kernel's queue for as long as somebody else holds the lock: never `busy`.
[[nodiscard]] Attempt wait_for_lock(Descriptor descriptor, const std::filesystem::path& path,
                                    const FileId& id, bool shared, int& error);

/// With the lock held on `path`: tries whether a second descriptor is refused. 0 if it is, ENOLCK if this
/// file system grants what it must not, or another errno value. Closes what it opened; the hold stays.
[[nodiscard]] int probe_exclusion(const std::filesystem::path& path);

/// Overwrites the first `size` bytes. 0 or an errno value.
[[nodiscard]] int write_record(Descriptor descriptor, const char* bytes, std::size_t size);

/// Drops the lock, explicitly: a child that was forked and has not yet run its handler or exec'd shares it,
/// and closing alone would leave it held. 0 or an errno value.
[[nodiscard]] int unlock(Descriptor descriptor);

/// Closes it; it is gone also if this fails. 0 or an errno value.
[[nodiscard]] int close(Descriptor descriptor);

}  // namespace lockwright::runtime::kernel
