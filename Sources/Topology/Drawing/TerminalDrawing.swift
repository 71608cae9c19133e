// In 80 columns:
//
//   ┌─ host ──────────────────────────────┐
//   │ drydock0  bridge  10.200.0.1/16     │    ┌─ web ───────────────────────────┐
//   │  ├─ v1 ─────────────────────────────┼────┤ eth0  10.200.0.2/16             │
//   │  │                                  │    └─────────────────────────────────┘

internal import Linux
internal import Measure
internal import Report

/// A plan as text for a terminal.
package struct TerminalDrawing {
  private let paper: Paper
  private let plan: Plan
  /// Columns of the host's box with its borders, of the wire, and of the box beside.
  private let left: Int
  private let gap = 4
  private let right: Int

  /// Chooses how to show it.
  package init(_ plan: Plan, _ paper: Paper) {
    self.plan = plan
    self.paper = paper
    let width = min(paper.width, 100)
    left = (width - gap) * 53 / 100
    right = width - gap - left
  }

  /// A line: what is in the host's box, the wire, and what is beside.
  private struct Line {
    var left = ""
    /// A wire leaves the box here.
    var isWire = false
    var isUp = true
    var right = ""
  }

  /// The drawing.
  package func text() -> String {
    var lines = plan.hosts.flatMap { host($0) + [""] }
    if !plan.alone.isEmpty {
      let names = plan.alone.map { plan.map.namespaces[$0].name }.joined(separator: ", ")
      let text = "\(DrawingWords.alone[paper.language]): \(names)"
      lines += paper.fold(paper.clean(text), paper.width)
    }
    while lines.last == "" { lines.removeLast() }
    return lines.map { paper.clean($0) }.map { line in
      var line = line
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }.joined(separator: "\n") + "\n"
  }

  private func host(_ host: Plan.Host) -> [String] {
    let space = plan.map.namespaces[host.namespace]
    var lines = [Line]()
    let forwards = space.switches["ipv4/ip_forward"].map {
      ($0 == 0 ? DrawingWords.noForward : DrawingWords.forwards)[paper.language]
    }
    lines.append(
      Line(left: (["net:[\(space.inode)]"] + [forwards].compactMap { $0 }).joined(separator: " · "))
    )
    for (index, port) in host.links.enumerated() {
      if index == 0 { lines.append(Line()) }
      lines += link(port)
    }
    for one in host.switches {
      lines.append(Line())
      lines += bridge(one)
    }
    if !host.published.isEmpty {
      lines.append(Line())
      lines.append(Line(left: DrawingWords.published[paper.language]))
      for port in host.published { lines += published(port) }
    }
    return framed(lines, title: space.name)
  }

  /// Draws the host's border around the lines.
  private func framed(_ lines: [Line], title: String) -> [String] {
    var out = [top(title, left)]
    for var line in lines {
      // Before it is measured: signs may become wider.
      line.left = paper.clean(line.left)
      let inner = left - 2
      if line.isWire {
        let dash = line.isUp ? "─" : "╌"
        let text = TextWidth.fit(line.left, min(inner, TextWidth.columns(line.left)))
        let fill = String(repeating: dash, count: max(0, inner - TextWidth.columns(text)))
        out.append("│" + text + fill + "┼" + String(repeating: dash, count: gap) + line.right)
      } else {
        let body = TextWidth.fit(line.left.isEmpty ? "" : " " + line.left, inner)
        out.append("│" + body + "│" + String(repeating: " ", count: gap) + line.right)
      }
    }
    out.append("└" + String(repeating: "─", count: left - 2) + "┘")
    return out
  }

  private func top(_ title: String, _ width: Int) -> String {
    let title = paper.clean(title)
    let room = width - 6
    let name =
      TextWidth.columns(title) > room ? TextWidth.fit(title, room) : title
    let fill = width - 5 - TextWidth.columns(name)
    return "┌─ \(name) " + String(repeating: "─", count: max(0, fill)) + "┐"
  }

  private func box(_ title: String, _ rows: [String]) -> [String] {
    let inner = right - 2
    var out = [top(title, right)]
    for (index, row) in rows.enumerated() {
      out.append((index == 0 ? "┤" : "│") + TextWidth.fit(" " + paper.clean(row), inner) + "│")
    }
    out.append("└" + String(repeating: "─", count: right - 2) + "┘")
    return out
  }

  // MARK: Links

  /// The box of what is behind a link; nil when there is nothing to be shown.
  private func end(_ port: Plan.Port) -> [String]? {
    switch port.end {
    case .pair(let at, let link):
      let addresses = Plan.shown(link)
      let state = DrawingWords.state(link, paper.language).map { "(\($0))" }
      let first = [link.name, addresses.first, state].compactMap { $0 }.joined(separator: "  ")
      let indent = String(repeating: " ", count: min(8, TextWidth.columns(link.name)) + 2)
      return box(
        plan.map.namespaces[at].name, [first] + addresses.dropFirst().map { indent + $0 })
    case .tunnel(let tunnel, let peers):
      let rows = peers.map { peer in
        "→ \(peer)" + (plan.owner(peer).map { "  \($0)" } ?? "")
      }
      return box(
        "VXLAN \(tunnel.id) · udp \(tunnel.port)",
        rows.isEmpty ? [DrawingWords.noPeers[paper.language]] : rows)
    case .unseen, .none: return nil
    }
  }

  /// A link of the host's own.
  private func link(_ port: Plan.Port) -> [Line] {
    let link = port.link
    let addresses = Plan.shown(link)
    let facts = [link.kind.isEmpty ? nil : link.kind, DrawingWords.state(link, paper.language)]
    let name = " " + link.name + " "
    let about = ([link.name] + facts.compactMap { $0 }).joined(separator: "  ")
    guard let box = end(port) else {
      return wrapped(([about] + addresses).joined(separator: "  "))
    }
    var lines = [
      Line(right: box[0]), Line(left: name, isWire: true, isUp: port.isUp, right: box[1]),
    ]
    let details = wrapped("  " + (facts.compactMap { $0 } + addresses).joined(separator: "  "))
    for (index, row) in box.dropFirst(2).enumerated() {
      lines.append(Line(left: index < details.count ? details[index].left : "", right: row))
    }
    return lines + details.dropFirst(max(0, box.count - 2))
  }

  private func wrapped(_ text: String) -> [Line] {
    let indent = String(text.prefix { $0 == " " })
    return paper.fold(paper.clean(String(text.dropFirst(indent.count))), left - 4 - indent.count)
      .enumerated()
      .map { Line(left: indent + ($0 == 0 ? "" : "  ") + $1) }
  }

  private func bridge(_ one: Plan.Switch) -> [Line] {
    let bridge = one.bridge
    // A bridge without ports that are up has no carrier, which is nothing wrong.
    let state = bridge.isUp ? nil : DrawingWords.down[paper.language]
    let facts =
      [bridge.name, "bridge"] + Plan.shown(bridge)
      + [state, bridge.mtu == 1500 ? nil : "mtu \(bridge.mtu)"].compactMap { $0 }
    var lines = wrapped(facts.joined(separator: "  "))
    if one.ports.isEmpty { lines.append(Line(left: " └╌ " + DrawingWords.empty[paper.language])) }
    for (index, port) in one.ports.enumerated() {
      let isLast = index == one.ports.count - 1
      let stem = isLast ? "  " : " │"
      let branch = (isLast ? "  └─ " : "  ├─ ") + port.link.name + " "
      guard let box = end(port) else {
        let text =
          port.link.kind == "veth" ? "→ " + DrawingWords.unseen[paper.language] : port.link.kind
        let state = DrawingWords.state(port.link, paper.language).map { " (\($0))" } ?? ""
        lines.append(Line(left: String(branch.dropFirst()) + text + state))
        continue
      }
      lines.append(Line(left: " │", right: box[0]))
      lines.append(Line(left: branch, isWire: true, isUp: port.isUp, right: box[1]))
      for row in box.dropFirst(2) { lines.append(Line(left: stem, right: row)) }
    }
    return lines
  }

  private func published(_ port: PublishedPort) -> [Line] {
    let owner = port.target.map { plan.owner($0) ?? DrawingWords.nobody[paper.language] }
    let whole = " \(port.source) → \(port.destination)" + (owner.map { "  \($0)" } ?? "")
    if TextWidth.columns(whole) <= left - 4 { return [Line(left: whole)] }
    let second = "   → \(port.destination)" + (owner.map { "  \($0)" } ?? "")
    return [Line(left: " " + port.source), Line(left: second)]
  }
}
