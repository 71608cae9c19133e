#define _GNU_SOURCE
#include "clinux_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clinux.h"

// The child's side. Only async-signal-safe calls from here (signal-safety(7)), and nothing that the
// parent, whose memory this is (vfork(2)), would miss.
static int child(const char *path, char *const *argv, char *const *envp, const int fds[3],
                 int inherit, int death_signal, pid_t parent) {
  if (death_signal) {
    if (prctl(PR_SET_PDEATHSIG, death_signal) < 0) return errno;
    if (getppid() != parent) return ESRCH;  // it ended before the line above
  }
  // Out of the way of 0, 1 and 2 first: fds[0] may be 1.
  int high[3];
  for (int i = 0; i < 3; i++)
    if ((high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3)) < 0) return errno;
  for (int i = 0; i < 3; i++)
    if (dup2(high[i], i) < 0) return errno;
  if (inherit >= 0 && fcntl(inherit, F_SETFD, 0) < 0) return errno;
  lx_signals_default();
  execve(path, argv, envp);
  return errno;
}

long lx_spawn(const char *path, char *const *argv, char *const *envp, const int fds[3],
              int inherit, int death_signal, int *pidfd) {
  // Closed by a successful execve; otherwise it brings the child's errno.
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) < 0) return -errno;
  pid_t parent = getpid();
  // A fork(2) would copy the page tables of a large parent only to drop them at execve(2), for which
  // the parent waits anyway.
  pid_t pid = vfork();
  if (pid < 0) {
    long error = -errno;
    close(failure[0]);
    close(failure[1]);
    return error;
  }
  if (pid == 0) {
    int error = child(path, argv, envp, fds, inherit, death_signal, parent);
    if (write(failure[1], &error, sizeof error) < 0) _exit(126);
    _exit(127);
  }
  close(failure[1]);
  int error = 0;
  long got = lx_read(failure[0], &error, sizeof error);
  close(failure[0]);
  if (got <= 0) {
    got = lx_pidfd_open(pid);
    if (got >= 0) {
      *pidfd = (int)got;
      return pid;
    }
    error = (int)-got;
    kill(pid, SIGKILL);
  }
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return -error;
}

long lx_spawn_quick(const char *path, char *const *argv, char *const *envp, int output) {
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return -error;
  pid_t pid = 0;
  posix_spawnattr_t attributes;
  error = posix_spawnattr_init(&attributes);
  if (!error) {
    sigset_t none;
    sigemptyset(&none);
    // What the caller blocks is its own affair; and a key at the terminal is for the caller only.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    error = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!error) error = posix_spawn(&pid, path, &actions, &attributes, argv, envp);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error ? -error : pid;
}

long lx_signalfd_read_origin(int fd, int *sent) {
  struct signalfd_siginfo info;
  long got = lx_read(fd, &info, sizeof info);
  if (got < 0) return got;
  *sent = info.ssi_code <= 0;  // SI_USER, SI_QUEUE, SI_TKILL; the kernel's own are above
  return (long)info.ssi_signo;
}
