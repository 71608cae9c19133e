// bpf(2) on the device programs of a cgroup that is in use.
#pragma once

#include <stdint.h>

/// BPF_PROG_QUERY: the ids of the attached programs. Returns how many.
long lx_bpf_cgroup_programs(int cgroup_fd, uint32_t *ids, uint32_t n);
/// BPF_PROG_GET_FD_BY_ID: a descriptor.
long lx_bpf_program(uint32_t id);
/// BPF_PROG_DETACH.
long lx_bpf_cgroup_detach(int cgroup_fd, int program_fd);
