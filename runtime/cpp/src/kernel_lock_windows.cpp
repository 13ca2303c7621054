// LockFileEx. UNTESTED: written from Microsoft's documentation, never run by this project's tests.
//
// The lock is one byte far behind the holder record: locks are mandatory here, and the record has to stay
// readable. It belongs to the handle, as flock's belongs to the description. Handles are not inherited by
// child processes.
#include <windows.h>

#include <cerrno>

#include "kernel_lock.h"

namespace lockwright::runtime::kernel {

namespace {

constexpr DWORD locked_byte = 1U << 30;  // the same in the Python form

int errno_of(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND: return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION: return EACCES;
    case ERROR_TOO_MANY_OPEN_FILES: return EMFILE;
    case ERROR_DISK_FULL: return ENOSPC;
    case ERROR_WRITE_PROTECT: return EROFS;
    case ERROR_INVALID_FUNCTION:
    case ERROR_NOT_SUPPORTED: return ENOLCK;
    default: return EIO;
  }
}

HANDLE open_shared(const std::filesystem::path& path, DWORD disposition) {
  return CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE,
                     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, disposition,
                     FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
}

bool file_id(HANDLE handle, FileId& id) {
  BY_HANDLE_FILE_INFORMATION information;
  if (!GetFileInformationByHandle(handle, &information)) return false;
  id = {.device = information.dwVolumeSerialNumber,
        .inode = (static_cast<std::uint64_t>(information.nFileIndexHigh) << 32) | information.nFileIndexLow};
  return true;
}

bool lock_byte(HANDLE handle, bool shared, bool waits = false) {
  OVERLAPPED where{};
  where.Offset = locked_byte;
  const DWORD flags = (waits ? 0U : LOCKFILE_FAIL_IMMEDIATELY) | (shared ? 0U : LOCKFILE_EXCLUSIVE_LOCK);
  return LockFileEx(handle, flags, 0, 1, 0, &where) != 0;
}

Attempt attempt(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, bool shared,
                bool waits, int& error) {
  if (!lock_byte(descriptor, shared, waits)) {
    const DWORD code = GetLastError();
    if (code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING) return Attempt::busy;
    error = errno_of(code);
    return Attempt::failed;
  }
  const HANDLE named = open_shared(path, OPEN_EXISTING);
  if (named == INVALID_HANDLE_VALUE) {
    const DWORD code = GetLastError();
    if (code == ERROR_FILE_NOT_FOUND) return Attempt::replaced;
    error = errno_of(code);
    return Attempt::failed;
  }
  FileId found;
  const bool known = file_id(named, found);
  CloseHandle(named);
  return known && found == id ? Attempt::granted : Attempt::replaced;
}

}  // namespace

int open_lock_file(const std::filesystem::path& path, Descriptor& descriptor, FileId& id) {
  const HANDLE handle = open_shared(path, OPEN_ALWAYS);
  if (handle == INVALID_HANDLE_VALUE) return errno_of(GetLastError());
  if (!file_id(handle, id)) {
    const DWORD error = GetLastError();
    CloseHandle(handle);
    return errno_of(error);
  }
  descriptor = handle;
  return 0;
}

Attempt try_lock(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, bool shared,
                 int& error) {
  return attempt(descriptor, path, id, shared, false, error);
}

Attempt wait_for_lock(Descriptor descriptor, const std::filesystem::path& path, const FileId& id, bool shared,
                      int& error) {
  return attempt(descriptor, path, id, shared, true, error);
}

int probe_exclusion(const std::filesystem::path& path) {
  const HANDLE second = open_shared(path, OPEN_EXISTING);
  if (second == INVALID_HANDLE_VALUE) return errno_of(GetLastError());
  const bool granted = lock_byte(second, false);
  const DWORD code = GetLastError();
  CloseHandle(second);
  if (granted) return ENOLCK;
  return code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING ? 0 : errno_of(code);
}

int write_record(Descriptor descriptor, const char* bytes, std::size_t size) {
  OVERLAPPED where{};
  DWORD written = 0;
  if (!WriteFile(descriptor, bytes, static_cast<DWORD>(size), &written, &where))
    return errno_of(GetLastError());
  return written == size ? 0 : EIO;
}

int unlock(Descriptor descriptor) {
  OVERLAPPED where{};
  where.Offset = locked_byte;
  return UnlockFileEx(descriptor, 0, 1, 0, &where) ? 0 : errno_of(GetLastError());
}

int close(Descriptor descriptor) {
  return CloseHandle(descriptor) ? 0 : errno_of(GetLastError());
}

}  // namespace lockwright::runtime::kernel
