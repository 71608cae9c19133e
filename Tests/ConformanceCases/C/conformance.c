#define _GNU_SOURCE
#include "conformance.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long conformance_call(long number, const unsigned long a[6]) {
  return result(syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

long conformance_call32(long number, const unsigned long a[6]) {
#ifdef __x86_64__
  long value;
  __asm__ volatile("int $0x80"
                   : "=a"(value)
                   : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2])
                   : "memory", "r8", "r9", "r10", "r11");
  return (int)value;
#else
  (void)number, (void)a;
  return -ENOSYS;
#endif
}

long conformance_number(const char *name) {
  static const struct {
    const char *name;
    long number;
  } table[] = {
      {"getppid", SYS_getppid},         {"personality", SYS_personality},
      {"ioprio_get", SYS_ioprio_get},   {"sched_yield", SYS_sched_yield},
      {"getcpu", SYS_getcpu},           {"umask", SYS_umask},
      {"setpriority", SYS_setpriority}, {"mknodat", SYS_mknodat},
      {"seccomp", SYS_seccomp},         {"getpgid", SYS_getpgid},
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (!strcmp(name, table[i].name)) return table[i].number;
  return -1;
}

long conformance_scheduler(unsigned long values[7]) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } now = {0};
  long r = result(syscall(SYS_sched_getattr, 0, &now, sizeof now, 0));
  if (r < 0) return r;
  unsigned long all[7] = {now.policy,   now.flags,    (unsigned long)(long)now.nice, now.priority,
                          now.runtime,  now.deadline, now.period};
  memcpy(values, all, sizeof all);
  return 0;
}

long conformance_adopt(void) { return result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)); }

long conformance_listen(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0) {
    long r = -errno;
    close(fd);
    return r;
  }
  return fd;
}

long conformance_receive(int socket, char *data, size_t room, int *fds, int *count) {
  struct iovec iov = {.iov_base = data, .iov_len = room};
  union {
    char bytes[CMSG_SPACE(8 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long r;
  do {
    r = result(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
  } while (r == -EINTR);
  int most = *count;
  *count = 0;
  if (r < 0) return r;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) {
    int got = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (got > most) got = most;
    memcpy(fds, CMSG_DATA(header), (size_t)got * sizeof(int));
    *count = got;
  }
  return r;
}
