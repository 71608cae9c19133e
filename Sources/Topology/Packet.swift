package import Linux

/// The first packet of a new connection, on its way.
package struct Packet: Sendable, Equatable {
  /// TCP or UDP.
  package enum Transport: UInt8, Sendable {
    case tcp = 6
    case udp = 17

    /// `tcp`.
    package var name: String { self == .tcp ? "tcp" : "udp" }
  }

  /// What is above the Internet protocol.
  package var transport: Transport
  /// Where from; nil while the kernel has not chosen it.
  package var source: IPAddress?
  /// Where to.
  package var destination: IPAddress
  /// The port it comes from; nil when it can be any.
  package var sourcePort: UInt16?
  /// The port it goes to; nil in an answer to any port.
  package var destinationPort: UInt16?
  /// The link it came in by; nil for one that is made here.
  package var input: NetworkLink?
  /// The link it goes out by; nil before the kernel has chosen it.
  package var output: NetworkLink?
  /// meta mark; nil when a rule may have set it.
  package var mark: UInt32? = 0
  /// Whether it belongs to a connection that is known already: an answer.
  package var isReply = false
  /// Whether connection tracking looks at it (`notrack`).
  package var isTracked = true
  /// Where it went before any rule changed that, in this namespace.
  package var original: (address: IPAddress, port: UInt16?)
  /// Whether a rule of this namespace changed its destination.
  package var hasNewDestination = false
  /// Whether a rule of this namespace changed its source.
  package var hasNewSource = false
  /// Whether it has been decided here if its destination changes: once a connection.
  package var isDestinationSettled = false
  /// Whether it has been decided here if its source changes.
  package var isSourceSettled = false

  /// A new connection's.
  package init(
    _ transport: Transport, from source: IPAddress?, to destination: IPAddress, port: UInt16?
  ) {
    self.transport = transport
    self.source = source
    self.destination = destination
    destinationPort = port
    original = (destination, port)
  }

  package static func == (one: Packet, other: Packet) -> Bool {
    one.source == other.source && one.destination == other.destination
      && one.destinationPort == other.destinationPort && one.mark == other.mark
  }

  /// Forgets what only one namespace's connection tracking knows.
  mutating func enterNamespace() {
    input = nil
    output = nil
    mark = 0
    isTracked = true
    original = (destination, destinationPort)
    hasNewDestination = false
    hasNewSource = false
    isDestinationSettled = false
    isSourceSettled = false
  }
}

/// An answer that may be unknown.
enum Ternary: Equatable {
  case yes
  case no
  case unknown

  init(_ value: Bool) { self = value ? .yes : .no }

  static prefix func ! (value: Ternary) -> Ternary {
    switch value {
    case .yes: .no
    case .no: .yes
    case .unknown: .unknown
    }
  }

  /// All of them.
  func and(_ other: Ternary) -> Ternary {
    if self == .no || other == .no { return .no }
    return self == .yes && other == .yes ? .yes : .unknown
  }

  /// Any of them.
  func or(_ other: Ternary) -> Ternary { !((!self).and(!other)) }
}
