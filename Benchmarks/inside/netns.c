// Network namespaces that go.
//
//   this process, in a namespace of its own          child, in another
//   veth "here" ═════════════════════════════════════ veth "there"
//   SIGKILL ────────────────────────────────────────► ends
//   wait ◄──────────────────────────────────────────  reaped
//   "here" is there still … until the kernel's worker has taken the child's namespace apart
//
// The other end of a veth goes with its peer: that is how one sees from outside that a namespace is
// gone (cleanup_net in net/core/net_namespace.c; veth(4), rtnetlink(7)).
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
  char attributes[512];
};

static struct rtattr *add(struct request *r, unsigned short type, const void *data, size_t size) {
  struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len));
  a->rta_type = type;
  a->rta_len = (unsigned short)RTA_LENGTH(size);
  if (size) memcpy(RTA_DATA(a), data, size);
  r->header.nlmsg_len = NLMSG_ALIGN(r->header.nlmsg_len) + RTA_ALIGN(a->rta_len);
  return a;
}

static void close_nest(struct request *r, struct rtattr *nest) {
  nest->rta_len = (unsigned short)((char *)r + NLMSG_ALIGN(r->header.nlmsg_len) - (char *)nest);
}

// A veth "here" whose other end "there" is in the namespace of a process.
static void make_veth(pid_t pid) {
  struct request r = {0};
  r.header.nlmsg_len = NLMSG_LENGTH(sizeof r.link);
  r.header.nlmsg_type = RTM_NEWLINK;
  r.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
  add(&r, IFLA_IFNAME, "here", 5);
  struct rtattr *info = add(&r, IFLA_LINKINFO, NULL, 0);
  add(&r, IFLA_INFO_KIND, "veth", 4);
  struct rtattr *more = add(&r, IFLA_INFO_DATA, NULL, 0);
  struct ifinfomsg none = {0};
  struct rtattr *peer = add(&r, VETH_INFO_PEER, &none, sizeof none);
  add(&r, IFLA_IFNAME, "there", 6);
  add(&r, IFLA_NET_NS_PID, &pid, sizeof pid);
  close_nest(&r, peer);
  close_nest(&r, more);
  close_nest(&r, info);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[1024];
  } answer;
  if (fd < 0 || send(fd, &r, r.header.nlmsg_len, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0)
    die("rtnetlink", "veth");
  close(fd);
  errno = -answer.error.error;
  if (errno) die("RTM_NEWLINK", "veth");
}

int netns(int has_namespace) {
  if (unshare(CLONE_NEWNET) < 0) die("unshare(2)", "a network namespace");
  int ready[2];
  if (pipe(ready) < 0) die("pipe(2)", "ready");
  pid_t pid = fork();
  if (pid < 0) die("fork(2)", "a child");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (has_namespace && unshare(CLONE_NEWNET) < 0) die("unshare(2)", "a network namespace");
    if (write(ready[1], "1", 1) != 1) die("write(2)", "ready");
    for (;;) pause();
  }
  char byte;
  if (read(ready[0], &byte, 1) != 1) die("read(2)", "ready");
  if (has_namespace) make_veth(pid);
  put("linked", if_nametoindex("here") != 0);
  uint64_t start = now_ns();
  kill(pid, SIGKILL);
  if (waitpid(pid, NULL, 0) < 0) die("waitpid(2)", "the child");
  put("waited", now_ns() - start);
  struct timespec pause = {0, 50000};
  while (has_namespace && if_nametoindex("here")) nanosleep(&pause, NULL);
  put("released", now_ns() - start);
  return 0;
}

// Which namespace this process is in, namespaces(7).
static ino_t namespace(const char *path) {
  struct stat status;
  if (stat(path, &status) < 0) die("stat(2)", path);
  return status.st_ino;
}

static ino_t network(void) { return namespace("/proc/self/ns/net"); }

// Processes that make namespaces and end at once: how long all take.
int churn(const char *kind, uint64_t count) {
  int flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP;
  if (!strcmp(kind, "net")) flags |= CLONE_NEWNET;
  if (!strcmp(kind, "process")) flags = 0;
  ino_t own = network(), apart = 0;
  uint64_t start = now_ns();
  for (uint64_t i = 0; i < count; i++) {
    pid_t pid = fork();
    if (pid == 0) _exit(unshare(flags) < 0 ? 1 : network() != own ? 2 : 0);
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0) die("fork(2)", "a child");
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 1) die("unshare(2)", kind);
    if (WEXITSTATUS(status) == 2) apart++;
  }
  put("took", now_ns() - start);
  put("apart", apart);
  return 0;
}

// Several at once, each of which moves from one new namespace into the next: from the moment when all
// are there until the last has ended.
int unshares(const char *kind, uint64_t callers, uint64_t count) {
  int is_network = !strcmp(kind, "net");
  const char *path = is_network ? "/proc/self/ns/net" : "/proc/self/ns/uts";
  int flag = is_network ? CLONE_NEWNET : CLONE_NEWUTS;
  int ready[2], go[2];
  if (pipe(ready) < 0 || pipe(go) < 0) die("pipe(2)", "ready, go");
  ino_t own = namespace(path);
  char byte;
  for (uint64_t i = 0; i < callers; i++) {
    pid_t pid = fork();
    if (pid < 0) die("fork(2)", "a caller");
    if (pid > 0) continue;
    close(go[1]);
    if (write(ready[1], "1", 1) != 1) die("write(2)", "ready");
    // The other end is closed when all are there.
    if (read(go[0], &byte, 1) != 0) die("read(2)", "go");
    for (uint64_t n = 0; n < count; n++)
      if (unshare(flag) < 0) die("unshare(2)", kind);
    _exit(namespace(path) == own ? 2 : 0);
  }
  for (uint64_t i = 0; i < callers; i++)
    if (read(ready[0], &byte, 1) != 1) die("read(2)", "ready");
  uint64_t apart = 0, start = now_ns();
  close(go[1]);
  for (uint64_t i = 0; i < callers; i++) {
    int status;
    if (wait(&status) < 0) die("wait(2)", "a caller");
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 1) die("unshare(2)", kind);
    if (WEXITSTATUS(status) == 0) apart++;
  }
  put("took", now_ns() - start);
  put("apart", apart);
  return 0;
}
