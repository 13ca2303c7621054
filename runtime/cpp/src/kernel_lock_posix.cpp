// flock(2), and not one of the other two. POSIX record locks belong to the process: they do not keep two
// threads apart, and closing any descriptor of the file, by whatever library, drops them. OFD locks belong to
// the open file description as flock's do, but only Linux has them, and there they contend with POSIX locks
// that others take on the file. A flock is inherited by fork with its description; unlock() and the fork
// handler in registry.cpp deal with that.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/sysmacros.h>
#endif
#include <unistd.h>

#include <cerrno>

#include "kernel_lock.h"

namespace lockwright::runtime::kernel {

namespace {

template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

int flock_once(int descriptor, int operation) {
  return uninterrupted([&] { return ::flock(descriptor, operation); });
}

/// Which file it is that `path` names (no link is followed), or that `descriptor` is of, if `path` is empty.
/// 0 or an errno value.
///
/// On Linux we ask for no more than that. Who asks for a file's times makes its next write a dear one: the
/// file system then gives it a finer time, and that into its journal (multigrain timestamps, Linux 6.13), and
/// the holder record is such a write.
int identify(int descriptor, const char* path, FileId& id, bool& regular) {
#ifdef STATX_INO
  struct statx found{};
  const int flags = AT_SYMLINK_NOFOLLOW | (*path == '\0' ? AT_EMPTY_PATH : 0);
  if (::statx(descriptor, path, flags, STATX_INO | STATX_TYPE, &found) == 0) {
    id = {.device = static_cast<std::uint64_t>(::makedev(found.stx_dev_major, found.stx_dev_minor)),
          .inode = found.stx_ino};
    regular = S_ISREG(found.stx_mode);
    return 0;
  }
  // What a kernel, or a container's filter, says that does not know this call.
  if (errno != ENOSYS && errno != EPERM) return errno;
#endif
  struct stat status{};
  if ((*path == '\0' ? ::fstat(descriptor, &status) : ::lstat(path, &status)) == -1) return errno;
  id = {.device = static_cast<std::uint64_t>(status.st_dev),
        .inode = static_cast<std::uint64_t>(status.st_ino)};
  regular = S_ISREG(status.st_mode);
  return 0;
}

}  // namespace

int open_lock_file(const std::filesystem::path& path, Descriptor& descriptor, FileId& id) {
  constexpr int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
  // First without O_CREAT: with it, Linux refuses somebody else's file in /tmp (fs.protected_regular,
  // proc(5)).
  int opened = uninterrupted([&] { return ::open(path.c_str(), flags); });
  if (opened == -1 && errno == ENOENT) {
    opened = uninterrupted([&] { return ::open(path.c_str(), flags | O_CREAT, 0666); });
  }
  if (opened == -1) return errno;
  bool regular = false;
  int error = identify(opened, "", id, regular);
  if (error == 0 && !regular) error = EINVAL;
  if (error != 0) {
    ::close(opened);
    return error;
  }
  descriptor = opened;
  return 0;
}

namespace {

Attempt attempt(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, int operation,
                int& error) {
  if (flock_once(descriptor, operation) == -1) {
    if (errno == EWOULDBLOCK) return Attempt::busy;
    error = errno;
    return Attempt::failed;
  }
  FileId named;
  bool regular = false;
  if (const int failed = identify(AT_FDCWD, path.c_str(), named, regular)) {
    if (failed == ENOENT) return Attempt::replaced;
    error = failed;
    return Attempt::failed;
  }
  return named == id ? Attempt::granted : Attempt::replaced;
}

}  // namespace

Attempt try_lock(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, bool shared,
                 int& error) {
  return attempt(descriptor, path, id, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB, error);
}

Attempt wait_for_lock(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, bool shared,
                      int& error) {
  return attempt(descriptor, path, id, shared ? LOCK_SH : LOCK_EX, error);
}

int probe_exclusion(const std::filesystem::path& path) {
  const int second =
      uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY); });
  if (second == -1) return errno;
  const bool granted = flock_once(second, LOCK_EX | LOCK_NB) == 0;
  const int error = errno;
  ::close(second);
  if (granted) return ENOLCK;
  return error == EWOULDBLOCK ? 0 : error;
}

int write_record(Descriptor descriptor, const char* bytes, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    const ssize_t count = uninterrupted(
        [&] { return ::pwrite(descriptor, bytes + written, size - written, static_cast<off_t>(written)); });
    if (count == -1) return errno;
    if (count == 0) return EIO;
    written += static_cast<std::size_t>(count);
  }
  return 0;
}

int unlock(Descriptor descriptor) {
  return flock_once(descriptor, LOCK_UN) == -1 ? errno : 0;
}

int close(Descriptor descriptor) {
  // Not again after EINTR: on Linux the descriptor is gone by then, and its number may be another file's
  // (close(2)).
  return ::close(descriptor) == -1 && errno != EINTR ? errno : 0;
}

}  // namespace lockwright::runtime::kernel
