import Linux
import OCI

/// `--device`, `--device-cgroup-rule` and what `--privileged` gives of /dev.
struct DeviceOptions: Equatable {
  /// Nodes made inside.
  var nodes: [DeviceNode] = []
  /// What may be opened beyond the usual ones.
  var rules: [DeviceRule] = []

  /// Reads the options and looks at the host's devices.
  init(_ options: RunOptions) throws(EngineError) {
    if options.privileged {
      rules = [DeviceRule(allow: true)]
      try addAll("/dev", to: "/dev", access: nil, depth: 0)
    }
    for text in options.devices { try add(text) }
    for text in options.deviceRules { rules.append(try DeviceOptions.rule(text)) }
  }

  /// `HOST[:CONTAINER][:rwm]`: a node, or a directory with nodes in it.
  private mutating func add(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard (1...3).contains(parts.count), parts[0].hasPrefix("/") else {
      throw EngineError("invalid device specification: \(text)", hint: "HOST[:CONTAINER][:rwm]")
    }
    var target = parts[0]
    var access = "rwm"
    if parts.count == 2 {
      if DeviceOptions.isAccess(parts[1]) { access = parts[1] } else { target = parts[1] }
    } else if parts.count == 3 {
      target = parts[1].isEmpty ? parts[0] : parts[1]
      guard DeviceOptions.isAccess(parts[2]) else {
        throw EngineError("bad mode specified: \(parts[2])", hint: "Some of r, w and m.")
      }
      access = parts[2]
    }
    guard target.hasPrefix("/"), !target.split(separator: "/").contains("..") else {
      throw EngineError("bad format for path: \(target)", hint: "An absolute path inside.")
    }
    let status: FileStatus
    do throws(SystemError) { status = try File.status(parts[0]) } catch {
      throw EngineError(
        "error gathering device information while adding custom device \"\(parts[0])\": "
          + error.errno.message)
    }
    if status.isDirectory {
      try addAll(parts[0], to: target, access: access, depth: 0)
    } else {
      guard let node = DeviceOptions.node(target, status) else {
        throw EngineError(
          "error gathering device information while adding custom device \"\(parts[0])\": "
            + "not a device node")
      }
      append(node, access: access)
    }
  }

  private mutating func append(_ node: DeviceNode, access: String?) {
    nodes.removeAll { $0.path == node.path }
    nodes.append(node)
    guard let access else { return }
    var rule = DeviceRule(allow: true)
    rule.type = node.type
    rule.major = Int64(node.major)
    rule.minor = Int64(node.minor)
    rule.access = access
    rules.append(rule)
  }

  /// Directories and files that every container has of its own, or that are no devices.
  private static let own = ["pts", "shm", "mqueue", "fd", "console", "ptmx", "init", "hugepages"]

  /// The nodes below a directory of the host.
  private mutating func addAll(
    _ directory: String, to target: String, access: String?, depth: Int
  ) throws(EngineError) {
    guard depth < 8 else { return }
    let names = try asked("looking for devices") { () throws(SystemError) in
      try File.list(directory).sorted()
    }
    for name in names where !(depth == 0 && DeviceOptions.own.contains(name)) {
      let path = "\(directory)/\(name)"
      // One that is unplugged meanwhile is none.
      guard let status = try? File.status(path, follow: false) else { continue }
      if status.isDirectory {
        try addAll(path, to: "\(target)/\(name)", access: access, depth: depth + 1)
      } else if let node = DeviceOptions.node("\(target)/\(name)", status) {
        append(node, access: access)
      }
    }
  }

  private static func node(_ path: String, _ status: FileStatus) -> DeviceNode? {
    let types: [UInt32: String] = [0o020000: "c", 0o060000: "b"]
    guard let type = types[status.mode & 0o170000] else { return nil }
    var node = DeviceNode(
      type: type, path: path, major: status.node.major, minor: status.node.minor)
    node.fileMode = status.mode & 0o7777
    node.uid = status.uid
    node.gid = status.gid
    return node
  }

  private static func isAccess(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { "rwm".contains($0) } && Set(text).count == text.count
  }

  /// `c 1:* rwm`, as devices.allow of cgroup v1 takes it.
  static func rule(_ text: String) throws(EngineError) -> DeviceRule {
    let invalid = EngineError(
      "invalid device cgroup format '\(text)'", hint: "TYPE MAJOR:MINOR ACCESS, such as c 1:3 rwm.")
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 3, ["a", "b", "c"].contains(parts[0]), isAccess(parts[2]) else {
      throw invalid
    }
    let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard numbers.count == 2 else { throw invalid }
    var rule = DeviceRule(allow: true)
    rule.type = parts[0]
    rule.access = parts[2]
    for (index, number) in numbers.enumerated() where number != "*" {
      guard let value = UInt32(number) else { throw invalid }
      if index == 0 { rule.major = Int64(value) } else { rule.minor = Int64(value) }
    }
    return rule
  }
}

/// `--device-read-bps` and its kin: how much of a disk.
enum DiskOptions {
  /// The limits in config.json.
  static func limits(_ options: RunOptions) throws(EngineError) -> BlockIOLimits {
    var limits = BlockIOLimits()
    if let weight = options.ioWeight, weight != 0 {
      guard (10...1000).contains(weight) else {
        throw EngineError("Range of blkio weight is from 10 to 1000")
      }
      limits.weight = UInt16(weight)
    }
    for text in options.ioWeights {
      let (path, value) = try pair(text)
      guard let weight = UInt16(value), weight == 0 || (10...1000).contains(weight) else {
        throw EngineError("invalid weight for device: \(text)", hint: "PATH:WEIGHT, 10 to 1000.")
      }
      let node = try disk(path)
      var entry = DeviceWeight(major: node.major, minor: node.minor)
      entry.weight = weight
      limits.weights.append(entry)
    }
    limits.readBps = try rates(options.readBps, bytes: true)
    limits.writeBps = try rates(options.writeBps, bytes: true)
    limits.readIops = try rates(options.readIops, bytes: false)
    limits.writeIops = try rates(options.writeIops, bytes: false)
    return limits
  }

  private static func rates(_ texts: [String], bytes: Bool) throws(EngineError) -> [DeviceRate] {
    var list = [DeviceRate]()
    for text in texts {
      let (path, value) = try pair(text)
      var rate: Int64?
      if bytes {
        do throws(EngineError) { rate = try Amount.bytes(value) } catch {}
      } else {
        rate = Int64(value)
      }
      guard let rate, rate >= 0 else {
        throw EngineError(
          "invalid rate for device: \(text). The correct format is <device-path>:<number>"
            + (bytes ? "[<unit>]" : "") + ". Number must be a positive integer."
            + (bytes ? " Unit is optional and can be kb, mb, or gb" : ""))
      }
      let node = try disk(path)
      list.append(DeviceRate(major: node.major, minor: node.minor, rate: UInt64(rate)))
    }
    return list
  }

  private static func pair(_ text: String) throws(EngineError) -> (String, String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 2 else { throw EngineError("bad format: \(text)", hint: "PATH:NUMBER") }
    guard parts[0].hasPrefix("/dev/") else {
      throw EngineError("bad format for device path: \(text)", hint: "Such as /dev/sda:1mb.")
    }
    return (parts[0], parts[1])
  }

  private static func disk(_ path: String) throws(EngineError) -> DeviceNumber {
    let status = try asked("looking for the disk") { () throws(SystemError) in
      try File.status(path)
    }
    guard status.mode & 0o170000 == 0o060000 else {
      throw EngineError("\(path) is not a block device", hint: "`lsblk` lists them.")
    }
    return status.node
  }
}
