#define _GNU_SOURCE
#include "clinux_notify.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

long lx_eventfd(void) {
  int fd = eventfd(0, EFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

long lx_inotify_init(void) {
  int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

long lx_inotify_watch_changes(int fd, const char *path) {
  int watch = inotify_add_watch(fd, path, IN_MODIFY);
  return watch < 0 ? -errno : watch;
}

long lx_inotify_watch_entries(int fd, const char *path) {
  int watch = inotify_add_watch(fd, path,
                                IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                    IN_CLOSE_WRITE | IN_ONLYDIR | IN_DONT_FOLLOW);
  return watch < 0 ? -errno : watch;
}

long lx_epoll_create(void) {
  int fd = epoll_create1(EPOLL_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

long lx_epoll_set(int epoll, int fd, unsigned events, int known) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  int r = epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  return r < 0 ? -errno : r;
}

long lx_epoll_remove(int epoll, int fd) {
  int r = epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0);
  return r < 0 ? -errno : r;
}

long lx_epoll_wait(int epoll, int *fds, unsigned *events, unsigned n, int timeout_ms) {
  struct epoll_event got[64];
  int r = epoll_wait(epoll, got, n < 64 ? (int)n : 64, timeout_ms);
  if (r < 0) return -errno;
  for (int i = 0; i < r; i++) {
    fds[i] = got[i].data.fd;
    events[i] = got[i].events;
  }
  return r;
}
