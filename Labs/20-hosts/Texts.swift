internal import LabKit

/// What lab 20 says.
enum Texts {
  static let title = Text(
    "c7c95f",
    en: "Hosts: routed, tunnelled, and what a packet may weigh",
    zh: "多台主机：路由、隧道，以及数据包能有多大")
  static let story = Text(
    "bad444",
    en: """
      Two hosts, each with its own engine, are joined by one cable. First each gets a subnet \
      of its own for containers, and each is told the way to the other's. Then one network \
      spans both: frames travel in UDP packets (VXLAN). We look how far a packet's TTL falls \
      and how large it may be, on the way and in the tunnel, and build the tunnel by hand as \
      well. The hosts are network namespaces of the lab's own.
      """,
    zh: """
      两台主机各有自己的引擎，用一根线相连。先让每台主机各有一个容器子网，并告诉它怎样到达\
      对方的子网。然后让一个网络跨越两台主机：帧装在 UDP 数据包里传送（VXLAN）。我们观察数\
      据包的 TTL 降到多少、它能有多大，在路由中和在隧道中各看一次，并且也手工搭建一次隧道。\
      这些主机都是实验自己的网络命名空间。
      """)
  static let belief = Text(
    "04226d",
    en: "\"If ping works, the network is fine.\"",
    zh: "“能 ping 通，网络就没问题。”")
  static let ttlQuestion = Text(
    "00e4c6",
    en: """
      Routed: a container on host one pings a container on host two. Packets start with TTL \
      64. Which TTL does the answer have on arrival?
      """,
    zh: """
      路由方式：主机一上的容器 ping 主机二上的容器。数据包出发时 TTL 是 64。回答到达时 \
      TTL 是多少？
      """)
  static let ttl64 = Text("57da2f", en: "64: the hosts are neighbours.", zh: "64：两台主机是邻居。")
  static let ttl64Why = Text(
    "e5d925",
    en: """
      The hosts are, the containers are not: between them two hosts pass packets on as \
      routers, and each takes one off. Routers on the way: {routers}; arrived: {ttl}.
      """,
    zh: """
      主机是邻居，容器不是：它们之间有两台主机作为路由器转发，每经过一台减一。途中的路由器：\
      {routers}；到达时：{ttl}。
      """)
  static let ttl63 = Text(
    "315506",
    en: "63: one hop from host to host.",
    zh: "63：主机到主机一跳。")
  static let ttl63Why = Text(
    "8087a8",
    en: """
      Count routers, not cables. The first host takes the packet from its bridge and passes it \
      on, the second one passes it on to its bridge: {routers} routers; arrived: {ttl}.
      """,
    zh: """
      要数路由器，不是数线。第一台主机从网桥收下数据包并转发，第二台再转发到自己的网桥：\
      {routers} 个路由器；到达时：{ttl}。
      """)
  static let ttl62 = Text("4ff3dd", en: "62.", zh: "TTL 是 62。")
  static let ttl62Why = Text(
    "8f6816",
    en: """
      Each host that passes a packet on takes one off, and both are routers between their \
      bridge and the cable. Routers on the way: {routers}; arrived: {ttl}.
      """,
    zh: """
      每台转发数据包的主机都减一，而两台主机都是各自网桥与线之间的路由器。途中的路由器：\
      {routers}；到达时：{ttl}。
      """)
  static let payloadQuestion = Text(
    "097bd8",
    en: """
      All links have an MTU of 1500. How many bytes may a ping carry (ping -s) to travel in \
      one piece?
      """,
    zh: "所有链路的 MTU 都是 1500。ping 最多能带多少字节（ping -s）而不被分片？")
  static let payload1500 = Text("3be6f7", en: "1500.", zh: "1500 字节。")
  static let payload1500Why = Text(
    "094bb6",
    en: """
      The MTU counts the whole IP packet: 20 bytes of IP header and 8 of ICMP are in it. The \
      largest that went in one piece: {routed}.
      """,
    zh: """
      MTU 算的是整个 IP 数据包：其中 20 字节是 IP 头，8 字节是 ICMP 头。不分片的最大值：\
      {routed}。
      """)
  static let payload1472 = Text("078ae9", en: "1472.", zh: "1472 字节。")
  static let payload1472Why = Text(
    "6a3413",
    en: """
      MTU {routedMTU} − 20 (IP) − 8 (ICMP): {routed} were sent in one piece, and of one byte \
      more the kernel made two (FragCreates). Ethernet's own 14 bytes do not count.
      """,
    zh: """
      MTU {routedMTU} − 20（IP）− 8（ICMP）：{routed} 字节一次发出，再多一个字节内核就分成\
      两片（FragCreates）。以太网自己的 14 字节不算在内。
      """)
  static let payload1480 = Text("0d2f7a", en: "1480.", zh: "1480 字节。")
  static let payload1480Why = Text(
    "045292",
    en: """
      That is right for the IP payload, 1500 − 20; but a ping has 8 bytes of ICMP before its \
      own. The largest that went in one piece: {routed}.
      """,
    zh: """
      这是 IP 的净荷，1500 − 20；但 ping 自己的数据前面还有 8 字节 ICMP 头。不分片的最大值：\
      {routed}。
      """)
  static let tunnelQuestion = Text(
    "84462d",
    en: """
      Now one VXLAN network spans both hosts; the cable still has MTU 1500. The answer's TTL, \
      and the largest ping in one piece?
      """,
    zh: """
      现在一个 VXLAN 网络跨越两台主机，线的 MTU 仍是 1500。回答的 TTL 和不分片的最大 ping \
      是多少？
      """)
  static let tunnelSame = Text(
    "73b940",
    en: "62 and 1472, as before: it is the same cable.",
    zh: "62 和 1472，和刚才一样：还是同一根线。")
  static let tunnelSameWhy = Text(
    "537c73",
    en: """
      To the containers it is one Ethernet: no router touches the inner packet (TTL {flat}). \
      But each frame travels in another packet, whose headers take their share: {overlay}.
      """,
    zh: """
      对容器来说这是同一个以太网：没有路由器碰内层数据包（TTL {flat}）。但每个帧都装在另一\
      个数据包里，它的头部要占地方：{overlay}。
      """)
  static let tunnelFlat = Text("8298bb", en: "64 and 1422.", zh: "64 和 1422。")
  static let tunnelFlatWhy = Text(
    "cbec16",
    en: """
      No router touches the inner packet: TTL {flat}. Of {underlay} bytes of the cable, 50 go \
      to the wrapping (IP 20, UDP 8, VXLAN 8, inner Ethernet 14): MTU {overlayMTU}, and \
      {overlay} of payload.
      """,
    zh: """
      没有路由器碰内层数据包：TTL {flat}。线上的 {underlay} 字节里有 50 用于封装（IP 20、\
      UDP 8、VXLAN 8、内层以太网 14）：MTU {overlayMTU}，净荷 {overlay}。
      """)
  static let tunnelHeader = Text(
    "693176",
    en: "64 and 1464: VXLAN's header has 8 bytes.",
    zh: "64 和 1464：VXLAN 头有 8 字节。")
  static let tunnelHeaderWhy = Text(
    "6a8636",
    en: """
      A frame does not travel with VXLAN's 8 bytes alone: UDP 8 and IP 20 carry it, and its \
      own Ethernet header of 14 goes along. {underlay} − 50 = {overlayMTU}; payload {overlay}.
      """,
    zh: """
      帧不只加上 VXLAN 的 8 字节：还要 UDP 8、IP 20 来承载，它自己的 14 字节以太网头也一起\
      走。{underlay} − 50 = {overlayMTU}；净荷 {overlay}。
      """)
  static let largeQuestion = Text(
    "c9e65d",
    en: """
      On the overlay a container keeps an MTU of 1500. ping answers. What becomes of packets \
      of 1500 bytes?
      """,
    zh: "在 overlay 上，一个容器仍用 1500 的 MTU。ping 有回答。1500 字节的数据包会怎样？")
  static let largeFine = Text(
    "7e476d",
    en: "They arrive: ping works, so the network is fine.",
    zh: "能到：ping 通了，网络就没问题。")
  static let largeFineWhy = Text(
    "e8b8cd",
    en: """
      ping asks with 56 bytes. Up to {fits} were answered; {lost} were not, and nobody was \
      told: the bridge drops what is larger than the tunnel.
      """,
    zh: """
      ping 只带 56 字节。直到 {fits} 字节都有回答，{lost} 字节就没有了，而且谁也没得到通知：\
      网桥丢掉比隧道大的帧。
      """)
  static let largeSlow = Text(
    "1cbc8d",
    en: "They arrive in pieces, more slowly.",
    zh: "分片到达，慢一些。")
  static let largeSlowWhy = Text(
    "30dcc9",
    en: """
      Only an IP router or the sender makes pieces. A bridge knows frames: it takes them or \
      drops them. The sender believes that 1500 fit and makes none: {lost} bytes were not \
      answered, {fits} were.
      """,
    zh: """
      只有 IP 路由器或发送者才会分片。网桥只认帧：要么转发，要么丢弃。发送者以为 1500 放得\
      下，所以不分片：{lost} 字节没有回答，{fits} 字节有。
      """)
  static let largeLost = Text(
    "d0028b",
    en: "They vanish, and nobody is told.",
    zh: "消失，谁也得不到通知。")
  static let largeLostWhy = Text(
    "1b7e94",
    en: """
      {fits} bytes were answered, {lost} were not. The bridge drops a frame larger than the \
      tunnel's MTU, and being no router it sends no ICMP. So a connection opens, small \
      requests work, and the first large page hangs.
      """,
    zh: """
      {fits} 字节有回答，{lost} 字节没有。网桥丢掉比隧道 MTU 大的帧，而它不是路由器，不发 \
      ICMP。于是连接能建立，小请求正常，第一个大页面就卡住。
      """)
  static let sayHosts = Text(
    "4d58a7",
    en: "A second host, and a cable to it.",
    zh: "第二台主机，和通向它的线。")
  static let sayRouted = Text(
    "ed0ee9",
    en: """
      Routed: each host has a subnet of its own, and leaves the addresses as they are \
      (gateway_mode=routed).
      """,
    zh: "路由：每台主机有自己的子网，并且不改动地址（gateway_mode=routed）。")
  static let saySecond = Text(
    "7b879d",
    en: "The same on the second host, by its own engine.",
    zh: "第二台主机由它自己的引擎做同样的事。")
  static let sayRemove = Text("c30ea7", en: "Both are taken away again.", zh: "把两边都拆掉。")
  static let sayOverlay = Text(
    "7665ef",
    en: "Now one network over both hosts. The same command makes it on each.",
    zh: "现在是跨越两台主机的一个网络。两边用同一条命令建立。")
  static let sayPeers = Text(
    "7f9889",
    en: """
      The hosts tell each other of their containers. What the tunnel knows then: which host a \
      hardware address is on.
      """,
    zh: "两台主机互相告知各自的容器。隧道由此知道：哪个硬件地址在哪台主机上。")
  static let saySame = Text(
    "055d15",
    en: """
      The same by hand on two other hosts: the commands of all steps, and for each container \
      of the other host a neighbour and an entry of the forwarding table. Then the kernel is \
      asked for both. Left out: indexes, hardware addresses that nobody chose, timers.
      """,
    zh: """
      在另外两台主机上手工再做一遍：所有步骤的命令，再为对方主机的每个容器加一条邻居和一条\
      转发表项。然后分别询问内核。不比较：序号、无人指定的硬件地址、计时器。
      """)
  static let sayTunnel = Text("0cd0bd", en: "Through the tunnel.", zh: "穿过隧道。")
  static let sayLarge = Text(
    "d27684",
    en: "Now the container forgets that it is in a tunnel: its link gets the MTU of the cable.",
    zh: "现在让容器忘记自己在隧道里：把它的链路设成线的 MTU。")
  static let routes = Text("01770d", en: "the ways that host one knows", zh: "主机一知道的路")
  static let fragments = Text(
    "eb1635",
    en: "pieces that the container's kernel has made of packets",
    zh: "容器的内核把数据包分成的片数")
  static let table = Text("fe1ed1", en: "the ways that the container knows", zh: "容器知道的路")
  static let forwarding = Text(
    "39a44b",
    en: "which host the tunnel sends a frame to",
    zh: "隧道把帧发给哪台主机")
  static let neighbours = Text(
    "3dd0e1",
    en: "which hardware address the tunnel answers for",
    zh: "隧道代为回答的硬件地址")
  static let links = Text("f70f11", en: "the links of the host", zh: "主机的链路")
  static let findRoutedTTL = Text(
    "4d4f99",
    en: "TTL without and with routes: first TTL, less the routers on the way",
    zh: "没有和有路由时的 TTL：初始 TTL 减去途中的路由器")
  static let otherTTL = Text(
    "47d835",
    en: "other hosts passed it on than the routes say",
    zh: "转发它的主机与路由所说的不同")
  static let findRoutedPayload = Text(
    "893976",
    en: "the largest ping in one piece, routed",
    zh: "路由方式下不分片的最大 ping")
  static let otherPayload = Text(
    "8f145a",
    en: "it is not what the MTU leaves",
    zh: "和 MTU 剩下的不符")
  static let findOverlayTTL = Text("ef8a9d", en: "TTL through the tunnel", zh: "穿过隧道的 TTL")
  static let findOverlayMTU = Text(
    "b51582",
    en: "MTU in the container: that of the cable, less the wrapping",
    zh: "容器里的 MTU：线的 MTU 减去封装")
  static let otherMTU = Text(
    "94c66c",
    en: "the wrapping does not fit, or room is given away",
    zh: "封装放不下，或者浪费了空间")
  static let findOverlayPayload = Text(
    "9e7129",
    en: "the largest ping in one piece, through the tunnel",
    zh: "穿过隧道时不分片的最大 ping")
  static let findLarge = Text(
    "0715d9",
    en: "with the cable's MTU in the container: pings of {small}, {fits}, {large} bytes",
    zh: "容器使用线的 MTU 时：{small}、{fits}、{large} 字节的 ping")
  static let otherLarge = Text(
    "4db817",
    en: "the large one should be lost, and only that",
    zh: "应当只有大的那个丢失")
  static let findName = Text(
    "2cfdd8",
    en: "a name of the other host's container",
    zh: "另一台主机上容器的名字")
  static let noName = Text("d7fd6a", en: "the name leads nowhere", zh: "这个名字没有结果")
  static let findSameOne = Text(
    "cbbe89",
    en: "host one by hand, and by drydock: facts of the kernel",
    zh: "手工的主机一与 drydock 的主机一：内核陈述的事实")
  static let findSameTwo = Text(
    "c138f3",
    en: "host two by hand, and by drydock: facts of the kernel",
    zh: "手工的主机二与 drydock 的主机二：内核陈述的事实")
  static let findSameInside = Text(
    "dcd604",
    en: "the container by hand, and the one by drydock",
    zh: "手工连接的容器与 drydock 连接的容器")
  static let notSame = Text(
    "f976ac",
    en: "the kernel says something else of the two",
    zh: "内核对两边的说法不同")
  static let exerciseTask = Text(
    "b6477b",
    en: """
      Write tunnel.sh, which makes this host's half of a VXLAN network.
      It is called as: tunnel.sh BRIDGE LINK LOCAL ID ADDRESS HARDWARE HOST. LINK is the link \
      to the other host, LOCAL this host's address on it, ID the network's number. On the \
      other host, HOST, is a container with ADDRESS and HARDWARE.
      The tunnel learns nothing by itself: no packet asks all hosts. Afterwards a container on \
      BRIDGE must reach ADDRESS, and the tunnel's MTU must leave room for the wrapping.
      """,
    zh: """
      编写 tunnel.sh，建立 VXLAN 网络在本主机的一半。
      调用方式：tunnel.sh 网桥 链路 本地地址 编号 地址 硬件地址 对方主机。“链路”通向另一台\
      主机，“本地地址”是本主机在这条链路上的地址，“编号”是网络的编号。“对方主机”上有一个容\
      器，它有“地址”和“硬件地址”。
      隧道自己什么也不学习：没有数据包询问所有主机。之后，网桥上的容器必须能到达“地址”，隧\
      道的 MTU 必须给封装留出空间。
      """)
  static let exerciseHint1 = Text(
    "f250c4",
    en: """
      The start makes the link. Three things are missing: the bridge, who is where, and the \
      MTU.
      """,
    zh: "开头只建立了链路。还缺三样：网桥、谁在哪里、MTU。")
  static let exerciseHint2 = Text(
    "183848",
    en: """
      ip link set vx0 master $bridge up; and the MTU is that of $link (ip -o link show) less \
      50.
      """,
    zh: "用 ip link set vx0 master $bridge up；MTU 是 $link 的（ip -o link show）减 50。")
  static let exerciseHint3 = Text(
    "7107a6",
    en: """
      ip neigh add $address lladdr $hardware dev vx0 nud permanent; bridge fdb add $hardware \
      dev vx0 dst $host self permanent
      """,
    zh: """
      两条命令：ip neigh add $address lladdr $hardware dev vx0 nud permanent 和 bridge \
      fdb add $hardware dev vx0 dst $host self permanent
      """)
  static let hintFdb = Text(
    "841129",
    en: """
      The tunnel has a frame for that hardware address and does not know which host to send it \
      to: bridge fdb show dev vx0.
      """,
    zh: "隧道有一个发往该硬件地址的帧，却不知道送到哪台主机：bridge fdb show dev vx0。")
  static let hintNeighbour = Text(
    "13c18e",
    en: """
      The container asks who has the address (ARP), and nobody answers: with proxy the tunnel \
      answers from its table of neighbours.
      """,
    zh: "容器询问谁有这个地址（ARP），没人回答：有 proxy 时，隧道根据自己的邻居表回答。")
  static let hintMTU = Text(
    "e168bc",
    en: """
      A frame of the tunnel's MTU and 50 bytes of wrapping must go through the link to the \
      other host.
      """,
    zh: "隧道 MTU 大小的帧加上 50 字节封装，必须能通过到另一台主机的链路。")
  static let hintBridge = Text(
    "939990",
    en: """
      The tunnel is there, but no port of the bridge: no frame of a container ever comes to \
      it.
      """,
    zh: "隧道建好了，却不是网桥的端口：容器的帧永远到不了它。")
  static let findTunnel = Text(
    "58b85a",
    en: "the bridge that the tunnel of this number is a port of",
    zh: "这个编号的隧道是哪个网桥的端口")
  static let noTunnel = Text(
    "1513cb",
    en: "there is no VXLAN link of this number",
    zh: "没有这个编号的 VXLAN 链路")
  static let notOnBridge = Text(
    "ee7cb3",
    en: "it is not a port of the bridge, or not up",
    zh: "它不是网桥的端口，或者没有启用")
  static let findReached = Text(
    "45d8f2",
    en: "a ping from the container here to the one there",
    zh: "从这边的容器 ping 那边的容器")
  static let noNeighbour = Text(
    "33454e",
    en: "nobody answers who has the address",
    zh: "没有人回答谁有这个地址")
  static let noEntry = Text(
    "cc1b23",
    en: "the tunnel does not know which host has it",
    zh: "隧道不知道它在哪台主机上")
  static let findTunnelMTU = Text(
    "f4bfd0",
    en: "the tunnel's MTU: that of the cable, less the wrapping",
    zh: "隧道的 MTU：线的 MTU 减去封装")
  static let brokenTask = Text(
    "0aaa2b",
    en: """
      attach.sh connects a container to the bridge of an overlay network: attach.sh PID BRIDGE \
      ADDRESS/24 HARDWARE. ping to the other host works, and so do small requests; but every \
      larger page hangs. Repair attach.sh; the tunnel and the bridge are right.
      """,
    zh: """
      attach.sh 把容器接到 overlay 网络的网桥上：attach.sh PID 网桥 地址/24 硬件地址。能 \
      ping 通另一台主机，小请求也正常；可是大一点的页面都会卡住。请修复 attach.sh；隧道和\
      网桥都是对的。
      """)
  static let brokenHint1 = Text(
    "397ff2",
    en: """
      Try two sizes from the container: ping -s 1400 and ping -s 1472. Then compare MTUs: ip \
      link, on the host and in the container.
      """,
    zh: """
      从容器里试两种大小：ping -s 1400 和 ping -s 1472。然后比较 MTU：在主机上和容器里执行\
       ip link。
      """)
  static let brokenHint2 = Text(
    "6fd661",
    en: """
      The tunnel takes frames of 1450 bytes. A veth pair that nobody told otherwise has 1500 \
      at both ends.
      """,
    zh: "隧道只收 1450 字节的帧。没有特别指定的 veth，两端都是 1500。")
  static let brokenHint3 = Text(
    "a1617c",
    en: "ip link add v1 mtu $mtu type veth peer name eth0 mtu $mtu …, where mtu is the bridge's.",
    zh: "使用 ip link add v1 mtu $mtu type veth peer name eth0 mtu $mtu …，其中 mtu 取网桥的。")
  static let hintInside = Text(
    "97c4f1",
    en: """
      The container's own end decides how large its packets are: look at eth0 in the \
      container.
      """,
    zh: "数据包多大由容器自己那一端决定：看看容器里的 eth0。")
  static let hintWide = Text(
    "d3b0f8",
    en: """
      The tunnel is as wide as the cable minus 50, not more: what is larger would have to be \
      cut to pieces on the cable, or is lost.
      """,
    zh: "隧道的宽度是线减 50，不能更大：更大的就得在线上切片，或者丢失。")
  static let hintSmall = Text(
    "9c7199",
    en: """
      That works and costs: each packet carries less than it could. The right size is the \
      bridge's.
      """,
    zh: "这样能用，但有代价：每个数据包带的都比本来能带的少。正确的大小是网桥的。")
  static let isWide = Text(
    "ba59f8",
    en: "the tunnel is wider than the cable allows",
    zh: "隧道比线所允许的还宽")
  static let isLarge = Text(
    "b243d4",
    en: "the container believes that larger packets fit than the tunnel takes",
    zh: "容器以为放得下比隧道更大的数据包")
  static let isSmall = Text("e7f2f6", en: "the container gives room away", zh: "容器浪费了空间")
  static let findBoth = Text(
    "57c144",
    en: "pings of {small} and of {large} bytes to the other host",
    zh: "发往另一台主机的 {small} 和 {large} 字节的 ping")
  static let isLost = Text("f5775d", en: "it was lost", zh: "它丢失了")
}
