// The container's devices and its terminal (runtime-spec 1.2 config-linux.md, "Default Devices";
// config.md, "terminal").

internal import Linux
internal import OCI
internal import Steps

extension Rootfs {
  /// The devices every container has (config-linux.md, "Default Devices").
  static let defaultDevices: [6 of DeviceNode] = [
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
  var needsDevices: Bool {
    !config.mounts.contains {
      $0.destination == "/dev"
        && ($0.type == "bind" || $0.options.contains { $0.hasSuffix("bind") })
    }
  }

  func makeDevices(_ root: Int32) throws(RuntimeError) {
    // Nearly all are in /dev, which is looked up once.
    let folder = try lookingUp { () throws(SystemError) in
      try Mounts.place("/dev", beneath: root, directory: true)
    }
    func device(_ inside: String) -> RootPlace {
      guard inside.hasPrefix("/dev/") else { return place(root, inside) }
      return RootPlace(root: folder.raw, rootPath: path + "/dev", path: String(inside.dropFirst(4)))
    }
    func make(_ node: DeviceNode) throws(StepFailure) {
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
    try stepping { () throws(StepFailure) in
      for index in Rootfs.defaultDevices.indices {
        let node = Rootfs.defaultDevices[index]
        if !config.linux.devices.contains(where: { $0.path == node.path }) { try make(node) }
      }
      for node in config.linux.devices { try make(node) }
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
        try Rootfs.checkMultiplexer(ptmx.raw)
        pair = try Terminal.open(ptmx.procPath)
      }
      // The terminal by its descriptor, the place without following a link: neither can be
      // exchanged meanwhile (CVE-2025-52565).
      var target = place(root, "/dev/console")
      target.follows = false
      try glass.perform(
        .devBind,
        .mountBeneath(
          target, directory: false,
          MountCall(
            "/proc/self/fd/\(pair.slave)", on: target.shown, .bind, held: pair.slave)))
    }
    return pair
  }

  /// Only the multiplexer of a devpts makes terminals; an image could have anything there.
  private static func checkMultiplexer(_ fd: Int32) throws(SystemError) {
    let status = try File.status(of: fd, name: "/dev/pts/ptmx")
    let magic = try FileSystem.magic(of: fd, name: "/dev/pts/ptmx")
    guard magic == FileSystem.devpts, status.node == DeviceNumber(5, 2) else {
      throw SystemError("open(2)", .noDevice, "/dev/pts/ptmx, which is not of a devpts")
    }
  }
}
