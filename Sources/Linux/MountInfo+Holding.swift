extension MountInfo {
  /// The mount that a path without symbolic links is on.
  ///
  /// - Throws: `SystemError` when the mounts cannot be read.
  public static func holding(_ path: String) throws(SystemError) -> MountInfo? {
    var found: MountInfo?
    for mount in try list() {
      let prefix = mount.target == "/" ? "/" : mount.target + "/"
      guard path == mount.target || path.hasPrefix(prefix) else { continue }
      // Of two at one place the later one lies on top.
      if let found, found.target.utf8.count > mount.target.utf8.count { continue }
      found = mount
    }
    return found
  }
}
