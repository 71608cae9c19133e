// Sources of bind mounts that need the host's rights: id maps (mount_setattr(2), MOUNT_ATTR_IDMAP,
// asks for rights over the filesystem), and every source when the container's root is nobody on the
// host and may not even reach it. The runtime copies the mount, attached nowhere; init, which has the
// descriptor from the clone, attaches it.

internal import Linux
internal import OCI
internal import Steps

/// A mount that waits for its place.
struct PreparedMount {
  /// Which of `mounts` it is.
  var index: Int
  var fd: Int32
  /// As mount(8) writes id maps; empty when there are none.
  var maps = ""
}

/// What is looked at, and made ready, before anything of the container is made.
struct MountPreparation {
  let plan: InitPlan
  let glass: Glass

  private var mounts: [Mount] { plan.config.mounts }

  /// Filesystems that every kernel has on which containers run.
  private static let usual: [8 of StaticString] = [
    "proc", "tmpfs", "devpts", "sysfs", "mqueue", "cgroup", "cgroup2", "overlay",
  ]

  /// Makes ready what needs the host's rights.
  ///
  /// - Throws: `RuntimeError` naming the mount that cannot work.
  func run() throws(RuntimeError) -> [PreparedMount] {
    var prepared = [PreparedMount]()
    let seesHost = !plan.joins.contains { $0.flag == .mount }
    for (index, mount) in mounts.enumerated() {
      let options = try MountOptions(mount)
      guard options.isBind else {
        try checkType(mount)
        continue
      }
      if options.isRemount { continue }
      if let reach = options.idMap {
        prepared.append(try map(mount, index, options, reach))
      } else if plan.hasUserNamespace, seesHost, Identity.effectiveUser == 0 {
        if let copy = try copy(mount, index, options) { prepared.append(copy) }
      } else if seesHost {
        try lookingUp(hint: "mounts[\(mount.destination)]: the source of a bind mount must exist") {
          () throws(SystemError) in _ = try File.status(mount.source)
        }
      }
    }
    return prepared
  }

  private func checkType(_ mount: Mount) throws(RuntimeError) {
    if MountPreparation.usual.span.index(of: mount.type) != nil { return }
    do throws(SystemError) {
      try FileSystem.probe(mount.type)
    } catch {
      // Whoever may not ask, or cannot, is answered by mount(2) later.
      guard error.errno == .noDevice else { return }
      throw RuntimeError(
        "mounts[\(mount.destination)]: this kernel has no filesystem \"\(mount.type)\"",
        hint: "/proc/filesystems lists those it has")
    }
  }

  private func copy(
    _ mount: Mount, _ index: Int, _ options: MountOptions
  ) throws(RuntimeError) -> PreparedMount? {
    var fd: Int32 = -1
    do throws(StepFailure) {
      try glass.around(
        .mountPrepare, .described(call: "open_tree(2)", object: mount.source, shell: nil)
      ) { () throws(SystemError) in
        fd = try DetachedMount.copy(
          of: mount.source, recursive: options.flags.contains(.recursive)
        ).release()
      }
    } catch {
      // Without the call init does it, by a path.
      guard error.error.errno == .notImplemented else { throw RuntimeError(error) }
      return nil
    }
    return PreparedMount(index: index, fd: fd)
  }

  private func map(
    _ mount: Mount, _ index: Int, _ options: MountOptions, _ reach: MountOptions.IDMap
  ) throws(RuntimeError) -> PreparedMount {
    let linux = plan.config.linux
    let own = !mount.uidMappings.isEmpty
    let users = own ? mount.uidMappings : linux.uidMappings
    let groups = own ? mount.gidMappings : linux.gidMappings
    let joined = plan.joins.first { $0.flag == .user }?.fd
    var maps = users.map { $0.told("u") } + groups.map { $0.told("g") }
    if maps.isEmpty { maps = ["the container's"] }
    let shown = maps.joined(separator: " ")
    var fd: Int32 = -1
    try stepping { () throws(StepFailure) in
      try glass.around(
        .mountPrepare,
        .described(
          call: "mount_setattr(2)", object: "\(mount.source) (\(shown.prefix(200)))", shell: nil)
      ) { () throws(SystemError) in
        let copy = try DetachedMount.copy(
          of: mount.source, recursive: options.flags.contains(.recursive))
        var change = MountChange(recursive: reach == .tree)
        if !own, let joined {
          change.userNamespace = joined
          try change.apply(to: copy.raw, name: mount.source)
        } else {
          let namespace = try MapNamespace.make(users: users.lines, groups: groups.lines)
          change.userNamespace = namespace.raw
          try change.apply(to: copy.raw, name: mount.source)
        }
        fd = copy.release()
      }
    }
    return PreparedMount(index: index, fd: fd, maps: shown)
  }
}

extension IDMapping {
  /// As `X-mount.idmap` of mount(8) has it.
  fileprivate func told(_ kind: String) -> String { "\(kind):\(containerID):\(hostID):\(size)" }
}

extension [IDMapping] {
  /// The lines of uid_map and gid_map.
  var lines: String { map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined() }
}
