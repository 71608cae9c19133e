// Memory and processes up to their limits.
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct progress {
  volatile uint64_t touched, last;
};

// A child touches page after page; its parent, who needs next to nothing, survives to tell.
int allocate(uint64_t bytes, int ends_itself) {
  struct progress *progress = shared(sizeof *progress);
  uint64_t start = now_ns();
  pid_t pid = fork();
  if (pid < 0) die("fork(2)", "who allocates");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) die("mmap(2)", "memory");
    madvise(memory, bytes, MADV_NOHUGEPAGE);  // the limit is met page by page
    for (uint64_t at = 0; at < bytes; at += 4096) {
      memory[at] = 1;
      progress->touched = at + 4096;
      progress->last = now_ns();
    }
    if (ends_itself) kill(getpid(), SIGKILL);
    _exit(0);
  }
  int status;
  if (waitpid(pid, &status, 0) < 0) die("waitpid(2)", "who allocates");
  uint64_t end = now_ns();
  put("touched", progress->touched);
  put("death", end - progress->last);
  put("took", end - start);
  put("signal", WIFSIGNALED(status) ? (uint64_t)WTERMSIG(status) : 0);
  return 0;
}

// Children that only wait, until there may be no more.
int forks(uint64_t most) {
  pid_t *pids = calloc(most, sizeof *pids);
  if (!pids) die("malloc(3)", "pids");
  uint64_t made = 0;
  int error = 0;
  while (made < most) {
    pid_t pid = fork();
    if (pid < 0) {
      error = errno;
      break;
    }
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) pause();
    }
    pids[made++] = pid;
  }
  for (uint64_t i = 0; i < made; i++) kill(pids[i], SIGKILL);
  for (uint64_t i = 0; i < made; i++) waitpid(pids[i], NULL, 0);
  free(pids);
  put("made", made);
  put("refused", (uint64_t)error);
  put("again", EAGAIN);
  return 0;
}
