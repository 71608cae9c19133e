#define _GNU_SOURCE
#include "clinux_monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

static long result(long r) { return r < 0 ? -errno : r; }

long lx_pipe(int fds[2]) { return result(pipe2(fds, O_CLOEXEC)); }

long lx_poll(const int *fds, const short *events, short *ready, size_t n, int timeout_ms) {
  struct pollfd set[64];
  if (n > 64) return -EINVAL;
  for (size_t i = 0; i < n; i++) {
    set[i].fd = fds[i];
    set[i].events = events[i];
    set[i].revents = 0;
  }
  long r = result(poll(set, n, timeout_ms));
  for (size_t i = 0; i < n; i++) ready[i] = r > 0 ? set[i].revents : 0;
  return r;
}

long lx_ftruncate(int fd, int64_t length) { return result(ftruncate(fd, length)); }
long lx_room(int fd, uint64_t *bytes) {
  struct statvfs fs;
  if (fstatvfs(fd, &fs) < 0) return -errno;
  // A filesystem without a size says 0 of 0.
  *bytes = fs.f_blocks ? (uint64_t)fs.f_bavail * fs.f_frsize : UINT64_MAX;
  return 0;
}
long lx_fdatasync(int fd) { return result(fdatasync(fd)); }
long lx_seek_end(int fd) { return result(lseek(fd, 0, SEEK_END)); }

long lx_pread(int fd, void *buffer, size_t n, int64_t offset) {
  return result(pread(fd, buffer, n, offset));
}

long lx_send_now(int fd, const void *message, size_t n) {
  return result(send(fd, message, n, MSG_DONTWAIT | MSG_NOSIGNAL));
}
