// What a process needs that keeps another one: pipes, waiting for room as well as for bytes, and
// becoming the parent of orphans.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// pipe2(2), close-on-exec.
long lx_pipe(int fds[2]);
/// poll(2) with its events (POLLIN 1, POLLOUT 4) and what came of them; at most 64 descriptors,
/// those below 0 are left out.
long lx_poll(const int *fds, const short *events, short *ready, size_t n, int timeout_ms);
/// ftruncate(2).
long lx_ftruncate(int fd, int64_t length);
/// fstatvfs(3): how many bytes an ordinary user can still write to this filesystem.
long lx_room(int fd, uint64_t *bytes);
/// fdatasync(2).
long lx_fdatasync(int fd);
/// lseek(2) to the end; returns the size.
long lx_seek_end(int fd);
/// pread(2).
long lx_pread(int fd, void *buffer, size_t n, int64_t offset);
/// send(2) without waiting and without SIGPIPE, as one message.
long lx_send_now(int fd, const void *message, size_t n);
