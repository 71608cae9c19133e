internal import Engine
internal import LabKit
internal import Linux
internal import Measure

/// The way from a container to an address, as packets find it.
struct Path {
  let stage: Stage
  /// The first process of the container.
  let from: Int32
  let to: String

  /// What an answer says.
  struct Answer { var ttl: Int }

  init(stage: Stage, from: Int32, to: String) {
    self.stage = stage
    self.from = from
    self.to = to
  }

  /// One echo request with so many bytes (ping(8)); nil when nothing comes back within a third of a
  /// second, which on a busy machine may be short, so that it may be tried again.
  func answer(_ size: Int, isShown: Bool = false, tries: Int = 1) throws -> Answer? {
    for turn in 1...tries {
      let result = try stage.attempt(
        [
          "nsenter", "-t", "\(from)", "-n", "timeout", "0.3", "busybox", "ping", "-c", "1", "-s",
          "\(size)", to,
        ], isShown: isShown && turn == 1)
      guard result.code == 0 else { continue }
      let word = result.output.split { $0 == " " || $0 == "\n" }.first { $0.hasPrefix("ttl=") }
      return Answer(ttl: word.flatMap { Int($0.dropFirst(4)) } ?? 0)
    }
    return nil
  }

  /// A counter of the container's Internet layer (`Ip:` in /proc/net/snmp).
  func counter(_ name: String) -> Int { ipCounter(from, name) }

  /// Shows how many pieces the container has made of packets.
  func look(_ moment: Exhibit.Moment) {
    stage.note(
      "/proc/\(from)/net/snmp", Texts.fragments, moment, "FragCreates \(counter("FragCreates"))")
    stage.look("/proc/\(from)/net/route", Texts.table, moment)
  }

  /// The largest payload that the container sends in one piece and that is answered.
  func largest() throws -> Int {
    func isWhole(_ size: Int) throws -> Bool {
      let before = counter("FragCreates")
      return try answer(size, tries: 3) != nil && counter("FragCreates") == before
    }
    var (good, bad) = (1000, 1600)
    guard try isWhole(good) else { return 0 }
    while bad - good > 1 {
      let middle = (good + bad) / 2
      if try isWhole(middle) { good = middle } else { bad = middle }
    }
    return good
  }

  /// Bytes that a packet may have where it leaves the container.
  func mtu() throws -> Int { try linkMTU(stage, "eth0", in: from) }

  /// How many hosts pass the packet on: each that has a gateway's address on the way.
  func routers(hosts: [Int32?]) throws -> Int {
    var count = 0
    for pid in [Optional(from)] + hosts {
      let words = ["ip", "-o", "route", "get", to]
      let route =
        try pid.map { try stage.inside($0, words, isShown: false) }
        ?? stage.host(words, isShown: false)
      if route.split(separator: " ").contains("via") { count += 1 }
    }
    return count
  }
}

/// A counter of the Internet layer of a process's network namespace (proc_pid_net(5)).
func ipCounter(_ pid: Int32, _ name: String) -> Int {
  let rows = (Kernel.read("/proc/\(pid)/net/snmp") ?? "").split(separator: "\n")
    .filter { $0.hasPrefix("Ip: ") }.map { $0.split(separator: " ") }
  guard rows.count == 2, let at = rows[0].firstIndex(of: Substring(name)), at < rows[1].count else {
    return 0
  }
  return Int(rows[1][at]) ?? 0
}

/// The MTU of a link in a process's network namespace, asked by netlink; nil is the session's host.
func linkMTU(_ stage: Stage, _ link: String, in pid: Int32?) throws -> Int {
  let words = ["ip", "-o", "link", "show", link]
  let text =
    try pid.map { try stage.inside($0, words, isShown: false) }
    ?? stage.host(words, isShown: false)
  let parts = text.split(separator: " ")
  guard let at = parts.firstIndex(of: "mtu"), at + 1 < parts.count, let mtu = Int(parts[at + 1])
  else { throw LabError("\(link) has no MTU: \(text)") }
  return mtu
}

/// Whether the kernel can make VXLAN links; where it cannot, that leaves these findings open.
func hasVXLAN(_ stage: Stage, else findings: [String: Text]) throws -> Bool {
  let words = ["ip", "link", "add", "probe", "type", "vxlan", "id", "1", "dstport", "4788"]
  if try stage.attempt(words, isShown: false).code == 0 {
    try stage.host(["ip", "link", "delete", "probe"], isShown: false)
    return true
  }
  for (id, what) in findings.sorted(by: { $0.key < $1.key }) {
    let doubt = Doubt.unavailable(Texts.noVXLAN.bilingual)
    stage.find(Finding(id, what, expected: "-", seen: "-", .inconclusive([doubt])))
  }
  return false
}
