// Two ways of mounting below a root that an attacker may change meanwhile, measured side by side:
//
//   old   openat2(RESOLVE_IN_ROOT) the place, mount(2) through /proc/self/fd; for a restriction look
//         the place up once more, mount_setattr(2)
//   new   open_tree(2) or fsopen(2), mount_setattr(2), openat2 the place, move_mount(2)
//
//   cc -O2 -o /tmp/attach Benchmarks/mounts/attach.c && sudo /tmp/attach
//
// It works in namespaces of its own; every round does each mount once in both ways, in an order that
// alternates, and the figure is the median of the ratios within a round.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { rounds = 301, kinds = 6 };

static const char *const names[kinds] = {"bind", "bind,ro", "proc", "tmpfs", "devpts", "mqueue"};

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int check(long result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return (int)result;
}

static int open_place(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  return check(syscall(437, root, path, &how, sizeof how), "openat2");
}

static const char *link_of(int fd) {
  static char text[32];
  snprintf(text, sizeof text, "/proc/self/fd/%d", fd);
  return text;
}

static void set_read_only(int fd) {
  unsigned long attr[4] = {1, 0, 0, 0};
  check(syscall(442, fd, "", AT_EMPTY_PATH, attr, sizeof attr), "mount_setattr");
}

static void attach(int mount, int root, const char *path) {
  int place = open_place(root, path);
  check(syscall(429, mount, "", place, "", 0x4 | 0x40), "move_mount");
  close(place);
  close(mount);
}

static void old_bind(int root, const char *path, int read_only) {
  int place = open_place(root, path);
  check(mount("/etc", link_of(place), NULL, MS_BIND | MS_REC, NULL), "mount");
  close(place);
  if (!read_only) return;
  place = open_place(root, path);
  set_read_only(place);
  close(place);
}

static void new_bind(int root, const char *path, int read_only) {
  int tree = check(syscall(428, AT_FDCWD, "/etc", 1 | O_CLOEXEC | 0x8000), "open_tree");
  if (read_only) set_read_only(tree);
  attach(tree, root, path);
}

static void old_make(int root, const char *path, const char *type, const char *data) {
  int place = open_place(root, path);
  check(mount(type, link_of(place), type, MS_NOSUID | MS_NOEXEC, data), type);
  close(place);
}

static void new_make(int root, const char *path, const char *type, const char *data) {
  int context = check(syscall(430, type, 1), "fsopen");
  check(syscall(431, context, 1, "source", type, 0), "fsconfig");
  char copy[256];
  snprintf(copy, sizeof copy, "%s", data ? data : "");
  for (char *rest, *option = strtok_r(copy, ",", &rest); option; option = strtok_r(NULL, ",", &rest)) {
    char *value = strchr(option, '=');
    if (value) *value++ = 0;
    check(syscall(431, context, value ? 1 : 0, option, value, 0), option);
  }
  check(syscall(431, context, 6, NULL, NULL, 0), "fsconfig");
  int made = check(syscall(432, context, 1, 2 | 8), "fsmount");
  close(context);
  attach(made, root, path);
}

static void one(int new_way, int kind, int root) {
  static const char *const data[kinds] = {
      NULL, NULL, NULL, "mode=1777,size=65536k", "newinstance,ptmxmode=0666,mode=0620", NULL};
  const char *path = names[kind];
  if (kind < 2) {
    new_way ? new_bind(root, path, kind) : old_bind(root, path, kind);
  } else {
    new_way ? new_make(root, path, path, data[kind]) : old_make(root, path, path, data[kind]);
  }
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values) {
  qsort(values, rounds, sizeof *values, compare);
  return values[rounds / 2];
}

int main(void) {
  check(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC), "unshare");
  if (fork()) return wait(NULL) < 0;
  check(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), "mount");
  check(mount("tmpfs", "/mnt", "tmpfs", 0, NULL), "mount");
  int root = check(open("/mnt", O_PATH), "open");
  for (int kind = 0; kind < kinds; kind++) check(mkdirat(root, names[kind], 0755), "mkdir");
  static double times[2][kinds][rounds];
  for (int round = 0; round < rounds; round++) {
    for (int arm = 0; arm < 2; arm++) {
      int new_way = (arm + round) % 2;
      for (int kind = 0; kind < kinds; kind++) {
        double began = now_us();
        one(new_way, kind, root);
        times[new_way][kind][round] = now_us() - began;
      }
      check(chdir("/mnt"), "chdir");
      for (int kind = 0; kind < kinds; kind++) umount2(names[kind], MNT_DETACH);
      check(chdir("/"), "chdir");
    }
  }
  for (int kind = 0; kind < kinds; kind++) {
    double ratios[rounds];
    for (int round = 0; round < rounds; round++)
      ratios[round] = times[1][kind][round] / times[0][kind][round];
    printf("%-8s new/old %.2f\n", names[kind], median(ratios));
  }
}
