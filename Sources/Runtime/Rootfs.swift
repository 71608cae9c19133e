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

  private func place(_ root: Int32, _ inside: String) -> RootPlace {
    RootPlace(root: root, rootPath: path, path: inside)
  }

  /// Detaches this mount namespace from the host's and puts the root in place.
  ///
  /// Returns a handle on the root.
  func open() throws(RuntimeError) -> Descriptor {
    // Slave: what the host unmounts later is unmounted here too, and nothing goes outwards.
    let first: MountFlags =
      asked.map { $0.contains(.private) } ?? false
      ? [.private, .recursive] : isShared ? [.shared, .recursive] : [.slave, .recursive]
    try stepping { () throws(StepFailure) in
      try glass.perform(.mountPropagation, .mount(MountCall(nil, on: "/", first)))
    }
    if isShared { try closeParent() }
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

  private var asked: MountFlags? {
    config.linux.rootfsPropagation.flatMap { MountOptions.propagation(named: $0) }
  }

  /// Whether mounts made in bind mounts of shared ones shall reach the host.
  private var isShared: Bool { asked.map { $0.contains(.shared) } ?? false }

  /// The root itself must not appear on the host, and pivot_root(2) refuses a shared parent.
  private func closeParent() throws(RuntimeError) {
    let parent = try lookingUp { () throws(SystemError) in
      try MountInfo.holding(path)?.target
    }
    try stepping { () throws(StepFailure) in
      try glass.perform(.mountPropagation, .mount(MountCall(nil, on: parent ?? "/", .private)))
    }
  }

  /// Mounts, devices, masked and read-only paths.
  ///
  /// `joined` waits until this process is in its cgroups and has a cgroup namespace if it shall.
  func fill(_ root: Int32, joined: () throws(RuntimeError) -> Void) throws(RuntimeError) {
    for mount in config.mounts where mount.destination != "/" {
      if mount.type == "cgroup" || mount.type == "cgroup2" { try joined() }
      try attach(mount, root)
    }
    if needsDevices { try makeDevices(root) }
    try stepping { () throws(StepFailure) in try cover(root) }
  }

  // MARK: mounts

  private func attach(_ mount: Mount, _ root: Int32) throws(RuntimeError) {
    let options = try MountOptions(mount)
    if options.isBind {
      try bind(mount, options, root)
    } else if mount.type == "cgroup" || mount.type == "cgroup2" {
      try attachCgroups(mount, options, root)
    } else {
      let target = place(root, mount.destination)
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .mountAttach,
          .mountBeneath(
            target, directory: true,
            MountCall(
              mount.source, on: target.shown, type: mount.type, options.flags,
              data: options.data.isEmpty ? nil : options.joined)))
      }
    }
    try spread(options.propagation, place(root, mount.destination))
  }

  private func bind(
    _ mount: Mount, _ options: MountOptions, _ root: Int32
  ) throws(RuntimeError) {
    let isDirectory = try lookingUp(
      hint: "the source of a bind mount must exist on the host"
    ) { () throws(SystemError) in try File.status(mount.source).isDirectory }
    let target = place(root, mount.destination)
    try stepping { () throws(StepFailure) in
      try glass.perform(
        .mountBind,
        .mountBeneath(
          target, directory: isDirectory,
          MountCall(
            mount.source, on: target.shown, options.flags.intersection([.bind, .recursive])))
      )
      if !options.restrictions.isEmpty {
        try glass.perform(
          .mountRestrict,
          .mountBeneath(
            target, directory: isDirectory,
            MountCall(nil, on: target.shown, options.restrictions.union([.bind, .remount]))))
      }
    }
  }

  private func spread(
    _ propagation: [MountFlags], _ target: RootPlace
  ) throws(RuntimeError) {
    try stepping { () throws(StepFailure) in
      for flags in propagation {
        try glass.perform(
          .mountSpread,
          .mountBeneath(target, directory: true, MountCall(nil, on: target.shown, flags)))
      }
    }
  }

  /// A cgroup mount shows the container its own cgroups: in a cgroup namespace by mounting the
  /// trees anew, else by binding the container's directories.
  private func attachCgroups(
    _ mount: Mount, _ options: MountOptions, _ root: Int32
  ) throws(RuntimeError) {
    guard let cgroups else { return }
    let target = place(root, mount.destination)
    let restrictions = options.flags.subtracting([.bind, .recursive])
    if cgroups.layout.mode == .v2, let tree = cgroups.layout.trees.first {
      try attachTree(tree, cgroups, target, restrictions, type: "cgroup2", data: nil)
      return
    }
    try stepping { () throws(StepFailure) in
      try glass.perform(
        .mountAttach,
        .mountBeneath(
          target, directory: true,
          MountCall(
            "tmpfs", on: target.shown, type: "tmpfs",
            restrictions.subtracting(.readOnly).union([.noSUID, .noDev, .noExec]),
            data: "mode=755")))
    }
    // The trees' places are looked up from the tmpfs, which is shorter than from the root.
    let base = try lookingUp { () throws(SystemError) in
      try File.open(mount.destination, inRoot: root, .path)
    }
    for tree in cgroups.layout.trees {
      let name = tree.mountPoint.parts("/").last ?? "cgroup"
      try attachTree(
        tree, cgroups, RootPlace(root: base.raw, rootPath: target.shown, path: "/" + name),
        restrictions, type: "cgroup", data: tree.controllers.list(","))
    }
    if restrictions.contains(.readOnly) {
      try stepping { () throws(StepFailure) in
        try glass.perform(
          .mountRestrict,
          .mountBeneath(
            target, directory: true,
            MountCall(
              nil, on: target.shown,
              restrictions.union([.bind, .remount, .noSUID, .noDev, .noExec]))))
      }
    }
  }

  private func attachTree(
    _ tree: CgroupTree, _ cgroups: Cgroups, _ target: RootPlace, _ flags: MountFlags,
    type: String, data: String?
  ) throws(RuntimeError) {
    try stepping { () throws(StepFailure) in
      if hasCgroupNamespace {
        try glass.perform(
          .mountAttach,
          .mountBeneath(
            target, directory: true,
            MountCall(type, on: target.shown, type: type, flags, data: data)))
      } else {
        try glass.perform(
          .mountBind,
          .mountBeneath(
            target, directory: true,
            MountCall(cgroups.directory(tree), on: target.shown, .bind)))
        if !flags.isEmpty {
          try glass.perform(
            .mountRestrict,
            .mountBeneath(
              target, directory: true,
              MountCall(nil, on: target.shown, flags.union([.bind, .remount]))))
        }
      }
    }
  }

  // MARK: devices

  /// The devices every container has (config-linux.md, "Default Devices").
  static let defaultDevices: [DeviceNode] = [
    DeviceNode(type: "c", path: "/dev/null", major: 1, minor: 3),
    DeviceNode(type: "c", path: "/dev/zero", major: 1, minor: 5),
    DeviceNode(type: "c", path: "/dev/full", major: 1, minor: 7),
    DeviceNode(type: "c", path: "/dev/random", major: 1, minor: 8),
    DeviceNode(type: "c", path: "/dev/urandom", major: 1, minor: 9),
    DeviceNode(type: "c", path: "/dev/tty", major: 5, minor: 0),
  ]

  /// Links every container has.
  static let defaultLinks: [(path: StaticString, target: StaticString)] = [
    ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
  ]

  /// A /dev that is the host's own, bound, is left alone.
  private var needsDevices: Bool {
    !config.mounts.contains {
      $0.destination == "/dev"
        && ($0.type == "bind" || $0.options.contains { $0.hasSuffix("bind") })
    }
  }

  private func makeDevices(_ root: Int32) throws(RuntimeError) {
    var nodes = Rootfs.defaultDevices.filter { node in
      !config.linux.devices.contains { $0.path == node.path }
    }
    nodes += config.linux.devices
    // Nearly all are in /dev, which is looked up once.
    let folder = try lookingUp { () throws(SystemError) in
      try Mounts.place("/dev", beneath: root, directory: true)
    }
    func device(_ inside: String) -> RootPlace {
      guard inside.hasPrefix("/dev/") else { return place(root, inside) }
      return RootPlace(root: folder.raw, rootPath: path + "/dev", path: String(inside.dropFirst(4)))
    }
    try stepping { () throws(StepFailure) in
      for node in nodes {
        let target = device(node.path)
        if hasUserNamespace {
          try glass.perform(
            .devBind,
            .mountBeneath(target, directory: false, MountCall(node.path, on: target.shown, .bind)))
        } else {
          try glass.perform(
            .devNode,
            .makeNode(
              target,
              DeviceSpec(
                type: node.type, major: node.major, minor: node.minor,
                mode: node.fileMode.map { $0 & 0o7777 } ?? 0o666, uid: node.uid, gid: node.gid)))
        }
      }
      for link in Rootfs.defaultLinks {
        try glass.perform(
          .devLink, .symlink(device("\(link.path)"), target: "\(link.target)"))
      }
    }
  }

  /// The container's own terminal multiplexer, opened beneath the root; the slave is shown as
  /// /dev/console (config.md, "terminal").
  func openTerminal(_ root: Int32) throws(RuntimeError) -> (master: Int32, slave: Int32) {
    var pair: (master: Int32, slave: Int32) = (-1, -1)
    let multiplexer = path + "/dev/pts/ptmx"
    try stepping { () throws(StepFailure) in
      try glass.around(
        .ttyOpen, .described(call: "open(2)", object: multiplexer, shell: nil)
      ) { () throws(SystemError) in
        let ptmx = try File.open("/dev/pts/ptmx", inRoot: root, .path)
        pair = try Terminal.open(ptmx.procPath)
      }
      let target = place(root, "/dev/console")
      try glass.perform(
        .devBind,
        .mountBeneath(
          target, directory: false,
          MountCall("/proc/self/fd/\(pair.slave)", on: target.shown, .bind)))
    }
    return pair
  }

  // MARK: masked and read-only paths

  private func cover(_ root: Int32) throws(StepFailure) {
    // Read-only first: a masked path inside a read-only one could not be covered afterwards
    // without mounting over it, and that works either way; the other order would remount masks.
    for inside in config.linux.readonlyPaths {
      let target = place(root, inside)
      guard let found = find(inside, root) else { continue }
      try glass.perform(
        .rootfsReadonlyPath,
        .mountBeneath(
          held(found, target), directory: true,
          MountCall(target.shown, on: target.shown, [.bind, .recursive], held: found.raw)))
      // Looked up again, since what is found there now is the mount just made.
      try glass.perform(
        .rootfsReadonlyPath,
        .mountBeneath(
          target, directory: true,
          MountCall(
            nil, on: target.shown,
            [.bind, .remount, .readOnly])))
    }
    // The first masked directory gets an empty read-only tmpfs, the others the same one.
    var empty: (shown: String, fd: Int32)?
    defer { if let empty { Descriptors.close(empty.fd) } }
    for inside in config.linux.maskedPaths {
      let target = place(root, inside)
      guard let found = find(inside, root) else { continue }
      let isDirectory = isDirectory(found)
      let call: MountCall
      if !isDirectory {
        call = MountCall("/dev/null", on: target.shown, .bind)
      } else if let empty {
        call = MountCall(empty.shown, on: target.shown, .bind, held: empty.fd)
      } else {
        call = MountCall("tmpfs", on: target.shown, type: "tmpfs", .readOnly, data: "size=0k")
      }
      try glass.perform(
        .rootfsMask, .mountBeneath(held(found, target), directory: isDirectory, call))
      if isDirectory, empty == nil, let mounted = find(inside, root) {
        empty = (target.shown, mounted.release())
      }
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
  func enter(_ root: Int32) throws(StepFailure) {
    if config.root.readonly {
      let target = place(root, "/")
      try glass.perform(
        .rootfsReadonly,
        .mountBeneath(
          target, directory: true,
          MountCall(nil, on: target.shown, [.bind, .remount, .readOnly])))
    }
    try glass.perform(.rootfsPivot, .pivotRoot(root, path: path))
    if isShared {
      // Else the host's mounts would be unmounted with these. The old root lies on top of the new
      // one, where only .. leads (path_resolution(7), "dot and dotdot").
      try glass.perform(
        .mountPropagation, .mount(MountCall(nil, on: "/..", [.slave, .recursive])))
    }
    try glass.perform(.rootfsDetach, .detach("."))
    try glass.perform(.processCwd, .changeDirectory("/"))
    if let asked {
      try glass.perform(.mountSpread, .mount(MountCall(nil, on: "/", asked)))
    }
  }
}
