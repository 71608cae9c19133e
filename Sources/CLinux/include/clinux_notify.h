// Being told by the kernel that something changed: eventfd(2) and inotify(7).
#pragma once

/// eventfd(2), close-on-exec, counting from 0.
long lx_eventfd(void);
/// inotify_init1(2), close-on-exec and not waiting.
long lx_inotify_init(void);
/// inotify_add_watch(2) with IN_MODIFY. Returns the watch's number.
long lx_inotify_watch_changes(int fd, const char *path);
/// inotify_add_watch(2) of a directory: entries that were made, moved, removed, or closed after
/// writing. Returns the watch's number.
long lx_inotify_watch_entries(int fd, const char *path);
/// epoll_create1(2), close-on-exec.
long lx_epoll_create(void);
/// epoll_ctl(2): adds or changes a descriptor with its events (EPOLLIN 1, EPOLLOUT 4); `known` tells
/// whether it was added before.
long lx_epoll_set(int epoll, int fd, unsigned events, int known);
/// epoll_ctl(2), EPOLL_CTL_DEL.
long lx_epoll_remove(int epoll, int fd);
/// epoll_wait(2): the descriptors and their events, `n` at most; returns how many.
long lx_epoll_wait(int epoll, int *fds, unsigned *events, unsigned n, int timeout_ms);
