#define _GNU_SOURCE
#include "cprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long probe_mkdir(const char *path, unsigned mode) {
#ifdef SYS_mkdir
  return result(syscall(SYS_mkdir, path, mode));
#else
  (void)path, (void)mode;
  return -ENOSYS;
#endif
}

long probe_clone3(void) {
  struct clone_args args = {.exit_signal = SIGCHLD};
  long pid = result(syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid((pid_t)pid, NULL, 0);
  return pid;
}

long probe_raw_socket(void) {
  long fd = result(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  if (fd >= 0) close((int)fd);
  return fd;
}

// One entry in the submission queue, one wait for its completion (io_uring_setup(2)). The two
// rings may share a mapping; mapped apart, they work on every kernel that has them.
long probe_ring_mkdirat(const char *path, unsigned mode) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  long ring = result(syscall(SYS_io_uring_setup, 1, &params));
  if (ring < 0) return ring;
  const int access = PROT_READ | PROT_WRITE;
  char *queue = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(uint32_t), access,
                     MAP_SHARED, (int)ring, IORING_OFF_SQ_RING);
  char *done = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
                    access, MAP_SHARED, (int)ring, IORING_OFF_CQ_RING);
  struct io_uring_sqe *entry = mmap(NULL, params.sq_entries * sizeof *entry, access, MAP_SHARED,
                                    (int)ring, IORING_OFF_SQES);
  long answer = -ENOMEM;
  if (queue != MAP_FAILED && done != MAP_FAILED && (void *)entry != MAP_FAILED) {
    memset(entry, 0, sizeof *entry);
    entry->opcode = IORING_OP_MKDIRAT;
    entry->fd = AT_FDCWD;
    entry->addr = (uint64_t)(uintptr_t)path;
    entry->len = mode;
    ((uint32_t *)(queue + params.sq_off.array))[0] = 0;
    __atomic_store_n((uint32_t *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    answer = result(
        syscall(SYS_io_uring_enter, (int)ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
    // The completion is there: it was waited for.
    if (answer >= 0) answer = ((struct io_uring_cqe *)(done + params.cq_off.cqes))->res;
  }
  close((int)ring);
  return answer;
}
