// What it takes to lay out and read a tree of files exactly: times, attributes, links, holes.
//
// As in clinux.h: a value >= 0, or minus the errno; nothing allocates or keeps state.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// linkat(2) without following a link at the end.
long lx_linkat(int from_dirfd, const char *from, int to_dirfd, const char *to);
/// utimensat(2), a link's own; of the descriptor itself when `path` is null.
long lx_set_times(int dirfd, const char *path, int64_t atime_s, int64_t atime_ns, int64_t mtime_s,
                  int64_t mtime_ns);
/// The modification time's and change time's seconds and nanoseconds (fstatat(2), a link's own).
long lx_times(int dirfd, const char *path, int64_t mtime[2], int64_t ctime[2]);
long lx_fsetxattr(int fd, const char *name, const void *value, size_t n);
/// lsetxattr(2) of `path` beneath a directory's descriptor, by its link in /proc.
long lx_setxattrat(int dirfd, const char *path, const char *name, const void *value, size_t n);
/// llistxattr(2) and lgetxattr(2) of `path` beneath a directory's descriptor; with a size of 0
/// they tell how much there is.
long lx_listxattrat(int dirfd, const char *path, char *names, size_t n);
long lx_getxattrat(int dirfd, const char *path, const char *name, void *value, size_t n);
long lx_fchmod(int fd, unsigned mode);
long lx_fchown(int fd, unsigned uid, unsigned gid);
long lx_pwrite(int fd, const void *buffer, size_t n, int64_t offset);
long lx_fsync(int fd);
/// sync_file_range(2), SYNC_FILE_RANGE_WRITE: begins to write a range out, waits for nothing.
long lx_write_out(int fd, int64_t offset, int64_t n);
/// renameat2(2), RENAME_NOREPLACE.
long lx_rename_new(const char *from, const char *to);
/// lseek(2), SEEK_DATA or SEEK_HOLE.
long lx_seek_data(int fd, int64_t offset);
long lx_seek_hole(int fd, int64_t offset);
