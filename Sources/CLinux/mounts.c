#include "clinux_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// The numbers are the same on every architecture (they are newer than the common table).
enum {
  nr_open_tree = 428,
  nr_move_mount = 429,
  nr_fsopen = 430,
  nr_fsconfig = 431,
  nr_fsmount = 432,
  nr_mount_setattr = 442,
};

enum { at_empty_path = 0x1000, at_recursive = 0x8000 };

static long result(long value) { return value < 0 ? -errno : value; }

long lx_open_tree(int dirfd, const char *path, int recursive) {
  unsigned flags = 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC;
  if (!path[0]) flags |= at_empty_path;
  if (recursive) flags |= at_recursive;
  return result(syscall(nr_open_tree, dirfd, path, flags));
}
long lx_move_mount(int from, int to) {
  // MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
  return result(syscall(nr_move_mount, from, "", to, "", 0x04 | 0x40));
}
long lx_fsopen(const char *type) { return result(syscall(nr_fsopen, type, 1 /* CLOEXEC */)); }
long lx_fsconfig_set(int fd, const char *key, const char *value) {
  return result(syscall(nr_fsconfig, fd, value ? 1 : 0, key, value, 0));
}
long lx_fsconfig_create(int fd) {
  return result(syscall(nr_fsconfig, fd, 6, (void *)0, (void *)0, 0));
}
long lx_fsmount(int fd, unsigned attributes) {
  return result(syscall(nr_fsmount, fd, 1 /* CLOEXEC */, attributes));
}
long lx_mount_setattr(int fd, int recursive, uint64_t set, uint64_t clear, uint64_t propagation,
                      int userns) {
  uint64_t attr[4] = {set, clear, propagation, userns < 0 ? 0 : (uint64_t)userns};
  unsigned flags = at_empty_path | (recursive ? at_recursive : 0);
  return result(syscall(nr_mount_setattr, fd, "", flags, attr, sizeof attr));
}
long lx_chroot(const char *path) { return result(syscall(SYS_chroot, path)); }
long lx_namespace_kind(int fd) { return result(ioctl(fd, 0xb703)); }
uint64_t lx_boottime_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
