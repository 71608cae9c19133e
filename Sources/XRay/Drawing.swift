internal import Linux
internal import Measure
internal import Report

/// The container as a drawing: a box in the box of the host, with what divides the two.
struct Drawing {
  let xray: Picture
  let language: Language
  private var canvas = Canvas(height: 0)

  // The box of the container, two columns in it.
  private static let (left, right) = (32.0, 688.0)
  private static let (second, columnWidth) = (376.0, 312.0)

  init(_ xray: Picture, _ language: Language) {
    self.xray = xray
    self.language = language
  }

  mutating func svg() -> Markup {
    var inner = Drawing(xray, language)
    let bottom = inner.draw()
    let links = Links.drawn(xray)
    let end = bottom + (links.isEmpty ? 18 : 74)
    canvas = Canvas(height: end)
    canvas.rectangle(x: 0.5, y: 0.5, width: 719, height: end - 1, "host", radius: 10)
    let host = Bilingual(en: "the host", zh: "宿主机")[language]
    canvas.text(16, 21, "\(host): Linux \(xray.kernel)", "tick-plain")
    canvas.rectangle(x: 16, y: 32, width: 688, height: bottom - 32, "container", radius: 8)
    _ = draw()
    drawLinks(links, bottom: bottom)
    return canvas.svg(
      title: Bilingual(
        en: "What \(xray.name) is made of", zh: "\(xray.name) 由什么组成")[language])
  }

  /// Draws what is inside the box; how far down it came.
  private mutating func draw() -> Double {
    canvas.text(Drawing.left, 56, cut(xray.name, 40), "name")
    canvas.text(
      Drawing.right, 56, xray.facts.prefix(2).joined(separator: " · "), "tick-plain", .end)
    let top = drawNamespaces(72)
    let middle = max(drawProcesses(top), drawGauges(top))
    return max(drawLayers(middle), drawRights(middle)) + 14
  }

  private func words(_ en: String, _ zh: String) -> String { language == .en ? en : zh }

  /// At most so many columns.
  private func cut(_ text: String, _ columns: Int) -> String {
    TextWidth.columns(text) > columns ? TextWidth.fit(text, columns) : text
  }

  private mutating func heading(_ x: Double, _ y: Double, _ title: Bilingual) {
    canvas.text(x, y, title[language], "part")
  }

  // MARK: What divides it from the host

  private mutating func drawNamespaces(_ y: Double) -> Double {
    heading(Drawing.left, y + 12, Namespaces.title)
    guard let entries = xray.namespaces.content?.entries else { return unread(y + 30) }
    let gap = 8.0
    let width = (Drawing.right - Drawing.left - 7 * gap) / 8
    for (index, entry) in entries.prefix(8).enumerated() {
      let x = Drawing.left + Double(index) * (width + gap)
      let style: String
      let whose: String
      switch (entry.isHost, entry.sharers.isEmpty) {
      case (true, _): (style, whose) = ("of-host", words("the host's", "宿主机的"))
      case (nil, _): (style, whose) = ("of-host", words("unknown", "未知"))
      case (false, true): (style, whose) = ("own", words("its own", "自己的"))
      case (false, false):
        let other = entry.sharers.first?.container.map { String($0.prefix(8)) }
        (style, whose) = ("shared", other ?? words("shared", "共享"))
      }
      canvas.rectangle(
        x: x, y: y + 20, width: width, height: 54, "tile \(style)", radius: 5,
        hint: "\(entry.kind):[\(entry.inode)]")
      canvas.text(x + width / 2, y + 38, entry.kind, "value", .middle)
      canvas.text(x + width / 2, y + 53, whose, "small", .middle)
      canvas.text(x + width / 2, y + 68, "\(entry.inode)", "tiny", .middle)
    }
    return y + 98
  }

  // MARK: What runs, and how much it may use

  private mutating func drawProcesses(_ y: Double) -> Double {
    heading(Drawing.left, y + 12, ProcessTree.title)
    guard let tree = xray.processes.content else { return unread(y + 32) }
    var line = y + 34
    canvas.text(Drawing.left + 44, line, words("host", "宿主机"), "small", .end)
    canvas.text(Drawing.left + 84, line, words("inside", "容器内"), "small", .end)
    for entry in tree.entries.prefix(7) {
      line += 18
      canvas.text(Drawing.left + 44, line, "\(entry.pid)", "mono", .end)
      canvas.text(
        Drawing.left + 84, line, entry.inside.last.map { "\($0)" } ?? "–", "mono strong", .end)
      let indent = Double(min(entry.depth, 6)) * 10
      let room = Int((Drawing.columnWidth - 96 - indent) / 6.4)
      canvas.text(Drawing.left + 96 + indent, line, cut(printable(entry.command), room), "mono")
    }
    if tree.count > 7 {
      line += 18
      let more = tree.count - 7
      canvas.text(
        Drawing.left + 96, line, words("and \(more) more", "另有 \(more) 个"), "small")
    }
    return line + 24
  }

  private func printable(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  private mutating func drawGauges(_ y: Double) -> Double {
    heading(Drawing.second, y + 12, CgroupView.title)
    guard let view = xray.cgroups.content else { return unread(y + 32, Drawing.second) }
    var line = y + 34
    for id in ["memory", "swap", "memory+swap", "cpu", "throttled", "pids"] {
      guard let row = view.rows.first(where: { $0.id == id }) else { continue }
      let end = Drawing.second + Drawing.columnWidth
      canvas.text(Drawing.second, line, row.what[language], "body")
      // What stands in brackets explains; the table below has it.
      let limit = row.limit?[language].split(whereSeparator: { "(（".contains($0) }).first
        .map { String($0).trimmed }
      let use = row.use?[language]
      let none = words("no limit", "不限")
      let text =
        row.isFact
        ? use ?? ""
        : [use, limit ?? none].compactMap { $0 }
          .joined(separator: " / ")
      canvas.text(end, line, cut(text, 40), "small", .end)
      if let amounts = row.amounts {
        let share = amounts.limit.map { $0 > 0 ? min(1, amounts.use / $0) : 0 }
        canvas.rectangle(
          x: Drawing.second, y: line + 5, width: Drawing.columnWidth, height: 6,
          share == nil ? "track open" : "track", radius: 3)
        if let share, share > 0 {
          canvas.rectangle(
            x: Drawing.second, y: line + 5, width: max(3, Drawing.columnWidth * share), height: 6,
            share > 0.9 ? "fill-2" : "fill-1", radius: 3)
        }
        line += 12
      }
      line += 19
    }
    return line + 6
  }

  // MARK: What it is made of, and what it may do

  private mutating func drawLayers(_ y: Double) -> Double {
    heading(Drawing.left, y + 12, Layers.title)
    guard let root = xray.layers.content else { return unread(y + 32) }
    guard !root.layers.isEmpty else {
      canvas.text(
        Drawing.left, y + 36,
        words("\(root.type): no overlay, no layers", "\(root.type)：不是 overlay，没有层"), "body")
      return y + 48
    }
    var line = y + 20
    // The lowest is the image's base: it stays when some are left out.
    let shown = root.layers.count > 7 ? Array(root.layers.prefix(6)) : root.layers
    for layer in shown {
      canvas.rectangle(
        x: Drawing.left, y: line, width: Drawing.columnWidth, height: 26,
        layer.role == .upper ? "tile own" : "tile of-layer", radius: 4,
        hint: layer.place ?? layer.path)
      canvas.text(Drawing.left + 10, line + 17, layer.role.word, "value")
      canvas.text(
        Drawing.left + Drawing.columnWidth - 10, line + 17, summary(layer), "small", .end)
      line += 30
    }
    if shown.count < root.layers.count {
      let more = root.layers.count - shown.count
      canvas.text(
        Drawing.left + 10, line + 14, words("and \(more) more below", "下面还有 \(more) 层"), "small")
      line += 24
    }
    return line
  }

  private func summary(_ layer: Layers.Layer) -> String {
    guard let content = layer.content else { return words("could not be read", "无法读取") }
    var parts = [
      words("\(content.files) files", "\(content.files) 个文件"), Amounts.bytes(content.bytes),
    ]
    if content.whiteouts > 0 {
      let plural = content.whiteouts == 1 ? "" : "s"
      parts.append(
        words("\(content.whiteouts) whiteout\(plural)", "\(content.whiteouts) 个 whiteout"))
    }
    if content.opaque > 0 {
      parts.append(words("\(content.opaque) opaque", "\(content.opaque) 个不透明"))
    }
    return parts.joined(separator: " · ")
  }

  private mutating func drawRights(_ y: Double) -> Double {
    heading(Drawing.second, y + 12, Capabilities.title)
    var line = y + 20
    if let view = xray.capabilities.content {
      let effective = Set(view.sets["effective"] ?? [])
      let bounding = Set(view.sets["bounding"] ?? [])
      let all = Capabilities.all(view.last ?? 40)
      for (index, name) in all.enumerated() {
        let style =
          effective.contains(name) ? "fill-1" : bounding.contains(name) ? "cell bound" : "cell"
        canvas.rectangle(
          x: Drawing.second + Double(index % 21) * 14.9, y: line + Double(index / 21) * 15,
          width: 11.5, height: 11.5, style, radius: 2, hint: name)
      }
      line += Double((all.count + 20) / 21) * 15 + 12
      canvas.text(
        Drawing.second, line,
        words(
          "\(effective.count) of \(all.count) effective, \(bounding.count) in the bounding set",
          "\(all.count) 项中有效 \(effective.count) 项，界限集 \(bounding.count) 项"), "small")
      line += 20
    } else {
      line = unread(line + 12, Drawing.second)
    }
    for (name, value) in facts {
      canvas.text(Drawing.second, line, name, "body")
      canvas.text(Drawing.second + Drawing.columnWidth, line, cut(value, 34), "small", .end)
      line += 18
    }
    return line
  }

  private var facts: [(String, String)] {
    var facts = [(String, String)]()
    for block in xray.confinement.content?.blocks ?? [] {
      if case .facts(let list) = block {
        facts += list.prefix(2).map { ($0.0[language], $0.1[language]) }
      }
    }
    if let ids = xray.ids.content, case .facts(let list)? = ids.blocks.first {
      facts += list.prefix(1).map { ($0.0[language], $0.1[language]) }
    }
    if let mounts = xray.mounts.content {
      let masked = mounts.entries.count { $0.isMask }
      let closed = mounts.entries.count { $0.isReadOnly && !$0.isMask }
      facts.append(
        (
          MountTable.title[language],
          words(
            "\(mounts.count), \(closed) read-only, \(masked) masked",
            "\(mounts.count) 个，只读 \(closed)，遮蔽 \(masked)")
        ))
    }
    return facts
  }

  // MARK: What leads out

  private mutating func drawLinks(_ links: [Links.Entry], bottom: Double) {
    let width = 150.0
    for (index, entry) in links.prefix(4).enumerated() {
      let x = Drawing.left + Double(index) * (width + 18)
      canvas.line(x + width / 2, bottom, x + width / 2, bottom + 38, "wire")
      canvas.rectangle(x: x, y: bottom - 11, width: width, height: 22, "tile plug", radius: 4)
      canvas.text(
        x + width / 2, bottom + 4,
        cut("\(entry.link.name) \(entry.link.addresses.first ?? "")", 24),
        "small", .middle)
      let end = [entry.outside?.name, entry.bridge].compactMap { $0 }.joined(separator: " → ")
      canvas.rectangle(x: x, y: bottom + 38, width: width, height: 22, "tile of-host", radius: 4)
      canvas.text(
        x + width / 2, bottom + 53, cut(end.isEmpty ? entry.link.kind : end, 24), "small", .middle)
    }
  }

  private mutating func unread(_ y: Double, _ x: Double = Drawing.left) -> Double {
    canvas.text(x, y, words("could not be read", "无法读取"), "small")
    return y + 18
  }

  /// What the drawing needs beside the sheet of every page.
  static let sheet = """
    svg .host { fill: var(--code); stroke: var(--line); }
    svg .container { fill: var(--card); stroke: var(--one); stroke-width: 1.5; }
    svg .name { font-size: 16px; font-weight: 650; }
    svg .part { font-size: 12px; font-weight: 600; fill: var(--soft); }
    svg .body { font-size: 12.5px; }
    svg .small { font-size: 11px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg .tick-plain { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg .tiny { font-size: 9.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg .mono {
      font-size: 10.5px;
      font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
    }
    svg .strong { font-weight: 700; fill: var(--one); }
    svg .tile { stroke-width: 1; }
    svg .own { fill: var(--area); stroke: var(--one); }
    svg .of-layer { fill: var(--code); stroke: var(--line); }
    svg .of-host { fill: var(--card); stroke: var(--quiet); stroke-dasharray: 4 3; }
    svg .shared { fill: var(--doubt-back); stroke: var(--two); }
    svg .plug { fill: var(--card); stroke: var(--one); }
    svg .wire { stroke: var(--one); stroke-width: 1.5; }
    svg .track { fill: var(--grid); }
    svg .track.open { fill: none; stroke: var(--quiet); stroke-dasharray: 3 3; }
    svg .cell { fill: none; stroke: var(--quiet); }
    svg .cell.bound { stroke: var(--one); }
    .swatch.own { background: var(--area); border: 1px solid var(--one); }
    .swatch.of-host { border: 1px dashed var(--soft); }
    .swatch.shared { background: var(--doubt-back); border: 1px solid var(--two); }
    .lead .reason, p.read { color: var(--soft); font-size: 0.82rem; overflow-wrap: anywhere; }
    p.problem { color: var(--doubt); font-size: 0.9rem; overflow-wrap: anywhere; }
    td, dd { overflow-wrap: anywhere; }
    .facts dd { min-width: 0; }

    """
}

extension Links {
  /// The links that lead out of the container.
  static func drawn(_ xray: Picture) -> [Entry] {
    guard let links = xray.links.content, !links.isHost else { return [] }
    return links.entries.filter { $0.link.name != "lo" }
  }
}

extension Capabilities {
  /// Every capability up to the last, in the kernel's order.
  static func all(_ last: Int) -> [String] {
    let count = UInt64(min(max(last, 0), 62)) + 1
    return names(mask: 1 << count &- 1)
  }
}
