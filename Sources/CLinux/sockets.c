#define _GNU_SOURCE
#include "clinux_sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

static long result(long value) { return value < 0 ? -errno : value; }

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static socklen_t pack(const struct lx_inet *from, union address *to) {
  memset(to, 0, sizeof *to);
  if (from->v6) {
    to->v6.sin6_family = AF_INET6;
    to->v6.sin6_port = htons(from->port);
    to->v6.sin6_scope_id = from->scope;
    memcpy(&to->v6.sin6_addr, from->bytes, 16);
    return sizeof to->v6;
  }
  to->v4.sin_family = AF_INET;
  to->v4.sin_port = htons(from->port);
  memcpy(&to->v4.sin_addr, from->bytes, 4);
  return sizeof to->v4;
}

static void unpack(const union address *from, struct lx_inet *to) {
  memset(to, 0, sizeof *to);
  if (from->any.sa_family == AF_INET6) {
    to->v6 = 1;
    to->port = ntohs(from->v6.sin6_port);
    to->scope = from->v6.sin6_scope_id;
    memcpy(to->bytes, &from->v6.sin6_addr, 16);
  } else if (from->any.sa_family == AF_INET) {
    to->port = ntohs(from->v4.sin_port);
    memcpy(to->bytes, &from->v4.sin_addr, 4);
  }
}

long lx_inet_socket(int v6, int stream) {
  int type = (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  return result(socket(v6 ? AF_INET6 : AF_INET, type, 0));
}

long lx_inet_bind(int fd, const struct lx_inet *address) {
  union address packed;
  socklen_t n = pack(address, &packed);
  return result(bind(fd, &packed.any, n));
}

long lx_inet_connect(int fd, const struct lx_inet *address) {
  union address packed;
  socklen_t n = pack(address, &packed);
  return result(connect(fd, &packed.any, n));
}

long lx_inet_listen(int fd, int backlog) { return result(listen(fd, backlog)); }

long lx_inet_accept(int fd, struct lx_inet *peer) {
  union address packed = {0};
  long r;
  do {
    socklen_t n = sizeof packed;
    r = result(accept4(fd, &packed.any, &n, SOCK_CLOEXEC | SOCK_NONBLOCK));
  } while (r == -EINTR);
  if (r >= 0) unpack(&packed, peer);
  return r;
}

long lx_inet_name(int fd, int peer, struct lx_inet *address) {
  union address packed = {0};
  socklen_t n = sizeof packed;
  long r = result(peer ? getpeername(fd, &packed.any, &n) : getsockname(fd, &packed.any, &n));
  if (r >= 0) unpack(&packed, address);
  return r;
}

static long turn_on(int fd, int level, int name) {
  int on = 1;
  return result(setsockopt(fd, level, name, &on, sizeof on));
}

long lx_inet_set(int fd, int v6, uint32_t options) {
  long r = 0;
  if (r >= 0 && options & 1) r = turn_on(fd, SOL_SOCKET, SO_REUSEADDR);
  if (r >= 0 && options & 2) r = turn_on(fd, SOL_SOCKET, SO_REUSEPORT);
  if (r >= 0 && options & 4 && v6) r = turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  // IP_FREEBIND serves both families (ipv6(7) has none of its own before Linux 4.15).
  if (r >= 0 && options & 8) r = turn_on(fd, IPPROTO_IP, IP_FREEBIND);
  // On a socket of both families IPv4's datagrams bring IPv4's message only when asked too.
  if (r >= 0 && options & 16) r = turn_on(fd, IPPROTO_IP, IP_PKTINFO);
  if (r >= 0 && options & 16 && v6) r = turn_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  if (r >= 0 && options & 32) r = turn_on(fd, IPPROTO_TCP, TCP_NODELAY);
  return r;
}

long lx_inet_device(int fd, const char *name) {
  return result(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name) + 1));
}

long lx_inet_error(int fd) {
  int error = 0;
  socklen_t n = sizeof error;
  long r = result(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n));
  return r < 0 ? r : error;
}

long lx_inet_shutdown(int fd, int how) { return result(shutdown(fd, how)); }

long lx_inet_abort(int fd) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  return result(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
}

// Room for one struct in6_pktinfo, aligned as cmsg(3) wants it.
union control {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

long lx_inet_send(int fd, const void *data, size_t n, const struct lx_inet *to,
                  const struct lx_inet *from) {
  union address packed;
  union control control;
  struct iovec part = {(void *)data, n};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (to) {
    message.msg_name = &packed;
    message.msg_namelen = pack(to, &packed);
  }
  if (from) {
    memset(&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (from->v6) {
      struct in6_pktinfo info = {.ipi6_ifindex = from->scope};
      memcpy(&info.ipi6_addr, from->bytes, 16);
      header->cmsg_level = IPPROTO_IPV6;
      header->cmsg_type = IPV6_PKTINFO;
      header->cmsg_len = CMSG_LEN(sizeof info);
      memcpy(CMSG_DATA(header), &info, sizeof info);
      message.msg_controllen = CMSG_SPACE(sizeof info);
    } else {
      struct in_pktinfo info = {0};
      memcpy(&info.ipi_spec_dst, from->bytes, 4);
      header->cmsg_level = IPPROTO_IP;
      header->cmsg_type = IP_PKTINFO;
      header->cmsg_len = CMSG_LEN(sizeof info);
      memcpy(CMSG_DATA(header), &info, sizeof info);
      message.msg_controllen = CMSG_SPACE(sizeof info);
    }
  }
  long r;
  do {
    r = result(sendmsg(fd, &message, MSG_NOSIGNAL));
  } while (r == -EINTR);
  return r;
}

long lx_inet_receive(int fd, void *data, size_t n, struct lx_inet *from, struct lx_inet *to) {
  union address packed;
  union control control;
  struct iovec part = {data, n};
  struct msghdr message;
  long r;
  do {
    memset(&packed, 0, sizeof packed);
    message = (struct msghdr){.msg_name = &packed,
                              .msg_namelen = sizeof packed,
                              .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control};
    // On TCP MSG_TRUNC would throw the bytes away (tcp(7)), which have no sender either.
    r = result(recvmsg(fd, &message, from ? MSG_TRUNC : 0));
  } while (r == -EINTR);
  if (r < 0) return r;
  if (from) unpack(&packed, from);
  if (!to) return r;
  memset(to, 0, sizeof *to);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
    if (h->cmsg_level == IPPROTO_IP && h->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(h), sizeof info);
      to->v6 = 0;
      memset(to->bytes, 0, sizeof to->bytes);
      // What it was sent to; ipi_spec_dst is what an answer would be sent from, the same but for
      // broadcasts.
      memcpy(to->bytes, &info.ipi_spec_dst, 4);
      break;
    }
    if (h->cmsg_level == IPPROTO_IPV6 && h->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(h), sizeof info);
      to->v6 = 1;
      memcpy(to->bytes, &info.ipi6_addr, 16);
      // Only a link-local address needs its link.
      to->scope = info.ipi6_addr.s6_addr[0] == 0xfe && (info.ipi6_addr.s6_addr[1] & 0xc0) == 0x80
                      ? info.ipi6_ifindex
                      : 0;
    }
  }
  return r;
}
