#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <math.h>
#include <net/if.h>
#include <linux/bpf.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef __NR_close_range
#define __NR_close_range 436
#endif

static long result(long value) { return value < 0 ? -errno : value; }

// --- processes -------------------------------------------------------------------------------

long lx_clone3(uint64_t flags, int cgroup_fd, int exit_signal, int *pidfd) {
  struct clone_args args = {0};
  args.flags = flags | (pidfd ? CLONE_PIDFD : 0);
  args.exit_signal = (uint64_t)exit_signal;
  args.pidfd = (uint64_t)(uintptr_t)pidfd;
  args.cgroup = cgroup_fd < 0 ? 0 : (uint64_t)cgroup_fd;
  long pid = result(syscall(__NR_clone3, &args, sizeof args));
  // A filter cannot look into the struct, so Docker's rules answer ENOSYS; a plain fork needs
  // nothing that clone(2) lacks.
  if (pid == -ENOSYS && args.flags == 0 && args.cgroup == 0)
    pid = result(syscall(__NR_clone, (long)exit_signal, 0, 0, 0, 0));
  return pid;
}

long lx_fork(void) { return result(fork()); }
long lx_unshare(int flags) { return result(unshare(flags)); }
long lx_setns(int fd, int kind) { return result(setns(fd, kind)); }
long lx_pidfd_open(int pid) { return result(syscall(__NR_pidfd_open, pid, 0)); }
long lx_pidfd_send_signal(int pidfd, int signal) {
  return result(syscall(__NR_pidfd_send_signal, pidfd, signal, NULL, 0));
}
long lx_kill(int pid, int signal) { return result(kill(pid, signal)); }

long lx_wait4(int pid, int *status, int options, uint64_t *user_us, uint64_t *system_us,
              uint64_t *max_rss_kib) {
  struct rusage usage;
  long pid_or_error;
  do {
    pid_or_error = result(wait4(pid, status, options, &usage));
  } while (pid_or_error == -EINTR);
  if (pid_or_error > 0) {
    if (user_us) *user_us = (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec;
    if (system_us) *system_us = (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec;
    if (max_rss_kib) *max_rss_kib = (uint64_t)usage.ru_maxrss;
  }
  return pid_or_error;
}

long lx_execve(const char *path, char *const *argv, char *const *envp) {
  return result(execve(path, argv, envp));
}
void lx_exit(int code) { _exit(code); }
long lx_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return result(prctl(option, a, b, c, d));
}
long lx_setsid(void) { return result(setsid()); }
long lx_getpid(void) { return getpid(); }
long lx_getppid(void) { return getppid(); }
long lx_close_range(unsigned first, unsigned last, unsigned flags) {
  return result(syscall(__NR_close_range, first, last, flags));
}
long lx_prlimit(int pid, int resource, const uint64_t *soft_hard, uint64_t *old_soft_hard) {
  return result(syscall(__NR_prlimit64, pid, resource, soft_hard, old_soft_hard));
}
long lx_sched_getaffinity(int pid, size_t bytes, unsigned long *mask) {
  return result(syscall(__NR_sched_getaffinity, pid, bytes, mask));
}

// --- identity --------------------------------------------------------------------------------

// The raw system calls: glibc's wrappers would signal every thread, and there is only one.
long lx_setresuid(unsigned uid) { return result(syscall(__NR_setresuid, uid, uid, uid)); }
long lx_setresgid(unsigned gid) { return result(syscall(__NR_setresgid, gid, gid, gid)); }
long lx_setgroups(size_t n, const unsigned *gids) {
  return result(syscall(__NR_setgroups, n, gids));
}
long lx_keyctl_join_session(const char *name) {
  return result(syscall(__NR_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, name, 0, 0, 0));
}

// --- files -----------------------------------------------------------------------------------

long lx_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  long fd;
  // EAGAIN: a rename raced with the walk (openat2(2), RESOLVE_IN_ROOT).
  int tries = 0;
  do {
    fd = result(syscall(__NR_openat2, dirfd, path, &how, sizeof how));
  } while ((fd == -EAGAIN && tries++ < 32) || fd == -EINTR);
  return fd;
}
long lx_openat(int dirfd, const char *path, int flags, unsigned mode) {
  long fd;
  do {
    fd = result(openat(dirfd, path, flags | O_CLOEXEC, mode));
  } while (fd == -EINTR);
  return fd;
}
long lx_close(int fd) { return result(close(fd)); }
long lx_dup3(int from, int to, int flags) { return result(dup3(from, to, flags)); }
long lx_read(int fd, void *buffer, size_t n) {
  long got;
  do {
    got = result(read(fd, buffer, n));
  } while (got == -EINTR);
  return got;
}
long lx_write(int fd, const void *buffer, size_t n) {
  long put;
  do {
    put = result(write(fd, buffer, n));
  } while (put == -EINTR);
  return put;
}
long lx_mkdirat(int dirfd, const char *path, unsigned mode) {
  return result(mkdirat(dirfd, path, mode));
}
long lx_unlinkat(int dirfd, const char *path, int flags) {
  return result(unlinkat(dirfd, path, flags));
}
long lx_renameat(int from_dirfd, const char *from, int to_dirfd, const char *to) {
  return result(renameat(from_dirfd, from, to_dirfd, to));
}
long lx_symlinkat(const char *target, int dirfd, const char *path) {
  return result(symlinkat(target, dirfd, path));
}
long lx_mknodat(int dirfd, const char *path, unsigned mode, unsigned major, unsigned minor) {
  return result(mknodat(dirfd, path, mode, makedev(major, minor)));
}
long lx_fchmodat(int dirfd, const char *path, unsigned mode) {
  return result(fchmodat(dirfd, path, mode, 0));
}
long lx_fchownat(int dirfd, const char *path, unsigned uid, unsigned gid, int flags) {
  return result(fchownat(dirfd, path, uid, gid, flags));
}
long lx_fchdir(int fd) { return result(fchdir(fd)); }
long lx_chdir(const char *path) { return result(chdir(path)); }
long lx_umask(unsigned mask) { return umask(mask); }
long lx_flock(int fd, int operation) {
  long r;
  do {
    r = result(flock(fd, operation));
  } while (r == -EINTR);
  return r;
}
long lx_rewind(int fd) { return result(lseek(fd, 0, SEEK_SET)); }
long lx_memfd_create(const char *name, unsigned flags) {
  return result(memfd_create(name, flags | MFD_CLOEXEC));
}
long lx_readlinkat(int dirfd, const char *path, char *buffer, size_t n) {
  return result(readlinkat(dirfd, path, buffer, n));
}
long lx_getdents64(int fd, void *buffer, size_t n) {
  return result(syscall(__NR_getdents64, fd, buffer, n));
}

long lx_stat(int dirfd, const char *path, int flags, struct lx_stat *out) {
  struct stat s;
  long r = result(fstatat(dirfd, path, &s, flags));
  if (r < 0) return r;
  out->inode = s.st_ino;
  out->size = (uint64_t)s.st_size;
  out->blocks = (uint64_t)s.st_blocks;
  out->mtime_s = s.st_mtime;
  out->mode = s.st_mode;
  out->uid = s.st_uid;
  out->gid = s.st_gid;
  out->links = (uint32_t)s.st_nlink;
  out->dev_major = major(s.st_dev);
  out->dev_minor = minor(s.st_dev);
  out->rdev_major = major(s.st_rdev);
  out->rdev_minor = minor(s.st_rdev);
  return 0;
}

long lx_fs_magic(int fd, uint64_t *magic) {
  struct statfs s;
  long r = result(fstatfs(fd, &s));
  if (r == 0) *magic = (uint64_t)s.f_type;
  return r;
}

// --- mounts ----------------------------------------------------------------------------------

long lx_mount(const char *source, const char *target, const char *type, unsigned long flags,
              const char *data) {
  return result(mount(source, target, type, flags, data));
}
long lx_umount2(const char *target, int flags) { return result(umount2(target, flags)); }
long lx_pivot_root(const char *new_root, const char *put_old) {
  return result(syscall(__NR_pivot_root, new_root, put_old));
}

// --- names, terminals ------------------------------------------------------------------------

long lx_sethostname(const char *name, size_t n) { return result(sethostname(name, n)); }
long lx_setdomainname(const char *name, size_t n) { return result(setdomainname(name, n)); }
long lx_uname(char *release, char *node) {
  struct utsname u;
  long r = result(uname(&u));
  if (r < 0) return r;
  memcpy(release, u.release, 65);
  memcpy(node, u.nodename, 65);
  return 0;
}

long lx_openpty(const char *ptmx, int *master, int *slave) {
  int m = open(ptmx, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (m < 0) return -errno;
  int unlock = 0;
  if (ioctl(m, TIOCSPTLCK, &unlock) < 0) goto fail;
  int s = ioctl(m, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (s < 0) goto fail;
  *master = m;
  *slave = s;
  return 0;
fail:;
  long error = -errno;
  close(m);
  return error;
}
long lx_set_controlling_tty(int fd) { return result(ioctl(fd, TIOCSCTTY, 0)); }
size_t lx_tty_saved_size(void) { return sizeof(struct termios); }
long lx_tty_raw(int fd, void *saved, size_t saved_size) {
  struct termios t;
  if (saved_size < sizeof t) return -EINVAL;
  if (tcgetattr(fd, &t) < 0) return -errno;
  memcpy(saved, &t, sizeof t);
  cfmakeraw(&t);
  return result(tcsetattr(fd, TCSANOW, &t));
}
long lx_tty_restore(int fd, const void *saved, size_t saved_size) {
  if (saved_size < sizeof(struct termios)) return -EINVAL;
  return result(tcsetattr(fd, TCSANOW, (const struct termios *)saved));
}
long lx_tty_size(int fd, uint16_t *rows, uint16_t *columns) {
  struct winsize w;
  long r = result(ioctl(fd, TIOCGWINSZ, &w));
  if (r < 0) return r;
  *rows = w.ws_row;
  *columns = w.ws_col;
  return 0;
}
long lx_tty_resize(int fd, uint16_t rows, uint16_t columns) {
  struct winsize w = {.ws_row = rows, .ws_col = columns};
  return result(ioctl(fd, TIOCSWINSZ, &w));
}
long lx_isatty(int fd) { return isatty(fd); }

// --- sockets, polling, signals ---------------------------------------------------------------

long lx_socketpair(int fds[2]) {
  return result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
}

static long unix_address(const char *path, struct sockaddr_un *address) {
  size_t n = strlen(path);
  if (n >= sizeof address->sun_path) return -ENAMETOOLONG;
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, n + 1);
  return 0;
}
long lx_unix_listen(const char *path, int seqpacket) {
  struct sockaddr_un address;
  long r = unix_address(path, &address);
  if (r < 0) return r;
  int fd = socket(AF_UNIX, (seqpacket ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0) {
    r = -errno;
    close(fd);
    return r;
  }
  return fd;
}
long lx_unix_connect(const char *path, int seqpacket) {
  struct sockaddr_un address;
  long r = unix_address(path, &address);
  if (r < 0) return r;
  int fd = socket(AF_UNIX, (seqpacket ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  do {
    r = result(connect(fd, (struct sockaddr *)&address, sizeof address));
  } while (r == -EINTR);
  if (r < 0) {
    close(fd);
    return r;
  }
  return fd;
}
long lx_accept(int fd) {
  long r;
  do {
    r = result(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
  } while (r == -EINTR);
  return r;
}

long lx_send_fd(int socket, int fd, const char *name, size_t n) {
  struct iovec iov = {.iov_base = (void *)name, .iov_len = n};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  long r;
  do {
    r = result(sendmsg(socket, &message, MSG_NOSIGNAL));
  } while (r == -EINTR);
  return r;
}
long lx_recv_fd(int socket, int *fd) {
  char data[256];
  struct iovec iov = {.iov_base = data, .iov_len = sizeof data};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
      .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long r;
  do {
    r = result(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
  } while (r == -EINTR);
  if (r < 0) return r;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) return -ENOMSG;
  memcpy(fd, CMSG_DATA(header), sizeof *fd);
  return r;
}

long lx_poll_in(const int *fds, size_t n, int timeout_ms, uint64_t *ready) {
  struct pollfd set[64];
  if (n > 64) return -EINVAL;
  for (size_t i = 0; i < n; i++) {
    set[i].fd = fds[i];
    set[i].events = POLLIN;
    set[i].revents = 0;
  }
  long r = result(poll(set, n, timeout_ms));
  *ready = 0;
  for (size_t i = 0; i < n && r > 0; i++)
    if (set[i].revents) *ready |= 1ull << i;
  return r;
}

// The kernel's signal set is 64 bits; glibc's larger one is not needed here.
long lx_signalfd_all(uint64_t *saved) {
  sigset_t all, old;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, &old) < 0) return -errno;
  memcpy(saved, &old, sizeof *saved);
  return result(signalfd(-1, &all, SFD_CLOEXEC));
}
long lx_signalfd_read(int fd) {
  struct signalfd_siginfo info;
  long r;
  do {
    r = result(read(fd, &info, sizeof info));
  } while (r == -EINTR);
  return r < 0 ? r : (long)info.ssi_signo;
}
long lx_sigmask_restore(uint64_t saved) {
  sigset_t set;
  sigemptyset(&set);
  memcpy(&set, &saved, sizeof saved);
  return result(sigprocmask(SIG_SETMASK, &set, NULL));
}
void lx_signals_default(void) {
  for (int i = 1; i < 65; i++) signal(i, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}
void lx_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

static volatile sig_atomic_t interrupted;
static void note_interrupt(int signal) { interrupted = signal; }
void lx_catch_interrupts(void) {
  struct sigaction action = {.sa_handler = note_interrupt};  // no SA_RESTART
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
}
int lx_interrupted(void) { return interrupted; }

// --- memory and load generation --------------------------------------------------------------

long lx_map_anonymous(size_t bytes, int shared, void **address) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                 MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
  if (p == MAP_FAILED) return -errno;
  *address = p;
  return 0;
}
long lx_unmap(void *address, size_t bytes) { return result(munmap(address, bytes)); }
long lx_no_huge_pages(void *address, size_t bytes) {
  return result(madvise(address, bytes, MADV_NOHUGEPAGE));
}
void lx_sync(void) { sync(); }
long lx_syncfs(int fd) { return result(syncfs(fd)); }
long lx_setpgid(int pid, int group) { return result(setpgid(pid, group)); }
int lx_signal_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
long lx_process_cpu_ns(int pid, uint64_t *ns) {
  clockid_t clock;
  struct timespec t;
  int error = clock_getcpuclockid(pid, &clock);  // returns the errno, does not set it
  if (error) return -error;
  if (clock_gettime(clock, &t) < 0) return -errno;
  *ns = (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
  return 0;
}
uint64_t lx_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
void lx_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }
void lx_add(uint64_t *word, uint64_t value) { __atomic_fetch_add(word, value, __ATOMIC_RELAXED); }

// --- clocks, seccomp, bpf --------------------------------------------------------------------

static uint64_t clock_ns(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
uint64_t lx_now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
uint64_t lx_realtime_ns(void) { return clock_ns(CLOCK_REALTIME); }
uint64_t lx_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
long lx_sleep_ns(uint64_t ns) {
  struct timespec t = {.tv_sec = (time_t)(ns / 1000000000ull), .tv_nsec = (long)(ns % 1000000000ull)};
  return result(nanosleep(&t, NULL));
}
struct filter_program {
  unsigned short n;
  const void *instructions;
};
long lx_seccomp_load(const void *instructions, uint16_t n, unsigned flags) {
  struct filter_program program = {n, instructions};
  return result(syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}
long lx_bpf_device_load(const void *instructions, uint32_t n) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attr.insns = (uint64_t)(uintptr_t)instructions;
  attr.insn_cnt = n;
  attr.license = (uint64_t)(uintptr_t)"GPL";
  return result(syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof attr));
}
long lx_bpf_cgroup_attach(int cgroup_fd, int program_fd) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)cgroup_fd;
  attr.attach_bpf_fd = (uint32_t)program_fd;
  attr.attach_type = BPF_CGROUP_DEVICE;
  attr.attach_flags = BPF_F_ALLOW_MULTI;
  return result(syscall(__NR_bpf, BPF_PROG_ATTACH, &attr, sizeof attr));
}

// --- wait status -----------------------------------------------------------------------------

int lx_status_exited(int status) { return WIFEXITED(status); }
int lx_status_code(int status) { return WEXITSTATUS(status); }
int lx_status_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }

// --- the rest --------------------------------------------------------------------------------

long lx_getcwd(char *buffer, size_t n) { return result(syscall(__NR_getcwd, buffer, n)); }
long lx_faccessat(int dirfd, const char *path, int mode) {
  return result(faccessat(dirfd, path, mode, AT_EACCESS));
}
double lx_log2(double x) { return log2(x); }
double lx_exp10(double x) { return pow(10.0, x); }
char **lx_environment(void) { return environ; }
// glibc hands main's arguments to constructors too.
static char **arguments;
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
  (void)argc;
  arguments = argv;
}
char **lx_arguments(void) { return arguments; }
long lx_peek(int socket) {
  char byte;
  long r;
  do {
    r = result(recv(socket, &byte, 1, MSG_PEEK | MSG_TRUNC));
  } while (r == -EINTR);
  return r;
}
long lx_send(int socket, const void *message, size_t n) {
  long r;
  do {
    r = result(send(socket, message, n, MSG_NOSIGNAL));
  } while (r == -EINTR);
  return r;
}
long lx_geteuid(void) { return geteuid(); }
long lx_getegid(void) { return getegid(); }
long lx_link_up(const char *name) {
  struct ifreq request = {0};
  if (strlen(name) >= sizeof request.ifr_name) return -ENAMETOOLONG;
  strcpy(request.ifr_name, name);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);  // any socket will do
  if (fd < 0) return -errno;
  long r = result(ioctl(fd, SIOCGIFFLAGS, &request));
  request.ifr_flags |= IFF_UP;
  if (r == 0) r = result(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
  return r;
}
long lx_poll_out(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLOUT};
  long r;
  do {
    r = result(poll(&one, 1, -1));
  } while (r == -EINTR);
  return r;
}
long lx_set_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : result(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}
