// Moving bytes between sockets without reading them.
#pragma once

#include <stddef.h>

/// splice(2), which waits for neither end, with SPLICE_F_MOVE: pages change hands.
long lx_splice(int from, int to, size_t n);
/// fcntl(2), F_SETPIPE_SZ: how much a pipe holds; returns what it holds then.
long lx_pipe_size(int pipe, int bytes);
/// SO_KEEPALIVE (socket(7)).
long lx_keep_alive(int socket);
