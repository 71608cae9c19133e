// What a true copy of a file takes beside clinux_tree.h.
#pragma once

#include <stdint.h>

/// Gives `to` the times that `from` was last read and changed at, neither link followed.
long lx_copy_times(int from_dirfd, const char *from, int to_dirfd, const char *to);
/// Copies `size` bytes from the beginning; what is a hole in `from` stays one.
long lx_copy_data(int from, int to, uint64_t size);
