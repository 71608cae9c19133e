// Extended attributes, xattr(7). As in clinux.h: a value >= 0, or minus the errno.
#pragma once

#include <stddef.h>

/// fgetxattr(2): the length of the value.
long lx_fgetxattr(int fd, const char *name, void *value, size_t n);
