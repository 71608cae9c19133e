// The container's root filesystem, built by init in its own mount namespace, before pivot_root:
// everything is mounted beneath a descriptor of the root, so that a link in the image cannot lead
// a mount outside (openat2(2), RESOLVE_IN_ROOT), and the host's tools would do the same by path.

internal import Linux
internal import OCI
internal import Steps

/// Builds a root filesystem.
struct Rootfs {
  let config: Config
  /// The root's absolute path on the host.
  let path: String
  let glass: Glass
  /// What is needed to mount cgroup filesystems.
  let cgroups: Cgroups?
  let hasCgroupNamespace: Bool
  let hasUserNamespace: Bool
  /// Mounts that the runtime made with the host's rights, by their place in `mounts`.
  var prepared: [PreparedMount] = []
  /// Whether the host's root is let go by pivot_root(2), or covered (`--no-pivot`).
  var pivots = true

  func place(_ root: Int32, _ inside: String) -> RootPlace {
    RootPlace(root: root, rootPath: path, path: inside)
  }

  /// What linux.rootfsPropagation asks for.
  private var propagation: MountFlags? {
    config.linux.rootfsPropagation.flatMap { MountOptions.propagation(named: $0) }
  }

  /// Detaches this mount namespace from the host's and puts the root in place.
  ///
  /// Returns a handle on the root.
  func open() throws(RuntimeError) -> Descriptor {
    try separate()
    if let base = config.mounts.first, base.destination == "/" {
      let options = try MountOptions(base)
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .rootfsOverlay,
          .mount(
            MountCall(
              base.source, on: path, type: base.type, options.flags,
              data: options.data.isEmpty ? nil : options.joined)))
      }
    } else {
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .rootfsBind, .mount(MountCall(path, on: path, [.bind, .recursive])))
      }
    }
    return try lookingUp { () throws(SystemError) in try File.open(path, [.path, .directory]) }
  }

  /// Says what of later mounts is seen by whom, before the first is made.
  ///
  /// Slave: what the host unmounts later is unmounted here too, and nothing goes outwards. Only a
  /// container that is to share its mounts stays tied to the host both ways; then the mount that
  /// its root is on must not be, or all of the container's mounts would appear there.
  private func separate() throws(RuntimeError) {
    let asked = propagation ?? .slave
    let first: MountFlags =
      if asked.contains(.shared) {
        [.shared, .recursive]
      } else if asked.contains(.private) { [.private, .recursive] } else { [.slave, .recursive] }
    try stepping { () throws(StepFailure) in
      try glass.perform(.mountPropagation, .mount(MountCall(nil, on: "/", first)))
    }
    if first.contains(.shared) {
      let below = try lookingUp { () throws(SystemError) in try MountInfo.holding(path) }
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .mountPropagation, .mount(MountCall(nil, on: below?.target ?? "/", .private)))
      }
    }
    guard pivots else { return }
    if try lookingUp({ () throws(SystemError) in try Mounts.rootIsInitramfs() }) {
      try stepping { () throws(StepFailure) in try glass.perform(.rootfsStack, .stackRoot) }
    }
  }

  /// Mounts, devices, masked and read-only paths.
  ///
  /// `joined` waits until this process is in its cgroups and has a cgroup namespace if it shall.
  func fill(_ root: Int32, joined: () throws(RuntimeError) -> Void) throws(RuntimeError) {
    for (index, mount) in config.mounts.enumerated() where mount.destination != "/" {
      if mount.type == "cgroup" || mount.type == "cgroup2" { try joined() }
      try attach(mount, index, root)
    }
    if needsDevices { try makeDevices(root) }
    try cover(root)
  }

  // MARK: masked and read-only paths

  private func cover(_ root: Int32) throws(RuntimeError) {
    // Read-only first: a masked path inside a read-only one could not be covered afterwards
    // without mounting over it, and that works either way; the other order would restrict masks.
    for inside in config.linux.readonlyPaths {
      guard let found = find(inside, root) else { continue }
      let target = held(found, place(root, inside))
      var call = MountCall(
        target.shown, on: target.shown, [.bind, .recursive], held: found.raw)
      call.changes = [MountChange(set: .readOnly)]
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .rootfsReadonlyPath, .mountBeneath(target, directory: true, call))
      }
    }
    if !config.linux.maskedPaths.isEmpty { try mask(root) }
  }

  /// The first masked directory gets an empty read-only tmpfs, the others the same one; files get
  /// the host's /dev/null, which is looked at before it is trusted (CVE-2025-31133).
  private func mask(_ root: Int32) throws(RuntimeError) {
    let null = try lookingUp(hint: "masking a file needs the host's /dev/null") {
      () throws(SystemError) in try File.openNull()
    }
    var empty: (shown: String, fd: Int32)?
    defer { if let empty, empty.fd > 2 { Descriptors.close(empty.fd) } }
    for inside in config.linux.maskedPaths {
      guard let found = find(inside, root) else { continue }
      let target = held(found, place(root, inside))
      let isDirectory = isDirectory(found)
      var call: MountCall
      if !isDirectory {
        call = MountCall("/dev/null", on: target.shown, .bind, held: null.raw)
      } else if let empty {
        call = MountCall(empty.shown, on: target.shown, .bind, held: empty.fd)
      } else {
        call = MountCall("tmpfs", on: target.shown, type: "tmpfs", .readOnly, data: "size=0k")
        call.keeps = true
      }
      let mounted = try stepping { () throws(StepFailure) in
        try glass.perform(.rootfsMask, .mountBeneath(target, directory: isDirectory, call))
      }
      if call.keeps { empty = (target.shown, Int32(mounted)) }
    }
  }

  /// A handle on a path that is there.
  private func find(_ inside: String, _ root: Int32) -> Descriptor? {
    // Not being there is the answer, not an error.
    try? File.open(inside, inRoot: root, .path)
  }

  private func isDirectory(_ found: borrowing Descriptor) -> Bool {
    (try? File.status(of: found.raw).isDirectory) ?? false
  }

  /// The place that a handle holds already.
  private func held(_ found: borrowing Descriptor, _ place: RootPlace) -> RootPlace {
    RootPlace(root: found.raw, rootPath: place.shown, path: "")
  }

  // MARK: the turn

  /// Makes the root this mount namespace's `/` and lets the host's go.
  func enter(_ root: Int32) throws(RuntimeError) {
    if config.root.readonly {
      // The handle is the mount's own: nothing need be looked up.
      let target = RootPlace(root: root, rootPath: path, path: "")
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .rootfsReadonly,
          .mountBeneath(
            target, directory: true,
            MountCall(nil, on: path, [.bind, .remount, .readOnly])))
      }
    }
    if pivots { try pivot(root) } else { try cover(hostBehind: root) }
    try stepping { () throws(StepFailure) in
      try glass.perform(.processCwd, .changeDirectory("/"))
      if let propagation {
        try glass.perform(.mountSpread, .mount(MountCall(nil, on: "/", propagation)))
      }
    }
  }

  private func pivot(_ root: Int32) throws(RuntimeError) {
    guard propagation?.contains(.shared) ?? false else {
      return try stepping { () throws(StepFailure) in
        try glass.perform(.rootfsPivot, .pivotRoot(root, path: path))
        try glass.perform(.rootfsDetach, .detach("."))
      }
    }
    // Still shared with the host: letting it go here must not let it go there.
    let host = try lookingUp { () throws(SystemError) in try File.open("/", [.path, .directory]) }
    var call = MountCall(nil, on: ".", [.bind, .remount])
    call.changes = [MountChange(propagation: .slave, recursive: true)]
    try stepping { () throws(StepFailure) in
      try glass.perform(.rootfsPivot, .pivotRoot(root, path: path))
      try glass.perform(
        .mountPropagation,
        .mountBeneath(RootPlace(root: host.raw, rootPath: ".", path: ""), directory: true, call))
      try glass.perform(.rootfsDetach, .detach("."))
    }
  }

  /// `--no-pivot`: the root is moved over the host's, whose other mounts are let go first, since
  /// nothing else would keep a process with CAP_SYS_CHROOT from them.
  ///
  /// What may not be let go (in a user namespace the host's mounts are one locked tree) is covered
  /// when it is a procfs or sysfs, through which the host could be changed.
  private func cover(hostBehind root: Int32) throws(RuntimeError) {
    let mounts = try lookingUp { () throws(SystemError) in try MountInfo.list() }
    var gone = [String]()
    for mount in mounts where mount.target != "/" {
      let isBelow = mount.target.isPath(beneath: path)
      let isAbove = path.isPath(beneath: mount.target)
      if isBelow || isAbove || gone.contains(where: { mount.target.isPath(beneath: $0) }) {
        continue
      }
      gone.append(mount.target)
      do throws(StepFailure) {
        try glass.perform(.rootfsDetach, .detach(mount.target))
      } catch {
        // Locked, hidden under another mount, or behind a directory that is closed to us.
        let known: [Errno] = [.invalid, .perm, .access, .noEntry]
        guard known.contains(error.error.errno), error.error.call.text != "(planted fault)"
        else { throw RuntimeError(error) }
        guard mount.type == "proc" || mount.type == "sysfs" else { continue }
        try stepping { () throws(StepFailure) in
          try glass.perform(
            .rootfsMask,
            .mount(MountCall("tmpfs", on: mount.target, type: "tmpfs", .readOnly, data: "size=0k")))
        }
      }
    }
    try stepping { () throws(StepFailure) in
      try glass.perform(.rootfsPivot, .moveRoot(root, path: path))
    }
  }
}

extension String {
  /// Whether it is the same path, or one inside of it.
  fileprivate func isPath(beneath parent: String) -> Bool {
    self == parent || hasPrefix(parent == "/" ? "/" : parent + "/")
  }
}
