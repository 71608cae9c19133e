internal import CLinux

/// The one owner of a UDP or TCP socket (ip(7), ipv6(7)): closed when it goes out of scope.
///
/// None of its calls waits: what cannot be done now gives nil or 0, and poll(2) of `raw` tells when
/// it can.
public struct InternetSocket: ~Copyable {
  /// What carries the bytes.
  public enum Transport: String, Sendable {
    /// tcp(7).
    case tcp
    /// udp(7).
    case udp
  }

  /// Switches that are set before the socket gets its address (socket(7), ip(7), ipv6(7), tcp(7)).
  public struct Options: OptionSet, Sendable {
    /// The bits that `lx_inet_set` knows.
    public let rawValue: UInt32
    /// Wraps the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// SO_REUSEADDR: over connections of one before that have not faded yet.
    ///
    /// On UDP it lets two sockets have one address: not for servers.
    public static let reuseAddress = Options(rawValue: 1)
    /// SO_REUSEPORT: several sockets share what comes.
    public static let reusePort = Options(rawValue: 2)
    /// IPV6_V6ONLY: `::` leaves IPv4 to others.
    public static let v6Only = Options(rawValue: 4)
    /// IP_FREEBIND: an address that this host does not have, or not yet.
    public static let freeBind = Options(rawValue: 8)
    /// IP_PKTINFO, IPV6_RECVPKTINFO: a datagram tells where it was sent to.
    public static let destination = Options(rawValue: 16)
    /// TCP_NODELAY: small pieces are not held back; an accepted socket has it from its listener.
    public static let noDelay = Options(rawValue: 32)
  }

  /// What a datagram brings beside its bytes.
  public struct Datagram: Sendable {
    /// Its bytes, cut off where there were more than asked for.
    public let bytes: [UInt8]
    /// Whether some were cut off.
    public let isCut: Bool
    /// Who sent it.
    public let source: SocketAddress
    /// Where it was sent to, with port 0; nil without `Options.destination`.
    public let destination: IPAddress?
  }

  /// The descriptor, valid as long as this value lives.
  public var raw: Int32 { descriptor.raw }
  /// What it carries bytes by.
  public let transport: Transport
  /// Whom errors name: the peer of a connection, else the address it was bound to.
  public let named: SocketAddress
  private let descriptor: Descriptor

  /// A socket bound to an address (bind(2)).
  ///
  /// - Parameters:
  ///   - transport: UDP or TCP.
  ///   - address: Where; port 0 for any free one, see `local()`.
  ///   - options: What is set before.
  ///   - device: The only link that it hears and sends by (SO_BINDTODEVICE).
  /// - Throws: `SystemError` naming transport, address and port; EADDRINUSE when somebody has it,
  ///   EADDRNOTAVAIL when this host does not have the address, or has it but cannot use it yet.
  public init(
    _ transport: Transport, boundTo address: SocketAddress, _ options: Options = [],
    device: String? = nil
  ) throws(SystemError) {
    let made = try InternetSocket.make(transport, address, options, device: device)
    try check(unsafe lx_inet_bind(made.raw, [address.raw]), "bind(2)", "\(transport) \(address)")
    self.init(owning: made, transport, named: address)
  }

  /// A socket that connects to an address (connect(2)).
  ///
  /// UDP is connected at once, and hears that peer only. TCP is on its way: poll(2) for writing,
  /// then `connected()`.
  ///
  /// - Parameters:
  ///   - transport: UDP or TCP.
  ///   - address: Where to.
  ///   - source: Where from; nil for what routing chooses.
  ///   - options: What is set before.
  /// - Throws: `SystemError` naming transport, address and port.
  public init(
    _ transport: Transport, connectingTo address: SocketAddress, from source: SocketAddress? = nil,
    _ options: Options = []
  ) throws(SystemError) {
    let made = try InternetSocket.make(transport, address, options, device: nil)
    if let source {
      try check(unsafe lx_inet_bind(made.raw, [source.raw]), "bind(2)", "\(transport) \(source)")
    }
    let result = unsafe lx_inet_connect(made.raw, [address.raw])
    // EINPROGRESS
    if result != -115 { try check(result, "connect(2)", "\(transport) \(address)") }
    self.init(owning: made, transport, named: address)
  }

  private static func make(
    _ transport: Transport, _ address: SocketAddress, _ options: Options, device: String?
  ) throws(SystemError) -> Descriptor {
    let about = "\(transport) \(address)"
    let isV6: Int32 = address.address.isV6 ? 1 : 0
    let made = Descriptor(
      owning: Int32(
        try check(lx_inet_socket(isV6, transport == .tcp ? 1 : 0), "socket(2)", about)))
    try check(lx_inet_set(made.raw, isV6, options.rawValue), "setsockopt(2)", about)
    if let device {
      try check(
        unsafe lx_inet_device(made.raw, device), "setsockopt(2) SO_BINDTODEVICE",
        "\(about) on \(device)")
    }
    return made
  }

  /// Takes over an open socket, which must not wait (O_NONBLOCK).
  public init(owning descriptor: consuming Descriptor, _ transport: Transport, named: SocketAddress)
  {
    self.descriptor = descriptor
    self.transport = transport
    self.named = named
  }

  /// Gives the number away: the caller closes it.
  public consuming func release() -> Int32 { descriptor.release() }

  private var about: String { "\(transport) \(named)" }

  // MARK: TCP

  /// Takes connections from now on (listen(2)).
  ///
  /// - Parameter backlog: How many may wait to be accepted; the kernel cuts it to
  ///   net.core.somaxconn.
  /// - Throws: `SystemError`; EADDRINUSE when another socket listens there.
  public func listen(backlog: Int32 = 4096) throws(SystemError) {
    try check(lx_inet_listen(raw, backlog), "listen(2)", about)
  }

  /// The next connection, whose `named` is the peer; nil when there is none now.
  ///
  /// - Throws: `SystemError`; EMFILE or ENFILE when there is no descriptor for it: it goes on
  ///   waiting, so the caller must not ask again at once.
  public func accept() throws(SystemError) -> InternetSocket? {
    var peer = lx_inet()
    let result = unsafe lx_inet_accept(raw, &peer)
    switch -result {
    // EAGAIN; what the network did to that one connection meanwhile (accept(2), "Error handling").
    case 11, 64, 71, 92, 95, 100, 101, 103, 112, 113: return nil
    default: break
    }
    try check(result, "accept4(2)", about)
    return InternetSocket(
      owning: Descriptor(owning: Int32(result)), transport, named: SocketAddress(peer))
  }

  /// Whether the connection stands; to be asked when poll(2) says that it can be written to.
  ///
  /// - Throws: `SystemError` naming the peer: why there is none, such as ECONNREFUSED.
  public func connected() throws(SystemError) -> Bool {
    let error = try check(lx_inet_error(raw), "getsockopt(2) SO_ERROR", about)
    guard error == 0 else { throw SystemError("connect(2)", Errno(Int32(error)), about) }
    var peer = lx_inet()
    let result = unsafe lx_inet_name(raw, 1, &peer)
    if result == -107 { return false }  // ENOTCONN
    try check(result, "getpeername(2)", about)
    return true
  }

  /// Which directions of a connection are to end.
  public enum Direction: Int32, Sendable {
    /// Nothing more is received.
    case receiving = 0
    /// Nothing more is sent: the peer reads an end.
    case sending = 1
    /// Both.
    case both = 2
  }

  /// Ends one direction of a connection, or both (shutdown(2)); a connection that the peer has
  /// ended already is no error.
  ///
  /// - Throws: `SystemError` naming the peer.
  public func shutDown(_ direction: Direction) throws(SystemError) {
    let result = lx_inet_shutdown(raw, direction.rawValue)
    if result != -107 { try check(result, "shutdown(2)", about) }  // ENOTCONN
  }

  /// Closes it so that the peer sees a reset, not an end (socket(7), SO_LINGER of 0 seconds).
  public consuming func abort() { _ = lx_inet_abort(descriptor.raw) }

  // MARK: Bytes

  /// Sends to the peer; returns how many bytes went, 0 when there is no room now.
  ///
  /// - Throws: `SystemError` naming the peer; EPIPE or ECONNRESET when it is gone.
  public func send(_ bytes: [UInt8]) throws(SystemError) -> Int {
    try put(bytes, to: nil, from: nil)
  }

  /// Sends a datagram.
  ///
  /// - Parameters:
  ///   - bytes: The datagram.
  ///   - to: Where to.
  ///   - from: The address of this host that it goes out from; nil for the one the socket is bound
  ///     to, or what routing chooses.
  /// - Returns: false when there is no room now.
  /// - Throws: `SystemError` naming the receiver; EMSGSIZE when it is too long.
  public func send(
    _ bytes: [UInt8], to: SocketAddress, from: IPAddress? = nil
  ) throws(SystemError) -> Bool {
    let sent = try put(bytes, to: to, from: from)
    return sent > 0 || bytes.isEmpty
  }

  private func put(
    _ bytes: [UInt8], to: SocketAddress?, from: IPAddress?
  ) throws(SystemError) -> Int {
    let target = to.map { [$0.raw] }
    let source = from.map { [SocketAddress($0, 0).raw] }
    let result = unsafe bytes.withUnsafeBytes {
      unsafe lx_inet_send(raw, $0.baseAddress, $0.count, target, source)
    }
    if result == -11 { return 0 }
    return try check(result, "sendmsg(2)", to.map { "\(transport) \($0)" } ?? about)
  }

  /// Receives from the peer: what is there, up to a limit; nothing at its end; nil when there is
  /// nothing now.
  ///
  /// - Throws: `SystemError` naming the peer.
  public func receive(limit: Int = 65_536) throws(SystemError) -> [UInt8]? {
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      result = unsafe lx_inet_receive(raw, buffer.baseAddress, limit, nil, nil)
      count = max(0, result)
    }
    if result == -11 { return nil }
    try check(result, "recvmsg(2)", about)
    return bytes
  }

  /// Receives a datagram and who sent it; nil when there is none now.
  ///
  /// - Throws: `SystemError`; also what ICMP told of one sent before, such as ECONNREFUSED, on a
  ///   socket that is connected.
  public func receiveDatagram(limit: Int = 65_535) throws(SystemError) -> Datagram? {
    var source = lx_inet()
    var destination = lx_inet()
    var result = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      result = unsafe lx_inet_receive(raw, buffer.baseAddress, limit, &source, &destination)
      count = min(limit, max(0, result))
    }
    if result == -11 { return nil }
    try check(result, "recvmsg(2)", about)
    let target = SocketAddress(destination).address
    return Datagram(
      bytes: bytes, isCut: result > limit, source: SocketAddress(source),
      destination: target.isAny ? nil : target)
  }

  // MARK: Names

  /// The address and port it has (getsockname(2)).
  ///
  /// - Throws: `SystemError`.
  public func local() throws(SystemError) -> SocketAddress {
    var address = lx_inet()
    try check(unsafe lx_inet_name(raw, 0, &address), "getsockname(2)", about)
    return SocketAddress(address)
  }
}
