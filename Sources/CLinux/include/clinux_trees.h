// What a true copy of a directory tree takes beside clinux.h: names, times, attributes, holes.
#pragma once

#include <stddef.h>
#include <stdint.h>

long lx_linkat(int from_dirfd, const char *from, int to_dirfd, const char *to);
/// renameat2(2) with RENAME_NOREPLACE: what is at the new name already is EEXIST.
long lx_rename_new(int from_dirfd, const char *from, int to_dirfd, const char *to);
/// Gives `to` the times that `from` was last read and changed at, neither link followed.
long lx_copy_times(int from_dirfd, const char *from, int to_dirfd, const char *to);
/// llistxattr(2): names, each ended by a zero.
long lx_llistxattr(const char *path, char *names, size_t n);
long lx_lgetxattr(const char *path, const char *name, void *value, size_t n);
long lx_lsetxattr(const char *path, const char *name, const void *value, size_t n);
/// Copies `size` bytes from the beginning; what is a hole in `from` stays one.
long lx_copy_data(int from, int to, uint64_t size);
