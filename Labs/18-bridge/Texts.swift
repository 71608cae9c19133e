internal import LabKit

/// What lab 18 says.
enum Texts {
  static let title = Text(
    "3934c7", en: "Bridge: a switch, and who knows whose name", zh: "网桥：一台交换机，以及谁知道谁的名字")
  static let story = Text(
    "34424b",
    en: """
      Three containers on a network of their own ping each other, and we read what the bridge \
      has learned. Then two containers on the default bridge try the same by name. All of it \
      happens on a host of the lab's own, a network namespace: your machine's links, rules and \
      switches stay as they are.
      """,
    zh: """
      三个容器在自己的网络上互相 ping，我们读取网桥学到了什么。然后默认网桥上的两个容器用名字做同样的事。\
      这一切都发生在实验自己的“主机”上，即一个网络命名空间：你机器上的链路、规则和开关都保持原样。
      """)
  static let belief = Text(
    "e38143", en: "\"Containers find each other by name everywhere.\"", zh: "“容器在哪里都能用名字找到彼此。”")

  static let reachQuestion = Text(
    "613407",
    en:
      "anna, ben and cleo are on one network; nothing is published. How many of the 6 ordered pairs reach each other?",
    zh: "anna、ben、cleo 在同一个网络上，没有发布任何端口。6 个有序对中有多少能互相到达？")
  static let reachNone = Text(
    "0d3905", en: "None: containers are isolated from each other.", zh: "一个也没有：容器之间是隔离的。")
  static let reachNoneWhy = Text(
    "0e9317",
    en: """
      A network isolates from other networks, not from neighbours: its bridge is a switch, and \
      {answered} of {pairs} pairs answered. Who wants them apart says so (icc=false).
      """,
    zh: "网络隔离的是别的网络，不是邻居：它的网桥就是一台交换机，{pairs} 对中有 {answered} 对有应答。想让它们互不相通，要明确指定（icc=false）。")
  static let reachExposed = Text(
    "4741cf", en: "Only those whose ports are published or exposed.", zh: "只有发布或暴露了端口的。")
  static let reachExposedWhy = Text(
    "71c870",
    en: """
      Publishing is for those outside the network. Within it every port of every container is \
      open to its neighbours: {answered} of {pairs} pairs answered, and nothing was published.
      """,
    zh: "发布端口是给网络之外用的。在网络之内，每个容器的每个端口都对邻居开放：什么也没发布，{pairs} 对中有 {answered} 对有应答。")
  static let reachAll = Text("137300", en: "All 6.", zh: "6 对全部。")
  static let reachAllWhy = Text(
    "93512c",
    en: """
      {answered} of {pairs} pairs answered. What comes in at one port of the bridge leaves by \
      the port of the receiver; neither a router nor a published port is involved. Who must not \
      be reached belongs on another network.
      """,
    zh: "{pairs} 对中有 {answered} 对有应答。从网桥一个端口进来的，从接收者的端口出去；既不经过路由器，也不需要发布端口。不该被访问的，应当放到另一个网络上。")

  static let learnedQuestion = Text(
    "c92cc9", en: "They have pinged each other. What has the bridge learned by that?",
    zh: "它们互相 ping 过了。网桥由此学到了什么？")
  static let learnedAddresses = Text("7db7fe", en: "Three IP addresses.", zh: "三个 IP 地址。")
  static let learnedAddressesWhy = Text(
    "9ab25c",
    en: """
      A bridge works below IP and never looks at an IP address: its table has hardware \
      addresses, {learned}. IP addresses were learned by the containers, in their neighbour \
      tables (/proc/PID/net/arp).
      """,
    zh: "网桥工作在 IP 之下，从不看 IP 地址：它的表里是硬件地址，{learned}。学到 IP 地址的是容器自己，在它们的邻居表里（/proc/PID/net/arp）。")
  static let learnedHardware = Text(
    "98db65", en: "Three hardware addresses, each with its port.", zh: "三个硬件地址，各自对应一个端口。")
  static let learnedHardwareWhy = Text(
    "ec4a8e",
    en: """
      {learned}: exactly those of the three eth0, each with the port it was seen at. Before the \
      first packet the table had none of them; what is unknown goes to all ports, as it did with \
      the first question for each address.
      """,
    zh: "{learned}：正是三个 eth0 的地址，各自对应看到它的端口。第一个包之前，表里一个也没有；不认识的会送往所有端口，每个地址的第一次询问就是这样。")
  static let learnedNothing = Text(
    "3b1dab", en: "Nothing: it passes everything to everybody.", zh: "什么也没学到：它把一切转发给所有人。")
  static let learnedNothingWhy = Text(
    "bb8330",
    en: """
      That is a hub. A bridge remembers behind which port it saw a sender, here {learned}, and \
      from then on only that port gets what is meant for it. After five quiet minutes it forgets.
      """,
    zh: "那是集线器。网桥会记住在哪个端口后面看到过发送者，这里是 {learned}，此后发给它的只送往那个端口。安静五分钟之后它会忘掉。")

  static let nameQuestion = Text(
    "08ce8a",
    en: "dora and emil are on the default bridge. Does `ping emil` work in dora?",
    zh: "dora 和 emil 在默认网桥上。在 dora 里 `ping emil` 行吗？")
  static let nameYes = Text("1ae921", en: "Yes, as on any network.", zh: "行，和任何网络一样。")
  static let nameYesWhy = Text(
    "71b5ce",
    en: """
      On networks that somebody made there is a name server at the gateway. The default bridge \
      has none, as in Docker from its first days: {unknown}. {emil} answered all the same, so it \
      is the name that lacks, not the way.
      """,
    zh: """
      自己建立的网络，网关上有名字服务器。默认网桥没有，Docker 从一开始就是这样：{unknown}。{emil} \
      却有应答，所以缺的是名字，不是路。
      """)
  static let nameNo = Text(
    "b81f4a", en: "No; by its address it does.", zh: "不行；用地址可以。")
  static let nameNoWhy = Text(
    "445eae",
    en: """
      {unknown}, while {emil} answered. Names are known on networks that somebody made; on the \
      default bridge only --link tells one, by a line in /etc/hosts. So a network of one's own is \
      the first thing to make: `drydock network create`.
      """,
    zh: """
      {unknown}，而 {emil} 有应答。名字只在自己建立的网络上才知道；在默认网桥上只有 --link 会告诉，\
      方法是在 /etc/hosts 里写一行。所以首先要做的就是建立自己的网络：`drydock network create`。
      """)
  static let nameID = Text(
    "d047fc", en: "Not by its name, but by its container id.", zh: "名字不行，用容器 id 可以。")
  static let nameIDWhy = Text(
    "0306a6",
    en: """
      The id is a name like any other, and nobody there is asked for names: {unknown}. Only the \
      address is left ({emil}), or --link.
      """,
    zh: "id 和别的名字没有区别，那里没有谁回答名字：{unknown}。只剩下地址（{emil}），或者 --link。")

  static let sayNetwork = Text(
    "0c18a7", en: "A network, and three containers on it.", zh: "一个网络，上面有三个容器。")
  static let sayPing = Text(
    "b95ad2", en: "Each pings each other one, by name.", zh: "每个容器用名字 ping 其他每一个。")
  static let sayHand = Text(
    "b71011",
    en: """
      The same by hand: another host, three namespaces of `unshare`, and the commands of the \
      steps with `ip` and `nft`. Then the same pings, by address.
      """,
    zh: "现在手工做一遍：另一台主机，三个 `unshare` 建立的命名空间，用 `ip` 和 `nft` 输入各步的命令。然后同样地 ping，用地址。")
  static let sayDefault = Text(
    "c3a843",
    en: """
      Two containers on the default bridge: once by name, once by address. dora asks her gateway \
      for names, as anna did.
      """,
    zh: "默认网桥上的两个容器：一次用名字，一次用地址。dora 也像 anna 那样向网关询问名字。")
  static let sayLink = Text(
    "327716", en: "A third one, with --link emil.", zh: "第三个容器，使用 --link emil。")

  static let table = Text(
    "855a1f", en: "what the bridge has learned: its forwarding table, by netlink",
    zh: "网桥学到的：它的转发表（netlink）")
  static let arp = Text(
    "4dc0f1", en: "which address has which hardware address, as this container knows it",
    zh: "这个容器所知道的：哪个地址对应哪个硬件地址")
  static let resolver = Text(
    "e066b1", en: "who is asked for names: the gateway", zh: "向谁询问名字：网关")
  static let hosts = Text("180e74", en: "the names dora knows by herself", zh: "dora 自己知道的名字")
  static let linkedHosts = Text("894344", en: "the same with --link", zh: "使用 --link 的情况")

  static let findPairs = Text(
    "af4503", en: "ordered pairs in which a ping is answered", zh: "ping 有应答的有序对数")
  static let unreached = Text("476273", en: "not all of them answered", zh: "并非全部有应答")
  static let findLearned = Text(
    "22a667", en: "the hardware addresses in the bridge's table, and those of the containers",
    zh: "网桥表中的硬件地址，与容器的硬件地址")
  static let otherLearned = Text("f06587", en: "they are not the same", zh: "两者不一样")
  static let findHandHost = Text(
    "6d1ae4",
    en: """
      facts that netlink and nf_tables tell of the host made by hand, and of the engine's \
      (without indexes, the drawn hardware addresses of the outer ends, and timers)
      """,
    zh: "netlink 和 nf_tables 对手工主机与引擎主机给出的事实（不计序号、外端随机的硬件地址和计时器）")
  static let findHandInside = Text(
    "c4115c", en: "the same facts of {name} made by hand, and of the container",
    zh: "对手工的 {name} 与容器 {name} 给出的同样的事实")
  static let otherHand = Text(
    "fd30ab", en: "by hand it came out otherwise (+ by hand, - by the engine)",
    zh: "手工做出来的不一样（+ 手工，- 引擎）")
  static let findName = Text(
    "2b4a89", en: "`ping emil` in dora, on the default bridge", zh: "默认网桥上，在 dora 里 `ping emil`")
  static let otherName = Text("a3d01a", en: "the name is not what decided", zh: "起作用的不是名字")
  static let findAddress = Text(
    "76e619", en: "`ping {address}` in dora: exit code", zh: "在 dora 里 `ping {address}` 的退出码")
  static let findLink = Text(
    "519029", en: "with --link: the line in /etc/hosts, and the exit code of `ping emil`",
    zh: "使用 --link：/etc/hosts 里的一行，以及 `ping emil` 的退出码")

  static let exerciseTask = Text(
    "be98ae",
    en: """
      Write network.sh, which makes a network of three containers that have none.
      It is called as: network.sh BRIDGE GATEWAY PID ADDRESS PID ADDRESS PID ADDRESS \
      (GATEWAY and ADDRESS are such as 10.200.8.1/24).
      Afterwards the bridge has the gateway's address, each container has eth0 with its address \
      and a default route, and all reach each other.
      """,
    zh: """
      编写 network.sh，把三个没有网络的容器连成一个网络。
      调用方式：network.sh 网桥 网关 PID 地址 PID 地址 PID 地址（网关和地址形如 10.200.8.1/24）。
      之后网桥有网关的地址，每个容器有带地址的 eth0 和默认路由，并且都能互相到达。
      """)
  static let exerciseHint1 = Text(
    "1de87d", en: "First the bridge: a link of the type bridge, with the gateway's address, up.",
    zh: "先建网桥：类型为 bridge 的链路，带网关的地址，并启用。")
  static let exerciseHint2 = Text(
    "c25407",
    en: """
      For each container a veth pair: ip link add v$pid type veth peer name eth0 netns $pid, and \
      then ip link set v$pid master $bridge up.
      """,
    zh: """
      给每个容器一对 veth：ip link add v$pid type veth peer name eth0 netns $pid，然后 ip \
      link set v$pid master $bridge up。
      """)
  static let exerciseHint3 = Text(
    "7de249",
    en: """
      Inside (nsenter -t $pid -n): ip address add $address dev eth0; ip link set eth0 up; ip \
      route add default via ${gateway%/*}.
      """,
    zh: """
      在容器里（nsenter -t $pid -n）：ip address add $address dev eth0；ip link set eth0 \
      up；ip route add default via ${gateway%/*}。
      """)
  static let hintBridgeDown = Text(
    "7a3987", en: "A bridge is made DOWN, and passes nothing on: ip link set BRIDGE up.",
    zh: "网桥建立时是 DOWN，什么也不转发：ip link set 网桥 up。")
  static let hintPort = Text(
    "ab3586",
    en: "The host's ends are up, but no ports of the bridge: ip link set LINK master BRIDGE.",
    zh: "主机端已启用，却不是网桥的端口：ip link set 链路 master 网桥。")
  static let hintRoute = Text(
    "0fdb11",
    en: """
      Neighbours reach each other without a route, others do not: each container needs a default \
      route by the gateway, whose address is on the bridge.
      """,
    zh: "邻居之间不需要路由，到别处就需要：每个容器要有一条经过网关的默认路由，网关的地址在网桥上。")
  static let findBridge = Text("e4d041", en: "the bridge", zh: "网桥")
  static let bridgeDown = Text(
    "0de6e6", en: "it is missing, or nobody has set it up", zh: "它不存在，或者没有启用")
  static let findPorts = Text("6be1a4", en: "ports of the bridge", zh: "网桥的端口数")
  static let notPorts = Text(
    "c3d6d7", en: "not every container has its port", zh: "并非每个容器都有自己的端口")
  static let findHeld = Text(
    "53c2c5", en: "the address on eth0 of the container with pid {pid}",
    zh: "PID 为 {pid} 的容器 eth0 上的地址")
  static let notHeld = Text("777bbf", en: "it does not have it", zh: "它没有这个地址")
  static let findRoutes = Text(
    "a324ea", en: "containers with a default route by the gateway, which answers",
    zh: "默认路由经过网关、且网关有应答的容器数")
  static let noWay = Text("56bd3d", en: "one has no way out", zh: "有的容器没有出路")

  static let brokenTask = Text(
    "784f04",
    en: """
      join.sh connects a container to a network: join.sh PID BRIDGE ADDRESS GATEWAY. Each that \
      it connects reaches the gateway, and none reaches another. Repair join.sh, so that \
      neighbours reach each other directly.
      """,
    zh: "join.sh 把容器接入网络：join.sh PID 网桥 地址 网关。它接入的容器都能到达网关，彼此之间却都到不了。请修复 join.sh，让邻居能够直接互相到达。")
  static let brokenHint1 = Text(
    "faede4",
    en:
      "Addresses and routes are right. What the bridge does with frames between two ports is written at the ports.",
    zh: "地址和路由都没问题。网桥怎样处理两个端口之间的帧，写在端口上。")
  static let brokenHint2 = Text(
    "6664ce",
    en: "bridge -d link shows the settings of each port; compare with one of the engine's.",
    zh: "bridge -d link 显示每个端口的设置；和引擎建立的端口比一比。")
  static let brokenHint3 = Text(
    "582c6d",
    en: """
      `isolated on`: such a port passes nothing to another isolated one, only to others, such as \
      the bridge itself. Take the line out.
      """,
    zh: "`isolated on`：这样的端口不会把任何东西传给另一个隔离的端口，只传给其他的，例如网桥本身。去掉这一行。")
  static let hintIsolated = Text(
    "71e520",
    en:
      "The ports are still isolated: bridge -d link show dev PORT. hairpin is about one port, not two.",
    zh: "端口仍然是隔离的：bridge -d link show dev 端口。hairpin 说的是同一个端口，不是两个。")
  static let hintDetour = Text(
    "c700b6",
    en: """
      They reach each other, but by a detour: the host answers for them and routes every packet. \
      Neighbours talk directly when their ports are not isolated.
      """,
    zh: "它们能互相到达，但绕了路：主机替它们应答，每个包都由主机路由。端口不隔离，邻居就直接通信。")
  static let hintOff = Text(
    "670a00", en: "Off the bridge nobody is reached at all: the host's end must stay its port.",
    zh: "离开网桥就谁也到不了：主机端必须是它的端口。")
  static let findGateway = Text(
    "9229ec", en: "containers that the gateway answers", zh: "网关有应答的容器数")
  static let findNeighbours = Text(
    "142988", en: "ordered pairs of neighbours in which a ping is answered",
    zh: "邻居之间 ping 有应答的有序对数")
  static let findIsolated = Text("a55031", en: "ports that are isolated", zh: "被隔离的端口数")
  static let isolated = Text("ce9981", en: "they are kept apart", zh: "它们互相隔开")
}
