#define _GNU_SOURCE
#include "clinux_connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union place {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static socklen_t fill(union place *out, const uint8_t *address, size_t n, uint16_t port) {
  memset(out, 0, sizeof *out);
  if (n == 4) {
    out->v4.sin_family = AF_INET;
    out->v4.sin_port = htons(port);
    memcpy(&out->v4.sin_addr, address, 4);
    return sizeof out->v4;
  }
  out->v6.sin6_family = AF_INET6;
  out->v6.sin6_port = htons(port);
  memcpy(&out->v6.sin6_addr, address, 16);
  return sizeof out->v6;
}

static long attempt(int fd, const uint8_t *address, const uint8_t *source, size_t n, uint16_t port,
                    int udp, int timeout_ms) {
  union place place;
  if (source) {
    socklen_t length = fill(&place, source, n, 0);
    if (bind(fd, &place.any, length) < 0) return -errno;
  }
  socklen_t length = fill(&place, address, n, port);
  if (connect(fd, &place.any, length) < 0 && errno != EINPROGRESS) return -errno;
  if (udp && send(fd, "", 0, MSG_NOSIGNAL) < 0) return -errno;
  struct pollfd wait = {.fd = fd, .events = udp ? POLLIN : POLLOUT};
  int ready;
  do {
    ready = poll(&wait, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return -errno;
  if (ready == 0) return -ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) return -errno;
  return -error;
}

long lx_try_connect(const uint8_t *address, const uint8_t *source, size_t n, uint16_t port, int udp,
                    int timeout_ms) {
  int fd = socket(n == 4 ? AF_INET : AF_INET6,
                  (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  long result = attempt(fd, address, source, n, port, udp, timeout_ms);
  close(fd);
  return result;
}
