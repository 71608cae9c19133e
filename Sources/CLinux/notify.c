#define _GNU_SOURCE
#include "clinux_notify.h"

#include <errno.h>
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
