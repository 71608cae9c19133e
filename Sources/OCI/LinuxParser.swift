// `linux` (config-linux.md).

extension LinuxConfig {
  static func read(_ json: inout JSONReader) throws(ConfigError) -> LinuxConfig {
    var linux = LinuxConfig()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("namespaces") {
        linux.namespaces = try Namespace.readAll(&json)
      } else if json.keyIs("uidMappings") {
        linux.uidMappings = try IDMapping.readAll(&json)
      } else if json.keyIs("gidMappings") {
        linux.gidMappings = try IDMapping.readAll(&json)
      } else if json.keyIs("devices") {
        linux.devices = try DeviceNode.readAll(&json)
      } else if json.keyIs("cgroupsPath") {
        linux.cgroupsPath = try json.cgroupsPath()
      } else if json.keyIs("resources") {
        linux.resources = try Resources.read(&json)
      } else if json.keyIs("sysctl") {
        linux.sysctl = try json.sysctl()
      } else if json.keyIs("seccomp") {
        linux.seccomp = try Seccomp.read(&json)
      } else if json.keyIs("rootfsPropagation") {
        let value = try json.string(among: Names.propagations.span, "mount propagation")
        linux.rootfsPropagation = value.isEmpty ? nil : value
      } else if json.keyIs("timeOffsets") {
        linux.timeOffsets = try TimeOffsets.read(&json)
      } else if json.keyIs("maskedPaths") {
        linux.maskedPaths = try json.absolutePaths()
      } else if json.keyIs("readonlyPaths") {
        linux.readonlyPaths = try json.absolutePaths()
      } else if json.keyIs("personality") {
        linux.personality = try LinuxConfig.readPersonality(&json)
      } else if json.keyIs("memoryPolicy") {
        linux.memoryPolicy = try MemoryPolicy.read(&json)
      } else if json.keyIs("netDevices") {
        linux.netDevices = try NetDevice.readAll(&json)
      } else if json.keyIs("mountLabel") {
        let label = try json.string()
        linux.mountLabel = label.isEmpty ? nil : label
      } else if json.keyIs("intelRdt") {
        try json.refuseUnlessEmpty()
      } else {
        try json.ignoreKey()
      }
    }
    return linux
  }
}

extension Namespace {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [Namespace] {
    var namespaces: [Namespace] = []
    try json.beginArray()
    while try json.nextElement() {
      let namespace = try read(&json)
      for other in namespaces where other.kind == namespace.kind {
        throw json.error("a second \(namespace.kind.rawValue) namespace", in: "type")
      }
      namespaces.append(namespace)
    }
    return namespaces
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> Namespace {
    var kind: NamespaceKind?
    var path: String?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("type") {
        kind = NamespaceKind(named: try json.string(among: Names.namespaces.span, "namespace"))
      } else if json.keyIs("path") {
        let text = try json.string()
        // Engines write "" for a new namespace.
        if !text.isEmpty {
          guard text.isAbsolute else { throw json.error("\"\(text)\" is not an absolute path") }
          path = text
        }
      } else {
        try json.ignoreKey()
      }
    }
    guard let kind else { throw json.missing("type") }
    return Namespace(kind, path: path)
  }
}

extension TimeOffsets {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> TimeOffsets {
    var offsets = TimeOffsets()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("monotonic") {
        offsets.monotonic = try TimeOffset.read(&json)
      } else if json.keyIs("boottime") {
        offsets.boottime = try TimeOffset.read(&json)
      } else {
        // An entry's name is a value: a clock that nobody can set back is no unknown field.
        throw json.error("no clock that can be set: it is monotonic or boottime")
      }
    }
    return offsets
  }
}

extension TimeOffset {
  fileprivate static func read(_ json: inout JSONReader) throws(ConfigError) -> TimeOffset {
    var offset = TimeOffset()
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("secs") {
        offset.seconds = try json.signed()
      } else if json.keyIs("nanosecs") {
        offset.nanoseconds = try json.uint32(upTo: 999_999_999)
      } else {
        try json.ignoreKey()
      }
    }
    return offset
  }
}

extension IDMapping {
  /// The most lines of uid_map or gid_map, user_namespaces(7).
  static let most = 340

  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [IDMapping] {
    var mappings: [IDMapping] = []
    try json.beginArray()
    while try json.nextElement() {
      guard mappings.count < most else { throw json.error("more than \(most) mappings") }
      let mapping = try read(&json)
      for (index, other) in mappings.enumerated() {
        // The kernel wants both sides to be free of overlaps.
        if overlap(mapping.containerID, other.containerID, mapping.size, other.size) {
          throw json.error("the ids inside overlap with those of mapping \(index)")
        }
        if overlap(mapping.hostID, other.hostID, mapping.size, other.size) {
          throw json.error("the ids outside overlap with those of mapping \(index)")
        }
      }
      mappings.append(mapping)
    }
    return mappings
  }

  private static func overlap(_ a: UInt32, _ b: UInt32, _ sizeA: UInt32, _ sizeB: UInt32) -> Bool {
    UInt64(a) < UInt64(b) + UInt64(sizeB) && UInt64(b) < UInt64(a) + UInt64(sizeA)
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> IDMapping {
    var containerID: UInt32?
    var hostID: UInt32?
    var size: UInt32?
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("containerID") {
        containerID = try json.identity()
      } else if json.keyIs("hostID") {
        hostID = try json.identity()
      } else if json.keyIs("size") {
        size = try json.uint32()
        guard size != 0 else { throw json.error("a mapping of no ids") }
      } else {
        try json.ignoreKey()
      }
    }
    guard let containerID else { throw json.missing("containerID") }
    guard let hostID else { throw json.missing("hostID") }
    guard let size else { throw json.missing("size") }
    let room = UInt32.max - max(containerID, hostID)
    guard size <= room else { throw json.error("runs past the last id, 4294967294", in: "size") }
    return IDMapping(containerID: containerID, hostID: hostID, size: size)
  }
}

extension DeviceNode {
  static func readAll(_ json: inout JSONReader) throws(ConfigError) -> [DeviceNode] {
    var devices: [DeviceNode] = []
    try json.beginArray()
    while try json.nextElement() { devices.append(try read(&json)) }
    return devices
  }

  private static func read(_ json: inout JSONReader) throws(ConfigError) -> DeviceNode {
    var device = DeviceNode(type: "", path: "", major: 0, minor: 0)
    var numbers = 0
    try json.beginObject()
    while try json.nextKey() {
      if json.keyIs("type") {
        device.type = try json.string(among: Names.deviceTypes.span, "device type")
      } else if json.keyIs("path") {
        device.path = try json.absolutePath()
      } else if json.keyIs("major") {
        device.major = try json.deviceMajor()
        numbers += 1
      } else if json.keyIs("minor") {
        device.minor = try json.deviceMinor()
        numbers += 1
      } else if json.keyIs("fileMode") {
        // podman writes st_mode as stat(2) gave it, with the type's bits; the type says that already.
        device.fileMode = try json.uint32(upTo: 0o177777) & 0o7777
      } else if json.keyIs("uid") {
        device.uid = try json.identity()
      } else if json.keyIs("gid") {
        device.gid = try json.identity()
      } else {
        try json.ignoreKey()
      }
    }
    guard !device.type.isEmpty else { throw json.missing("type") }
    guard !device.path.isEmpty else { throw json.missing("path") }
    guard numbers == 2 || device.type == "p" else { throw json.missing("major and minor") }
    return device
  }
}

extension JSONReader {
  /// The kernel has 12 bits for the major number (MINORBITS in include/linux/kdev_t.h is 20).
  mutating func deviceMajor() throws(ConfigError) -> UInt32 { try uint32(upTo: 0xFFF) }

  /// The kernel has 20 bits for the minor number.
  mutating func deviceMinor() throws(ConfigError) -> UInt32 { try uint32(upTo: 0xFFFFF) }

  /// `linux.cgroupsPath`: it must not lead out of where it starts.
  mutating func cgroupsPath() throws(ConfigError) -> String? {
    let path = try string()
    guard !path.hasParentComponent else { throw error("\"\(path)\" has the component ..") }
    guard path.utf8.count < 4096 else { throw error("longer than a path can be (4095 bytes)") }
    return path.isEmpty ? nil : path
  }

  /// `linux.sysctl`: names with dots or slashes, as sysctl(8) takes them.
  mutating func sysctl() throws(ConfigError) -> [KeyValue] {
    var pairs: [KeyValue] = []
    try beginObject()
    while try nextKey() {
      let key = keyString()
      var previous = UInt8(ascii: "/")
      for byte in key.utf8 {
        // `..` and `//` would name another file than they seem to; so would a leading dot.
        let separator = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
        if separator && (previous == UInt8(ascii: ".") || previous == UInt8(ascii: "/")) {
          throw error("\"\(key)\" is not the name of a sysctl")
        }
        previous = byte
      }
      guard previous != UInt8(ascii: "."), previous != UInt8(ascii: "/") else {
        throw error("\"\(key)\" is not the name of a sysctl")
      }
      pairs.append(KeyValue(key, try string()))
    }
    return pairs
  }
}

extension NamespaceKind {
  /// The kind of this name.
  ///
  /// `init(rawValue:)` would make an array of all names for each.
  fileprivate init?(named name: String) {
    switch name {
    case "pid": self = .pid
    case "network": self = .network
    case "mount": self = .mount
    case "ipc": self = .ipc
    case "uts": self = .uts
    case "user": self = .user
    case "cgroup": self = .cgroup
    case "time": self = .time
    default: return nil
    }
  }
}
