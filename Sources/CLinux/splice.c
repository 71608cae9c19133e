#define _GNU_SOURCE
#include "clinux_splice.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

static long result(long r) { return r < 0 ? -errno : r; }

long lx_splice(int from, int to, size_t n) {
  long r;
  do {
    r = result(splice(from, NULL, to, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK));
  } while (r == -EINTR);
  return r;
}

long lx_pipe_size(int pipe, int bytes) { return result(fcntl(pipe, F_SETPIPE_SZ, bytes)); }

long lx_keep_alive(int socket) {
  int on = 1;
  return result(setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
}
