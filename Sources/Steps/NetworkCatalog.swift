// What the steps mean that connect a container; the ids are in Catalog.swift.

extension StepInfo {
  static let bridgeCreate = StepInfo(
    .network, "ip-link(8)", undo: .netLinkDelete,
    en: """
      A bridge is a switch made of software: what comes in at one port leaves by the port behind \
      which the receiver was seen. One network, one bridge.
      """,
    zh: "网桥是软件做的交换机：从一个端口进来的帧，从见过接收者的那个端口出去。一个网络，一个网桥。")

  static let vethCreate = StepInfo(
    .network, "veth(4)", undo: .netVethDelete,
    en: """
      A cable with two ends: what goes in at one comes out at the other. One end stays on the host, \
      the other is born inside, and when either goes, both go.
      """,
    zh: "一根有两端的网线：从一端进去的，从另一端出来。一端留在主机，另一端生在容器里；任何一端消失，两端都消失。")

  static let vethAttach = StepInfo(
    .network, "bridge(8)",
    en: "The host's end becomes a port of the network's bridge, and is set up.",
    zh: "主机这一端成为该网络网桥的一个端口，并被启用。")

  static let vethIsolate = StepInfo(
    .network, "bridge(8)",
    en: """
      On a network whose containers must not talk to each other, a port reaches the bridge itself \
      but no other such port.
      """,
    zh: "在不允许容器互通的网络里，端口只能到达网桥本身，到不了其他这样的端口。")

  static let vxlanCreate = StepInfo(
    .network, "ip-link(8)", undo: .netLinkDelete,
    en: """
      A VXLAN link puts whole frames into UDP packets for another host (RFC 7348): 50 bytes of \
      every packet are wrapping (70 over IPv6), so its MTU is that much smaller.
      """,
    zh: "VXLAN 接口把整个帧装进发往另一台主机的 UDP 包（RFC 7348）：每个包有 50 字节是包装（IPv6 上为 70），所以它的 MTU 小这么多。")

  static let vxlanAttach = StepInfo(
    .network, "bridge(8)",
    en: "The tunnel becomes a port of the bridge: other hosts are reached as if by one more cable.",
    zh: "隧道成为网桥的一个端口：到达其他主机，就像多了一根网线。")

  static let netSysctl = StepInfo(
    .network, "proc_sys_net(5)",
    en: "A setting of this network namespace, or of one link in it.",
    zh: "这个网络命名空间、或其中某个接口的一项设置。")

  static let addressAdd = StepInfo(
    .network, "rtnetlink(7)",
    en: """
      The link gets an address. With it the kernel makes a route: who is in the same subnet is \
      reached by this link without a gateway.
      """,
    zh: "接口得到地址。内核随之建一条路由：同一子网里的主机，直接由这个接口到达，不经网关。")

  static let linkUp = StepInfo(
    .network, "rtnetlink(7)",
    en: "Only a link that is up takes and gives packets.",
    zh: "只有启用的接口才收发数据包。")

  static let routeAdd = StepInfo(
    .network, "rtnetlink(7)",
    en: "Whatever is not on the link goes to the gateway: the bridge's own address on the host.",
    zh: "不在这个接口子网里的，都交给网关：即主机上网桥自己的地址。")

  static let rulesAdd = StepInfo(
    .network, "nft(8)", undo: .netRulesRemove,
    en: """
      Rules in a table of our own: what leaves the host takes the host's address, networks do not \
      reach each other, published ports are led to their container.
      """,
    zh: "我们自己的表里的规则：离开主机的包换上主机的地址，网络之间互不可达，发布的端口引向各自的容器。")

  static let rulesRemove = StepInfo(
    .teardown, "nft(8)",
    en: "The rules of what is gone are taken out of our table; the last one takes the table along.",
    zh: "把已不存在的东西的规则从我们的表里取出；最后一条连表一起删除。")

  static let vethDelete = StepInfo(
    .teardown, "veth(4)",
    en: "One end is removed, and the other one goes with it.",
    zh: "删除一端，另一端随之消失。")

  static let linkDelete = StepInfo(
    .teardown, "ip-link(8)",
    en: "The link is removed; what had it as a bridge has none now.",
    zh: "删除接口；原来以它为网桥的端口不再属于任何网桥。")
}
