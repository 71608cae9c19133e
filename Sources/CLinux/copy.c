#define _GNU_SOURCE
#include "clinux_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long lx_copy_times(int from_dirfd, const char *from, int to_dirfd, const char *to) {
  struct stat status;
  if (fstatat(from_dirfd, from, &status, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
  struct timespec times[2] = {status.st_atim, status.st_mtim};
  return result(utimensat(to_dirfd, to, times, AT_SYMLINK_NOFOLLOW));
}

// copy_file_range(2) may refuse two filesystems; reading and writing always works.
static long copy_span(int from, int to, off_t at, off_t end) {
  static char buffer[1 << 16];
  while (at < end) {
    off_t in = at, out = at;
    ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - at), 0);
    if (n < 0 && errno != EINTR) {
      size_t most = end - at < (off_t)sizeof buffer ? (size_t)(end - at) : sizeof buffer;
      n = pread(from, buffer, most, at);
      for (ssize_t put = 0; n > 0 && put < n;) {
        ssize_t m = pwrite(to, buffer + put, (size_t)(n - put), at + put);
        if (m < 0 && errno != EINTR) return -errno;
        if (m > 0) put += m;
      }
      if (n < 0 && errno != EINTR) return -errno;
    }
    if (n == 0) return 0;  // it has become shorter
    if (n > 0) at += n;
  }
  return 0;
}

long lx_copy_data(int from, int to, uint64_t size) {
  off_t end = (off_t)size;
  if (ftruncate(to, end) < 0) return -errno;
  for (off_t at = 0; at < end;) {
    off_t data = lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) return 0;  // a hole to the end
    if (data < 0) data = at;                   // this filesystem cannot tell
    off_t hole = lseek(from, data, SEEK_HOLE);
    if (hole < 0 || hole > end) hole = end;
    long error = copy_span(from, to, data, hole);
    if (error < 0) return error;
    at = hole;
  }
  return 0;
}
