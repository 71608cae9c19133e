internal import Linux

/// Which cgroups a process is in, and where their files are (cgroups(7)).
enum CgroupPaths {
  /// /proc/PID/cgroup: the path in each tree, by the tree's controllers.
  ///
  /// Lines are `4:memory:/drydock/ID` on v1 (also `cpu,cpuacct`, `name=systemd`), and
  /// `0::/drydock/ID` on v2, which has the empty key.
  static func parse(_ text: String) -> [String: String] {
    var paths: [String: String] = [:]
    for line in text.split(separator: "\n") {
      // A path may hold colons.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3, fields[2].hasPrefix("/") else { continue }
      paths[String(fields[1])] = String(fields[2])
    }
    return paths
  }

  /// The directory of a cgroup: the mount of its tree that shows it.
  ///
  /// A mount may show a part of the tree only (the fourth field of mountinfo), as in a container
  /// with a bind of its own cgroup.
  static func directory(
    tree: String, path: String, mounts: [MountInfo]
  ) -> (directory: String, root: String)? {
    let wanted = Set(tree.split(separator: ",").map { String($0) })
    for mount in mounts {
      let options = Set(mount.superOptions.split(separator: ",").map { String($0) })
      let fits =
        tree.isEmpty
        ? mount.type == "cgroup2" : mount.type == "cgroup" && wanted.isSubset(of: options)
      guard fits else { continue }
      if mount.root == "/" { return (join(mount.target, path), mount.target) }
      if path == mount.root { return (mount.target, mount.target) }
      if path.hasPrefix(mount.root + "/") {
        return (join(mount.target, String(path.dropFirst(mount.root.count))), mount.target)
      }
    }
    return nil
  }

  private static func join(_ root: String, _ path: String) -> String {
    path == "/" ? root : root + path
  }

  /// The container's id in a cgroup's path: 64 hexadecimal digits, as Docker (`/docker/ID`,
  /// `docker-ID.scope`), podman (`libpod-ID`) and containerd name their cgroups, or 12, as drydock
  /// does (`/drydock/ID`).
  static func containerID(_ path: String) -> String? {
    // The innermost counts: a container in a container.
    for part in path.split(separator: "/").reversed() {
      for word in part.split(whereSeparator: { "-_.:".contains($0) })
      where word.utf8.count == 64 && word.utf8.allSatisfy(isHex) { return String(word) }
      if part.utf8.count == 12 && part.utf8.allSatisfy(isHex) { return String(part) }
    }
    return nil
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
