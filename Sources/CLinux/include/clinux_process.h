// What a process may ask for itself: scheduling, CPUs, memory nodes, personality. And what one
// process can take from another or ask of the kernel about seccomp(2).
//
// As in clinux.h: a value >= 0, or minus the errno; nothing allocates or keeps state.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// sched_setattr(2) on this process; the clamps of CPU utilisation are "the system's default".
long lx_sched_setattr(uint32_t policy, uint64_t flags, int32_t nice, uint32_t priority,
                      uint64_t runtime_ns, uint64_t deadline_ns, uint64_t period_ns);
/// ioprio_set(2) on this process: class << 13 | level.
long lx_ioprio_set(int value);
long lx_personality(unsigned long persona);
/// sched_setaffinity(2) on a process, 0 is this one; `bytes` is a multiple of 8.
long lx_sched_setaffinity(int pid, size_t bytes, const uint64_t *mask);
/// set_mempolicy(2); `bits` is the length of the mask.
long lx_set_mempolicy(int mode, const uint64_t *nodes, unsigned long bits);
/// get_mempolicy(2) of this process: the mode with its flags.
long lx_get_mempolicy(int *mode);
/// The effective capabilities of this process (capget(2)).
long lx_capget_effective(uint64_t *mask);
/// pidfd_getfd(2): a copy of another process's descriptor, close-on-exec.
long lx_pidfd_getfd(int pidfd, int fd);
/// The lowest number that the next descriptor will get.
long lx_next_descriptor(void);
/// 0 when the kernel has the filter's action (SECCOMP_GET_ACTION_AVAIL).
long lx_seccomp_has_action(uint32_t action);
/// 0 when the kernel has these flags of SECCOMP_SET_MODE_FILTER.
long lx_seccomp_has_flags(unsigned flags);
/// fcntl(2) F_GETFD: EBADF when the number is not open.
long lx_descriptor_flags(int fd);
/// A rtnetlink(7) socket.
long lx_route_socket(void);
/// A socket of NETLINK_NETFILTER, close-on-exec.
long lx_netfilter_socket(void);
/// if_nametoindex(3), in this network namespace.
long lx_link_index(const char *name);
long lx_link_flags(const char *name);
