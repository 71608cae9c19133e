// CPU time: how much of it there is, and when.
//
//   begin ─ spins, unmeasured ─┬────────── window ──────────┬ end
//                              │▒▒▒▒    ▒▒▒▒    ▒▒▒▒    ▒▒▒▒ │   ▒ runs: its CPU clock goes on
//                              │    └gap┘                    │   the longest gap is the stall
//
// What a quota left over before is used up in the unmeasured part; a window of whole periods then
// holds whole quotas, wherever it begins (kernel: Documentation/scheduler/sched-bwc.rst).
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

struct burner {
  uint64_t cpu, gap, outside, late;
};

static void spin(struct burner *own, uint64_t begin, uint64_t end, int64_t home) {
  uint64_t last = now_ns();
  own->late = last > begin ? last - begin : 0;
  while (last < begin) last = now_ns();
  uint64_t cpu = cpu_ns();
  while (last < end) {
    uint64_t now = now_ns();
    uint64_t gap = now - last;
    if (gap > own->gap) own->gap = gap;
    if (home >= 0 && sched_getcpu() != home) own->outside += gap;
    last = now;
  }
  own->cpu = cpu_ns() - cpu;
}

static void stay_on(int64_t cpu) {
  if (cpu < 0) return;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET((int)cpu, &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) die("sched_setaffinity(2)", "itself");
}

// BEGIN is a moment of CLOCK_MONOTONIC, or with a plus sign so long from now.
int burn(uint64_t processes, const char *begin, uint64_t window, int64_t pin, int64_t home) {
  stay_on(pin);
  uint64_t from = *begin == '+' ? now_ns() + number(begin + 1) : number(begin);
  struct burner *all = shared(processes * sizeof *all);
  for (uint64_t i = 1; i < processes; i++) {
    pid_t pid = fork();
    if (pid < 0) die("fork(2)", "a burner");
    if (pid > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    spin(&all[i], from, from + window, home);
    _exit(0);
  }
  spin(&all[0], from, from + window, home);
  while (wait(NULL) > 0) {}
  struct burner sum = {0, 0, 0, 0};
  for (uint64_t i = 0; i < processes; i++) {
    sum.cpu += all[i].cpu;
    sum.outside += all[i].outside;
    if (all[i].gap > sum.gap) sum.gap = all[i].gap;
    if (all[i].late > sum.late) sum.late = all[i].late;
  }
  put("cpu", sum.cpu);
  put("stall", sum.gap);
  put("outside", sum.outside);
  put("late", sum.late);
  return 0;
}

static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

// A request that needs WORK of CPU time comes every GAP, whether the last was quick or not.
int burst(uint64_t work, uint64_t gap, uint64_t count) {
  uint64_t *took = calloc(count, sizeof *took);
  if (!took || !count) die("burst", "count");
  uint64_t due = now_ns() + gap;
  for (uint64_t i = 0; i < count; i++, due += gap) {
    struct timespec t = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
    uint64_t cpu = cpu_ns();
    while (cpu_ns() - cpu < work) {}
    took[i] = now_ns() - due;
  }
  qsort(took, count, sizeof *took, ascending);
  put("median", took[count / 2]);
  put("worst", took[count - 1]);
  free(took);
  return 0;
}

enum { side = 64 };
static double a[side][side], b[side][side], c[side][side];

// Felter et al. ran Linpack: dense matrices, which ask the kernel for nothing.
int compute(uint64_t count, int64_t pin) {
  stay_on(pin);
  for (int i = 0; i < side; i++)
    for (int j = 0; j < side; j++) a[i][j] = i + j + 1, b[i][j] = 1.0 / (i + j + 1);
  uint64_t start = now_ns(), cpu = cpu_ns();
  for (uint64_t n = 0; n < count; n++)
    for (int i = 0; i < side; i++)
      for (int k = 0; k < side; k++)
        for (int j = 0; j < side; j++) c[i][j] += a[i][k] * b[k][j];
  put("took", now_ns() - start);
  put("cpu", cpu_ns() - cpu);
  put("operations", count * side * side * side * 2);
  // The sum of row 0: what nobody reads, a compiler leaves out.
  double sum = 0;
  for (int j = 0; j < side; j++) sum += c[0][j];
  put("checksum", (uint64_t)(sum * 1000));
  return 0;
}
