// System calls that glibc or the Glibc Swift module does not offer to Swift.
//
// Every function returns a value >= 0, or minus the errno. Nothing here allocates, and nothing
// here keeps state, so that all of it may be called between clone3 and exec.
#pragma once

#include <stddef.h>
#include <stdint.h>

// --- processes -------------------------------------------------------------------------------

/// clone3(2). Returns 0 in the child, the pid in the parent. `pidfd` (may be null) receives a
/// close-on-exec descriptor; `cgroup_fd` is used with CLONE_INTO_CGROUP.
long lx_clone3(uint64_t flags, int cgroup_fd, int exit_signal, int *pidfd);
/// fork(2) by clone(2), which every container's filter allows; clone3(2) is not among them.
long lx_fork(void);
long lx_unshare(int flags);
long lx_setns(int fd, int kind);
long lx_pidfd_open(int pid);
long lx_pidfd_send_signal(int pidfd, int signal);
long lx_kill(int pid, int signal);
/// wait4(2). `status` receives the raw status; `usage_us` (may be null) user and system time.
long lx_wait4(int pid, int *status, int options, uint64_t *user_us, uint64_t *system_us,
              uint64_t *max_rss_kib);
long lx_execve(const char *path, char *const *argv, char *const *envp);
void lx_exit(int code) __attribute__((noreturn));
long lx_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
long lx_setsid(void);
long lx_getpid(void);
long lx_getppid(void);
long lx_close_range(unsigned first, unsigned last, unsigned flags);
long lx_prlimit(int pid, int resource, const uint64_t *soft_hard, uint64_t *old_soft_hard);
long lx_sched_getaffinity(int pid, size_t bytes, unsigned long *mask);

// --- identity --------------------------------------------------------------------------------

long lx_setresuid(unsigned uid);
long lx_setresgid(unsigned gid);
long lx_setgroups(size_t n, const unsigned *gids);
long lx_keyctl_join_session(const char *name);

// --- files -----------------------------------------------------------------------------------

long lx_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
long lx_openat(int dirfd, const char *path, int flags, unsigned mode);
long lx_close(int fd);
long lx_dup3(int from, int to, int flags);
long lx_read(int fd, void *buffer, size_t n);
long lx_write(int fd, const void *buffer, size_t n);
long lx_mkdirat(int dirfd, const char *path, unsigned mode);
long lx_unlinkat(int dirfd, const char *path, int flags);
long lx_renameat(int from_dirfd, const char *from, int to_dirfd, const char *to);
long lx_symlinkat(const char *target, int dirfd, const char *path);
long lx_mknodat(int dirfd, const char *path, unsigned mode, unsigned major, unsigned minor);
long lx_fchmodat(int dirfd, const char *path, unsigned mode);
long lx_fchownat(int dirfd, const char *path, unsigned uid, unsigned gid, int flags);
long lx_fchdir(int fd);
long lx_chdir(const char *path);
long lx_umask(unsigned mask);
long lx_flock(int fd, int operation);
/// lseek(2) to the beginning.
long lx_rewind(int fd);
long lx_memfd_create(const char *name, unsigned flags);
long lx_readlinkat(int dirfd, const char *path, char *buffer, size_t n);
/// getdents64(2): raw records, to be walked with lx_dirent_*.
long lx_getdents64(int fd, void *buffer, size_t n);

/// What is needed of statx(2), without its struct.
struct lx_stat {
  uint64_t inode, size, blocks;
  int64_t mtime_s;
  uint32_t mode, uid, gid, links, dev_major, dev_minor, rdev_major, rdev_minor;
};
long lx_stat(int dirfd, const char *path, int flags, struct lx_stat *out);
/// statfs(2): the filesystem's magic number.
long lx_fs_magic(int fd, uint64_t *magic);

// --- mounts ----------------------------------------------------------------------------------

long lx_mount(const char *source, const char *target, const char *type, unsigned long flags,
              const char *data);
long lx_umount2(const char *target, int flags);
long lx_pivot_root(const char *new_root, const char *put_old);

// --- names, terminals ------------------------------------------------------------------------

long lx_sethostname(const char *name, size_t n);
long lx_setdomainname(const char *name, size_t n);
/// uname(2)'s release and node name, 65 bytes each.
long lx_uname(char *release, char *node);

/// Opens /dev/ptmx's pair: master and slave, both close-on-exec and without a controlling
/// terminal. `ptmx` names the multiplexer to open.
long lx_openpty(const char *ptmx, int *master, int *slave);
long lx_set_controlling_tty(int fd);
long lx_tty_raw(int fd, void *saved, size_t saved_size);
long lx_tty_restore(int fd, const void *saved, size_t saved_size);
/// Size of the saved terminal attributes, for lx_tty_raw.
size_t lx_tty_saved_size(void);
long lx_tty_size(int fd, uint16_t *rows, uint16_t *columns);
long lx_tty_resize(int fd, uint16_t rows, uint16_t columns);
long lx_isatty(int fd);

// --- sockets, polling, signals ---------------------------------------------------------------

/// A close-on-exec AF_UNIX pair: SOCK_SEQPACKET, so that each message arrives whole.
long lx_socketpair(int fds[2]);
long lx_unix_listen(const char *path, int seqpacket);
long lx_unix_connect(const char *path, int seqpacket);
long lx_accept(int fd);
/// Sends one byte of data and one descriptor (SCM_RIGHTS).
long lx_send_fd(int socket, int fd, const char *name, size_t n);
long lx_recv_fd(int socket, int *fd);
/// poll(2) over `n` descriptors for reading; bit i of `ready` is set when fds[i] is readable or
/// hung up.
long lx_poll_in(const int *fds, size_t n, int timeout_ms, uint64_t *ready);
/// Waits until a descriptor can be written to.
long lx_poll_out(int fd);
long lx_set_nonblocking(int fd);
/// Blocks every signal that can be and returns a signalfd for them; `saved` keeps the old mask
/// (8 bytes).
long lx_signalfd_all(uint64_t *saved);
/// The number of the next pending signal, from a signalfd.
long lx_signalfd_read(int fd);
long lx_sigmask_restore(uint64_t saved);
/// Every signal back to SIG_DFL and an empty mask: a child must not inherit what its parent
/// ignored.
void lx_signals_default(void);
/// Ignores SIGPIPE.
void lx_ignore_sigpipe(void);
/// From now on SIGINT, SIGTERM and SIGHUP only set a flag, and blocking calls return EINTR.
void lx_catch_interrupts(void);
/// The last such signal; 0 when none came.
int lx_interrupted(void);

// --- memory and load generation --------------------------------------------------------------

/// mmap(2) of zeroed anonymous memory, private or shared with later children. `address`
/// receives the start.
long lx_map_anonymous(size_t bytes, int shared, void **address);
long lx_unmap(void *address, size_t bytes);
/// madvise(2) MADV_NOHUGEPAGE: a touched byte costs one page, whatever the machine's THP mode.
long lx_no_huge_pages(void *address, size_t bytes);
void lx_sync(void);
long lx_syncfs(int fd);
long lx_setpgid(int pid, int group);
/// 1 when the signal's disposition is SIG_IGN (nohup, or a shell's background job), else 0.
int lx_signal_ignored(int signal);
/// CPU time that another process has used, in nanoseconds (clock_getcpuclockid(3)).
long lx_process_cpu_ns(int pid, uint64_t *ns);
/// Relaxed atomics on memory shared between processes. Out of line, so that the optimiser must
/// assume the value came from, or goes to, somebody else.
uint64_t lx_load(const uint64_t *word);
void lx_store(uint64_t *word, uint64_t value);
void lx_add(uint64_t *word, uint64_t value);

// --- clocks, seccomp, bpf --------------------------------------------------------------------

/// CLOCK_MONOTONIC in nanoseconds.
uint64_t lx_now_ns(void);
/// CLOCK_REALTIME in nanoseconds.
uint64_t lx_realtime_ns(void);
/// CLOCK_PROCESS_CPUTIME_ID in nanoseconds.
uint64_t lx_cpu_ns(void);
long lx_sleep_ns(uint64_t ns);
/// seccomp(2) SECCOMP_SET_MODE_FILTER with `n` instructions of 8 bytes.
long lx_seccomp_load(const void *instructions, uint16_t n, unsigned flags);
long lx_bpf_device_load(const void *instructions, uint32_t n);
long lx_bpf_cgroup_attach(int cgroup_fd, int program_fd);

// --- wait status (the macros of wait(2) are not visible from Swift) --------------------------

int lx_status_exited(int status);
int lx_status_code(int status);
int lx_status_signal(int status);

// --- the rest --------------------------------------------------------------------------------

/// getcwd(2) without glibc's check: "(unreachable)/…" when the directory is outside the root.
long lx_getcwd(char *buffer, size_t n);
long lx_faccessat(int dirfd, const char *path, int mode);
double lx_log2(double x);
double lx_exp10(double x);
/// A pointer to the process's environment block.
char **lx_environment(void);
char **lx_arguments(void);
/// The length of the next message of a SOCK_SEQPACKET socket, waiting for it; 0 at the end.
long lx_peek(int socket);
/// send(2) without SIGPIPE.
long lx_send(int socket, const void *message, size_t n);
long lx_geteuid(void);
long lx_getegid(void);
/// if_nametoindex(3), in this network namespace.
long lx_link_up(const char *name);
