// Lets system calls fail on demand, to be preloaded into a driver. $LOCKWRIGHT_FAULTS names a file of one struct fault,
// mapped shared: the suite writes there which call on which file is to fail, how often, and with what.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct fault {
  char call[16];     // which
  int error;         // errno; 0: report success and do nothing
  _Atomic int left;  // how often
  _Atomic int hits;  // how often it did
  char path[220];    // on files with this in their path
};

static struct fault* fault;

__attribute__((constructor)) static void start(void) {
  const char* name = getenv("LOCKWRIGHT_FAULTS");
  int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC, 0) : -1;
  if (fd < 0) return;
  void* mapped = mmap(NULL, sizeof(struct fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped != MAP_FAILED) fault = mapped;
}

static int struck(const char* call, const char* path) {
  if (!fault || atomic_load(&fault->left) <= 0 || strcmp(fault->call, call) != 0 || !strstr(path, fault->path)) return 0;
  if (atomic_fetch_sub(&fault->left, 1) <= 0) return 0;
  atomic_fetch_add(&fault->hits, 1);
  return 1;
}

static int struck_fd(const char* call, int fd) {
  if (!fault || atomic_load(&fault->left) <= 0 || strcmp(fault->call, call) != 0) return 0;
  char link[64], path[PATH_MAX + 1];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlink, link, path, PATH_MAX);
  if (length < 0) return 0;
  path[length] = '\0';
  return struck(call, path);
}

#define FAIL(success)                    \
  do {                                   \
    if (fault->error == 0) return success; \
    errno = fault->error;                \
    return -1;                           \
  } while (0)

int flock(int fd, int operation) {
  if (struck_fd(operation & 8 ? "unlock" : "lock", fd)) FAIL(0);
  return (int)syscall(SYS_flock, fd, operation);
}

int fsync(int fd) {
  if (struck_fd("fsync", fd)) FAIL(0);
  return (int)syscall(SYS_fsync, fd);
}

// What is closed is gone, as on Linux; the error comes all the same.
int close(int fd) {
  int hit = struck_fd("close", fd);
  int result = (int)syscall(SYS_close, fd);
  if (hit) FAIL(0);
  return result;
}

ssize_t write(int fd, const void* buffer, size_t size) {
  if (struck_fd("write", fd)) FAIL((ssize_t)size);
  return syscall(SYS_write, fd, buffer, size);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
  if (struck_fd("write", fd)) FAIL((ssize_t)size);
  return syscall(SYS_pwrite64, fd, buffer, size, offset);
}

ssize_t pwrite64(int fd, const void* buffer, size_t size, off64_t offset) { return pwrite(fd, buffer, size, offset); }

ssize_t read(int fd, void* buffer, size_t size) {
  if (struck_fd("read", fd)) FAIL(0);
  return syscall(SYS_read, fd, buffer, size);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  if (struck_fd("read", fd)) FAIL(0);
  return syscall(SYS_pread64, fd, buffer, size, offset);
}

ssize_t pread64(int fd, void* buffer, size_t size, off64_t offset) { return pread(fd, buffer, size, offset); }

int statx(int fd, const char* restrict path, int flags, unsigned mask, struct statx* restrict status) {
  if (*path ? struck("statx", path) : struck_fd("statx", fd)) FAIL(0);
  return (int)syscall(SYS_statx, fd, path, flags, mask, status);
}

int rename(const char* from, const char* to) {
  if (struck("rename", to)) FAIL(0);
  return (int)syscall(SYS_rename, from, to);
}
