internal import Linux
internal import Measure

// From link to link.

extension Tracer {
  /// More links than any network here has.
  private static let mostHops = 64

  /// Out by a link of this namespace, to a neighbour.
  func transmit(by link: NetworkLink, nextHop: IPAddress) throws(Stop) {
    hops += 1
    guard hops < Tracer.mostHops else {
      throw Stop(
        reason: "loop", text: Bilingual(en: "It goes round in circles.", zh: "数据包在循环。"))
    }
    try requireUp(link)
    // Whoever is outside gets the answer.
    if packet.isReply, entry == LinkEnd(here, link.index) { return }
    if link.name == "lo" {
      packet.output = nil
      return try comeUp(by: link)
    }
    switch link.kind {
    case "bridge": try cross(link, nextHop: nextHop, except: nil)
    case "veth": try pass(through: link, nextHop: nextHop)
    default: throw unseen(link)
    }
  }

  private func requireUp(_ link: NetworkLink) throws(Stop) {
    guard !link.isUp || !link.hasCarrier else { return }
    let state = link.isUp ? ("has no carrier", "没有载波") : ("is down", "已关闭")
    note(
      .link, .stopped, Bilingual(en: "\(link.name) \(state.0)", zh: "\(link.name) \(state.1)"))
    throw Stop(
      reason: "link-down",
      text: Bilingual(
        en: "\(link.name) in \(space.name) \(state.0).",
        zh: "\(space.name) 中的 \(link.name) \(state.1)。"),
      advice: [
        Bilingual(
          en: "`ip link set \(link.name) up`, there and at its other end.",
          zh: "在两端执行 `ip link set \(link.name) up`。")
      ])
  }

  /// Through a veth to its other end.
  private func pass(through link: NetworkLink, nextHop: IPAddress) throws(Stop) {
    guard let end = map.otherEnd(of: LinkEnd(here, link.index)),
      let other = map.namespaces[end.namespace].link(end.link)
    else {
      throw unseen(link)
    }
    let name = map.namespaces[end.namespace].name
    note(
      .link, .passed,
      Bilingual(
        en: "\(link.name) is a pair with \(other.name) in \(name)",
        zh: "\(link.name) 与 \(name) 中的 \(other.name) 是一对 veth"))
    if end.namespace != here {
      here = end.namespace
      packet.enterNamespace()
    }
    try arrive(by: other, nextHop: nextHop)
  }

  /// In by a link of this namespace.
  func arrive(by link: NetworkLink, nextHop: IPAddress) throws(Stop) {
    try requireUp(link)
    packet.input = link
    try pass("ingress", families: ["netdev", "inet"], device: link.name)
    guard let master = link.master, let bridge = space.link(master) else {
      // ARP or NDP had to find somebody here before.
      guard space.has(nextHop) || origin == nil && hops == 0 else {
        throw nobody(nextHop, on: link)
      }
      return try comeUp(by: link)
    }
    guard bridge.kind == "bridge" else {
      throw Stop(
        reach: .unknown, reason: "undecided",
        text: Bilingual(
          en: "\(link.name) belongs to \(bridge.name) (\(bridge.kind)), which is not followed.",
          zh: "\(link.name) 属于 \(bridge.name)（\(bridge.kind)），此处不跟踪。"))
    }
    try requireUp(bridge)
    try requireForwards(link)
    if space.has(nextHop) || origin == nil && hops == 0 {
      try pass("prerouting", families: ["bridge"])
      try pass("input", families: ["bridge"])
      return try comeUp(by: bridge)
    }
    try cross(bridge, nextHop: nextHop, except: link)
  }

  private func requireForwards(_ port: NetworkLink) throws(Stop) {
    guard let state = port.port?.state, state != 3 else { return }
    throw Stop(
      reason: "link-down",
      text: Bilingual(
        en: "The bridge's port \(port.name) does not forward (state \(state)).",
        zh: "网桥端口 \(port.name) 不转发（状态 \(state)）。"),
      advice: [Bilingual(en: "See `bridge link show`.", zh: "查看 `bridge link show`。")])
  }

  /// Over a bridge to the port behind which the neighbour is.
  private func cross(
    _ bridge: NetworkLink, nextHop: IPAddress, except port: NetworkLink?
  ) throws(Stop) {
    let ports = space.ports(of: bridge.index).filter { $0.index != port?.index }
    let hardware = neighbour(nextHop, on: bridge)
    guard let out = ports.first(where: { leads($0, to: nextHop, from: here, depth: 0) }) else {
      return try searchTunnels(ports, bridge, nextHop: nextHop, hardware)
    }
    let known = space.forwarding.contains { $0.link == out.index && $0.hardware == hardware }
    note(
      .bridge, .passed,
      Bilingual(
        en: "\(bridge.name): \(nextHop)" + (hardware.map { " is \($0)," } ?? " is")
          + " behind port "
          + out.name + (known ? " (in its table)" : ""),
        zh: "\(bridge.name)：\(nextHop)" + (hardware.map { "（\($0)）" } ?? "") + "在端口 "
          + out.name + " 后面" + (known ? "（见其转发表）" : "")))
    try requireUp(out)
    try requireForwards(out)
    if let port { try bridged(bridge, from: port, to: out) }
    try pass(through: out, nextHop: nextHop)
  }

  /// What stays on one bridge passes the tables of family bridge, and those of IP where
  /// br_netfilter asks them too.
  private func bridged(_ bridge: NetworkLink, from: NetworkLink, to: NetworkLink) throws(Stop) {
    if from.port?.isIsolated == true && to.port?.isIsolated == true {
      throw Stop(
        reason: "isolated",
        text: Bilingual(
          en: "The ports \(from.name) and \(to.name) are isolated from each other.",
          zh: "端口 \(from.name) 与 \(to.name) 相互隔离。"),
        advice: [
          Bilingual(
            en: "`bridge link set dev \(to.name) isolated off`",
            zh: "`bridge link set dev \(to.name) isolated off`")
        ])
    }
    packet.input = from
    packet.output = to
    try pass("prerouting", families: ["bridge"])
    try pass("forward", families: ["bridge"])
    let name = packet.destination.isV6 ? "bridge-nf-call-ip6tables" : "bridge-nf-call-iptables"
    if space.switches["bridge/\(name)"] == 1 {
      (packet.input, packet.output) = (bridge, bridge)
      // Connection tracking sees it, so that translated answers are translated back.
      if packet.isReply, let known = translations[here],
        packet.source == known.after.destination
      {
        packet.source = known.before.destination
      }
      try pass("forward")
    }
    try pass("postrouting", families: ["bridge"])
  }

  /// The hardware address that this namespace knows for a neighbour.
  private func neighbour(_ address: IPAddress, on link: NetworkLink) -> String? {
    space.neighbours.first { $0.link == link.index && $0.address == address }
      .map { $0.hardware }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether the neighbour is behind a port, over further bridges too.
  private func leads(_ port: NetworkLink, to address: IPAddress, from space: Int, depth: Int)
    -> Bool
  {
    guard depth < 8, let end = map.otherEnd(of: LinkEnd(space, port.index)),
      let other = map.namespaces[end.namespace].link(end.link)
    else { return false }
    let target = map.namespaces[end.namespace]
    if target.has(address), end.namespace != here { return true }
    guard let master = other.master else { return false }
    return target.ports(of: master).contains {
      $0.index != other.index && leads($0, to: address, from: end.namespace, depth: depth + 1)
    }
  }

  /// Nobody on this machine's pairs: perhaps behind a tunnel, or a link that leads out.
  private func searchTunnels(
    _ ports: [NetworkLink], _ bridge: NetworkLink, nextHop: IPAddress, _ hardware: String?
  ) throws(Stop) {
    for port in ports where port.kind == "vxlan" {
      guard let tunnel = port.tunnel else { continue }
      let entries = space.forwarding.filter { $0.link == port.index && $0.remote != nil }
      // A tunnel that answers ARP itself has the neighbours, and the bridge none.
      let hardware = hardware ?? neighbour(nextHop, on: port)
      let exact = entries.filter { $0.hardware == hardware }
      let others = entries.filter { $0.hardware == "00:00:00:00:00:00" }
      let remotes =
        (exact.isEmpty ? others : exact).compactMap { $0.remote }
        + [tunnel.remote].compactMap { $0 }
      for remote in remotes {
        guard
          let at = map.namespaces.firstIndex(where: { other in
            other.inode != space.inode && other.has(remote)
          }),
          let far = map.namespaces[at].links.first(where: { $0.tunnel?.id == tunnel.id }),
          let master = far.master,
          map.namespaces[at].ports(of: master).contains(where: {
            $0.index != far.index && leads($0, to: nextHop, from: at, depth: 0)
          })
            || map.namespaces[at].has(nextHop)
        else { continue }
        note(
          .tunnel, .passed,
          Bilingual(
            en: "\(port.name): VXLAN \(tunnel.id) to \(remote) port \(tunnel.port), "
              + "\(far.name) in \(map.namespaces[at].name)",
            zh: "\(port.name)：VXLAN \(tunnel.id) 到 \(remote) 端口 \(tunnel.port)，"
              + "\(map.namespaces[at].name) 中的 \(far.name)"))
        try requireUp(port)
        here = at
        packet.enterNamespace()
        return try arrive(by: far, nextHop: nextHop)
      }
    }
    if let out = ports.first(where: {
      $0.kind != "veth" || map.otherEnd(of: LinkEnd(here, $0.index)) == nil
    }) {
      throw unseen(out)
    }
    throw nobody(nextHop, on: bridge)
  }

  private func unseen(_ link: NetworkLink) -> Stop {
    note(
      .link, .doubtful,
      Bilingual(
        en: "\(link.name) leads where this command cannot see", zh: "\(link.name) 通向此命令看不到的地方"))
    return Stop(
      reach: .unknown, reason: "leaves",
      text: Bilingual(
        en: "It leaves \(space.name) by \(link.name); what is behind it cannot be seen from here.",
        zh: "它由 \(link.name) 离开 \(space.name)；之后的情况此处看不到。"))
  }

  private func nobody(_ address: IPAddress, on link: NetworkLink) -> Stop {
    note(
      .bridge, .stopped,
      Bilingual(
        en: "\(link.name): nobody there has \(address)", zh: "\(link.name)：没有谁拥有 \(address)"))
    return Stop(
      reason: "gone",
      text: Bilingual(
        en: "Nobody on \(link.name) in \(space.name) has the address \(address): the container is "
          + "gone, or disconnected.",
        zh: "\(space.name) 的 \(link.name) 上没有谁拥有地址 \(address)：容器已不在，或已断开。"),
      advice: [
        Bilingual(
          en: "Start it again; `drydock network draw` shows who is there.",
          zh: "重新启动它；`drydock network draw` 显示谁在那里。")
      ])
  }
}
