// What only the load generators ask of the kernel: waiting for a moment, page faults, caches.
//
// As in clinux.h: a value >= 0, or minus the errno; nothing allocates or keeps state.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// ppoll(2) on one descriptor until a moment of CLOCK_MONOTONIC: bit 0 of `want` and of the result
/// is "can be read, or is at its end", bit 1 "can be written to". 0 when the moment came first.
long lx_wait_until(int fd, int want, uint64_t moment_ns);
/// fcntl(2): calls on the descriptor wait again (without O_NONBLOCK).
long lx_set_blocking(int fd);
/// Page faults of this process that needed no disk (getrusage(2), ru_minflt).
uint64_t lx_minor_faults(void);
/// CPU time of this process's children that were waited for, in nanoseconds (getrusage(2)).
uint64_t lx_children_cpu_ns(void);
/// posix_fadvise(2), POSIX_FADV_DONTNEED over the whole file: the next read(2) asks the disk.
long lx_forget_cached(int fd);
/// O_DIRECT, whose value differs between machines.
int lx_o_direct(void);
/// Reads a word here and now, whatever the optimiser thinks of the loop around it.
uint64_t lx_touch(uint64_t *word);
