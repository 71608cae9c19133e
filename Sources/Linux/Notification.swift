internal import CLinux

/// Descriptors that become readable when the kernel has news of a file.
public enum Notification {
  /// An event counter (eventfd(2)): reading eight bytes takes what was counted.
  ///
  /// - Throws: `SystemError`.
  public static func counter() throws(SystemError) -> Descriptor {
    Descriptor(owning: Int32(try check(lx_eventfd(), "eventfd(2)", "new")))
  }

  /// Readable after each change of a file (inotify(7), IN_MODIFY), the kernel's own to the event
  /// files of cgroup v2 included.
  ///
  /// Reads on it do not wait.
  ///
  /// - Throws: `SystemError` naming the path.
  public static func changes(of path: String) throws(SystemError) -> Descriptor {
    let watch = Descriptor(owning: Int32(try check(lx_inotify_init(), "inotify_init1(2)", path)))
    try check(unsafe lx_inotify_watch_changes(watch.raw, path), "inotify_add_watch(2)", path)
    return watch
  }
}
