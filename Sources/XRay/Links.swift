internal import Linux
internal import Measure
internal import Report

/// The links of the process's network namespace, and where their other ends are.
struct Links: SectionContent {
  static let id = "links"
  static let title = Bilingual(en: "Network", zh: "网络")

  /// One link.
  struct Entry: Equatable, Sendable {
    /// The link inside.
    let link: NetworkLink
    /// A veth's other end on the host; nil when there is none there.
    let outside: NetworkLink?
    /// The bridge that the other end is a port of.
    let bridge: String?
  }

  /// In the kernel's order.
  let entries: [Entry]
  /// IPv4 gateways, `10.0.0.1 by eth0`.
  let gateways: [String]
  /// Whether the namespace is the host's: then the links are the host's own.
  let isHost: Bool

  init?(_ subject: Subject, isHost: Bool, _ notes: inout Notes) {
    self.isHost = isHost
    gateways = Links.gateways(subject.text("net/route", &notes) ?? "")
    guard let inside = Links.inside(subject, &notes) else { return nil }
    var outside = [NetworkLink]()
    if !isHost, inside.contains(where: { $0.kind == "veth" }) {
      outside =
        notes.reading("rtnetlink(7) here: RTM_GETLINK") { () throws(SystemError) in
          try NetworkLink.all(RouteSocket("links"))
        } ?? []
    }
    entries = inside.map { link in
      let other = outside.first { other in
        link.kind == "veth" && other.kind == "veth" && link.peer == other.index
          && other.peer == link.index && link.peerIsElsewhere && other.peerIsElsewhere
      }
      let bridge = other.flatMap { other in outside.first { $0.index == other.master }?.name }
      return Entry(link: link, outside: other, bridge: bridge)
    }
  }

  private static func inside(_ subject: Subject, _ notes: inout Notes) -> [NetworkLink]? {
    guard let namespace = subject.open("ns/net", &notes) else { return nil }
    let name = "/proc/\(subject.pid)/ns/net"
    let links = notes.reading("rtnetlink(7) in it: RTM_GETLINK, RTM_GETADDR") {
      () throws(SystemError) in
      try NetworkLink.all(RouteSocket.opened(in: namespace.raw, name))
    }
    if let links { return links }
    // Without the right to go there, names and counters remain.
    return subject.text("net/dev", &notes).map { counters($0) }
  }

  /// /proc/PID/net/dev: two lines of heading, then `  eth0: bytes packets …` with the bytes sent in
  /// the ninth column.
  static func counters(_ text: String) -> [NetworkLink] {
    text.split(separator: "\n").dropFirst(2).compactMap { line in
      guard let colon = line.lastIndex(of: ":") else { return nil }
      let name = String(line[..<colon]).trimmed
      let numbers = line[line.index(after: colon)...].split(separator: " ").map { UInt64($0) }
      guard !name.isEmpty, numbers.count >= 9 else { return nil }
      var link = NetworkLink(named: name)
      link.received = numbers[0] ?? 0
      link.sent = numbers[8] ?? 0
      return link
    }
  }

  /// /proc/PID/net/route: `eth0 00000000 0100C80A …` with addresses as little-endian hexadecimal
  /// (proc_pid_net(5)); the default routes among them.
  static func gateways(_ text: String) -> [String] {
    text.split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split { $0 == "\t" || $0 == " " }
      guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000",
        let gateway = UInt32(fields[2], radix: 16)
      else { return nil }
      return gateway == 0
        ? "\(fields[0])" : "\(IPAddress(v4: gateway.byteSwapped)) (\(fields[0]))"
    }
  }

  var blocks: [Block] {
    var blocks = [Block]()
    if isHost {
      blocks.append(
        .note(
          Bilingual(
            en: "The network namespace is the host's: these are the host's links.",
            zh: "网络命名空间属于宿主机：以下是宿主机的接口。")))
    }
    blocks.append(
      .table(
        head: [
          Bilingual(en: "link", zh: "接口"), Bilingual(en: "state", zh: "状态"), Bilingual("MTU"),
          Bilingual(en: "addresses", zh: "地址"), Bilingual(en: "other end", zh: "另一端"),
        ],
        rows: entries.map { entry in
          let link = entry.link
          let state =
            link.isUp
            ? (link.hasCarrier ? "UP" : "UP, no carrier") : "DOWN"
          let end = entry.outside.map { outside in
            outside.name + (entry.bridge.map { " → \($0)" } ?? "")
          }
          let all = link.addresses + (link.hardware.isEmpty ? [] : [link.hardware])
          return [
            Bilingual(link.name + (link.kind.isEmpty ? "" : " (\(link.kind))")),
            Bilingual(state), Bilingual("\(link.mtu)"),
            Bilingual(all.isEmpty ? "–" : all.joined(separator: " ")), Bilingual(end ?? "–"),
          ]
        }, numbers: [2]))
    if !gateways.isEmpty {
      blocks.append(
        .facts([
          (
            Bilingual(en: "default route", zh: "默认路由"),
            Bilingual(gateways.joined(separator: ", "))
          )
        ]))
    }
    return blocks
  }

  var json: JSON {
    .object([
      "host": .bool(isHost), "gateways": .texts(gateways),
      "list": .array(
        entries.map { entry in
          let link = entry.link
          return .object([
            "index": .int(link.index), "name": .string(link.name), "kind": .string(link.kind),
            "up": .bool(link.isUp), "carrier": .bool(link.hasCarrier), "mtu": .int(link.mtu),
            "hardware": .string(link.hardware), "addresses": .texts(link.addresses),
            "received": .int(link.received), "sent": .int(link.sent),
            "peer_index": .int(link.peer),
            "other_end": .text(entry.outside?.name), "bridge": .text(entry.bridge),
          ])
        }),
    ])
  }
}
