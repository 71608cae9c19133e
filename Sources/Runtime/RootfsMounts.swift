// `mounts` of config.json, in their order (runtime-spec 1.2 config.md, "Mounts").

internal import Linux
internal import OCI
internal import Steps

extension Rootfs {
  /// Mounts one entry.
  ///
  /// A read-only /dev must be filled before: it becomes so in `restrictDevices`.
  func attach(_ mount: Mount, _ index: Int, _ root: Int32) throws(RuntimeError) {
    var mount = mount
    if isReadOnlyDev(mount) { mount.options.removeAll { $0 == "ro" } }
    let options = try MountOptions(mount)
    if mount.type == "cgroup" || mount.type == "cgroup2", !options.isBind {
      return try attachCgroups(mount, options, root)
    }
    let target = place(for: mount, root)
    var call = MountCall(
      mount.source, on: target.shown, type: options.isBind ? nil : mount.type, options.mountFlags,
      data: options.data.isEmpty ? nil : options.joined)
    call.copiesUp = options.copiesUp
    // The runtime configured what it prepared, but for what needs this namespace.
    call.changes = options.changes
    if let made = prepared.first(where: { $0.index == index }) {
      call.prepared = made.fd
      call.maps = made.maps
    }
    let isDirectory: Bool? = options.isBind ? nil : true
    try stepping { () throws(StepFailure) in
      try glass.perform(
        options.isRemount ? .mountRestrict : options.isBind ? .mountBind : .mountAttach,
        .mountBeneath(target, directory: isDirectory, call))
    }
  }

  /// Where an entry goes.
  ///
  /// procfs and sysfs are never mounted through a link of the image's: what is written to /proc
  /// later must be that procfs (CVE-2019-19921). And nothing else gets into a procfs by a link
  /// (CVE-2019-16884, CVE-2023-27561); `Validation` judged what names it plainly.
  private func place(for mount: Mount, _ root: Int32) -> RootPlace {
    let ofKernel = mount.type == "proc" || mount.type == "sysfs"
    return RootPlace(
      root: root, rootPath: path, path: mount.destination, follows: !ofKernel,
      mayBeProc: ofKernel || ProcRules.isInside(mount.destination))
  }

  private func isReadOnlyDev(_ mount: Mount) -> Bool {
    mount.destination == "/dev" && mount.type == "tmpfs" && mount.options.contains("ro")
  }

  /// Makes a /dev read-only that shall be, now that the devices and the terminal are in it.
  func restrictDevices(_ root: Int32) throws(RuntimeError) {
    guard config.mounts.contains(where: isReadOnlyDev) else { return }
    let target = place(root, "/dev")
    var call = MountCall(nil, on: target.shown, [.bind, .remount])
    call.changes = [MountChange(set: .readOnly)]
    try stepping { () throws(StepFailure) in
      try glass.perform(.mountRestrict, .mountBeneath(target, directory: true, call))
    }
  }

  // MARK: cgroups

  /// A cgroup mount shows the container its own cgroups: in a cgroup namespace by mounting the
  /// trees anew, else by binding the container's directories.
  private func attachCgroups(
    _ mount: Mount, _ options: MountOptions, _ root: Int32
  ) throws(RuntimeError) {
    guard let cgroups else { return }
    let target = place(root, mount.destination)
    let restrictions = options.flags
    if cgroups.layout.mode == .v2, let tree = cgroups.layout.trees.first {
      return try attachTree(
        tree, cgroups, target, restrictions, options.changes, type: "cgroup2", data: nil)
    }
    var folder = MountCall(
      "tmpfs", on: target.shown, type: "tmpfs",
      restrictions.subtracting(.readOnly).union([.noSUID, .noDev, .noExec]), data: "mode=755")
    folder.keeps = true
    let base = Int32(
      try stepping { () throws(StepFailure) in
        try glass.perform(.mountAttach, .mountBeneath(target, directory: true, folder))
      })
    defer { if base > 2 { Descriptors.close(base) } }
    // The trees' places are looked up from the tmpfs, which is shorter than from the root, and
    // cannot be another one.
    for tree in cgroups.layout.trees {
      let name = tree.mountPoint.parts("/").last ?? "cgroup"
      try attachTree(
        tree, cgroups, RootPlace(root: base, rootPath: target.shown, path: "/" + name),
        restrictions, [], type: tree.isUnified ? "cgroup2" : "cgroup",
        data: tree.isUnified ? nil : tree.controllers.list(","))
    }
    let whole = RootPlace(root: base, rootPath: target.shown, path: "")
    try stepping { () throws(StepFailure) in
      if restrictions.contains(.readOnly) {
        try glass.perform(
          .mountRestrict,
          .mountBeneath(
            whole, directory: true,
            MountCall(
              nil, on: target.shown,
              restrictions.union([.bind, .remount, .noSUID, .noDev, .noExec]))))
      }
      for flags in options.propagation {
        try glass.perform(
          .mountSpread,
          .mountBeneath(whole, directory: true, MountCall(nil, on: target.shown, flags)))
      }
    }
  }

  private func attachTree(
    _ tree: CgroupTree, _ cgroups: Cgroups, _ target: RootPlace, _ flags: MountFlags,
    _ changes: [MountChange], type: String, data: String?
  ) throws(RuntimeError) {
    var call: MountCall
    if hasCgroupNamespace {
      call = MountCall(type, on: target.shown, type: type, flags, data: data)
      call.changes = changes
    } else {
      call = MountCall(cgroups.directory(tree), on: target.shown, .bind)
      let set = flags.intersection(.changeable)
      call.changes = (set.isEmpty ? [] : [MountChange(set: set)]) + changes
    }
    let isBind = !hasCgroupNamespace
    try stepping { () throws(StepFailure) in
      try glass.perform(
        isBind ? .mountBind : .mountAttach, .mountBeneath(target, directory: true, call))
    }
  }
}

/// What may be mounted inside /proc: files that tell of the machine, and that lxcfs and its kin
/// replace; anything else would hide or fake what runtimes write to.
enum ProcRules {
  private static let files: [StaticString] = [
    "cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo", "net/dev",
    "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled",
  ]

  /// The path without empty parts, `.` and `..`, beginning with no slash.
  private static func parts(_ path: String) -> [String] {
    var result = [String]()
    for part in path.parts("/") where !part.isEmpty && part != "." {
      if part == ".." { _ = result.popLast() } else { result.append(part) }
    }
    return result
  }

  /// Whether a destination names /proc or something in it.
  static func isInside(_ destination: String) -> Bool {
    destination.utf8.count >= 5 && parts(destination).first == "proc"
  }

  /// - Throws: `RuntimeError` when a mount would fake a part of /proc.
  static func check(_ mount: Mount, _ options: MountOptions) throws(RuntimeError) {
    guard isInside(mount.destination), !options.isRemount else { return }
    let inside = parts(mount.destination).dropFirst()
    if inside.isEmpty {
      if mount.type == "proc" { return }
      if options.isBind, let source = try? File.open(mount.source, .path),
        (try? FileSystem.magic(of: source.raw, name: mount.source)) == FileSystem.proc
      {
        return
      }
      throw RuntimeError(
        "mounts[\(mount.destination)]: only a procfs may be mounted on /proc",
        hint: "with anything else there, writes to /proc would go where the image says")
    }
    let name = Array(inside).list("/")
    guard files.contains(where: { $0.equals(name) }) else {
      throw RuntimeError(
        "mounts[\(mount.destination)] is inside /proc, where only few files may be covered",
        hint: "to hide it, use linux.maskedPaths")
    }
  }
}
