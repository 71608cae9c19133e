// What a system call costs: the same call again and again, divided by how often.
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Not glibc's getppid(): no library may answer in the kernel's place.
static void one_getppid(void) { syscall(SYS_getppid); }

static int zero = -1;
static void one_read(void) {
  char byte;
  if (read(zero, &byte, 1) != 1) die("read(2)", "/dev/zero");
}

// The root directory is as deep in a container as it is on the host.
static void one_open(void) {
  int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || close(fd) < 0) die("open(2)", "/");
}

// With the page fault: a mapping that nobody touches costs nobody anything.
static void one_mmap(void) {
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) die("mmap(2)", "a page");
  *(volatile char *)page = 1;
  munmap(page, 4096);
}

static void one_fork(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  if (pid < 0 || waitpid(pid, NULL, 0) < 0) die("fork(2)", "a child");
}

int calls(const char *kind, uint64_t count) {
  static const struct {
    const char *name;
    void (*one)(void);
  } kinds[] = {{"getppid", one_getppid},
               {"read", one_read},
               {"open", one_open},
               {"mmap", one_mmap},
               {"fork", one_fork}};
  zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (zero < 0) die("open(2)", "/dev/zero");
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].name, kind)) continue;
    for (uint64_t n = 0; n < count / 10 + 1; n++) kinds[i].one();  // caches
    uint64_t start = now_ns();
    for (uint64_t n = 0; n < count; n++) kinds[i].one();
    put("picoseconds", (now_ns() - start) * 1000 / count);
    return 0;
  }
  errno = EINVAL;
  die("calls", kind);
  return 1;
}
