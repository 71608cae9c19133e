// 720 units wide:
//
//   ┌ host ─────────────────────────────────────┐
//   │ [eth0  10.0.0.1/24 …………………………………………………………]├──┐  a strip a link of its own
//   │ ▓ drydock0  bridge  10.200.0.1/16 ▓▓▓▓▓▓▓ │  ╎  a bar a bridge
//   │ ├────┬─────────────┬─────────────┐        │  ╎
//   │ │  [web]         [db]          [cache]    │  ╎  cards: what hangs on it
//   │ ├─[VXLAN 42 …………………………………………………………………………]╌╌┤  tunnels, and wires to other hosts' beside
//   │ published ports                           │  ╎
//   └───────────────────────────────────────────┘  ╎

internal import Linux
package import Measure
internal import Report

/// A plan as a picture of one file, without scripts, for light and dark screens.
package struct VectorDrawing {
  let plan: Plan
  let language: Language
  var canvas = Canvas(height: 0)
  /// Where strips end that a wire beside the hosts may start at: by pair or tunnel number.
  var wires: [String: [Double]] = [:]
  /// Those wires, in the order of their channels.
  let channels: [String]

  static let margin = 16.0
  static let columns = 3

  /// Chooses what and in which language.
  package init(_ plan: Plan, _ language: Language) {
    self.plan = plan
    self.language = language
    channels = VectorDrawing.channels(plan)
  }

  /// The file.
  package func text() -> String {
    var probe = self
    let height = probe.draw()
    var final = self
    final.canvas = Canvas(height: height)
    _ = final.draw()
    final.drawWires(height)
    let title = Bilingual(en: "The network", zh: "网络")[language]
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + final.canvas.svg(title: title, sheet: VectorStyle.sheet).source + "\n"
  }

  /// Where hosts' boxes end.
  var right: Double {
    Canvas.width - VectorDrawing.margin - (channels.isEmpty ? 0 : 10 + 14 * Double(channels.count))
  }

  private mutating func draw() -> Double {
    var y = VectorDrawing.margin
    for host in plan.hosts { y = draw(host, y) + 20 }
    if !plan.alone.isEmpty {
      let names = plan.alone.map { plan.map.namespaces[$0].name }
      let text = DrawingWords.alone[language] + ": " + names.joined(separator: ", ")
      for line in TextWidth.wrap(text, 104) {
        canvas.text(VectorDrawing.margin, y + 6, line, "small")
        y += 16
      }
    }
    return max(y, 60)
  }

  // MARK: A host

  private mutating func draw(_ host: Plan.Host, _ top: Double) -> Double {
    // The box lies under what is in it, so its height must be known first.
    var probe = self
    let bottom = probe.content(host, top)
    canvas.rectangle(
      x: VectorDrawing.margin, y: top, width: right - VectorDrawing.margin, height: bottom - top,
      "host", radius: 10)
    _ = content(host, top)
    return bottom
  }

  private mutating func content(_ host: Plan.Host, _ top: Double) -> Double {
    let space = plan.map.namespaces[host.namespace]
    let x = VectorDrawing.margin + 16
    canvas.text(x, top + 26, cut(space.name, 40), "name")
    let forwards = space.switches["ipv4/ip_forward"].map {
      ($0 == 0 ? DrawingWords.noForward : DrawingWords.forwards)[language]
    }
    let facts = ["net:[\(space.inode)]"] + [forwards].compactMap { $0 }
    canvas.text(right - 16, top + 26, facts.joined(separator: " · "), "small", .end)
    var y = top + 42
    for port in host.links { y = strip(port, host, y) }
    for one in host.switches { y = draw(one, host, y + 4) }
    return (host.published.isEmpty ? y : published(host, y + 4)) + 6
  }

  /// A link of the host's own, over the whole width.
  private mutating func strip(_ port: Plan.Port, _ host: Plan.Host, _ y: Double) -> Double {
    let x = VectorDrawing.margin + 16
    let width = right - 16 - x
    canvas.rectangle(
      x: x, y: y, width: width, height: 30, port.isUp ? "strip" : "strip off", radius: 6)
    canvas.text(x + 12, y + 20, cut(port.link.name, 16), "value")
    let state = DrawingWords.state(port.link, language)
    let about = [port.link.kind, state ?? ""].filter { !$0.isEmpty } + Plan.shown(port.link)
    canvas.text(x + 138, y + 20, cut(about.joined(separator: "  "), 56), "mono")
    var key: String?
    if case .pair(let at, let link) = port.end {
      let end = "↔ \(link.name) · \(plan.map.namespaces[at].name)"
      canvas.text(x + width - 12, y + 20, cut(end, 26), "small", .end)
      key = VectorDrawing.key(host.namespace, port.link, at, link)
    } else if case .tunnel(let tunnel, let peers) = port.end {
      canvas.text(
        x + width - 12, y + 20, cut(tunnelText(tunnel, peers), 44), "small", .end)
      key = "vxlan \(tunnel.id)"
    }
    if let key, channels.contains(key) { wires[key, default: []].append(y + 15) }
    return y + 38
  }

  func tunnelText(_ tunnel: Tunnel, _ peers: [IPAddress]) -> String {
    let text = peers.map { peer in plan.owner(peer).map { "\(peer) (\($0))" } ?? "\(peer)" }
    return "VXLAN \(tunnel.id) → "
      + (text.isEmpty ? DrawingWords.noPeers[language] : text.joined(separator: ", "))
  }

  private mutating func published(_ host: Plan.Host, _ top: Double) -> Double {
    let x = VectorDrawing.margin + 16
    canvas.text(x, top + 16, DrawingWords.published[language], "part")
    let half = (right - 16 - x) / 2
    var y = top + 26
    for (index, port) in host.published.enumerated() {
      let left = x + (index % 2 == 0 ? 0 : half + 4)
      let owner = port.target.map { plan.owner($0) ?? DrawingWords.nobody[language] } ?? ""
      canvas.rectangle(x: left, y: y, width: half - 4, height: 36, "pill", radius: 6)
      canvas.text(left + 10, y + 15, cut(port.source, 44), "mono strong")
      canvas.text(left + 10, y + 29, cut("→ " + port.destination, 28), "mono")
      canvas.text(left + half - 14, y + 29, cut(owner, 24), "small", .end)
      canvas.text(left + half - 14, y + 15, cut(port.table, 18), "tiny", .end)
      if index % 2 == 1 || index == host.published.count - 1 { y += 42 }
    }
    return y
  }

  // MARK: Between hosts

  /// What has two ends in hosts' strips: pairs between hosts, and tunnels of one number.
  private static func channels(_ plan: Plan) -> [String] {
    var count: [String: Int] = [:]
    for host in plan.hosts {
      for port in host.links + host.switches.flatMap({ $0.ports }) {
        if case .tunnel(let tunnel, _) = port.end { count["vxlan \(tunnel.id)", default: 0] += 1 }
      }
      for port in host.links {
        if case .pair(let at, let link) = port.end {
          count[key(host.namespace, port.link, at, link), default: 0] += 1
        }
      }
    }
    return count.filter { $0.value > 1 }.map { $0.key }.sorted()
  }

  /// The same from both ends.
  static func key(_ one: Int, _ link: NetworkLink, _ other: Int, _ end: NetworkLink) -> String {
    let ends = ["\(one) \(link.index)", "\(other) \(end.index)"].sorted()
    return "pair " + ends.joined(separator: " ")
  }

  private mutating func drawWires(_ height: Double) {
    for (index, key) in channels.enumerated() {
      guard let ends = wires[key], ends.count > 1, let low = ends.min(), let high = ends.max()
      else {
        continue
      }
      let x = right + 10 + 14 * Double(index)
      let style = key.hasPrefix("vxlan") ? "wire tunnel" : "wire"
      canvas.line(x, low, x, high, style)
      for y in ends {
        canvas.line(right - 16, y, x, y, style)
        canvas.dot(x, y, 2.5, key.hasPrefix("vxlan") ? "knot tunnel" : "knot")
      }
    }
  }

  /// At most so many columns.
  func cut(_ text: String, _ columns: Int) -> String {
    TextWidth.columns(text) > columns ? TextWidth.fit(text, columns) : text
  }
}
