// `linux.netDevices`: links of the host that go into the container's network namespace.
//
//   runtime   looks them up before anything is made (their addresses do not survive the move),
//             moves them when the namespace is there, and fetches them back when making the
//             container fails later
//   init      gives them their addresses back and sets them up, once they are there
//
// When the container ends the kernel takes them: a physical link goes back to the first network
// namespace, a virtual one is gone (network_namespaces(7)).

internal import Linux
internal import OCI
internal import Steps

/// The links of one container; the same value is used before and after the clone.
final class NetDevices {
  private let devices: [(device: NetDevice, link: MovingLink)]
  /// A namespace to join; nil is init's own.
  private let path: String?
  private var namespace = -1 as Int32
  private var moved = 0

  /// Looks all of them up.
  ///
  /// - Throws: `RuntimeError` naming the link that is not there, or why none can be moved.
  init(_ linux: LinuxConfig) throws(RuntimeError) {
    var devices: [(NetDevice, MovingLink)] = []
    for device in linux.netDevices {
      guard device.host != "lo" else {
        throw RuntimeError("linux.netDevices: lo belongs to its network namespace and cannot move")
      }
      let link = try lookingUp(hint: "linux.netDevices names a link that the host has: ip link") {
        () throws(SystemError) in try MovingLink(device.host)
      }
      devices.append((device, link))
    }
    let network = linux.namespaces.first { $0.kind == .network }
    guard devices.isEmpty || network != nil else {
      throw RuntimeError("linux.netDevices needs a network namespace of the container's own")
    }
    self.devices = devices
    path = network?.path
  }

  /// Moves them, from the host's network namespace into that of `pid`.
  func move(_ pid: Int32, _ glass: Glass) throws(RuntimeError) {
    guard !devices.isEmpty else { return }
    let target = try lookingUp { () throws(SystemError) in
      try File.open(path ?? "/proc/\(pid)/ns/net", .readOnly).release()
    }
    namespace = target
    for (device, link) in devices {
      try stepping { () throws(StepFailure) in
        try glass.around(
          .netDeviceMove,
          .described(
            call: "RTM_NEWLINK", object: "\(device.host) → \(device.name)",
            shell: "ip link set \(device.host) down && ip link set \(device.host) netns \(pid)"
              + " name \(device.name)")
        ) { () throws(SystemError) in try link.move(to: target, as: device.name) }
      }
      moved += 1
    }
  }

  /// In the container's network namespace, after the move.
  func settle(_ glass: Glass) throws(StepFailure) {
    for (device, link) in devices {
      try glass.around(
        .netDeviceUp,
        .described(
          call: "RTM_NEWADDR", object: device.name, shell: "ip link set \(device.name) up")
      ) { () throws(SystemError) in try link.settle(as: device.name) }
    }
  }

  /// Fetches back what was moved, the last first; what does not come is told.
  func undo(_ glass: Glass) {
    guard namespace >= 0 else { return }
    defer { keep() }
    for (device, link) in devices[..<moved].reversed() {
      do {
        try glass.around(
          .netDeviceReturn,
          .described(
            call: "RTM_NEWLINK", object: "\(device.name) → \(device.host)", shell: nil)
        ) { () throws(SystemError) in try link.fetch(from: namespace, named: device.name) }
      } catch { File.report("drydock-runtime: \(device.host) is not back: \(error.text)\n") }
    }
  }

  /// Forgets them: the container has them for good.
  func keep() {
    if namespace >= 0 { Descriptors.close(namespace) }
    namespace = -1
  }
}
