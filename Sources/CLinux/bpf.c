#define _GNU_SOURCE
#include "clinux_bpf.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long bpf(int command, union bpf_attr *attr) {
  long value = syscall(__NR_bpf, command, attr, sizeof *attr);
  return value < 0 ? -errno : value;
}

long lx_bpf_cgroup_programs(int cgroup_fd, uint32_t *ids, uint32_t n) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.query.target_fd = (uint32_t)cgroup_fd;
  attr.query.attach_type = BPF_CGROUP_DEVICE;
  attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
  attr.query.prog_cnt = n;
  long value = bpf(BPF_PROG_QUERY, &attr);
  return value < 0 ? value : (long)attr.query.prog_cnt;
}

long lx_bpf_program(uint32_t id) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.prog_id = id;
  return bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

long lx_bpf_cgroup_detach(int cgroup_fd, int program_fd) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.target_fd = (uint32_t)cgroup_fd;
  attr.attach_bpf_fd = (uint32_t)program_fd;
  attr.attach_type = BPF_CGROUP_DEVICE;
  return bpf(BPF_PROG_DETACH, &attr);
}
