// The runtime's own file, out of a container's reach (CVE-2019-5736).
//
// A process that is about to become a container's program can be tricked into executing the runtime
// once more inside (a script whose first line is "#!/proc/self/exe"), and whoever is root there can
// open /proc/PID/exe and write to the host's file when that has ended. So the commands that go into
// containers run from a private, read-only mount of the file: writing through it is EROFS, whatever
// the permissions.
//
//   open_tree(2) OPEN_TREE_CLONE   a mount of the file alone, in no namespace
//   mount_setattr(2)               read-only
//   execveat(2) AT_EMPTY_PATH      this program again, from there
//
// This is a constructor in C because it runs the program twice: the first time must end before any
// other initialisation, or a start would pay for it twice. When the kernel does not let us
// (no CAP_SYS_ADMIN) the program goes on: who may not mount may not write to root's file either.

#define _GNU_SOURCE
#include "seal.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef __NR_open_tree
#define __NR_open_tree 428
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr 442
#endif

static int goes_into_containers(char **argv) {
  for (char **word = argv + 1; word[0] && word[-1]; word++)
    if (!strcmp(*word, "run") || !strcmp(*word, "create") || !strcmp(*word, "exec")) return 1;
  return 0;
}

__attribute__((constructor(101))) static void seal(int argc, char **argv, char **envp) {
  struct statfs fs;
  if (argc < 2 || !goes_into_containers(argv)) return;
  if (statfs("/proc/self/exe", &fs) < 0 || fs.f_flags & 1 /* ST_RDONLY: sealed */) return;
  int tree = (int)syscall(__NR_open_tree, AT_FDCWD, "/proc/self/exe", 1 /* CLONE */ | O_CLOEXEC);
  if (tree < 0) return;
  uint64_t attributes[4] = {1 /* MOUNT_ATTR_RDONLY */, 0, 0, 0};
  if (syscall(__NR_mount_setattr, tree, "", AT_EMPTY_PATH, attributes, sizeof attributes) == 0)
    syscall(__NR_execveat, tree, "", argv, envp, AT_EMPTY_PATH);
  close(tree);
}
