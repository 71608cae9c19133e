internal import LabKit

/// What lab 19 says.
enum Texts {
  static let title = Text(
    "93d51c",
    en: "Ports: publishing is not listening",
    zh: "端口：发布不等于监听")
  static let story = Text(
    "74ab8a",
    en: """
      A web server runs in a container, and port 8080 of the host is to lead to it. First we \
      publish it by hand, with rules of the kernel's address translation, one rule at a time, \
      and ask from another host, from the host itself and from a neighbour. Then drydock does \
      it with -p, and we prove that the kernel has the same state both ways. Everything \
      happens on hosts of the lab's own, which are network namespaces.
      """,
    zh: """
      容器里运行着一个 Web 服务器，要让主机的 8080 端口通到它。我们先手工发布：用内核的地\
      址转换规则，一条一条地加，并分别从另一台主机、从主机自己、从相邻的容器访问。然后由 \
      drydock 用 -p 来做，并证明两种方式下内核的状态相同。一切都发生在实验自己的主机上，它\
      们是网络命名空间。
      """)
  static let belief = Text(
    "8a1461",
    en: "\"Publishing a port means that somebody listens there.\"",
    zh: "“发布端口就是有人在那里监听。”")
  static let outsideQuestion = Text(
    "762532",
    en: """
      A rule on the host says: TCP to port 8080 of any own address goes to the container's \
      port 80. Nobody listens on 8080. Does another host get an answer at the host's address?
      """,
    zh: """
      主机上有一条规则：发往本机任一地址 8080 端口的 TCP，改发到容器的 80 端口。没有进程监\
      听 8080。另一台主机访问主机的地址，能得到回答吗？
      """)
  static let outsideYes = Text("dad23a", en: "Yes.", zh: "能。")
  static let outsideYesWhy = Text(
    "3306f6",
    en: """
      The rule rewrites the destination before the host asks whether a packet is for itself, \
      so it is forwarded, and the answer is rewritten on its way back. The server saw \
      {outside}: the client's own address.
      """,
    zh: """
      规则在主机判断数据包是否发给自己之前就改写了目的地址，于是数据包被转发；回答在返回途\
      中再改写回来。服务器看到的是 {outside}：客户端自己的地址。
      """)
  static let outsideListen = Text(
    "5cbe91",
    en: "No: a process must listen on 8080 of the host.",
    zh: "不能：主机上必须有进程监听 8080。")
  static let outsideListenWhy = Text(
    "4e64fb",
    en: """
      A socket is asked only for packets that stay on the host. This one never gets so far: \
      prerouting comes before the routing decision. The server saw {outside}.
      """,
    zh: """
      只有留在本机的数据包才会去找套接字。这个数据包走不到那一步：prerouting 在路由决定之\
      前。服务器看到的是 {outside}。
      """)
  static let outsideMasked = Text(
    "efd972",
    en: "Only if the client's address is replaced by the host's as well.",
    zh: "只有把客户端的地址也换成主机的地址才行。")
  static let outsideMaskedWhy = Text(
    "6a9946",
    en: """
      That is needed when the answer would take another way. The container's only way out is \
      this host, which remembers the connection (conntrack) and turns the answer back. The \
      server saw {outside}.
      """,
    zh: """
      只有当回答会走别的路时才需要。容器唯一的出口就是这台主机，它记得这个连接（conntrack），\
      会把回答改回来。服务器看到的是 {outside}。
      """)
  static let loopbackQuestion = Text(
    "cf75c7",
    en: """
      The host itself asks http://127.0.0.1:8080. There is the same rule for what its own \
      programs send (hook output), and nothing else. What happens?
      """,
    zh: """
      主机自己访问 http://127.0.0.1:8080。对本机程序发出的数据包（output 钩子）也有同样的\
      规则，除此之外什么都没有。会发生什么？
      """)
  static let loopbackYes = Text(
    "a77940",
    en: "It is answered, as from outside.",
    zh: "和从外面一样，得到回答。")
  static let loopbackYesWhy = Text(
    "9c4b1a",
    en: """
      The destination was rewritten (packets: {translated}), but the source is 127.0.0.1, and \
      the kernel lets no such address out by another link than lo while route_localnet is 0. \
      Packets that left by the bridge: {left}.
      """,
    zh: """
      目的地址确实被改写了（{translated} 个数据包），但源地址是 127.0.0.1；只要 \
      route_localnet 是 0，内核就不让这样的地址从 lo 以外的链路出去。从网桥发出的数据包：\
      {left} 个。
      """)
  static let loopbackRefused = Text(
    "dc35eb",
    en: "Connection refused: nobody listens on 8080.",
    zh: "连接被拒绝：没有进程监听 8080。")
  static let loopbackRefusedWhy = Text(
    "dc87c6",
    en: """
      That would come without the rule in output. With it the packet is on its way to the \
      container (rewritten: {translated}) and lost before it leaves (left: {left}): nobody is \
      told anything.
      """,
    zh: """
      没有 output 里的规则才会这样。有了它，数据包就改去容器（改写 {translated} 次），却在\
      离开之前丢失（离开 {left} 个）：谁也得不到通知。
      """)
  static let loopbackNothing = Text(
    "635027",
    en: "Nothing comes back: the packet cannot leave.",
    zh: "什么也等不到：数据包出不去。")
  static let loopbackNothingWhy = Text(
    "447fec",
    en: """
      The rule in output rewrote the destination (packets: {translated}), then the packet was \
      routed again: from 127.0.0.1 to another link than lo there is no way (RFC 1122, \
      3.2.1.3). Packets that left by the bridge: {left}.
      """,
    zh: """
      output 里的规则改写了目的地址（{translated} 次），随后重新选路：从 127.0.0.1 到 lo \
      以外的链路没有路可走（RFC 1122 第 3.2.1.3 节）。从网桥发出的数据包：{left} 个。
      """)
  static let localnetQuestion = Text(
    "1acc73",
    en: "Now route_localnet is 1 for the bridge. The host asks 127.0.0.1:8080 again. And now?",
    zh: "现在把网桥的 route_localnet 设为 1。主机再访问 127.0.0.1:8080。这回呢？")
  static let localnetYes = Text("3a94fc", en: "Now it works.", zh: "现在通了。")
  static let localnetYesWhy = Text(
    "efd217",
    en: """
      It got further: the container received {came}. But it says that it is from 127.0.0.1, \
      and the container's kernel takes a loopback address from a link for forged: delivered \
      {delivered}.
      """,
    zh: """
      走得更远了：容器收到 {came} 个数据包。但它自称来自 127.0.0.1，而容器的内核认为从链路\
      上来的回环地址是伪造的：交付 {delivered} 个。
      """)
  static let localnetDropped = Text(
    "b61f21",
    en: "Not yet: the container drops it.",
    zh: "还不行：容器把它丢掉。")
  static let localnetDroppedWhy = Text(
    "eb6b9c",
    en: """
      The container received {came} (InReceives) and took {delivered} (InDelivers): a packet \
      from 127.0.0.1 that comes by eth0 is a martian. With masquerade the source becomes the \
      bridge's address, and the server answered and saw {masked}.
      """,
    zh: """
      容器收到 {came} 个（InReceives），接受 {delivered} 个（InDelivers）：从 eth0 进来却\
      自称 127.0.0.1 的数据包是 martian。加上 masquerade，源地址变成网桥的地址，服务器作了\
      回答，看到的是 {masked}。
      """)
  static let localnetSelf = Text(
    "bb9173",
    en: "The container answers, but to itself.",
    zh: "容器会回答，但回答给了自己。")
  static let localnetSelfWhy = Text(
    "2fe4a0",
    en: """
      It would, if it took the packet: 127.0.0.1 is itself. But the kernel does not even let \
      it in: received {came}, delivered {delivered}. Only a source that it can answer to \
      helps: masquerade, after which the server saw {masked}.
      """,
    zh: """
      如果它收下这个数据包，确实会那样：127.0.0.1 就是它自己。但内核根本不放它进来：收到 \
      {came} 个，交付 {delivered} 个。只有换成能回答的源地址才行：加上 masquerade 后，服务\
      器看到 {masked}。
      """)
  static let silentQuestion = Text(
    "31090d",
    en: """
      drydock run -p 8081:81 …, and nothing in the container listens on port 81. On the host, \
      8081 shows up as LISTEN. Another host connects to 8081. What does it get?
      """,
    zh: """
      drydock run -p 8081:81 …，而容器里没有进程监听 81 端口。在主机上，8081 显示为 LISTEN。\
      另一台主机连接 8081，会得到什么？
      """)
  static let silentOpen = Text(
    "b854c9",
    en: "A connection that stays open and silent.",
    zh: "连接建立，然后一直沉默。")
  static let silentOpenWhy = Text(
    "e8aa4c",
    en: """
      LISTEN on the host is drydock-publish, which keeps the port from being taken twice \
      ({held}). The packet does not come to it: the rule sends it to the container, and there \
      nobody listens.
      """,
    zh: """
      主机上的 LISTEN 是 drydock-publish，它占住端口以免被用两次（{held}）。数据包到不了它：\
      规则把数据包送进容器，而那里没有进程监听。
      """)
  static let silentWaits = Text(
    "bfde3f",
    en: "Nothing, until its patience ends.",
    zh: "什么也没有，直到它失去耐心。")
  static let silentWaitsWhy = Text(
    "25b334",
    en: """
      Silence comes from a packet that is lost. This one arrives: the container's kernel finds \
      no listener and answers with RST at once.
      """,
    zh: "沉默是因为数据包丢失。这个数据包到达了：容器的内核发现没有监听者，立刻用 RST 回答。")
  static let silentRefused = Text(
    "ae8e19",
    en: "Connection refused, from the container.",
    zh: "连接被拒绝，来自容器。")
  static let silentRefusedWhy = Text(
    "568dd2",
    en: """
      Publishing is an address on an envelope, not a listener. The packet comes to port 81 of \
      the container, nobody listens there, and the container's kernel answers RST. What \
      listens on the host ({held}) only holds the port.
      """,
    zh: """
      发布只是在信封上写地址，并不是监听。数据包到达容器的 81 端口，那里没有进程监听，容器\
      的内核回答 RST。主机上监听的那个（{held}）只是占住端口。
      """)
  static let sayHosts = Text(
    "a1e2a2",
    en: """
      Two hosts besides the learner's machine: a client, and one where we work by hand. Each \
      is a network namespace.
      """,
    zh: "在学习者的机器之外另有两台主机：一台客户机，一台用来手工操作。每台都是一个网络命名空间。")
  static let sayWeb = Text(
    "795c88",
    en: "A web server in a container without any network; then its network by hand.",
    zh: "容器里的 Web 服务器，没有任何网络；然后手工给它接上网络。")
  static let sayRule = Text(
    "b93aec",
    en: """
      The rules: what comes from outside (prerouting) and what the host's own programs send \
      (output) goes to the container. A last chain only counts. The other host asks.
      """,
    zh: """
      规则：从外面来的（prerouting）和主机自己的程序发出的（output）都改发到容器。最后一条\
      链只计数。另一台主机来访问。
      """)
  static let sayLoopback = Text(
    "a5187c",
    en: "The host asks itself: 127.0.0.1.",
    zh: "主机访问自己：127.0.0.1。")
  static let sayLocalnet = Text(
    "0baeac",
    en: "One switch: addresses of loopback may leave by the bridge.",
    zh: "打开一个开关：允许回环地址从网桥出去。")
  static let sayMasquerade = Text(
    "e53261",
    en: "One rule: what leaves by the bridge with such an address gets the bridge's own.",
    zh: "加一条规则：带着这种地址从网桥出去的，换成网桥自己的地址。")
  static let sayNeighbour = Text(
    "508e9c",
    en: """
      A neighbour on the same bridge asks at the host's address. The server would answer him \
      directly, past the rules; with a masquerade it answers the host.
      """,
    zh: """
      同一网桥上的邻居访问主机的地址。服务器会绕过规则直接回答它；加上 masquerade，服务器\
      就回答给主机。
      """)
  static let sayPublish = Text(
    "03b614",
    en: """
      Now drydock does it: a network, and a container with -p. The file, the sockets and the \
      map are read before and after.
      """,
    zh: "现在由 drydock 来做：一个网络，一个带 -p 的容器。前后各读一次那个文件、套接字和映射表。")
  static let saySame = Text(
    "4230ad",
    en: """
      The same by hand on another host: the commands of all steps, typed there for another \
      container, and what drydock-publish adds for a port. Then the kernel is asked for links, \
      addresses, routes, the forwarding table, rules and switches of both. Left out: indexes, \
      hardware addresses that nobody chose, timers, and the container's id.
      """,
    zh: """
      在另一台主机上手工再做一遍：把所有步骤的命令对另一个容器输入一次，再加上 \
      drydock-publish 为端口添加的内容。然后向内核询问两边的链路、地址、路由、转发表、规则\
      和开关。不比较：序号、无人指定的硬件地址、计时器和容器的 id。
      """)
  static let sayWays = Text(
    "45a811",
    en: """
      Port 8080 from another host, from 127.0.0.1, from a neighbour, and from ::1, which the \
      kernel cannot translate: there the relay of drydock-publish serves.
      """,
    zh: """
      从另一台主机、从 127.0.0.1、从邻居、从 ::1 访问 8080 端口。::1 内核无法转换，由 \
      drydock-publish 的中继来服务。
      """)
  static let saySilent = Text(
    "1fbb47",
    en: """
      Two ports that differ from what they seem: 8081 is published and nobody listens behind \
      it; on the container's port 80 somebody listens, but 80 of the host is not published.
      """,
    zh: """
      两个名不副实的端口：8081 已发布，后面却没有人监听；容器的 80 端口有人监听，而主机的 \
      80 没有发布。
      """)
  static let localnet = Text(
    "cc1515",
    en: "whether addresses of loopback may leave by the bridge",
    zh: "回环地址能否从网桥出去")
  static let internetLayer = Text(
    "b7cf84",
    en: "packets that came to the container, and those it took",
    zh: "到达容器的数据包，以及它接受的数据包")
  static let counters = Text(
    "f134b0",
    en: "what the rules counted: rewritten in output, left by the bridge from 127.0.0.0/8",
    zh: "规则的计数：在 output 中改写的，以 127.0.0.0/8 从网桥离开的")
  static let sockets = Text(
    "abd08d",
    en: "who listens on port 8080 of the host",
    zh: "谁在监听主机的 8080 端口")
  static let map = Text(
    "9e8c4b",
    en: "which ports lead to which container",
    zh: "哪些端口通向哪个容器")
  static let rules = Text("ab1d9c", en: "the rules for ports", zh: "端口的规则")
  static let findOutside = Text(
    "958fb7",
    en: "who the server says came, asked by another host",
    zh: "另一台主机访问时，服务器说来者是谁")
  static let noAnswer = Text(
    "b4c219",
    en: "there was no answer, or it came to somebody else",
    zh: "没有回答，或者来者不对")
  static let findLoopback = Text(
    "c2e903",
    en: "from 127.0.0.1 with the rules alone: answer, rewritten, left by the bridge",
    zh: "只有规则时从 127.0.0.1：回答、改写数、从网桥离开数")
  static let otherWay = Text(
    "ad6e6b",
    en: "the packet went another way than expected",
    zh: "数据包走的路和预期不同")
  static let findLocalnet = Text(
    "459863",
    en: "with route_localnet: answer, packets that came to the container, that it took",
    zh: "打开 route_localnet：回答、到达容器的数据包、它接受的数据包")
  static let findMasquerade = Text(
    "f3c99b",
    en: "with masquerade: who the server says came",
    zh: "加上 masquerade：服务器说来者是谁")
  static let findNeighbour = Text(
    "83d5a6",
    en: "a neighbour, without and with masquerade",
    zh: "邻居：没有和有 masquerade 时")
  static let findWays = Text(
    "ed3369",
    en: "with -p: who came, from another host, 127.0.0.1, a neighbour, ::1",
    zh: "使用 -p：从另一台主机、127.0.0.1、邻居、::1 访问时的来者")
  static let findSilent = Text(
    "504bf9",
    en: "port 8081: a listener on the host, one in the container, what the other host gets",
    zh: "8081 端口：主机上的监听者、容器里的监听者、另一台主机得到的结果")
  static let findUnpublished = Text(
    "8d130c",
    en: "port 80: a listener in the container, what the other host gets at the host",
    zh: "80 端口：容器里的监听者、另一台主机访问主机得到的结果")
  static let findSame = Text(
    "3307cb",
    en: "the host by hand, and the host by drydock: facts of the kernel",
    zh: "手工的主机与 drydock 的主机：内核陈述的事实")
  static let findSameInside = Text(
    "dcd604",
    en: "the container by hand, and the one by drydock",
    zh: "手工连接的容器与 drydock 连接的容器")
  static let notSame = Text(
    "f976ac",
    en: "the kernel says something else of the two",
    zh: "内核对两边的说法不同")
  static let exerciseTask = Text(
    "9e5511",
    en: """
      Write publish.sh, which publishes a port of this host by rules of nf_tables.
      It is called as: publish.sh PORT ADDRESS TARGET BRIDGE SUBNET, such as 8080 10.200.1.2 \
      80 dd0 10.200.1.0/24.
      Afterwards the container must answer at PORT to another host, to the host itself at \
      127.0.0.1, and to a neighbour on the bridge that asks at the host's address. The server \
      must see other hosts by their own address.
      """,
    zh: """
      编写 publish.sh，用 nf_tables 的规则发布本主机的一个端口。
      调用方式：publish.sh 端口 地址 目标端口 网桥 子网，例如 8080 10.200.1.2 80 dd0 \
      10.200.1.0/24。
      之后，另一台主机、主机自己（127.0.0.1）以及网桥上访问主机地址的邻居，都必须能从这个\
      端口得到容器的回答。服务器必须看到其他主机自己的地址。
      """)
  static let exerciseHint1 = Text(
    "87fa92",
    en: """
      Three ways in, three chains: prerouting for what comes by a link, output for what the \
      host's programs send, postrouting for whose address it carries.
      """,
    zh: """
      三条来路，三条链：从链路来的用 prerouting，主机自己的程序发出的用 output，带谁的地址\
      则由 postrouting 决定。
      """)
  static let exerciseHint2 = Text(
    "de58ca",
    en: """
      chain output { type nat hook output priority -100; fib daddr type local tcp dport $port \
      dnat ip to $address:$target; } and echo 1 \
      >/proc/sys/net/ipv4/conf/$bridge/route_localnet
      """,
    zh: """
      用 chain output { type nat hook output priority -100; fib daddr type local tcp \
      dport $port dnat ip to $address:$target; }，再加 echo 1 \
      >/proc/sys/net/ipv4/conf/$bridge/route_localnet
      """)
  static let exerciseHint3 = Text(
    "2282c1",
    en: """
      In postrouting: oifname "$bridge" ip saddr { 127.0.0.0/8, $subnet } ct status dnat \
      masquerade
      """,
    zh: """
      在 postrouting 中写：oifname "$bridge" ip saddr { 127.0.0.0/8, $subnet } ct status \
      dnat masquerade
      """)
  static let hintOutput = Text(
    "74ce58",
    en: """
      From the host itself the connection was refused: what its own programs send never passes \
      prerouting. Which hook does it pass?
      """,
    zh: "从主机自己访问被拒绝：本机程序发出的数据包不经过 prerouting。它经过哪个钩子？")
  static let hintLocalnet = Text(
    "cb37bb",
    en: """
      The destination is rewritten, but a packet from 127.0.0.1 may not leave: look at \
      route_localnet of the bridge.
      """,
    zh: "目的地址改写了，但来自 127.0.0.1 的数据包不许离开：看看网桥的 route_localnet。")
  static let hintMasquerade = Text(
    "eaf7cf",
    en: """
      The packet leaves, from 127.0.0.1, and the container drops it. Its source must be an \
      address that the container can answer to.
      """,
    zh: "数据包离开了，源地址是 127.0.0.1，容器把它丢掉。源地址必须是容器能够回答的地址。")
  static let hintHairpin = Text(
    "3cee51",
    en: """
      The neighbour asked the host, and the server answered him directly, from an address that \
      he did not ask. The answer must come back by the host.
      """,
    zh: "邻居问的是主机，服务器却直接回答它，用的是它没有问过的地址。回答必须经主机返回。")
  static let hintHidden = Text(
    "d61966",
    en: """
      Everybody looks like the bridge to the server now. Masquerade only those whose answer \
      would take another way: loopback and the subnet itself.
      """,
    zh: """
      现在在服务器看来，所有来者都是网桥。只对回答会走别的路的来者做 masquerade：回环地址\
      和子网本身。
      """)
  static let hidden = Text(
    "f1117d",
    en: "the server sees the host, not who came",
    zh: "服务器看到的是主机，而不是来者")
  static let findLoopbackWorks = Text(
    "2e7f3f",
    en: "asked by the host at 127.0.0.1: who the server says came",
    zh: "主机访问 127.0.0.1 时，服务器说来者是谁")
  static let notTranslated = Text(
    "c78df1",
    en: "nothing rewrites what the host's own programs send",
    zh: "没有规则改写主机自己的程序发出的数据包")
  static let notRouted = Text(
    "d56287",
    en: "route_localnet is off: the packet cannot leave",
    zh: "route_localnet 是关闭的：数据包出不去")
  static let notMasked = Text(
    "ec7640",
    en: "the packet carries an address of loopback, and the container drops it",
    zh: "数据包带着回环地址，容器把它丢掉")
  static let findNeighbourWorks = Text(
    "0678d8",
    en: "asked by a neighbour at the host's address: who the server says came",
    zh: "邻居访问主机的地址时，服务器说来者是谁")
  static let answersPast = Text(
    "893bb3",
    en: "the server's answer goes past the rules",
    zh: "服务器的回答绕过了规则")
  static let brokenTask = Text(
    "44fd44",
    en: """
      follow.sh is called when a container was started again and has another address: \
      follow.sh PID PORT TARGET lets the chain ports of table inet publish lead PORT to port \
      TARGET of the container whose first process is PID. But the port still leads to the old \
      address, where nobody is any more. Repair follow.sh. The other rules of the chain belong \
      to other containers.
      """,
    zh: """
      容器重新启动后地址变了，就调用 follow.sh：follow.sh PID 端口 目标端口，让 inet \
      publish 表的 ports 链把这个端口通到第一个进程为 PID 的容器的目标端口。可是，端口仍然\
      通向旧地址，那里已经没有人了。请修复 follow.sh。链中的其他规则属于别的容器。
      """)
  static let brokenHint1 = Text(
    "4e06b5",
    en: """
      Look at the chain after the script: nft list chain inet publish ports. Which of its \
      rules does a packet to the port meet first?
      """,
    zh: """
      脚本运行后看看这条链：nft list chain inet publish ports。发往这个端口的数据包先遇到\
      哪条规则？
      """)
  static let brokenHint2 = Text(
    "5fad91",
    en: """
      The first dnat that matches decides. The old rule must go: nft -a list chain … tells \
      each rule's handle.
      """,
    zh: """
      第一条匹配的 dnat 就决定了去向。旧规则必须删除：nft -a list chain … 会显示每条规则的\
       handle。
      """)
  static let brokenHint3 = Text(
    "addde7",
    en: """
      For each line with "tcp dport $port", the last word is the handle: nft delete rule inet \
      publish ports handle N. Then add the new rule.
      """,
    zh: """
      对每一行 "tcp dport $port"，最后一个词就是 handle：nft delete rule inet publish \
      ports handle N。然后再添加新规则。
      """)
  static let hintStale = Text(
    "136dc9",
    en: """
      A rule for the old address is still there. Before or behind, it will one day catch \
      somebody.
      """,
    zh: "指向旧地址的规则还在。不管在前还是在后，总有一天会害人。")
  static let hintOthers = Text(
    "1761ea",
    en: "Another container's port is gone: take away only the rules of this port.",
    zh: "另一个容器的端口没了：只删除这个端口的规则。")
  static let hintAddress = Text(
    "8fa70a",
    en: """
      The rule leads to an address that is not the container's on its network. lo has one too: \
      ask for that of eth0.
      """,
    zh: "规则指向的地址不是容器在网络上的地址。lo 也有地址：要取 eth0 的。")
  static let findReached = Text(
    "118f2b",
    en: "port 8080 from another host: who the server says came",
    zh: "从另一台主机访问 8080 端口：服务器说来者是谁")
  static let isStale = Text(
    "0333f2",
    en: "the first rule leads to the old address",
    zh: "第一条规则指向旧地址")
  static let isOther = Text(
    "fd4001",
    en: "the rule leads to an address that is not the container's",
    zh: "规则指向的不是容器的地址")
  static let findOther = Text(
    "a948d4",
    en: "the other container's port 8081, from another host",
    zh: "从另一台主机访问另一个容器的 8081 端口")
  static let othersGone = Text(
    "e9ff7b",
    en: "it does not lead there any more",
    zh: "它不再通到那里")
  static let findTargets = Text(
    "381145",
    en: "where the rules for 8080 lead",
    zh: "8080 的规则通向哪里")
  static let isLeft = Text(
    "c0252e",
    en: "there is a rule for another address",
    zh: "有指向别的地址的规则")
}
