// Sockets of ip(7) and ipv6(7), for tcp(7) and udp(7). All are close-on-exec and never wait.
//
// As in clinux.h: a value >= 0, or minus the errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Where a socket is or sends to: 16 bytes, of which IPv4 uses the first 4; the port as a number;
/// the link of a link-local address (sin6_scope_id), else 0.
struct lx_inet {
  uint8_t bytes[16];
  uint32_t scope;
  uint16_t port;
  uint8_t v6;
};

long lx_inet_socket(int v6, int stream);
long lx_inet_bind(int fd, const struct lx_inet *address);
long lx_inet_connect(int fd, const struct lx_inet *address);
long lx_inet_listen(int fd, int backlog);
long lx_inet_accept(int fd, struct lx_inet *peer);
/// getsockname(2), or getpeername(2).
long lx_inet_name(int fd, int peer, struct lx_inet *address);
/// The switches of `InternetSocket.Options`, by their bits.
long lx_inet_set(int fd, int v6, uint32_t options);
/// SO_BINDTODEVICE.
long lx_inet_device(int fd, const char *name);
/// SO_ERROR: the errno that waits there, as a value, which this takes away; 0 for none.
long lx_inet_error(int fd);
/// shutdown(2): 0 of reading, 1 of writing, 2 of both.
long lx_inet_shutdown(int fd, int how);
/// SO_LINGER of 0 seconds: close(2) answers the peer with a reset.
long lx_inet_abort(int fd);

/// sendmsg(2) without SIGPIPE; `to` and `from` may be null.
long lx_inet_send(int fd, const void *data, size_t n, const struct lx_inet *to,
                  const struct lx_inet *from);
/// recvmsg(2): `from` is who sent it; `to`, where it was sent to, is filled when the socket has
/// IP_PKTINFO or IPV6_RECVPKTINFO (its port is 0). Returns the whole length of a datagram, which may
/// be above `n`.
long lx_inet_receive(int fd, void *data, size_t n, struct lx_inet *from, struct lx_inet *to);
