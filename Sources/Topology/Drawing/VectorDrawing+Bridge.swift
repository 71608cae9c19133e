internal import Linux
internal import Measure
internal import Report

// A bridge: a bar, a trunk down its left side, and branches to the cards in rows.

extension VectorDrawing {
  mutating func draw(_ one: Plan.Switch, _ host: Plan.Host, _ top: Double) -> Double {
    let x = VectorDrawing.margin + 16
    let width = right - 16 - x
    canvas.rectangle(
      x: x, y: top, width: width, height: 32, one.bridge.isUp ? "bar" : "bar off", radius: 6)
    canvas.text(x + 12, top + 21, cut(one.bridge.name, 20), "value on-bar")
    let facts = ["bridge"] + Plan.shown(one.bridge) + ["mtu \(one.bridge.mtu)"]
    canvas.text(
      x + width - 12, top + 21, cut(facts.joined(separator: "  "), 70), "mono on-bar", .end)
    var y = top + 32
    let cards = one.ports.filter { !$0.isTunnel }
    let tunnels = one.ports.filter { $0.isTunnel }
    let trunk = x + 8
    let gap = 12.0
    let left = x + 24
    let card =
      (width - 24 - gap * Double(VectorDrawing.columns - 1)) / Double(VectorDrawing.columns)
    var lowest = y
    for start in stride(from: 0, to: cards.count, by: VectorDrawing.columns) {
      let row = cards[start..<min(start + VectorDrawing.columns, cards.count)]
      let branch = y + 12
      lowest = branch
      let last = left + (card + gap) * Double(row.count - 1) + card / 2
      canvas.line(trunk, branch, last, branch, "wire")
      var height = 0.0
      for (index, port) in row.enumerated() {
        let at = left + (card + gap) * Double(index)
        canvas.line(
          at + card / 2, branch, at + card / 2, branch + 24, port.isUp ? "wire" : "wire off")
        height = max(height, draw(port, x: at, y: branch + 24, width: card))
      }
      for (index, port) in row.enumerated() {
        plug(port, x: left + (card + gap) * Double(index) + card / 2, y: branch + 13)
      }
      y = branch + 24 + height
    }
    for port in tunnels {
      guard case .tunnel(let tunnel, let peers) = port.end else { continue }
      y += 12
      lowest = y + 15
      canvas.line(trunk, y + 15, left, y + 15, port.isUp ? "wire" : "wire off")
      canvas.rectangle(
        x: left, y: y, width: width - 24, height: 30, port.isUp ? "tunnel-card" : "tunnel-card off",
        radius: 6)
      canvas.text(left + 12, y + 20, cut(port.link.name, 18), "value")
      canvas.text(
        left + width - 36, y + 20, cut(tunnelText(tunnel, peers), 64), "mono", .end)
      let key = "vxlan \(tunnel.id)"
      if channels.contains(key) { wires[key, default: []].append(y + 15) }
      y += 30
    }
    if lowest > top + 32 { canvas.line(trunk, top + 32, trunk, lowest, "wire") }
    if one.ports.isEmpty {
      canvas.text(left, y + 16, DrawingWords.empty[language], "small")
      y += 20
    }
    return y + 12
  }

  /// The host's end of a pair, on its wire.
  private mutating func plug(_ port: Plan.Port, x: Double, y: Double) {
    let name = cut(port.link.name, 16)
    let width = Double(TextWidth.columns(name)) * 6.2 + 14
    canvas.rectangle(x: x - width / 2, y: y - 8, width: width, height: 16, "plug", radius: 8)
    canvas.text(x, y + 3.5, name, "tiny", .middle)
  }

  /// A card: who hangs on the bridge; how high it is.
  private mutating func draw(_ port: Plan.Port, x: Double, y: Double, width: Double) -> Double {
    var title = DrawingWords.unseen[language]
    var lines = [String]()
    var style = "card unseen"
    switch port.end {
    case .pair(let at, let link):
      title = plan.map.namespaces[at].name
      style = "card"
      let state = DrawingWords.state(link, language).map { " (\($0))" } ?? ""
      let addresses = Plan.shown(link)
      lines = [link.name + state + "  " + (addresses.first ?? "")] + addresses.dropFirst()
    case .unseen: lines = [port.link.kind]
    case .none, .tunnel:
      title = port.link.kind.isEmpty ? port.link.name : port.link.kind
      lines = [DrawingWords.state(port.link, language) ?? ""]
    }
    if !port.isUp { style += " off" }
    let columns = Int(width / 6.9)
    let height = 34 + 15 * Double(lines.count)
    canvas.rectangle(x: x, y: y, width: width, height: height, style, radius: 6, hint: title)
    canvas.text(x + 12, y + 22, cut(title, columns - 3), "value")
    for (index, line) in lines.enumerated() {
      canvas.text(x + 12, y + 40 + 15 * Double(index), cut(line, columns), "mono")
    }
    return height
  }
}

/// Colours of Okabe and Ito, as in every other picture here; written out, since programs that draw SVG
/// outside of browsers know no variables of CSS.
enum VectorStyle {
  static let sheet = """
    text { font-family: system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", "PingFang SC", \
    "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; font-size: 12px; fill: #1c1f23; }
    .name { font-size: 16px; font-weight: 650; }
    .value { font-size: 12.5px; font-weight: 600; }
    .part { font-size: 12px; font-weight: 600; fill: #5c6670; }
    .small { font-size: 11px; fill: #5c6670; }
    .tiny { font-size: 9.5px; fill: #5c6670; }
    .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", \
    "Noto Sans CJK SC", monospace; font-size: 10.5px; }
    .strong { font-weight: 700; fill: #0b6aa8; }
    .paper { fill: #fdfdfc; }
    .host { fill: #f3f5f6; stroke: #dfe3e6; }
    .bar { fill: #0b6aa8; }
    .on-bar { fill: #ffffff; }
    .card { fill: #ffffff; stroke: #0b6aa8; }
    .unseen { stroke: #c3cad0; stroke-dasharray: 4 3; }
    .strip, .pill { fill: #ffffff; stroke: #c3cad0; }
    .plug { fill: #f3f5f6; stroke: #0b6aa8; }
    .tunnel-card { fill: #ffffff; stroke: #c8500a; stroke-dasharray: 6 4; }
    .wire { stroke: #0b6aa8; stroke-width: 1.5; fill: none; }
    .wire.tunnel { stroke: #c8500a; stroke-dasharray: 6 4; }
    .knot { fill: #0b6aa8; }
    .knot.tunnel { fill: #c8500a; }
    .bar.off { fill: #7a8690; }
    .card.off, .strip.off, .tunnel-card.off { stroke: #b3261e; stroke-dasharray: 3 3; }
    .wire.off { stroke: #b3261e; stroke-dasharray: 3 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6e9ec; }
      .part, .small, .tiny { fill: #9aa5af; }
      .strong { fill: #62b5ec; }
      .paper { fill: #14171a; }
      .host { fill: #1b1f23; stroke: #30373d; }
      .bar { fill: #1c5f8d; }
      .on-bar { fill: #ffffff; }
      .card { fill: #23282d; stroke: #62b5ec; }
      .unseen { stroke: #4b555e; }
      .strip, .pill { fill: #23282d; stroke: #4b555e; }
      .plug { fill: #1b1f23; stroke: #62b5ec; }
      .tunnel-card { fill: #23282d; stroke: #f0924c; }
      .wire { stroke: #62b5ec; }
      .wire.tunnel { stroke: #f0924c; }
      .knot { fill: #62b5ec; }
      .knot.tunnel { fill: #f0924c; }
      .bar.off { fill: #4b555e; }
      .card.off, .strip.off, .tunnel-card.off { stroke: #ff8f84; }
      .wire.off { stroke: #ff8f84; }
    }

    """
}
