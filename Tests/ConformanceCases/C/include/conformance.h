// What the conformance suite needs of the kernel and Swift cannot reach: variadic calls, CMSG_*.
#pragma once
#include <stddef.h>

/// Makes any system call; returns its result or minus its errno.
long conformance_call(long number, const unsigned long arguments[6]);

/// The same through the 32-bit entry of x86-64 (int 0x80), with three arguments; -ENOSYS elsewhere.
long conformance_call32(long number, const unsigned long arguments[6]);

/// The number of a system call that the cases use, or -1.
long conformance_number(const char *name);

/// sched_getattr(2) of the caller: policy, flags, nice, priority, runtime, deadline, period.
long conformance_scheduler(unsigned long values[7]);

/// The caller adopts orphans among its descendants: PR_SET_CHILD_SUBREAPER of prctl(2).
long conformance_adopt(void);

/// Listens for stream connections at a path (unix(7)).
long conformance_listen(const char *path);

/// Receives bytes and the descriptors that come with them (SCM_RIGHTS). `count` holds the room in
/// `fds` and then how many came. Returns the number of bytes, 0 at the end.
long conformance_receive(int socket, char *data, size_t room, int *fds, int *count);
