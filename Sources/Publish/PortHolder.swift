internal import Linux
internal import Networks

/// Who has a port of the host.
struct PortHolder: CustomStringConvertible {
  let pid: Int32
  /// What /proc/PID/comm says.
  let name: String
  /// Of another drydock-publish: its container's run directory.
  let directory: String?
  /// It is about to close its descriptors: its memory has gone before them (do_exit in kernel/exit.c),
  /// and its command line with it.
  private let isExiting: Bool

  /// `nginx (process 1234)`, `container 0123456789ab`.
  var description: String {
    if let directory {
      let container = directory.parts("/").last ?? ""
      return "container \(container.prefix(12)) (process \(pid))"
    }
    return "\(name) (process \(pid))"
  }

  /// Looks for the process whose socket stands in the way; nil when none of those that can be seen
  /// has one.
  ///
  /// /proc/net/tcp and its kin say which socket has a port (proc_pid_net(5)), /proc/PID/fd whose it
  /// is. What goes away meanwhile was not it.
  static func find(_ binding: PortBinding) -> PortHolder? {
    let wanted = sockets(of: binding)
    guard !wanted.isEmpty, let entries = try? File.list("/proc") else { return nil }
    for pid in entries.compactMap({ Int32($0) }) {
      guard let numbers = try? File.list("/proc/\(pid)/fd") else { continue }
      for number in numbers {
        guard let link = try? File.link("/proc/\(pid)/fd/\(number)"), wanted.contains(link) else {
          continue
        }
        return PortHolder(of: pid)
      }
    }
    return nil
  }

  private init?(of pid: Int32) {
    guard let name = try? File.text("/proc/\(pid)/comm") else { return nil }
    self.pid = pid
    self.name = name.trimmedLine
    // A name has 15 bytes there: `drydock-publish` just fits.
    let line = (try? File.read("/proc/\(pid)/cmdline")) ?? []
    isExiting = line.isEmpty
    let words = line.parts("\0")
    directory = self.name == "drydock-publish" && words.count > 2 ? words[1] : nil
  }

  /// Whether it is a drydock-publish that is about to end: its container is gone, or is the one that
  /// is being started.
  func isEnding(_ directory: String) -> Bool {
    if isExiting { return true }
    guard let held = self.directory, pid != Processes.current else { return false }
    if held == directory {
      // From its last life. It may be gone by now.
      do throws(SystemError) { try Processes.kill(pid, Signal.term) } catch {}
      return true
    }
    // What cannot be read is as if it were held: then the port is taken.
    return (try? FileLock.isHeld(held + "/alive")) == false
  }

  /// `socket:[INODE]` of those that have the port, at any address.
  private static func sockets(of binding: PortBinding) -> Set<String> {
    var found: Set<String> = []
    for file in ["", "6"] {
      guard let table = try? File.text("/proc/net/\(binding.transport.rawValue)\(file)") else {
        continue
      }
      //   sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode
      for line in table.parts("\n").dropFirst() {
        let fields = line.parts(" ").filter { !$0.isEmpty }
        guard fields.count > 9, let port = fields[1].parts(":").last,
          UInt16(port, radix: 16) == binding.hostPort,
          // TCP_LISTEN, or UDP's without a peer.
          fields[3] == "0A" || fields[3] == "07"
        else { continue }
        found.insert("socket:[\(fields[9])]")
      }
    }
    return found
  }
}
