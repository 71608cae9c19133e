#define _GNU_SOURCE
#include "clinux_load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <time.h>

static long result(long value) { return value < 0 ? -errno : value; }

long lx_wait_until(int fd, int want, uint64_t moment_ns) {
  struct timespec now, rest = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
  if (moment_ns > now_ns) {
    rest.tv_sec = (time_t)((moment_ns - now_ns) / 1000000000ull);
    rest.tv_nsec = (long)((moment_ns - now_ns) % 1000000000ull);
  }
  struct pollfd one = {.fd = fd, .events = (short)((want & 1 ? POLLIN : 0) | (want & 2 ? POLLOUT : 0))};
  long r = result(ppoll(&one, 1, &rest, NULL));
  if (r <= 0) return r;
  return (one.revents & ~POLLOUT ? 1 : 0) | (one.revents & POLLOUT ? 2 : 0);
}

long lx_set_blocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : result(fcntl(fd, F_SETFL, flags & ~O_NONBLOCK));
}

uint64_t lx_minor_faults(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) < 0 ? 0 : (uint64_t)usage.ru_minflt;
}

uint64_t lx_children_cpu_ns(void) {
  struct rusage u;
  if (getrusage(RUSAGE_CHILDREN, &u) < 0) return 0;
  return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) * 1000000000ull +
         ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * 1000ull;
}

long lx_forget_cached(int fd) { return -(long)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); }

int lx_o_direct(void) { return O_DIRECT; }

uint64_t lx_touch(uint64_t *word) { return *(volatile uint64_t *)word; }
