internal import Engine
internal import LabKit
internal import Linux

/// A container, or what stands for one, with what netlink says of its eth0.
struct Member {
  var name: String
  var pid: Int32
  /// `172.18.0.2`.
  var address: String
  /// `02:42:ac:12:00:02`.
  var hardware: String

  init(_ stage: Stage, _ name: String, _ pid: Int32) throws {
    self.name = name
    self.pid = pid
    let held = try stage.addresses(in: pid).first { $0.link == "eth0" }?.address
    let link = try stage.links(in: pid).first { $0.name == "eth0" }
    guard let held, let hardware = link?.hardware else {
      throw LabError("\(name) has no eth0 with an address")
    }
    address = String(held.prefix { $0 != "/" })
    self.hardware = hardware
  }

  /// A container that does nothing, by its name.
  static func options(_ name: String, on network: String) -> RunOptions {
    var options = RunOptions(image: "busybox")
    options.name = name
    options.network = network
    options.command = ["sleep", "60"]
    return options
  }

  /// Every ordered pair of different ones.
  static func pairs(_ members: [Member]) -> [(from: Member, to: Member)] {
    members.flatMap { from in
      members.filter { $0.name != from.name }.map { (from: from, to: $0) }
    }
  }
}

/// One packet of ping to a name: asked in the container's mount namespace too, since its
/// resolv.conf(5) and hosts(5) are there.
func pingName(
  _ stage: Stage, from pid: Int32, to name: String, isShown: Bool = true
) throws -> (isAnswered: Bool, complaint: String) {
  let words = ["nsenter", "-t", "\(pid)", "-m", "-n", "ping", "-c", "1", "-W", "2", name]
  let result = try stage.attempt(words, isShown: isShown)
  return (result.code == 0, result.complaint)
}

/// The hardware addresses that a bridge has learned, by the forwarding table (RTM_GETNEIGH).
func learned(_ table: String) -> Set<String> {
  Set(table.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
}
