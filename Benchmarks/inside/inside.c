// inside: the program that experiments run in containers, and on the host beside them.
//
//   calls KIND COUNT                  what a system call costs
//   burn PROCESSES BEGIN WINDOW PIN HOME
//                                     CPU time used in a window, the longest stall, time outside
//                                     of the CPU called HOME; -1 for no CPU
//   burst WORK GAP COUNT              how long bursts of WORK take, one every GAP
//   compute COUNT [CPU]               multiplications of matrices, on one CPU
//   allocate BYTES [end]              touches memory until killed, or kills itself at the end
//   reread PATH BYTES                 reads a file through the page cache
//   write-direct PATH BYTES CHUNK     writes past the page cache
//   forks MOST                        processes until fork(2) is refused
//   copy FROM TO                      what cp(1) does
//   metadata DIRECTORY COUNT          create, stat, rename, unlink
//   data DIRECTORY BYTES              writes a file and reads it back
//   netns 0|1                         how long a killed child's network namespace stays
//   churn KIND COUNT                  children that make namespaces and end
//   unshare net|uts CALLERS COUNT     processes that each make so many namespaces, all at once
//   pause                             nothing, for ever
//
// Times are nanoseconds. Every mode but pause prints `name value` lines and what surrounds it:
// `seccomp` as /proc/self/status has it, `root`, which host user is root here, and `cpus`, on how
// many CPUs it may run.
//
// It is in C: nothing of a language's runtime stands between the loop and the kernel.
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }
uint64_t cpu_ns(void) { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

void put(const char *name, uint64_t value) { printf("%s %" PRIu64 "\n", name, value); }

void die(const char *call, const char *object) {
  fprintf(stderr, "inside: %s: %s: %s\n", call, object, strerror(errno));
  exit(1);
}

uint64_t number(const char *text) {
  char *end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  if (errno || end == text || *end) {
    errno = EINVAL;
    die("number", text);
  }
  return value;
}

void *shared(uint64_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) die("mmap(2)", "shared memory");
  return memory;
}

// proc_pid_status(5), user_namespaces(7), sched_getaffinity(2).
static void put_surroundings(void) {
  char line[256];
  FILE *status = fopen("/proc/self/status", "r");
  if (!status) die("open(2)", "/proc/self/status");
  unsigned value;
  while (fgets(line, sizeof line, status))
    if (sscanf(line, "Seccomp: %u", &value) == 1) put("seccomp", value);
  fclose(status);
  FILE *map = fopen("/proc/self/uid_map", "r");
  if (!map) die("open(2)", "/proc/self/uid_map");
  if (fscanf(map, "%*u %u", &value) == 1) put("root", value);
  fclose(map);
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) < 0) die("sched_getaffinity(2)", "itself");
  put("cpus", (uint64_t)CPU_COUNT(&cpus));
}

static int run(int argc, char **argv) {
  const char *mode = argv[1];
  int more = argc - 2;
  char **rest = argv + 2;
  if (!strcmp(mode, "calls") && more == 2) return calls(rest[0], number(rest[1]));
  if (!strcmp(mode, "burn") && more == 5)
    return burn(number(rest[0]), rest[1], number(rest[2]), atoll(rest[3]), atoll(rest[4]));
  if (!strcmp(mode, "burst") && more == 3)
    return burst(number(rest[0]), number(rest[1]), number(rest[2]));
  if (!strcmp(mode, "compute") && (more == 1 || more == 2))
    return compute(number(rest[0]), more > 1 ? (int64_t)number(rest[1]) : -1);
  if (!strcmp(mode, "allocate") && more >= 1) return allocate(number(rest[0]), more > 1);
  if (!strcmp(mode, "reread") && more == 2) return reread(rest[0], number(rest[1]));
  if (!strcmp(mode, "write-direct") && more == 3)
    return write_direct(rest[0], number(rest[1]), number(rest[2]));
  if (!strcmp(mode, "forks") && more == 1) return forks(number(rest[0]));
  if (!strcmp(mode, "netns") && more == 1) return netns(number(rest[0]) != 0);
  if (!strcmp(mode, "churn") && more == 2) return churn(rest[0], number(rest[1]));
  if (!strcmp(mode, "unshare") && more == 3)
    return unshares(rest[0], number(rest[1]), number(rest[2]));
  if (!strcmp(mode, "copy") && more == 2) return copy(rest[0], rest[1]);
  if (!strcmp(mode, "metadata") && more == 2) return metadata(rest[0], number(rest[1]));
  if (!strcmp(mode, "data") && more == 2) return data(rest[0], number(rest[1]));
  errno = EINVAL;
  die("mode", mode);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: inside MODE [ARGUMENT...], see inside.c\n"), 2;
  if (!strcmp(argv[1], "pause"))
    for (;;) pause();
  int code = run(argc, argv);
  put_surroundings();
  return code;
}
