// The mount API of open_tree(2), fsopen(2), mount_setattr(2) and move_mount(2), and what namespaces
// need beside it. As in clinux.h: a value >= 0, or minus the errno.
#pragma once

#include <stdint.h>

/// open_tree(2) with OPEN_TREE_CLONE: a copy of the mount at a path, or of what `dirfd` itself holds
/// when the path is empty, attached nowhere.
long lx_open_tree(int dirfd, const char *path, int recursive);
/// move_mount(2): attaches what `from` holds at what `to` holds.
long lx_move_mount(int from, int to);
long lx_fsopen(const char *type);
/// fsconfig(2): FSCONFIG_SET_STRING, or FSCONFIG_SET_FLAG when `value` is null.
long lx_fsconfig_set(int fd, const char *key, const char *value);
/// fsconfig(2), FSCONFIG_CMD_CREATE.
long lx_fsconfig_create(int fd);
long lx_fsmount(int fd, unsigned attributes);
/// mount_setattr(2) of what `fd` holds, or of all mounts below it too. `userns` is a descriptor of
/// the user namespace whose maps the mount gets, used with MOUNT_ATTR_IDMAP in `set`.
long lx_mount_setattr(int fd, int recursive, uint64_t set, uint64_t clear, uint64_t propagation,
                      int userns);
/// mount(2) of what descriptors hold is by their links in /proc; this is for the root.
long lx_chroot(const char *path);
/// ioctl(2), NS_GET_NSTYPE: the CLONE_ flag of the namespace an open descriptor holds.
long lx_namespace_kind(int fd);
/// CLOCK_BOOTTIME in nanoseconds.
uint64_t lx_boottime_ns(void);
