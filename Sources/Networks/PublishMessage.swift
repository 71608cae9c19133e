// What goes between the engine and a drydock-publish that it started, over a socket pair (unix(7),
// SOCK_SEQPACKET): one kind byte, then its content.
//
//   engine                                       drydock-publish DIRECTORY FD
//     │ DIRECTORY/ports.json                        │ binds all ports, or none
//     │◀── b  bound: "tcp 0.0.0.0 8080 80\n" … ─────│   f  failed: text, \0, hint
//     │    (address, veth pair, rules of the bridge)│
//     │─── s  serve: PublishTarget as JSON ────────▶│ rules, DIRECTORY/ports
//     │◀── r  ready ────────────────────────────────│   f  failed
//     │    (monitor or runtime)                     │
//     │─── k  keeper: "PID STARTTIME" ─────────────▶│ until that has ended
//
// A socket that is closed before `serve` ends it, and nothing is left.

public import Linux
public import OCI

/// Kinds of messages.
enum PublishMessage: UInt8 {
  case bound = 98
  case failed = 102
  case serve = 115
  case ready = 114
  case keeper = 107
}

/// What is behind a container's ports.
public struct PublishTarget: Hashable, Sendable {
  /// The container's, one or none of each family.
  public var addresses: [IPAddress] = []
  /// The bridge between.
  public var bridge = ""
  /// The table for the rules.
  public var table = ""
  /// RUNTIMEROOT/ID/pid: whose life counts when the keeper was killed.
  public var pidFile = ""

  /// Nothing yet.
  public init() {}

  /// Describes a container's place.
  public init(addresses: [IPAddress], bridge: String, table: RuleTable, pidFile: String) {
    self.addresses = addresses
    self.bridge = bridge
    self.table = table.name
    self.pidFile = pidFile
  }

  /// The content of `serve`.
  public func encode() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("schema", Int64(1))
    write(&json)
    json.endObject()
    return json.bytes
  }

  /// Reads the content of `serve`.
  ///
  /// - Throws: `ConfigError` naming the place that cannot be read.
  public static func parse(_ bytes: [UInt8]) throws(ConfigError) -> PublishTarget {
    var json = try JSONReader(bytes)
    var target = PublishTarget()
    try json.beginObject()
    while try json.nextKey() { if try !target.readMember(&json) { try json.skip() } }
    try json.finish()
    return target
  }

  func write(_ json: inout JSONWriter) {
    json.member("table", table)
    json.member("bridge", bridge)
    json.member("pid_file", pidFile)
    json.member("addresses", addresses.map(\.description))
  }

  /// Whether the member was one of these.
  mutating func readMember(_ json: inout JSONReader) throws(ConfigError) -> Bool {
    if json.keyIs("table") {
      table = try json.string()
    } else if json.keyIs("bridge") {
      bridge = try json.string()
    } else if json.keyIs("pid_file") {
      pidFile = try json.string()
    } else if json.keyIs("addresses") {
      try json.beginArray()
      while try json.nextElement() { addresses.append(try IPAddress.read(&json)) }
    } else {
      return false
    }
    return true
  }
}

/// A process for ever: its number and when it started (`Processes.startTime`).
public struct ProcessMark: Hashable, Sendable, LosslessStringConvertible {
  /// Its number.
  public let pid: Int32
  /// In clock ticks since boot.
  public let startTime: UInt64

  /// Names a process.
  public init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// `PID STARTTIME`, as the runtime's files have it; else nil.
  public init?(_ text: String) {
    let parts = text.trimmedLine.parts(" ")
    guard parts.count == 2, let pid = Int32(parts[0]), pid > 0, let start = UInt64(parts[1])
    else { return nil }
    self.init(pid: pid, startTime: start)
  }

  /// `PID STARTTIME`.
  public var description: String { "\(pid) \(startTime)" }

  /// Something that is readable once it has ended; nil when it has.
  public func handle() -> Descriptor? {
    // ESRCH: it has ended.
    guard let handle = try? Processes.handle(of: pid) else { return nil }
    // The number was taken before the start time was looked at, so both are of one process.
    guard Processes.startTime(pid) == startTime else { return nil }
    return consume handle
  }
}

extension PortBinding {
  /// One line a binding: thousands fit a message.
  static func lines(_ bindings: [PortBinding]) -> String {
    var text = ""
    for binding in bindings {
      text += "\(binding.transport.rawValue) \(binding.address) \(binding.hostPort)"
      text += " \(binding.containerPort)\n"
    }
    return text
  }

  /// What `lines` wrote; nil when it is something else.
  static func parse(lines: String) -> [PortBinding]? {
    var bindings: [PortBinding] = []
    for line in lines.parts("\n") where !line.isEmpty {
      let words = line.parts(" ")
      guard words.count == 4, let transport = PortTransport(rawValue: words[0]),
        let address = IPAddress(words[1]), let host = UInt16(words[2]), let port = UInt16(words[3])
      else { return nil }
      bindings.append(PortBinding(transport, address, host, containerPort: port))
    }
    return bindings
  }
}
