#include "clinux_xattr.h"

#include <errno.h>
#include <sys/xattr.h>

long lx_fgetxattr(int fd, const char *name, void *value, size_t n) {
  long got = fgetxattr(fd, name, value, n);
  return got < 0 ? -errno : got;
}
