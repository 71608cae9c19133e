// Starting a program from a process that may have threads, and waiting for it with signals.
#pragma once

/// Starts a program: fork, descriptors, exec, in C alone, since the caller may have threads.
/// `fds` become the child's 0, 1 and 2; `inherit` (or -1) stays open under its number; when
/// `death_signal` is not 0 the child gets it when the calling thread ends (PR_SET_PDEATHSIG).
/// Returns the pid, or minus the errno of the call that failed, execve(2) included. `pidfd`
/// receives a close-on-exec descriptor.
long lx_spawn(const char *path, char *const *argv, char *const *envp, const int fds[3],
              int inherit, int death_signal, int *pidfd);

/// Starts a program as quickly as the kernel can: posix_spawn(3), which copies no page tables. The
/// child's standard output is `output`, all else is inherited. Returns the pid or minus an errno.
long lx_spawn_quick(const char *path, char *const *argv, char *const *envp, int output);

/// The number of the next pending signal, from a signalfd; `sent` tells whether a process sent it
/// (kill(2)) rather than the kernel (Ctrl-C).
long lx_signalfd_read_origin(int fd, int *sent);
