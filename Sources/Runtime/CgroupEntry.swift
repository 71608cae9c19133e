// How `exec` gets into a container's cgroups.

internal import Linux
internal import OCI

extension Container {
  /// Moves this process, which has one thread, into the cgroups of a container.
  ///
  /// A container that was handed its v2 cgroup may have made others inside and handed controllers
  /// down to them; then its own may hold no process any more (cgroups(7), "no internal processes"):
  /// EBUSY. The new process goes to where init is.
  static func enter(
    _ cgroups: [State.Cgroup], with first: Int32
  ) throws(SystemError) {
    for cgroup in cgroups {
      guard cgroup.controllers.isEmpty else {
        // v1's `tasks` needs no lock of all thread groups (Cgroups.joinSelf).
        try File.set(cgroup.path + "/tasks", "0")
        continue
      }
      do throws(SystemError) {
        try File.set(cgroup.path + "/cgroup.procs", "0")
      } catch {
        guard error.errno == .busy, let place = try place(of: first, in: cgroup) else {
          throw error
        }
        try File.set(place + "/cgroup.procs", "0")
      }
    }
  }

  /// The v2 cgroup of a process, when it is inside one of the container's.
  private static func place(
    of pid: Int32, in cgroup: State.Cgroup
  ) throws(SystemError) -> String? {
    for line in try File.text("/proc/\(pid)/cgroup").parts("\n") where line.hasPrefix("0::") {
      let path = String(line.dropFirst(3))
      // The container's path ends what precedes: /sys/fs/cgroup or /sys/fs/cgroup/unified.
      for root in [CgroupLayout.usualRoot, CgroupLayout.usualRoot + "/unified"] {
        let place = root + path
        if place.hasPrefix(cgroup.path + "/") { return place }
      }
    }
    return nil
  }
}
