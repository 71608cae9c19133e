internal import Linux
internal import Measure

// Routes: the kernel is asked, not imitated (RTM_GETROUTE).

extension Tracer {
  /// A packet that is made in this namespace.
  func sendFromHere() throws(Stop) {
    let route = try chosenRoute(input: nil)
    if packet.source == nil { packet.source = route.source ?? packet.destination }
    guard route.type == 1 || route.type == 2 else { throw refused(route) }
    packet.output = route.link.flatMap { space.link($0) }
    tell(route)
    let before = packet
    try pass("output")
    var way = route
    if packet.destination != before.destination || packet.mark != before.mark {
      way = try chosenRoute(input: nil)
      packet.output = way.link.flatMap { space.link($0) }
      tell(way)
    }
    try leave(by: way, before: before)
  }

  /// A packet that came in by a link of this namespace, and is for the namespace itself.
  func comeUp(by link: NetworkLink) throws(Stop) {
    packet.input = link
    packet.output = nil
    let before = packet
    let known = translations[here]
    try pass("prerouting", answer: packet.isReply ? { Tracer.translate(&$0, known) } : nil)
    // What came over lo was routed when it was made.
    if link.name == "lo" {
      try pass("input")
      return try deliver()
    }
    let route = try chosenRoute(input: link)
    if route.type == 2 {
      try pass("input")
      remember(before)
      return try deliver()
    }
    guard route.type == 1 else { throw refused(route) }
    packet.output = route.link.flatMap { space.link($0) }
    tell(route)
    try requireForwarding()
    try pass("forward")
    if let output = packet.output, output.mtu < link.mtu {
      note(
        .note, .note,
        Bilingual(
          en: "\(output.name) takes \(output.mtu) bytes, \(link.name) \(link.mtu): large packets "
            + "depend on path MTU discovery",
          zh: "\(output.name) 的 MTU 为 \(output.mtu)，\(link.name) 为 \(link.mtu)：大数据包依赖路径 MTU 发现"))
    }
    try leave(by: route, before: before)
  }

  /// From the routing decision to the link.
  private func leave(by route: Route, before: Packet) throws(Stop) {
    guard let output = packet.output else {
      throw Stop(
        reach: .unknown, reason: "undecided",
        text: Bilingual(en: "The route names no link.", zh: "路由没有给出接口。"))
    }
    try pass("postrouting")
    if packet.isReply {
      if let known = translations[here], packet.source == known.after.destination {
        packet.source = known.before.destination
        packet.sourcePort = known.before.destinationPort
      }
    } else {
      remember(before)
    }
    try transmit(by: output, nextHop: route.gateway ?? packet.destination)
  }

  private func remember(_ before: Packet) {
    guard !packet.isReply, translations[here] == nil else { return }
    guard before != packet else { return }
    translations[here] = Translation(before: before, after: packet)
  }

  /// An answer to what was translated here goes to whom the connection is from.
  private static func translate(_ packet: inout Packet, _ known: Translation?) {
    guard let known, packet.destination == known.after.source,
      let source = known.before.source
    else { return }
    packet.destination = source
    packet.hasNewSource = known.before.source != known.after.source
    packet.hasNewDestination = known.before.destination != known.after.destination
  }

  private func tell(_ route: Route) {
    let link = packet.output?.name ?? "?"
    let gateway = route.gateway.map { "\($0)" }
    note(
      .route, .passed,
      route.type == 2
        ? Bilingual(
          en: "route: \(packet.destination) is an address of \(space.name) itself (\(link))",
          zh: "路由：\(packet.destination) 是 \(space.name) 自己的地址（\(link)）")
        : Bilingual(
          en: "route: \(packet.destination) by \(link)" + (gateway.map { " and \($0)" } ?? ""),
          zh: "路由：\(packet.destination) 经 \(link)" + (gateway.map { "，网关 \($0)" } ?? "")))
  }

  /// What the kernel says.
  private func chosenRoute(input: NetworkLink?) throws(Stop) -> Route {
    do throws(SystemError) {
      return try Route.lookup(
        to: packet.destination, from: packet.source, input: input?.index,
        mark: packet.mark ?? 0, in: place)
    } catch {
      note(
        .route, .stopped,
        Bilingual(
          en: "route to \(packet.destination): \(error.errno.message)",
          zh: "到 \(packet.destination) 的路由：\(error.errno.message)"))
      throw explain(error, input: input)
    }
  }

  private func explain(_ error: SystemError, input: NetworkLink?) -> Stop {
    let name = space.name
    let destination = packet.destination
    if input != nil, error.errno.name == "EHOSTUNREACH", !destination.isV6,
      space.switches["ipv4/ip_forward"] == 0
    {
      return forwardingIsOff("net.ipv4.ip_forward")
    }
    if let source = packet.source, source.isLoopback, !destination.isLoopback, input == nil,
      !source.isV6, error.errno == .invalid
    {
      let link = linkTo(destination)?.name ?? "all"
      return Stop(
        reason: "localnet-off",
        text: Bilingual(
          en: "In \(name) the kernel lets no packet from \(source) out by \(link): route_localnet "
            + "is off.",
          zh: "\(name) 的内核不允许来自 \(source) 的数据包从 \(link) 发出：route_localnet 已关闭。"),
        advice: [
          Bilingual(
            en: "Try an address of the host instead of 127.0.0.1, or "
              + "`sysctl net.ipv4.conf.\(link).route_localnet=1`.",
            zh: "改用主机的其他地址代替 127.0.0.1，或 "
              + "`sysctl net.ipv4.conf.\(link).route_localnet=1`。")
        ])
    }
    if let input, let source = packet.source, source.isLoopback {
      return Stop(
        reason: "no-masquerade",
        text: Bilingual(
          en: "\(name) takes no packet from \(source) on \(input.name): no rule gave it an address "
            + "that an answer could go to.",
          zh: "\(name) 不在 \(input.name) 上接受来自 \(source) 的数据包：没有规则为它换上可供应答的地址。"),
        advice: [
          Bilingual(
            en: "A rule in postrouting must masquerade 127.0.0.0/8; were the rules flushed? "
              + "`drydock doctor` looks.",
            zh: "postrouting 中须有规则对 127.0.0.0/8 做 masquerade；规则被清空了吗？可用 "
              + "`drydock doctor` 检查。")
        ])
    }
    switch error.errno.name {
    case "EXDEV", "EINVAL":
      return Stop(
        reason: "source-refused",
        text: Bilingual(
          en: "\(name) refuses the source \(packet.source.map { "\($0)" } ?? "?") on "
            + "\(input?.name ?? "this way"): it has no way back there (rp_filter, or a martian).",
          zh: "\(name) 在 \(input?.name ?? "此路径") 上拒绝源地址 "
            + "\(packet.source.map { "\($0)" } ?? "?")：没有返回路径（rp_filter 或 martian）。"))
    case "ENETUNREACH", "EHOSTUNREACH", "EACCES":
      return Stop(
        reason: packet.isReply ? "no-way-back" : "no-route",
        text: Bilingual(
          en: "\(name) has no route to \(destination).",
          zh: "\(name) 没有到 \(destination) 的路由。"),
        advice: [
          Bilingual(
            en: "See `ip route get \(destination)` there; is the link up, the network connected?",
            zh: "在该处查看 `ip route get \(destination)`；接口是否启用，网络是否已连接？")
        ])
    default:
      return Stop(
        reach: .unknown, reason: "undecided",
        text: Bilingual(en: "The kernel did not say: \(error.text)", zh: "内核没有回答：\(error.text)"))
    }
  }

  /// The link that an address is behind, without asking for a source.
  private func linkTo(_ address: IPAddress) -> NetworkLink? {
    space.routes.filter { $0.table == 254 && $0.type == 1 && $0.destination.contains(address) }
      .max { $0.destination.length < $1.destination.length }
      .flatMap { $0.link }.flatMap { space.link($0) }
  }

  private func refused(_ route: Route) -> Stop {
    Stop(
      reason: "no-route",
      text: Bilingual(
        en: "In \(space.name) the route to \(packet.destination) refuses it or is a broadcast.",
        zh: "在 \(space.name) 中，到 \(packet.destination) 的路由拒绝该数据包或为广播。"))
  }

  private func forwardingIsOff(_ name: String) -> Stop {
    Stop(
      reason: "forwarding-off",
      text: Bilingual(
        en: "\(space.name) does not forward: \(name) is 0.",
        zh: "\(space.name) 不转发：\(name) 为 0。"),
      advice: [Bilingual(en: "`sysctl \(name)=1`", zh: "`sysctl \(name)=1`")])
  }

  /// IPv4's switch is in the kernel's answer already, IPv6's is not.
  private func requireForwarding() throws(Stop) {
    guard packet.destination.isV6, space.switches["ipv6/conf/all/forwarding"] == 0 else { return }
    throw forwardingIsOff("net.ipv6.conf.all.forwarding")
  }
}
