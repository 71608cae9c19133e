// Being told by the kernel that something changed: eventfd(2) and inotify(7).
#pragma once

/// eventfd(2), close-on-exec, counting from 0.
long lx_eventfd(void);
/// inotify_init1(2), close-on-exec and not waiting.
long lx_inotify_init(void);
/// inotify_add_watch(2) with IN_MODIFY. Returns the watch's number.
long lx_inotify_watch_changes(int fd, const char *path);
