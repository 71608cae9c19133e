// System calls made for the sake of their answer, past glibc's detours (Sources/probe).
#pragma once

/// mkdir(2) by its own number; -ENOSYS on machines that only have mkdirat(2).
long probe_mkdir(const char *path, unsigned mode);
/// mkdirat(2), made by the kernel on behalf of an io_uring(7): no system call of that name.
long probe_ring_mkdirat(const char *path, unsigned mode);
/// clone3(2) as fork(2) would do it; the child ends at once. Returns its pid.
long probe_clone3(void);
/// socket(2) for raw ICMP packets, raw(7); the socket is closed again.
long probe_raw_socket(void);
