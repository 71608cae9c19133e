// The floor: what starting a container costs when nothing is done but the kernel's part.
//
//   floor ROOTFS CGROUP [FILTER] -- PROGRAM [ARGUMENT…]
//
// The same operations as `drydock-runtime run` on the benchmark's config.json, in the same order
// and the same two processes, with every value known beforehand: no configuration is read, no
// path is checked, no state is kept, nothing can be watched. FILTER holds a compiled seccomp
// program, instructions of 8 bytes. CGROUP is the path in every v1 tree, or in the one of v2, where
// the device rules, a program, are left out; its parent exists.
//
//   parent                                    child (all namespaces new but user)
//   clone3 ─────────────────────────────────► mounts, devices          (both at once)
//   mkdir of eight cgroups, device rules      …
//   "cgroups are there" ────────────────────► joins them, cgroup namespace, cgroup mounts
//   waits for the child                       read-only and masked paths, pivot_root,
//                                             session, limits, capabilities, seccomp, execve
//   rmdir of eight cgroups
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const trees[] = {"cpu",     "cpuacct", "cpuset", "memory",
                                    "devices", "freezer", "blkio",  "pids"};
static int tree_count = 8;
static int is_v2;

static void die(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  _exit(125);
}
#define must(call) \
  do { \
    if ((call) < 0) die(#call); \
  } while (0)

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) die(path);
  close(fd);
}

static const char *in_tree(int tree, const char *cgroup, const char *file) {
  static char path[512];
  snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s%s", is_v2 ? "" : trees[tree], cgroup, file);
  return path;
}

// cgroups(7), v1: one directory a controller; the device rules replace each other, so in order.
static void make_cgroups(const char *cgroup) {
  for (int i = 0; i < tree_count; i++) must(mkdir(in_tree(i, cgroup, ""), 0755));
  if (is_v2) return;
  put(in_tree(4, cgroup, "/devices.deny"), "a");
  static const char *const allowed[] = {"c *:* m",   "b *:* m",   "c 1:3 rwm", "c 1:5 rwm",
                                        "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm",
                                        "c 5:2 rwm", "c 136:* rwm"};
  for (int i = 0; i < 10; i++) put(in_tree(4, cgroup, "/devices.allow"), allowed[i]);
}

// Netdevice(7): as `ip link set lo up`.
static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must(fd);
  must(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
}

// A directory of the mount that was just made, and a mount on it.
static void attach(const char *type, const char *target, int make, unsigned long flags,
                   const char *data) {
  if (make) must(mkdir(target, 0755));
  if (mount(type, target, type, flags, data) < 0) die(target);
}

static void mount_all(int root) {
  must(fchdir(root));  // from here on paths are relative to the container's root
  attach("proc", "proc", 0, 0, NULL);
  attach("tmpfs", "dev", 0, MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  attach("devpts", "dev/pts", 1, MS_NOSUID | MS_NOEXEC,
         "newinstance,ptmxmode=0666,mode=0620,gid=5");
  attach("tmpfs", "dev/shm", 1, MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k");
  attach("mqueue", "dev/mqueue", 1, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  attach("sysfs", "sys", 0, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static void make_devices(void) {
  static const struct {
    const char *path;
    int major, minor;
  } nodes[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
               {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
  for (int i = 0; i < 6; i++) {
    must(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
    must(chmod(nodes[i].path, 0666));  // the umask took bits away
  }
  must(symlink("/proc/self/fd", "dev/fd"));
  must(symlink("/proc/self/fd/0", "dev/stdin"));
  must(symlink("/proc/self/fd/1", "dev/stdout"));
  must(symlink("/proc/self/fd/2", "dev/stderr"));
  must(symlink("pts/ptmx", "dev/ptmx"));
}

// "0" into `tasks` is the calling thread itself: that takes no lock of all thread groups.
static void join_and_mount_cgroups(const char *cgroup) {
  for (int i = 0; i < tree_count; i++) {
    put(in_tree(i, cgroup, is_v2 ? "/cgroup.procs" : "/tasks"), "0");
  }
  must(unshare(CLONE_NEWCGROUP));
  unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
  if (is_v2) {
    attach("cgroup2", "sys/fs/cgroup", 0, flags | MS_RDONLY, NULL);
    return;
  }
  attach("tmpfs", "sys/fs/cgroup", 0, flags, "mode=755");
  for (int i = 0; i < tree_count; i++) {
    char target[64];
    snprintf(target, sizeof target, "sys/fs/cgroup/%s", trees[i]);
    must(mkdir(target, 0755));
    must(mount("cgroup", target, "cgroup", flags | MS_RDONLY, trees[i]));
  }
  must(mount(NULL, "sys/fs/cgroup", NULL, flags | MS_RDONLY | MS_REMOUNT | MS_BIND, NULL));
}

// The lists of config.json; what this kernel does not have is passed over, as a runtime does.
static void cover_paths(void) {
  static const char *const readonly[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                         "proc/sysrq-trigger"};
  static const char *const directories[] = {"proc/acpi", "proc/asound", "proc/scsi",
                                            "sys/firmware", "sys/devices/virtual/powercap"};
  static const char *const files[] = {"proc/kcore",       "proc/keys",        "proc/latency_stats",
                                      "proc/timer_list",  "proc/timer_stats", "proc/sched_debug"};
  for (int i = 0; i < 5; i++) {
    if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) < 0) continue;
    must(mount(NULL, readonly[i], NULL,
               MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
  }
  const char *empty = NULL;
  for (int i = 0; i < 5; i++) {
    if (empty) {
      mount(empty, directories[i], NULL, MS_BIND, NULL);
    } else if (mount("tmpfs", directories[i], "tmpfs", MS_RDONLY, "size=0k") == 0) {
      empty = directories[i];
    }
  }
  for (int i = 0; i < 6; i++) mount("/dev/null", files[i], NULL, MS_BIND, NULL);
}

// pivot_root(2), NOTES: both arguments ".".
static void turn(int root) {
  must(mount(NULL, ".", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
  must(fchdir(root));
  must(syscall(SYS_pivot_root, ".", "."));
  must(umount2(".", MNT_DETACH));
  must(chdir("/"));
}

// CAP_KILL, CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE stay.
static void give_up_privileges(void) {
  const unsigned long long keep = 1ull << 5 | 1ull << 10 | 1ull << 29;
  struct rlimit files = {1024, 1024};
  must(setsid());
  syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, "_ses.floor", 0, 0, 0);
  must(setrlimit(RLIMIT_NOFILE, &files));
  for (int cap = 0; cap <= 40; cap++)
    if (!(keep >> cap & 1)) must(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
  must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  must(syscall(SYS_setgroups, 0, NULL));
  must(syscall(SYS_setresgid, 0, 0, 0));
  must(syscall(SYS_setresuid, 0, 0, 0));
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{(unsigned)keep, (unsigned)keep, 0}, {0, 0, 0}};
  must(syscall(SYS_capset, &header, sets));
  must(syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC));
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static struct sock_fprog filter;

static void read_filter(const char *path) {
  static struct sock_filter code[4096];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  must(fd);
  ssize_t n = read(fd, code, sizeof code);
  must(n);
  close(fd);
  filter.len = (unsigned short)(n / (ssize_t)sizeof code[0]);
  filter.filter = code;
}

static void become(const char *rootfs, const char *cgroup, int channel, char **program) {
  static char *const environment[] = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", "HOME=/",
      NULL};
  char byte;
  must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL));
  must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
  int root = open(rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
  must(root);
  must(sethostname("floor", 5));
  raise_loopback();
  mount_all(root);
  make_devices();
  if (read(channel, &byte, 1) != 1) _exit(125);
  join_and_mount_cgroups(cgroup);
  cover_paths();
  turn(root);
  give_up_privileges();
  if (filter.len) must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
  execve(program[0], program, environment);
  die(program[0]);
}

int main(int argc, char **argv) {
  int dashes = 3;
  while (dashes < argc && strcmp(argv[dashes], "--")) dashes++;
  if (dashes + 1 >= argc || dashes > 4) {
    fprintf(stderr, "usage: floor ROOTFS CGROUP [FILTER] -- PROGRAM [ARGUMENT...]\n");
    return 125;
  }
  if (dashes == 4) read_filter(argv[3]);
  is_v2 = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
  if (is_v2) tree_count = 1;
  int ends[2];
  must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
  struct clone_args args = {.flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID |
                                     CLONE_NEWNET,
                            .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &args, sizeof args);
  must(pid);
  if (pid == 0) {
    close(ends[0]);
    become(argv[1], argv[2], ends[1], argv + dashes + 1);
  }
  close(ends[1]);
  make_cgroups(argv[2]);
  if (write(ends[0], "J", 1) != 1) die("the child is gone");
  int status;
  must(waitpid((pid_t)pid, &status, 0));
  for (int i = 0; i < tree_count; i++) must(rmdir(in_tree(i, argv[2], "")));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
