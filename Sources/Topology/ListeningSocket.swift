// /proc/PID/net/tcp, tcp6, udp, udp6 (proc_pid_net(5)): a line a socket,
//
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    0: 0100007F:1F90 00000000:0000 0A …                                          0        0 18317
//
// with addresses as hexadecimal words in the machine's order, 0A for LISTEN, 07 for a UDP socket
// that is not connected.

package import Linux

/// A socket that waits for connections or datagrams.
package struct ListeningSocket: Equatable, Sendable {
  /// Where it listens; 0.0.0.0 or :: is everywhere.
  package let address: IPAddress
  /// The port.
  package let port: UInt16
  /// Its number, by which its owner is found.
  package let inode: UInt64

  /// Reads one line; nil for other states and for what is none.
  init?(_ line: some StringProtocol, state: String) {
    let fields = line.split(separator: " ")
    guard fields.count > 9, fields[3] == state, let inode = UInt64(fields[9]) else { return nil }
    let parts = fields[1].split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16), parts[0].utf8.count % 8 == 0
    else { return nil }
    var bytes = [UInt8]()
    var rest = parts[0][...]
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      bytes += Linux.bytes(word)
      rest = rest.dropFirst(8)
    }
    guard let address = IPAddress(bytes: bytes) else { return nil }
    self.address = address
    self.port = port
    self.inode = inode
  }

  /// All of a transport protocol, in the namespace of the calling thread.
  ///
  /// - Throws: `SystemError` naming the file.
  static func all(_ transport: Packet.Transport) throws(SystemError) -> [ListeningSocket] {
    let state = transport == .tcp ? "0A" : "07"
    var list = [ListeningSocket]()
    for name in [transport.name, transport.name + "6"] {
      let path = "/proc/thread-self/net/\(name)"
      // A kernel without IPv6 has only the first.
      guard File.exists(path) else { continue }
      list += try File.text(path, limit: 64 << 20).split(separator: "\n")
        .compactMap { ListeningSocket($0, state: state) }
    }
    return list
  }

  /// Whether it takes what comes to an address: an IPv6 socket on :: takes IPv4 too, unless it was
  /// told not to (ipv6(7), IPV6_V6ONLY), which /proc does not show.
  func takes(_ other: IPAddress) -> Bool {
    if address == other { return true }
    if address.isAny { return address.isV6 || !other.isV6 }
    // ::ffff:10.0.0.1, IPv4 by an IPv6 socket (RFC 4291, section 2.5.5.2).
    return address.isV6 && !other.isV6 && address.value == 0xffff_0000_0000 | other.value
  }

  /// The process that has a socket open, of some processes.
  static func owner(_ inode: UInt64, among pids: [Int32]) -> (pid: Int32, command: String)? {
    let name = "socket:[\(inode)]"
    for pid in pids {
      // What has ended meanwhile, or is not ours, owns nothing here.
      for file in (try? File.list("/proc/\(pid)/fd")) ?? []
      where (try? File.link("/proc/\(pid)/fd/\(file)")) == name {
        let command = (try? File.text("/proc/\(pid)/comm", limit: 4096).trimmedLine) ?? "?"
        return (pid, command)
      }
    }
    return nil
  }
}
