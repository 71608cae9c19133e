#define _GNU_SOURCE
#include "clinux_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long lx_linkat(int from_dirfd, const char *from, int to_dirfd, const char *to) {
  return result(linkat(from_dirfd, from, to_dirfd, to, 0));
}
long lx_set_times(int dirfd, const char *path, int64_t atime_s, int64_t atime_ns, int64_t mtime_s,
                  int64_t mtime_ns) {
  struct timespec times[2] = {{atime_s, atime_ns}, {mtime_s, mtime_ns}};
  if (!path) return result(futimens(dirfd, times));
  return result(utimensat(dirfd, path, times, AT_SYMLINK_NOFOLLOW));
}
long lx_times(int dirfd, const char *path, int64_t mtime[2], int64_t ctime[2]) {
  struct stat s;
  if (fstatat(dirfd, path, &s, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0) return -errno;
  mtime[0] = s.st_mtim.tv_sec, mtime[1] = s.st_mtim.tv_nsec;
  ctime[0] = s.st_ctim.tv_sec, ctime[1] = s.st_ctim.tv_nsec;
  return 0;
}

/// There is no *xattrat(2) before Linux 6.13. Returns 0 when the path is too long.
static int place(char *out, size_t n, int dirfd, const char *path) {
  int length = snprintf(out, n, "/proc/self/fd/%d/%s", dirfd, path);
  return length > 0 && (size_t)length < n;
}
long lx_fsetxattr(int fd, const char *name, const void *value, size_t n) {
  return result(fsetxattr(fd, name, value, n, 0));
}
long lx_setxattrat(int dirfd, const char *path, const char *name, const void *value, size_t n) {
  char full[512];
  if (!place(full, sizeof full, dirfd, path)) return -ENAMETOOLONG;
  return result(lsetxattr(full, name, value, n, 0));
}
long lx_listxattrat(int dirfd, const char *path, char *names, size_t n) {
  char full[512];
  if (!place(full, sizeof full, dirfd, path)) return -ENAMETOOLONG;
  return result(llistxattr(full, names, n));
}
long lx_getxattrat(int dirfd, const char *path, const char *name, void *value, size_t n) {
  char full[512];
  if (!place(full, sizeof full, dirfd, path)) return -ENAMETOOLONG;
  return result(lgetxattr(full, name, value, n));
}
long lx_fchmod(int fd, unsigned mode) { return result(fchmod(fd, mode)); }
long lx_fchown(int fd, unsigned uid, unsigned gid) { return result(fchown(fd, uid, gid)); }
long lx_pwrite(int fd, const void *buffer, size_t n, int64_t offset) {
  long put;
  do put = pwrite(fd, buffer, n, offset);
  while (put < 0 && errno == EINTR);
  return result(put);
}
long lx_fsync(int fd) { return result(fsync(fd)); }
long lx_write_out(int fd, int64_t offset, int64_t n) {
  return result(sync_file_range(fd, offset, n, SYNC_FILE_RANGE_WRITE));
}
long lx_rename_new(const char *from, const char *to) {
  return result(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1 /* NOREPLACE */));
}
long lx_seek_data(int fd, int64_t offset) { return result(lseek(fd, offset, SEEK_DATA)); }
long lx_seek_hole(int fd, int64_t offset) { return result(lseek(fd, offset, SEEK_HOLE)); }
