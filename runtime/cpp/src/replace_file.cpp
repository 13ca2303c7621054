// A temporary file of its own name, in the same directory, so that rename(2) stays within a file system and
// is atomic. The order is: write, fsync, close, open the directory, rename, fsync the directory. The
// directory is opened before the rename, so that what can fail for want of a descriptor fails while the old
// file still stands.
#include "lockwright/replace_file.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string>

#include "internal.h"

#ifdef _WIN32
#include <windows.h>

#include <fstream>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace lockwright::runtime {

namespace fs = std::filesystem;

namespace {

std::string unique_suffix() {
  thread_local std::random_device device;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), ".%08x%08x.tmp", device(), device());
  return text.data();
}

fs::path temporary_name(const fs::path& target) {
  // Short, so that a name of the greatest length can be replaced too.
  return target.parent_path() / ("." + target.filename().string().substr(0, 100) + unique_suffix());
}

#ifdef _WIN32

// UNTESTED: written from Microsoft's documentation, never run by this project's tests.
void replace_resolved(const fs::path& target, std::string_view content) {
  const fs::path temporary = temporary_name(target);
  const HANDLE file =
      CreateFileW(temporary.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) detail::throw_error("cannot create temporary file", temporary, EACCES);
  bool good = true;
  while (good && !content.empty()) {
    DWORD written = 0;
    const auto part = static_cast<DWORD>(std::min<std::size_t>(content.size(), 1U << 20));
    good = WriteFile(file, content.data(), part, &written, nullptr) != 0;
    content.remove_prefix(written);
  }
  good = good && FlushFileBuffers(file);
  CloseHandle(file);
  good = good &&
         MoveFileExW(temporary.c_str(), target.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
  if (!good) {
    DeleteFileW(temporary.c_str());
    detail::throw_error("cannot replace", target, EIO);
  }
}

#else

/// A descriptor that is closed, and a temporary file that is removed unless it was renamed.
class TemporaryFile {
 public:
  TemporaryFile(fs::path path, mode_t mode) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor_ == -1) detail::throw_error("cannot create temporary file", path_, errno);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ != -1) ::close(descriptor_);
    if (!renamed_) ::unlink(path_.c_str());
  }

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor_, content.data(), content.size());
      if (written == -1 && errno == EINTR) continue;
      if (written == -1) fail("cannot write");
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  /// Owner and group first: chown(2) clears set-id bits. Those are kept only with the owner they were meant
  /// for.
  void take_attributes_of(const struct stat& old) {
    struct stat mine{};
    if (::fstat(descriptor_, &mine) == -1) fail("cannot stat");
    bool same_owner = mine.st_uid == old.st_uid && mine.st_gid == old.st_gid;
    if (!same_owner) {
      same_owner = ::fchown(descriptor_, old.st_uid, old.st_gid) == 0;
      if (!same_owner && errno == EPERM && ::fchown(descriptor_, static_cast<uid_t>(-1), old.st_gid) == -1 &&
          errno != EPERM) {
        fail("cannot keep the group of");
      }
    }
    if (::fchmod(descriptor_, old.st_mode & (same_owner ? 07777U : 0777U)) == -1)
      fail("cannot set the mode of");
  }

  void flush_and_close() {
#ifdef F_FULLFSYNC
    if (::fcntl(descriptor_, F_FULLFSYNC) == -1 && ::fsync(descriptor_) == -1) fail("cannot flush");
#else
    if (::fsync(descriptor_) == -1) fail("cannot flush");
#endif
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) == -1 && errno != EINTR) fail("cannot close");
  }

  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) == -1) detail::throw_error("cannot replace", target, errno);
    renamed_ = true;
  }

 private:
  [[noreturn]] void fail(const char* what) const { detail::throw_error(what, path_, errno); }

  fs::path path_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

class Directory {
 public:
  explicit Directory(const fs::path& path) : path_(path) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor_ == -1) detail::throw_error("cannot open directory", path, errno);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { ::close(descriptor_); }

  void flush() {
    if (::fsync(descriptor_) == -1) detail::throw_error("replaced, but cannot flush directory", path_, errno);
  }

 private:
  fs::path path_;
  int descriptor_;
};

void replace_resolved(const fs::path& target, std::string_view content) {
  struct stat old{};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) detail::throw_error("cannot stat", target, errno);
  if (exists && !S_ISREG(old.st_mode)) {
    detail::throw_error("not a regular file", target, S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
  }
  // Nobody else may read what may be a secret until the bits are right; a new file gets what the umask
  // leaves.
  TemporaryFile file(temporary_name(target), exists ? 0600 : 0666);
  file.write(content);
  if (exists) file.take_attributes_of(old);
  file.flush_and_close();
  Directory directory(target.parent_path());
  file.rename_to(target);
  directory.flush();
}

#endif

}  // namespace

namespace detail {

fs::path resolved(const fs::path& path) {
  if (path.empty()) throw_error("empty path", path, ENOENT);
  fs::path target = fs::absolute(path);
  // weakly_canonical() does not follow a dangling link; 40 is what Linux follows (path_resolution(7)).
  for (int links = 0; fs::is_symlink(fs::symlink_status(target)); ++links) {
    if (links == 40) throw_error("too many links", path, ELOOP);
    target = target.parent_path() / fs::read_symlink(target);
  }
  return fs::weakly_canonical(target);
}

std::optional<std::string> read_file(const fs::path& path) {
#ifdef _WIN32
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
#else
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor == -1) {
    if (errno == ENOENT) return std::nullopt;
    throw_error("cannot open", path, errno);
  }
  std::string content;
  std::string block(65536, '\0');
  for (;;) {
    const ssize_t count = ::read(descriptor, block.data(), block.size());
    if (count == -1 && errno == EINTR) continue;
    if (count <= 0) {
      const int error = errno;
      ::close(descriptor);
      if (count == 0) return content;
      throw_error("cannot read", path, error);
    }
    content.append(block, 0, static_cast<std::size_t>(count));
  }
#endif
}

}  // namespace detail

void replace_file(const fs::path& path, std::string_view content) {
  replace_resolved(detail::resolved(path), content);
}

void update_file(const fs::path& path, const std::function<std::string(std::optional<std::string>)>& fn,
                 std::optional<std::chrono::milliseconds> timeout) {
  const FileLock lock(path);
  Hold hold = timeout ? lock.acquire(*timeout) : lock.acquire();
  replace_resolved(lock.path(), fn(detail::read_file(lock.path())));
  hold.release();
}

}  // namespace lockwright::runtime
