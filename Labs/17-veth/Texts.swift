internal import LabKit

/// What lab 17 says.
enum Texts {
  static let title = Text(
    "3161b8", en: "veth: a cable into a network namespace", zh: "veth：通进网络命名空间的一根线")
  static let story = Text(
    "4d194d",
    en: """
      First a network namespace with nothing in it, then containers: one without a network, one \
      with a cable. All of it happens on a host of the lab's own, a network namespace too: the \
      links, rules and switches of your machine stay as they are. On your machine you would \
      type the same commands.
      """,
    zh: """
      先看一个什么都没有的网络命名空间，再看容器：一个没有网络，一个接了线。这一切都发生在实验自己的\
      “主机”上，它本身也是一个网络命名空间：你机器上的链路、规则和开关都保持原样。在你的机器上，要输入\
      的命令是一样的。
      """)
  static let belief = Text(
    "4c76b2", en: "\"localhost is the machine, so containers share it.\"",
    zh: "“localhost 就是这台机器，所以容器之间共用它。”")

  static let newQuestion = Text(
    "36c06c", en: "`unshare --net` makes a new network namespace. Which links are in it?",
    zh: "`unshare --net` 建立一个新的网络命名空间。里面有哪些链路？")
  static let newNothing = Text("4b60b3", en: "None at all.", zh: "一个也没有。")
  static let newNothingWhy = Text(
    "54bde2",
    en: """
      Nearly: the kernel gives every network namespace a loopback link of its own, and nothing \
      else. netlink said: {bare}.
      """,
    zh: "几乎是对的：内核给每个网络命名空间一个自己的 loopback 链路，除此之外什么也没有。netlink 的回答：{bare}。")
  static let newDown = Text("2468b2", en: "`lo`, and it is DOWN.", zh: "只有 `lo`，而且是 DOWN。")
  static let newDownWhy = Text(
    "bbb370",
    en: """
      netlink said {bare}, and a ping to 127.0.0.1 failed: {unreachable}. It is the runtime \
      that sets lo up in a container ({none}); who uses `unshare --net` alone must do so \
      himself, and many a test suite has failed for want of it.
      """,
    zh: """
      netlink 的回答是 {bare}，ping 127.0.0.1 失败：{unreachable}。容器里的 lo 是运行时启用的\
      （{none}）；只用 `unshare --net` 的人要自己动手，不少测试就因为少了这一步而失败。
      """)
  static let newUp = Text(
    "716eb8", en: "`lo` with 127.0.0.1, ready for use.", zh: "带有 127.0.0.1、可以直接使用的 `lo`。")
  static let newUpWhy = Text(
    "8e37bf",
    en: """
      That is what a container has ({none}), because the runtime sets it up: a step of its \
      own. The kernel gave only {bare}, and 127.0.0.1 was not even an address: {unreachable}.
      """,
    zh: """
      容器里确实如此（{none}），因为运行时专门有一步来启用它。内核给的只是 {bare}，连 127.0.0.1 这个地址\
      都还没有：{unreachable}。
      """)

  static let localQuestion = Text(
    "b93085",
    en: "A server in a container listens on 127.0.0.1:8000. Who reaches it at that address?",
    zh: "容器里的服务监听 127.0.0.1:8000。谁能用这个地址访问到它？")
  static let localBoth = Text(
    "8d4b1a", en: "The container and the host: localhost is one.", zh: "容器和主机都能：localhost 只有一个。")
  static let localBothWhy = Text(
    "ee9bc2",
    en: """
      Each network namespace has its own lo, its own 127.0.0.1 and its own table of sockets. \
      The host asked its own: {refused}.
      """,
    zh: "每个网络命名空间都有自己的 lo、自己的 127.0.0.1 和自己的套接字表。主机问的是它自己的：{refused}。")
  static let localHost = Text(
    "60556b", en: "The host too, by the container's own address.", zh: "主机也能，用容器自己的地址就行。")
  static let localHostWhy = Text(
    "f5d1fc",
    en: """
      A socket that is bound to 127.0.0.1 takes only what comes to that address, within its own \
      namespace. Nobody outside reaches it, by no address; servers in containers listen on \
      0.0.0.0. At 127.0.0.1 the host heard: {refused}.
      """,
    zh: """
      绑定在 127.0.0.1 上的套接字，只接收在自己命名空间里发往这个地址的内容。外面的人用什么地址都到不了；容器里\
      的服务应当监听 0.0.0.0。主机在 127.0.0.1 得到的是：{refused}。
      """)
  static let localInside = Text("fec342", en: "Only who is in the container.", zh: "只有容器里面的。")
  static let localInsideWhy = Text(
    "f78831",
    en: """
      The listening socket stands in /proc/PID/net/tcp of the container and not in that of the \
      host, which heard: {refused}. So "connect to localhost" means something else in each \
      container: the commonest mistake when a program is moved into one.
      """,
    zh: """
      监听的套接字在容器的 /proc/PID/net/tcp 里，不在主机的里面；主机得到的是：{refused}。所以“连接 \
      localhost”在每个容器里意思都不同：把程序搬进容器时，这是最常见的错误。
      """)

  static let deleteQuestion = Text(
    "8265f2",
    en: "`ip link delete` on the host's end of the pair. What becomes of eth0 in the container?",
    zh: "在主机这一端执行 `ip link delete`。容器里的 eth0 会怎样？")
  static let deleteStays = Text(
    "27a8e1", en: "It stays, without a carrier, like an unplugged cable.", zh: "还在，只是没有载波，像拔掉的网线。")
  static let deleteStaysWhy = Text(
    "af25db",
    en: """
      That is what setting one end down does. A veth pair is one object with two ends ({inside} \
      and {outside}): whoever deletes one deletes both. Left inside: {left}.
      """,
    zh: """
      把一端设为 down 才是那样。veth 对是一个有两端的对象（{inside} 和 {outside}）：删除一端就是删除两端。\
      容器里只剩：{left}。
      """)
  static let deleteBoth = Text(
    "b06cb4", en: "It vanishes too, with its address and its routes.", zh: "也消失，连同地址和路由。")
  static let deleteBothWhy = Text(
    "4fe85c",
    en: """
      Left inside: {left}. The two ends ({inside} and {outside}) are one object. It works the \
      other way round too: when a container ends, its namespace takes its end along, and the \
      host's end goes with it. That is why a runtime that is killed leaves no links.
      """,
    zh: """
      容器里只剩：{left}。两端（{inside} 和 {outside}）是同一个对象。反过来也一样：容器结束时，它的命名空间\
      带走自己那一端，主机这一端也随之消失。所以运行时被杀死也不会留下链路。
      """)
  static let deleteRefused = Text(
    "a150bf", en: "Nothing: the command is refused while the container runs.",
    zh: "没有变化：容器运行期间命令会被拒绝。")
  static let deleteRefusedWhy = Text(
    "e2f060",
    en: """
      Links are not counted references: root may delete any, used or not. Left inside: {left}; \
      the programs there noticed only when their next packet found no route.
      """,
    zh: "链路不按引用计数：root 可以删除任何一个，不管有没有人在用。容器里只剩：{left}；里面的程序要到下一个包没有路由时才会发现。")

  static let sayBare = Text(
    "8f8144", en: "A network namespace without a container. Who keeps it is a `sleep`.",
    zh: "一个没有容器的网络命名空间，由一个 `sleep` 维持着。")
  static let sayNone = Text(
    "cb272d", en: "A container with --network none: the same, and one step of the runtime.",
    zh: "使用 --network none 的容器：与上面相同，只多了运行时的一步。")
  static let sayNetwork = Text(
    "e797ab", en: "A network, and a container on it. In it a server listens on 127.0.0.1:8000.",
    zh: "建立一个网络，再在上面启动一个容器。容器里有一个服务监听 127.0.0.1:8000。")
  static let sayLocalhost = Text(
    "f0df3e", en: "The same address, asked in the container and on the host.",
    zh: "同一个地址，先在容器里访问，再在主机上访问。")
  static let sayHand = Text(
    "63c0d6",
    en: """
      The same by hand: another host, a namespace of `unshare`, and the commands of the steps \
      above with `ip` and `nft`.
      """,
    zh: "现在手工做一遍：另一台主机，一个 `unshare` 建立的命名空间，用 `ip` 和 `nft` 输入上面各步的命令。")
  static let sayNamespaceEnds = Text(
    "d5e728", en: "The `sleep` that keeps the namespace by hand is ended.",
    zh: "结束维持手工命名空间的 `sleep`。")
  static let sayDelete = Text(
    "e8b336", en: "On the host, the end of the container's cable is deleted.",
    zh: "在主机上删除容器那根线的主机端。")

  static let device = Text("ca899a", en: "the links of the namespace", zh: "命名空间里的链路")
  static let routes = Text(
    "556c88", en: "its routes (addresses in hexadecimal, lowest byte first)",
    zh: "它的路由（十六进制地址，低字节在前）")
  static let links = Text("4e640e", en: "what netlink says of it", zh: "netlink 的回答")
  static let hostLinks = Text(
    "cd639b", en: "the links of the host, by netlink", zh: "主机的链路（netlink）")
  static let sockets = Text(
    "e1dff7", en: "the container's sockets: 0100007F is 127.0.0.1, 1F40 is 8000, 0A is LISTEN",
    zh: "容器的套接字：0100007F 是 127.0.0.1，1F40 是 8000，0A 是 LISTEN")
  static let hostSockets = Text("25304e", en: "the host's sockets", zh: "主机的套接字")

  static let findBare = Text("2e0c87", en: "links of a new network namespace", zh: "新网络命名空间里的链路")
  static let otherBare = Text("759ff0", en: "there is something else in it", zh: "里面还有别的东西")
  static let findUnreachable = Text(
    "390cd8", en: "a ping to 127.0.0.1 in it", zh: "在里面 ping 127.0.0.1")
  static let otherUnreachable = Text("02e8f2", en: "it was not refused so", zh: "并不是这样被拒绝的")
  static let findNone = Text(
    "60d33e", en: "links of a container without a network", zh: "没有网络的容器里的链路")
  static let otherNone = Text("0a2061", en: "that is not lo, ready for use", zh: "这不是可用的 lo")
  static let findPair = Text(
    "e821c9", en: "INDEX@PEER of the end inside, and of the one on the host",
    zh: "里面一端和主机一端的 序号@对端序号")
  static let otherPair = Text("71709d", en: "the two are no pair", zh: "这两个不是一对")
  static let findSockets = Text(
    "e07dbe", en: "sockets that listen on port 8000: in the container, on the host",
    zh: "监听 8000 端口的套接字数：容器里，主机上")
  static let otherSockets = Text(
    "6ef613", en: "the tables of sockets are not as expected", zh: "套接字表与预期不符")
  static let findLocalhost = Text(
    "d05cd8", en: "127.0.0.1:8000 asked in the container; on the host",
    zh: "访问 127.0.0.1:8000：在容器里；在主机上")
  static let otherLocalhost = Text(
    "679f17", en: "it is answered elsewhere, or not at all", zh: "别处有应答，或者根本没有应答")
  static let findHandHost = Text(
    "6d1ae4",
    en: """
      facts that netlink and nf_tables tell of the host made by hand, and of the engine's \
      (without indexes, the drawn hardware addresses of the outer ends, and timers)
      """,
    zh: "netlink 和 nf_tables 对手工主机与引擎主机给出的事实（不计序号、外端随机的硬件地址和计时器）")
  static let findHandInside = Text(
    "2ed371",
    en: "the same facts of the namespace made by hand, and of the container's",
    zh: "对手工命名空间与容器命名空间给出的同样的事实")
  static let otherHand = Text(
    "fd30ab", en: "by hand it came out otherwise (+ by hand, - by the engine)",
    zh: "手工做出来的不一样（+ 手工，- 引擎）")
  static let findNamespace = Text(
    "6ec020", en: "outer ends on the host by hand, when the namespace of the inner end is gone",
    zh: "内端所在的命名空间消失前后，手工主机上的外端数")
  static let otherNamespace = Text("2fd622", en: "the outer end is still there", zh: "外端还在")
  static let findGone = Text(
    "8dba0d", en: "links in the container after the host's end was deleted", zh: "删除主机端之后容器里的链路")
  static let otherGone = Text("6555e1", en: "the other end is still there", zh: "另一端还在")
  static let findNothing = Text(
    "872cb3", en: "addresses and routes that are left in the container", zh: "容器里剩下的地址数和路由数")
  static let otherNothing = Text("cdc24a", en: "something is left", zh: "还有残留")

  static let exerciseTask = Text(
    "66ac20",
    en: """
      Write cable.sh, which connects two containers directly, without a bridge.
      It is called as: cable.sh PID_A ADDRESS_A PID_B ADDRESS_B (the containers have no network; \
      addresses are such as 10.200.7.1/24).
      Afterwards each has a link eth0 with its address, up, and nothing of it is on the host.
      """,
    zh: """
      编写 cable.sh，不用网桥，直接连接两个容器。
      调用方式：cable.sh PID_A 地址_A PID_B 地址_B（两个容器都没有网络；地址形如 10.200.7.1/24）。
      之后每个容器都有一个带地址、已启用的链路 eth0，而主机上什么也没有。
      """)
  static let exerciseHint1 = Text(
    "4cd491",
    en: "A pair may be born with its ends in other namespaces: see `netns` in ip-link(8).",
    zh: "一对 veth 可以一建立两端就在别的命名空间里：见 ip-link(8) 的 `netns`。")
  static let exerciseHint2 = Text(
    "45f054",
    en: "ip link add eth0 netns PID_A type veth peer name eth0 netns PID_B",
    zh: "可以这样：ip link add eth0 netns PID_A type veth peer name eth0 netns PID_B")
  static let exerciseHint3 = Text(
    "f3ab38",
    en: """
      Then in each: nsenter -t PID -n ip address add ADDRESS dev eth0, and nsenter -t PID -n \
      ip link set eth0 up.
      """,
    zh: """
      然后在每个容器里：nsenter -t PID -n ip address add 地址 dev eth0，再 nsenter -t PID -n \
      ip link set eth0 up。
      """)
  static let hintHostEnd = Text(
    "d63988",
    en:
      "One end of your cable is on the host. Both belong into containers: give the peer a `netns` too.",
    zh: "你的线有一端在主机上。两端都应当在容器里：给 peer 也指定 `netns`。")
  static let hintDown = Text(
    "2bea71",
    en: "One end is down. A link is made DOWN, and each end is set up on its own.",
    zh: "有一端没有启用。链路建立时是 DOWN，每一端都要单独启用。")
  static let hintPrefix = Text(
    "3d8e67",
    en: """
      An address without a length is a /32: a subnet with one member. The kernel makes no route \
      to the neighbour then.
      """,
    zh: "不写长度的地址就是 /32：只有一个成员的子网。这样内核不会建立通往邻居的路由。")
  static let findHostEnd = Text(
    "2055c6", en: "links on the host besides lo", zh: "主机上除 lo 之外的链路")
  static let hostEnd = Text("2cc26e", en: "an end of the cable is on the host", zh: "线的一端在主机上")
  static let findLink = Text("b998e1", en: "the link of container {number}", zh: "容器 {number} 的链路")
  static let noLink = Text("ab4933", en: "there is no eth0", zh: "没有 eth0")
  static let down = Text("b3e89e", en: "it has not been set up", zh: "它没有被启用")
  static let findAddress = Text(
    "315a3f", en: "the address on eth0 of container {number}", zh: "容器 {number} 的 eth0 上的地址")
  static let otherAddress = Text("a7a247", en: "that is another one", zh: "不是这个地址")
  static let findPing = Text(
    "6c1423", en: "ping from container {from} to {to}: exit code", zh: "容器 {from} ping {to} 的退出码")
  static let noAnswer = Text("a2174d", en: "nobody answered", zh: "没有应答")

  static let brokenTask = Text(
    "65ced1",
    en: """
      Somebody pulled a container's cable out of the bridge. replug.sh gives it a new one: \
      replug.sh PID BRIDGE ADDRESS GATEWAY. It ends with exit code 0, the new link is up and \
      has the address, and still the container reaches nobody. Repair replug.sh, so that \
      nothing of the old cable is left either.
      """,
    zh: """
      有人把容器的线从网桥上拔掉了。replug.sh 给它接一根新的：replug.sh PID 网桥 地址 网关。它以退出码 0 \
      结束，新链路已启用，也有地址，可容器还是谁也访问不到。请修复 replug.sh，并且不要留下旧线的任何东西。
      """)
  static let brokenHint1 = Text(
    "b06560", en: "Look inside before and after: nsenter -t PID -n ip address; ip route.",
    zh: "前后都到里面看看：nsenter -t PID -n ip address，还有 ip route。")
  static let brokenHint2 = Text(
    "7cb645",
    en: """
      Two links hold the same address, so there are two routes to the same subnet, and the \
      kernel takes the older one: into the cable that leads nowhere.
      """,
    zh: "两个链路有同一个地址，于是通往同一子网的路由有两条，内核选旧的那条：进了那根哪儿也不通的线。")
  static let brokenHint3 = Text(
    "834dd4",
    en: "Before the new cable: nsenter -t PID -n ip link delete eth0. The other end goes with it.",
    zh: "接新线之前：nsenter -t PID -n ip link delete eth0。另一端会随之消失。")
  static let hintStale = Text(
    "858753",
    en: "The old link still holds the address. Down or not, it must go: ip link delete eth0.",
    zh: "旧链路还占着这个地址。不管是否启用，都要去掉：ip link delete eth0。")
  static let hintLeak = Text(
    "3b28d7",
    en: "The old pair still exists, with one end on the host: deleting either end deletes both.",
    zh: "旧的一对还在，有一端在主机上：删除任何一端，两端都会消失。")
  static let hintRoute = Text(
    "a2e966",
    en: """
      A route goes with its link. After the new link is up: nsenter -t PID -n ip route replace \
      default via GATEWAY.
      """,
    zh: "路由随链路一起消失。新链路启用之后：nsenter -t PID -n ip route replace default via 网关。")
  static let findHolders = Text(
    "b1b37a", en: "links that hold {address}", zh: "持有 {address} 的链路")
  static let noHolder = Text("ca1cf5", en: "nobody has the address", zh: "没有谁有这个地址")
  static let stale = Text("8bbf71", en: "two links hold one address", zh: "两个链路持有同一个地址")
  static let findOld = Text(
    "43edc0", en: "what is left of the old cable on the host", zh: "主机上旧线的残留")
  static let leak = Text("d85610", en: "its end is still there", zh: "它的一端还在")
  static let findRoute = Text("64f018", en: "the default route", zh: "默认路由")
  static let noRoute = Text(
    "d7acb0", en: "there is none by the link with the address", zh: "没有经过持有该地址的链路的默认路由")
  static let findGateway = Text(
    "1dbc96", en: "ping to the gateway {gateway}: exit code", zh: "ping 网关 {gateway} 的退出码")
}
