#define _GNU_SOURCE
#include "clinux_process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif

static long result(long value) { return value < 0 ? -errno : value; }

// <linux/sched/types.h> cannot be included beside <sched.h>; this is its SCHED_ATTR_SIZE_VER1.
struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t util_min, util_max;
};

long lx_sched_setattr(uint32_t policy, uint64_t flags, int32_t nice, uint32_t priority,
                      uint64_t runtime_ns, uint64_t deadline_ns, uint64_t period_ns) {
  struct attributes a = {sizeof a,    policy,      flags,     nice,       priority,
                         runtime_ns, deadline_ns, period_ns, UINT32_MAX, UINT32_MAX};
  return result(syscall(__NR_sched_setattr, 0, &a, 0));
}
long lx_ioprio_set(int value) {
  return result(syscall(__NR_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, value));
}
long lx_personality(unsigned long persona) { return result(syscall(__NR_personality, persona)); }
long lx_sched_setaffinity(int pid, size_t bytes, const uint64_t *mask) {
  return result(syscall(__NR_sched_setaffinity, pid, bytes, mask));
}
long lx_set_mempolicy(int mode, const uint64_t *nodes, unsigned long bits) {
  // The kernel takes one bit less than it is told (get_nodes in mm/mempolicy.c).
  return result(syscall(__NR_set_mempolicy, mode, bits ? nodes : NULL, bits ? bits + 1 : 0));
}
long lx_get_mempolicy(int *mode) {
  return result(syscall(__NR_get_mempolicy, mode, NULL, 0, NULL, 0));
}
long lx_capget_effective(uint64_t *mask) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  long r = result(syscall(__NR_capget, &header, data));
  if (r == 0) *mask = data[0].effective | (uint64_t)data[1].effective << 32;
  return r;
}
long lx_pidfd_getfd(int pidfd, int fd) {
  return result(syscall(__NR_pidfd_getfd, pidfd, fd, 0));
}
long lx_next_descriptor(void) {
  int fd = open("/", O_PATH | O_CLOEXEC);
  if (fd < 0) return -errno;
  close(fd);
  return fd;
}
long lx_seccomp_has_action(uint32_t action) {
  return result(syscall(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}
long lx_seccomp_has_flags(unsigned flags) {
  // Known flags are followed by a look at the program, which is not there.
  long r = result(syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL));
  return r == -EFAULT ? 0 : r;
}
long lx_descriptor_flags(int fd) { return result(fcntl(fd, F_GETFD)); }
long lx_route_socket(void) {
  return result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0 /* NETLINK_ROUTE */));
}
long lx_netfilter_socket(void) {
  return result(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 12 /* NETLINK_NETFILTER */));
}
long lx_link_flags(const char *name) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return -ENAMETOOLONG;
  strcpy(request.ifr_name, name);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);  // any socket will do
  if (fd < 0) return -errno;
  long r = result(ioctl(fd, SIOCGIFFLAGS, &request));
  close(fd);
  return r < 0 ? r : (unsigned short)request.ifr_flags;
}
long lx_link_index(const char *name) {
  unsigned index = if_nametoindex(name);
  return index ? (long)index : -errno;
}
